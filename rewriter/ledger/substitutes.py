"""Programs that a Dockerfile puts others in the place of: what is done by those, or no more, is then not known."""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.ledger.bodies import Part, read_body, text_of
from rewriter.ledger.matching import body_of
from rewriter.ledger.model import Entry, Stage
from rewriter.ledger.pairing import Pairing
from rewriter.ledger.places import copied, resolved
from rewriter.ledger.removing import run_by
from rewriter.ledger.touching import walked

_TOOLS = frozenset({"cp", "mkdir", "rm", "rmdir", "unlink", "chown", "chmod", "chgrp"})
_WRITERS = frozenset({"cp", "mv", "rm", "ln", "install", "tee", "unlink", "dd"})
_SYSTEMS = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/")


def substituted(before: Stage, pairing: Pairing) -> str:
    """Why a command that is gone, has come or has moved may be of a program that is another in the stage; "" where none is."""
    if not any("bin" in entry.text or "bin" in (entry.state.workdir or "") for entry in (*before.below, *before.entries)):
        return ""
    used = {_program(part) for part in _parts(before, pairing)}
    for index, entry in enumerate((*before.entries, *before.below)):
        for path in _written(entry):
            folder, _, name = path.rpartition("/")
            if folder.endswith("bin") and name in _TOOLS and (name in used or index < len(before.entries) and _passed(before, pairing, index, name)):
                return f"{entry} may put another program in the place of {name}"
    return ""


def _program(part: Part) -> str:
    return "cp" if part.first == "(cd" else part.first.rsplit("/", 1)[-1]


def _parts(before: Stage, pairing: Pairing) -> Iterator[Part]:
    """What is gone, changed or there anew of the bodies of RUNs."""
    for block in (block for found in pairing.runs.values() for block in found):
        yield from (*block.added, *block.gone, *block.forced, *(part for part, _ in block.fewer), *(block.body.parts if block.entry < 0 else ()))
    yield from (part for at in pairing.gone if before.entries[at].keyword == "RUN" for part in body_of(before.entries[at]).parts)


def _passed(before: Stage, pairing: Pairing, at: int, name: str) -> bool:
    """Whether a RUN that uses a program has passed the event that replaces it."""
    for run, place in pairing.places.items():
        if before.entries[run].keyword == "RUN" and (run < at) != (place < pairing.places.get(at, (-1, 0))) and run != at:
            if any(_program(part) == name for part in body_of(before.entries[run]).parts):
                return True
    return False


def _written(entry: Entry) -> Iterator[str]:
    """Where an event may put a file, or take one away."""
    if entry.keyword in ("COPY", "ADD"):
        said = copied(entry)
        yield from (landing for source in said.sources for landing in (said.target, f"{said.target.rstrip('/')}/{source.rsplit('/', 1)[-1]}"))
    if entry.keyword != "RUN" or "bin" not in entry.text and "bin" not in (entry.state.workdir or ""):
        return
    for command, folder in walked(read_body(text_of(entry.instruction)), entry.state.workdir):
        for redirect in command.redirects:
            if redirect.target and ">" in redirect.operator:
                yield resolved(redirect.target.value, folder) or ""
        for program, *said in run_by(command, _WRITERS):
            paths = [(resolved(word.removeprefix("of="), folder) or word) for word in said if not word.startswith("-")]
            into, sources = paths[-1:], paths[:-1]
            if program in ("mv", "rm", "unlink", "tee"):
                yield from paths
            for target in into if program not in ("rm", "unlink") else ():
                for path in (target, *(f"{target}/{source.rsplit('/', 1)[-1]}" for source in sources)):
                    name = path.rsplit("/", 1)[-1]
                    if not any(source in [system + name for system in _SYSTEMS] for source in sources) or program == "mv":
                        yield path
