"""What a joined RUN gives to a body that stood behind an ENV or a WORKDIR: the same variables, and the same folder."""
from __future__ import annotations

from rewriter.ledger.bodies import Part, text_of, words
from rewriter.ledger.links import linked
from rewriter.ledger.matching import Block
from rewriter.ledger.model import Entry, Stage
from rewriter.ledger.places import expanded, resolved
from rewriter.ledger.removing import removed_by, standing
from rewriter.pattern import Pattern
from rewriter.record import dataclass, field
from rewriter.shell.shells import DEFAULT

_ITSELF = Pattern(r"\$\{PATH\}|\$PATH(?!\w)")
_LONGER = Pattern(r'export PATH="([A-Za-z0-9_./:+-]*(?:\$PATH(?![A-Za-z0-9_])[A-Za-z0-9_./:+-]*)+)"')


@dataclass(frozen=True)
class Given:
    """The variables and the folder that a body finds, besides those that its RUN has. folder: "" for none.

    paths: what PATH is made of in turn, each time with what it was before as `$PATH`.
    """

    values: dict[str, str] = field(default_factory=dict)
    folder: str = ""
    paths: tuple[str, ...] = ()

    def makes_up_for(self, crossed: Entry, run: Entry) -> bool:
        """Whether the body finds what it would have found behind the event that it has passed."""
        if crossed.keyword == "ENV":
            name = crossed.text.partition("=")[0]
            return name in self.values or name == "PATH" and bool(self.paths)
        return crossed.keyword == "WORKDIR" and crossed.state.root and bool(self.folder) and run.state.workdir == self.folder


def given(found: tuple[Block, ...], number: int) -> Given:
    """What the body at `number` is given, by itself or by one before it in the same shell."""
    values: dict[str, str] = {}
    folder = ""
    paths: list[str] = []
    for at, block in enumerate(found[: number + 1]):
        if at < number and block.wrap == "(" and not block.opening:
            continue
        for part in block.added:
            if longer := _LONGER.fullmatch(part.text):
                paths.append(longer[1])
            elif part.first == "export":
                values.update({name: value for name, _, value in (word.partition("=") for word in words(part)[1:])})
            elif part.first == "cd":
                folder = folder_of(part)
    return Given(values, folder, tuple(paths))


def folder_of(part: Part) -> str:
    """The folder that a `cd` of ours goes to; "" where it is not told in full."""
    said = words(part)
    return resolved(said[1], None) or "" if len(said) == 2 else ""


def misgiven(found: tuple[Block, ...], before: Stage) -> str:
    """Why a body is not given just what it saw; "" where each is."""
    for number, block in enumerate(found):
        has = given(found, number)
        if any(part.first == "cd" and not folder_of(part) for part in block.added):
            return f"{before.entries[block.entry]} is given another folder than it had"
        if block.entry < 0 or not has.values and not has.folder and not has.paths:
            continue
        run = before.entries[block.entry]
        if (has.paths or "PATH" in has.values) and _sought(before.entries[: block.entry], run):
            return f"{run} may have been run by a shell that is found by PATH"
        if has.paths and has.paths != _lengthened(before.entries[found[0].entry : block.entry] if found[0].entry >= 0 else ()):
            return f"{run} is given another PATH than it saw"
        strange = next((name for name, value in has.values.items() if run.state.values.get(name) != value), "")
        if strange:
            return f"{run} is given another {strange} than it saw"
        if has.folder and (run.state.workdir != has.folder or not run.state.root):
            return f"{run} is given another folder than it had"
        text = text_of(run.instruction)
        if has.folder and ("OLDPWD" in text or "cd -" in text):
            return f"{run} asks where it was before"
        if has.folder and (reason := linked(before.entries[: block.entry], (has.folder,))):
            return reason
        if has.folder and has.folder != "/" and any(removed_by(block.body, run, has.folder, wary=True) for block in found[number:]):
            return f"{run} may remove its folder, which its WORKDIR makes behind it now"
        made = [(folder,) for folder in standing(before, block.entry)]
        for part in block.added:
            if part.first == "cd" and ((folder_of(part),) not in made or part.operator != "&&"):
                return f"{run}: nothing makes its folder"
            made += [words(part)[2:]] if part.first == "mkdir" and part.operator == "&&" else []
        if any(part.first == "export" and len(words(part)) < 2 and not _LONGER.fullmatch(part.text) for part in block.added):
            return f"{run} is given what can't be told"
    return ""


def _sought(entries: tuple[Entry, ...], run: Entry) -> bool:
    """Whether the shell of a RUN may be one that is looked for in the folders of PATH."""
    named = [entry.instruction.json or ("",) for entry in entries if entry.keyword == "SHELL"]
    return not all(words[0].startswith("/") for words in named) or not named and run.state.shell != DEFAULT


def _lengthened(entries: tuple[Entry, ...]) -> tuple[str | None, ...]:
    """What ENVs make of PATH in turn, with what it was before as `$PATH`."""
    found: list[str | None] = []
    for entry in entries:
        if entry.keyword == "ENV" and entry.text.startswith("PATH="):
            said = entry.text.rpartition(" [")[0].removeprefix("PATH=")
            parts = [expanded(part, entry.state.values) for part in _ITSELF.split(said)]
            found.append(None if None in parts else "$PATH".join(part or "" for part in parts))
    return tuple(found)
