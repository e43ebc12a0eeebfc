"""Programs that a Dockerfile puts others in the place of: what a `cp` of ours does, or a `chown` did, is not known then."""
from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, dirname

from rewriter.graph.model import Graph, Stage, script
from rewriter.graph.runs import stage_of
from rewriter.shell.model import Command, Script
from rewriter.source.model import Instruction
from rewriter.source.words import words

_KNOWN = frozenset({"cp", "mkdir", "rm", "rmdir", "unlink", "chown", "chmod", "chgrp"})
_INTO = frozenset({"cp", "ln", "install"})
_ANYWHERE = frozenset({"mv", "rm", "unlink", "tee"})


def substituted(graph: Graph, at: Instruction, names: tuple[str, ...]) -> str:
    """Why one of these programs may be another in the stage of an instruction; "" where none is."""
    stage = stage_of(graph, at)
    for each in (stage, *graph.below(stage)):
        found = _found(graph, each)
        if hit := next((name for name in names if name in found), ""):
            return f"the {found[hit].keyword} at line {graph.line(found[hit])} puts another program in the place of `{hit}`, or takes it away"
    return ""


def _found(graph: Graph, stage: Stage) -> dict[str, Instruction]:
    """The programs that are not what they are known for in the stage, and the last instruction that makes each so."""
    question = "substitutes", stage.index
    if question not in graph.answers:
        graph.answers[question] = {basename(path): each for each in stage.instructions for path in _written(each) if basename(path) in _KNOWN and dirname(path).endswith("bin")}
    return graph.answers[question]


def _written(instruction: Instruction) -> Iterator[str]:
    """Where it may put a file, or take one away, as it is written, if that is where programs are."""
    if "bin" not in instruction.body.text:
        return
    if instruction.keyword in ("COPY", "ADD"):
        yield from _landings(list(instruction.json or (word.text.strip("\"'") for word in words(instruction.arguments))))
    body = script(instruction) if instruction.keyword == "RUN" else None
    for command in (isinstance(body, Script) and body.commands) or ():
        yield from _by(command)


def _by(command: Command) -> Iterator[str]:
    said = [word.value or word.raw.strip("\"'") for word in command.words]
    operands = [word for word in said[1:] if not word.startswith("-")]
    yield from (redirect.target.value or "" for redirect in command.redirects if redirect.target and ">" in redirect.operator)
    name = basename(said[0]) if said else ""
    if name in _ANYWHERE:
        yield from operands
    if name in _INTO or name == "mv":
        yield from (path for path in _landings(operands) if not _itself(path, operands[:-1]))


def _landings(operands: list[str]) -> Iterator[str]:
    """Where the sources come to lie in the last operand, be that a folder or a file."""
    yield from operands[-1:]
    yield from (f"{operands[-1].rstrip('/')}/{basename(source)}" for source in operands[:-1])


def _itself(path: str, sources: list[str]) -> bool:
    """Whether it is put there by its own name from where programs are, as a link from one such folder to another is."""
    return any(basename(source) == basename(path) and dirname(source) in ("/bin", "/usr/bin", "/sbin", "/usr/sbin") for source in sources)
