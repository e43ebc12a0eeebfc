"""Fuzz dfopt, guided by what of its code each input reaches. Needs the package `atheris` (pip install atheris), on Linux.

    python tests/fuzz/fuzz.py TARGET [FOLDER] [-max_total_time=SECONDS] [libFuzzer's other options]

TARGET is `reader` (a whole file is read), `shell` (the body of a RUN is read) or `optimize` (a file is worked on with all rules).
Inputs that reach something new are kept in FOLDER, and are where the next call starts; without one, each call starts from the
Dockerfiles of tests/cases. An input that breaks a law, raises, or takes longer than 5 seconds is written to the folder one is in, as
crash-… or timeout-…, and its text is shown. `python tests/fuzz/fuzz.py TARGET crash-…` tries it again.
"""
from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import atheris

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["rewriter", "bashlex"]):
    from rewriter.optimize import optimize
    from rewriter.options import Options
    from rewriter.shell.effects import steps
    from rewriter.shell.leaks import leaks
    from rewriter.shell.model import Opaque
    from rewriter.shell.reading import read_script
    from rewriter.source.meaning import meanings
    from rewriter.source.model import Unreadable
    from rewriter.source.reading import read

_BLOCK = re.compile(r"^```dockerfile[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def reader(text: str) -> None:
    """Reading loses nothing, and what a file means can be asked."""
    dockerfile = read(text)
    if isinstance(dockerfile, Unreadable):
        return
    assert dockerfile.bom + "".join(piece.span.of(text) for piece in dockerfile.pieces) == text
    meanings(dockerfile)


def shell(text: str) -> None:
    """A body is opaque, or its parts lie in it in order, and what they do and leave can be asked."""
    body = read_script(text)
    if isinstance(body, Opaque):
        return
    at = 0
    for segment in body.segments:
        assert at <= segment.span.start < segment.span.end <= len(text)
        at = segment.span.end
    assert all(word.raw == word.span.of(text) for command in body.commands or () for word in command.words)
    steps(body, "/")
    leaks(body)


def whole(text: str) -> None:
    """A file comes back, and is at rest then."""
    outcome = optimize(text, Options(merge="all"))
    assert "please report" not in outcome.error, outcome.error
    assert not outcome.changed or not optimize(outcome.after, Options(merge="all")).changed


TARGETS = {"reader": reader, "shell": shell, "optimize": whole}


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(__doc__)
    target = TARGETS[sys.argv[1]]

    def one(data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        try:
            target(text)
        except BaseException:
            print(repr(text), file=sys.stderr)
            raise

    words = [sys.argv[0], "-timeout=5", *sys.argv[2:]]
    with tempfile.TemporaryDirectory() as folder:
        if all(word.startswith("-") for word in sys.argv[2:]):
            words.append(folder)
        if not any(Path(word).is_file() for word in sys.argv[2:]):
            words.append(_seeds(Path(folder) / "seeds", bodies=target is shell))
        atheris.Setup(words, one)
        atheris.Fuzz()


def _seeds(folder: Path, *, bodies: bool) -> str:
    """A folder with the Dockerfiles of the cases, or with the bodies of their RUNs."""
    folder.mkdir()
    texts = [text for path in sorted((ROOT / "tests" / "cases").glob("*.md")) for text in _BLOCK.findall(path.read_text())]
    if bodies:
        texts = [each.arguments.text for text in texts if not isinstance(found := read(text), Unreadable) for each in found.instructions if each.keyword == "RUN"]
    for number, text in enumerate(dict.fromkeys(texts)):
        (folder / str(number)).write_text(text)
    return str(folder)


if __name__ == "__main__":
    main()
