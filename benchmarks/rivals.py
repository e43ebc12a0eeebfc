"""What dfopt and others make of the same Dockerfiles, each built and compared with the original.

    eval "$(tests/engine --debian)" && python benchmarks/rivals.py [NAME...]

The files are those of `corpus/` that can be built, and the traps of `tests/traps`; NAMEs take a few of them anew. Each tool
rewrites a copy of the whole folder, as its users would have it do. A text that it leaves as it is, also because it
refuses it, is not built again. What differs between two builds of the original is no difference, nor are timestamps.
A trap whose original must not build is the same if the result does not, either. Writes rivals.json, and the tables in
README.md, here and of the project.
"""
from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(ROOT / "corpus"), str(ROOT / "tests"), str(HERE)]

import census  # noqa: E402
import run  # noqa: E402
from rewriter.admit import Declined, admit  # noqa: E402
from rewriter.report.text import size  # noqa: E402
from rewriter.verify.compare import Difference, compare  # noqa: E402
from rewriter.verify.engine import Request  # noqa: E402
from rewriter.verify.engines import ENGINES  # noqa: E402
from rewriter.verify.images import Image  # noqa: E402
from rewriter.verify.session import Session, session  # noqa: E402

RESULTS = HERE / "rivals.json"
BEGIN, END = "<!-- benchmarks/rivals.py writes what follows -->\n", "<!-- until here -->\n"
# Its parser is pinned to a version that needs Go to be installed; the one that comes ready is taken instead.
PACKAGES = ("docker-optimizer==1.2.1", "dockerfile==3.4.0")
OTHER = "Dockerfile.other"
SECONDS = 120
PLAIN = "dfopt-test/debian"
VERDICTS = ("same", "settings", "files", "fails", "builds")
TALLY = (run.BIN / "tally", "lint", "--no-config", "--slow-checks=off", "--fix")
# name: the command, in a folder with a Dockerfile; where it writes; the program that tells its version
TOOLS: dict[str, tuple[tuple, str, tuple]] = {
    "dfopt": ((run.BIN / "dfopt", "--no-cache", "-q", "-w", "Dockerfile"), "Dockerfile", (run.BIN / "dfopt", "--version")),
    "tally --fix": ((*TALLY, "Dockerfile"), "Dockerfile", (run.BIN / "tally", "version")),
    "tally --fix --fix-unsafe": ((*TALLY, "--fix-unsafe", "Dockerfile"), "Dockerfile", (run.BIN / "tally", "version")),
    "docker-optimizer": ((run.BIN / "docker-optimizer", "Dockerfile", OTHER), OTHER, (run.PYTHON, "-m", "pip", "show", "docker-optimizer")),
    "dockerfmt": ((run.PLACE / "node_modules/.bin/dockerfmt", "-w", "-n", "Dockerfile"), "Dockerfile", (run.PLACE / "node_modules/.bin/dockerfmt", "version")),
}


@dataclass(frozen=True)
class Subject:
    """A Dockerfile with its context. images: as in the census; options: more words for the builder."""

    kind: str
    name: str
    text: str
    folder: Path
    images: dict[str, str | None]
    options: tuple[str, ...]

    def request(self, folder: Path, text: str) -> Request:
        said = admit(text)
        images = self.images if isinstance(said, Declined) else census.bases(text) | self.images
        return Request(folder, folder / "Dockerfile", options=(*census.words(images), *self.options), no_cache=bool(self.options))


def subjects() -> Iterator[Subject]:
    for name in census.names():
        folder = census.HERE / name
        text = (folder / "Dockerfile").read_text()
        if not census.lacking(census.bases(text)):
            yield Subject("corpus", name, text, folder, census.bases(text), ())
    for folder in sorted((ROOT / "tests/traps").iterdir()):
        text = (folder / "Dockerfile").read_text()
        said = re.search(r"^options: (.*)$", (folder / "README").read_text(), re.MULTILINE)
        images = {"busybox": "dfopt-test/busybox", "debian:bookworm-slim": PLAIN}
        yield Subject("traps", folder.name, text, folder, images, tuple(said[1].split()) if said else ())


