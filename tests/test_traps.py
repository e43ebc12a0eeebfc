"""Rewritings that look right and are not: dfopt falls into none, and verify tells every one.

A trap is a folder of `tests/traps`: a Dockerfile with its context, a README that says what breaks and why,
Dockerfile.naive (what a naive rewriter writes), sometimes Dockerfile.right (a faithful one). The README's last lines
say what comes of those two on BuildKit, and with which options; a naive one that is the "same" breaks elsewhere only.
"""
from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from rewriter.folder import FolderContext
from rewriter.optimize import optimize
from rewriter.options import MERGE, Options

FOLDER = Path(__file__).parent / "traps"
NOT_CONTEXT = shutil.ignore_patterns("Dockerfile.*", "README")


@dataclass(frozen=True)
class Trap:
    """verdicts: what `same_image` says of the naive text, and of the right one. options: words for the builder."""

    name: str
    before: str
    others: dict[str, str]
    verdicts: dict[str, str]
    options: tuple[str, ...] = ()

    def context(self, folder: Path) -> Path:
        """A copy of the trap's context, which a build may damage."""
        source = FOLDER / self.name
        if source.is_dir():
            shutil.copytree(source, folder, symlinks=True, ignore=NOT_CONTEXT)
            for path in folder.rglob("*"):  # whatever the umask was when they were checked out
                path.chmod(0o755 if path.is_dir() else 0o644)
        else:
            folder.mkdir()
        return folder


def _trap(folder: Path) -> Trap:
    others = {path.suffix[1:]: path.read_text() for path in folder.glob("Dockerfile.*")}
    said = dict(line.split(": ", 1) for line in (folder / "README").read_text().splitlines()[2:])
    options = tuple(said.pop("options", "").split())
    verdicts = {name.removesuffix(" on BuildKit"): verdict for name, verdict in said.items()}
    return Trap(folder.name, (folder / "Dockerfile").read_text(), others, verdicts, options)


def _too_long() -> list[Trap]:
    """Two that would be long to keep: BuildKit reads no line of 64 KiB, and Linux takes no argument of 128 KiB."""
    line = f"FROM busybox\nRUN : {'x' * 40_000} && \\\n    : {'x' * 40_000}\n"
    body = "RUN : " + " \\\n    ".join(["x" * 1000] * 70) + "\n"
    return [
        Trap("line-over-64k", line, {"naive": line.replace("&& \\\n    ", "&& ")}, {"naive": "after fails"}),
        Trap("script-over-128k", f"FROM busybox\n{body}{body}", {
            "naive": f"FROM busybox\n{body[:-1]} && \\\n    {body[4:]}",
        }, {"naive": "after fails"}),
    ]


TRAPS = [*map(_trap, sorted(FOLDER.iterdir())), *_too_long()]


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_dfopt_keeps_still_or_builds_the_same_image(trap, same_image, tmp_path):
    context = trap.context(tmp_path / "box")
    files = FolderContext(str(context), str(context / "Dockerfile"))
    texts = {optimize(trap.before, Options(merge=merge), files).after for merge in MERGE}
    for text in texts - {trap.before}:
        result = same_image(trap.before, text, context, options=trap.options, repeat="apt-get" in text)
        assert result.verdict in ("same", "both fail"), f"{text}\n{result}"


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_verify_tells_the_naive_from_the_right(trap, same_image, tmp_path):
    context = trap.context(tmp_path / "box")
    assert trap.verdicts.keys() == trap.others.keys()
    found = {
        name: same_image(trap.before, text, context, options=trap.options, no_cache=bool(trap.options))
        for name, text in trap.others.items()
    }
    assert {name: result.verdict for name, result in found.items()} == trap.verdicts, found
