"""Dockerfile to `Graph`: stages, and the state at each instruction, by BuildKit's rules (dockerfile2llb/convert.go)."""
from __future__ import annotations

import re
from types import MappingProxyType

from rewriter.graph.expand import expand
from rewriter.graph.model import Graph, Stage, State
from rewriter.record import replace
from rewriter.shell.paths import absolute
from rewriter.shell.shells import DEFAULT, read_shell
from rewriter.source.meaning import Assignments, From, Meaning, meanings
from rewriter.source.model import Dockerfile, Instruction

_WINDOWS = re.compile(r"windows|nanoserver|servercore", re.IGNORECASE)
_NOTHING: MappingProxyType[str, str | None] = MappingProxyType({})
_BASE = State(DEFAULT, None, None, _NOTHING)
_SCRATCH = State(DEFAULT, None, "/", _NOTHING)


def build(dockerfile: Dockerfile, origins: tuple[int, ...]) -> Graph:
    """The graph of a Dockerfile; `origins` as in `Graph`. What stands before the first FROM is in no stage."""
    meant = meanings(dockerfile)
    stages: list[Stage] = []
    states: list[State] = []
    ends: list[State] = []  # per stage, what a stage built on it starts with
    state = _BASE
    for instruction in dockerfile.instructions:
        if instruction.keyword == "FROM":
            if stages:
                ends.append(state)
            stages.append(_stage(instruction, meant[instruction.index], stages))
            state = _start(stages[-1], stages, ends, dockerfile.escape == "`")
        states.append(state)
        if stages and instruction.keyword != "FROM":
            last = stages[-1]
            stages[-1] = replace(last, instructions=(*last.instructions, instruction))
            state = _after(state, instruction, meant[instruction.index])
    return Graph(dockerfile, origins, meant, tuple(stages), tuple(states))


def _stage(instruction: Instruction, meaning: Meaning | None, before: list[Stage]) -> Stage:
    known = isinstance(meaning, From)
    image = meaning.image if known else ""
    named = [stage.index for stage in before if stage.name and stage.name == image.lower()]
    return Stage(
        index=len(before),
        name=meaning.name if known else None,
        start=instruction,
        instructions=(),
        parent=named[-1] if named else None,
        scratch=image == "scratch",
        unclear=not known or "$" in image,
    )


def _start(stage: Stage, stages: list[Stage], ends: list[State], windows: bool) -> State:
    """What a stage's first instruction meets. The triggers of a stage that it is built on have run by then.

    windows: the file is written as for Windows, where the shell is none of POSIX unless SHELL names one.
    """
    if stage.unclear and len(stages) > 1:
        plain = not windows and all(end.shell == DEFAULT for end in ends)
        return State(DEFAULT if plain else None, "?", None, MappingProxyType(dict.fromkeys(name for end in ends for name in end.values)))
    if stage.parent is None and (windows or _WINDOWS.search(stage.start.arguments.text)):
        return replace(_BASE, shell=None)
    if stage.parent is None:
        return _SCRATCH if stage.scratch else _BASE
    state = ends[stage.parent]
    for each in stages[stage.parent].instructions:
        if each.trigger:
            state = _after(state, each.trigger, None)
    return state


def _after(state: State, instruction: Instruction, meaning: Meaning | None) -> State:
    """What the instruction after `instruction` meets. Only a trigger has no meaning for ENV and ARG."""
    match instruction.keyword:
        case "SHELL":
            return replace(state, shell=read_shell(instruction.json) if instruction.json else None)
        case "USER":
            return replace(state, user=expand(instruction.arguments.text, state.values) or "?")
        case "WORKDIR":
            path = expand(instruction.arguments.text, state.values)
            return replace(state, workdir=absolute(path, state.workdir) if path else None)
        case "ENV" | "ARG":
            return replace(state, values=_assigned(state, instruction, meaning))
    return state


def _assigned(state: State, instruction: Instruction, meaning: Meaning | None) -> MappingProxyType[str, str | None]:
    """The environment after ENV or ARG. An ARG can be given any value from outside; so can what we can't read."""
    values = dict(state.values)
    if not isinstance(meaning, Assignments):
        return MappingProxyType(dict.fromkeys(values))
    for name, value in meaning.pairs:
        values[name] = _value(value or "", state.values) if instruction.keyword == "ENV" else None
    return MappingProxyType(values)


def _value(value: str, values: MappingProxyType[str, str | None]) -> str | None:
    """An ENV value, from which quotes and escapes are gone already, so that it may hold any of them as such."""
    return value if "$" not in value else expand(value, values)