def install() -> list[str]:
    """Make the environment; what could not be installed."""
    missing = run.install()
    if run.run([run.PYTHON, "-m", "pip", "install", "-q", "--no-deps", *PACKAGES]):
        missing += PACKAGES
    return missing


def copied(subject: Subject, folder: Path) -> Path:
    """A copy of the subject's folder, which tools and builds may change."""
    ignore = shutil.ignore_patterns("Dockerfile.naive*", "Dockerfile.right*", "README") if subject.kind == "traps" else None
    shutil.copytree(subject.folder, folder, symlinks=True, ignore=ignore)
    for path in folder.rglob("*") if subject.kind == "traps" else ():  # whatever the umask was when they were checked out
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def rewritten(subject: Subject, tool: str, folder: Path) -> str:
    """What the tool makes of it in `folder`, where the original stands again afterwards."""
    words, target, _ = TOOLS[tool]
    try:
        subprocess.run([*map(str, words)], cwd=folder, capture_output=True, timeout=SECONDS, env=run.clean())
    except subprocess.TimeoutExpired:
        return subject.text
    text = (folder / target).read_text() if (folder / target).is_file() else ""
    (folder / OTHER).unlink(missing_ok=True)
    (folder / "Dockerfile").write_text(subject.text)
    return text or subject.text


def image(current: Session, text: str, request: Request, known: dict[str, Image]) -> Image | None:
    """The image of a text, which is not read if it is one of those that are known, by their ids; None: it does not build."""
    text = census.offline(text)
    if request.no_cache:
        return current.build(text, request)[1]
    built, _ = current.build(text, request, read=False)
    if built.image and built.image not in known:
        known[built.image] = current.build(text, request)[1]
    return known.get(built.image)


def tried(current: Session, subject: Subject) -> dict:
    """On plain Debian where that does, since its image is read sooner; else on the one with the packages of the others."""
    images = {name: PLAIN if ours == census.BASE else ours for name, ours in subject.images.items()}
    found: dict = {}
    for each in [replace(subject, images=images)] + [subject] * (images != subject.images):
        if "tools" not in found:
            with tempfile.TemporaryDirectory() as place:
                found = measured(current, each, Path(place))
    return found


def measured(current: Session, subject: Subject, place: Path) -> dict:
    """What each tool makes of the subject; "not built" where the original can't be."""
    request = subject.request(copied(subject, place / "original"), subject.text)
    known: dict[str, Image] = {}
    one = image(current, subject.text, request, known)
    if one is None and subject.kind == "corpus":
        return {"not built": "it asks for what is not to be had here"}
    found: dict = {"bytes": census.added(one, subject.images), "layers": len(one.layers)} if one else {"bytes": 0, "layers": 0}
    found["tools"] = {}
    noise: set[tuple[str, str]] | None = None
    seen: dict[str, dict] = {subject.text: {"verdict": "unchanged"}}
    for at, tool in enumerate(TOOLS):
        folder = copied(subject, place / str(at))
        text = rewritten(subject, tool, folder)
        if text not in seen:
            other = image(current, text, subject.request(folder, text), known)
            differences = compare(one, other).differences if one and other else []
            if differences and noise is None:
                again = image(current, subject.text, replace(request, no_cache=True), known)
                noise = {(each.aspect, each.where) for each in compare(one, again).differences} if again else set()
            left = [each for each in differences if (each.aspect, each.where) not in (noise or ())]
            seen[text] = judged(other, left, subject) if one else {"verdict": "builds" if other else "same", "bytes": 0, "layers": 0}
        found["tools"][tool] = seen[text]
    return found


def judged(other: Image | None, differences: list[Difference], subject: Subject) -> dict:
    """A verdict: "same", "settings" or "files" for what differs, or "fails"."""
    if other is None:
        return {"verdict": "fails"}
    verdict = "same" if not differences else "settings" if all(each.aspect == "setting" for each in differences) else "files"
    found = {"verdict": verdict, "bytes": census.added(other, subject.images), "layers": len(other.layers)}
    return found | ({"differences": len(differences), "for example": [str(each) for each in differences[:3]]} if differences else {})


def pages(results: dict) -> dict[Path, str]:
    """What is written of the results in each page, from BEGIN to END."""
    return {HERE / "README.md": full(results), ROOT / "README.md": short(results)}


def short(results: dict) -> str:
    """What each saves, and how many images it makes others, or breaks."""
    corpus, traps = ([each["tools"] for each in results[kind].values() if "tools" in each] for kind in ("corpus", "traps"))
    lines = [["", "bytes saved", "layers saved", f"other or no image, of {len(corpus)} files", f"of {len(traps)} traps"], ["---"] * 5]
    for tool in TOOLS:
        worse = [sum(each[tool]["verdict"] in VERDICTS[1:] for each in tools) for tools in (corpus, traps)]
        lines.append([tool, *_saved(list(results["corpus"].values()), tool), *map(str, worse)])
    return _markdown(lines)


def full(results: dict) -> str:
    """How many texts each changes, and what comes of that."""
    said = ", ".join(f"{tool.removesuffix(' --fix')} {results['versions'][tool]}" for tool in TOOLS if "unsafe" not in tool)
    tables = [f"{title}\n\n{table(results[kind], kind == 'corpus')}" for kind, title in (("corpus", "The corpus:"), ("traps", "The traps:"))]
    return "\n".join([f"Taken {results['date']} on Docker {results['engine']}: {said}.\n", *tables])


def table(found: dict, sizes: bool) -> str:
    """What came of it: a line for each tool. Bytes and layers are counted where the image is the same."""
    built = [each for each in found.values() if "tools" in each]
    heads = [f"{len(built)} files", "changed", "same image", "other settings", "other files", "fails to build", "fails no more"]
    heads += ["bytes saved", "layers saved"] * sizes
    lines = [heads, ["---"] * len(heads)]
    for tool in TOOLS:
        verdicts = Counter(each["tools"][tool]["verdict"] for each in built)
        counts = [len(built) - verdicts["unchanged"], *(verdicts[name] for name in VERDICTS)]
        lines.append([tool, *map(str, counts), *(_saved(built, tool) if sizes else [])])
    return _markdown(lines)


def _markdown(lines: list[list[str]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _saved(found: list[dict], tool: str) -> list[str]:
    built = [each for each in found if "tools" in each]
    same = [(each, each["tools"][tool]) for each in built if each["tools"][tool]["verdict"] == "same"]
    total, saved = sum(each["bytes"] for each in built), sum(before["bytes"] - after["bytes"] for before, after in same)
    return [f"{size(saved)} ({saved / total:.1%})", str(sum(before["layers"] - after["layers"] for before, after in same))]


def version(words: tuple) -> str:
    said = subprocess.run([*map(str, words)], capture_output=True, text=True, env=run.clean()).stdout
    number = re.search(r"\d+\.\d+(\.\d+)?", said)
    return number[0] if number else "?"


def main() -> None:
    chosen = sys.argv[1:]
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if missing := install():
        raise SystemExit(f"could not be installed: {', '.join(missing)}")
    census.make_base()
    results |= {"date": time.strftime("%Y-%m-%d"), "engine": version(("docker", "version", "--format={{.Server.Version}}"))}
    results["versions"] = {tool: version(words) for tool, (_, _, words) in TOOLS.items()}
    with session(ENGINES["docker"], Request(HERE)) as current:
        for subject in subjects():
            if not chosen or subject.name in chosen:
                found = tried(current, subject)
                results.setdefault(subject.kind, {})[subject.name] = found
                print(subject.kind, subject.name, json.dumps(found), flush=True)
                RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    for path, said in pages(results).items():
        page = path.read_text()
        path.write_text(page[: page.index(BEGIN) + len(BEGIN)] + said + page[page.index(END) :])


if __name__ == "__main__":
    main()
