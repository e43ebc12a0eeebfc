"""Dockerfile to `Graph`: stages, and the state at each instruction, by BuildKit's rules (dockerfile2llb/convert.go)."""
from __future__ import annotations

import re
from types import MappingProxyType

from rewriter.budget import spend
from rewriter.graph.expand import expand
from rewriter.graph.model import Graph, Stage, State
from rewriter.pattern import Pattern
from rewriter.record import replace
from rewriter.shell.shells import DEFAULT, read_shell
from rewriter.source.bases import other_shell, other_user
from rewriter.source.meaning import Assignments, From, Meaning, meanings
from rewriter.source.model import Dockerfile, Instruction

_WINDOWS = ("windows", "nanoserver", "servercore")
_VARIABLE = Pattern(r"\$\{[^{}]*\}|\$\w+")
_NOTHING: MappingProxyType[str, str | None] = MappingProxyType({})
_BASE = State(DEFAULT, None, None, _NOTHING)
_SCRATCH = State(DEFAULT, None, "/", _NOTHING, scratch=True)


def build(dockerfile: Dockerfile, origins: tuple[int, ...]) -> Graph:
    """The graph of a Dockerfile; `origins` as in `Graph`. What stands before the first FROM is in no stage."""
    meant = meanings(dockerfile)
    stages: list[Stage] = []
    states: list[State] = []
    ends: list[State] = []  # per stage, what a stage built on it starts with
    state = _BASE
    starts = [each.index for each in dockerfile.instructions if each.keyword == "FROM"]
    after = dict(zip(starts, [*starts[1:], len(dockerfile.instructions)]))  # where each stage ends
    for instruction in dockerfile.instructions:
        if instruction.keyword == "FROM":
            if stages:
                ends.append(state)
            stages.append(_stage(instruction, dockerfile.instructions[instruction.index + 1 : after[instruction.index]], meant, stages))
            state = _start(stages[-1], stages, ends, dockerfile.escape == "`")
            if state in (_BASE, _SCRATCH) and other_user(instruction, dockerfile.instructions):
                state = replace(state, user="?")
            if state.shell == DEFAULT and stages[-1].parent is None and not stages[-1].may_be and (said := other_shell(instruction)):
                state = replace(state, shell=read_shell(said))
        states.append(state)
        if stages and instruction.keyword != "FROM":
            state = _after(state, instruction, meant[instruction.index])
    return Graph(dockerfile, origins, meant, tuple(stages), tuple(states))


def _stage(instruction: Instruction, rest: tuple[Instruction, ...], meant: tuple[Meaning | None, ...], before: list[Stage]) -> Stage:
    meaning = meant[instruction.index]
    known = isinstance(meaning, From)
    image = meaning.image if known else ""
    fits = _fitting(image if known else "$")
    named = [stage.index for stage in before if stage.name and stage.name == image.lower()]
    return Stage(
        index=len(before),
        name=meaning.name if known else None,
        start=instruction,
        instructions=rest,
        parent=named[-1] if named else None,
        scratch=image == "scratch",
        may_be=frozenset(stage.index for stage in before if fits and (not isinstance(meant[stage.start.index], From) or stage.name and fits.fullmatch(stage.name))),
    )


def _fitting(image: str) -> re.Pattern[str] | None:
    """What the name of a stage is like that an image may mean, by its variables. Where it has a `:`, a `/` or a `@`, no name is."""
    if "$" not in image:
        return None
    parts = _VARIABLE.split(image)
    return re.compile(".+" if "$" in "".join(parts) else ".*".join(map(re.escape, parts)), re.IGNORECASE)


def _start(stage: Stage, stages: list[Stage], ends: list[State], windows: bool) -> State:
    """What a stage's first instruction meets.

    windows: the file is written as for Windows, where the shell is none of POSIX unless SHELL names one.
    """
    if stage.may_be:
        found = [_inherited(stages[index], ends[index]) for index in sorted(stage.may_be)]
        plain = not windows and all(end.shell == DEFAULT for end in found)
        user = None if all(end.root for end in found) else "?"
        below = "/" if any(end.below or end.workdir not in (None, "/") for end in found) else ""
        values = MappingProxyType(dict.fromkeys(name for end in found for name in end.values))
        return State(DEFAULT if plain else None, user, None, values, below, any(end.scratch for end in found))
    if stage.parent is None and (windows or any(name in stage.start.arguments.text.lower() for name in _WINDOWS)):
        return replace(_BASE, shell=None)
    if stage.parent is None:
        return _SCRATCH if stage.scratch else _BASE
    return _inherited(stages[stage.parent], ends[stage.parent])


def _inherited(below: Stage, state: State) -> State:
    """What a stage meets that is built on `below`, which ended in `state`: its triggers have run by then."""
    for each in below.instructions:
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
            return state.gone_to(instruction)
        case "ENV" | "ARG":
            return replace(state, values=_assigned(state, instruction, meaning))
    return state


def _assigned(state: State, instruction: Instruction, meaning: Meaning | None) -> MappingProxyType[str, str | None]:
    """The environment after ENV or ARG. An ARG can be given any value from outside; so can what we can't read."""
    spend(len(state.values) // 8)
    values = dict(state.values)
    if not isinstance(meaning, Assignments):
        return MappingProxyType(dict.fromkeys(values))
    for name, value in meaning.pairs:
        values[name] = _value(value or "", state.values) if instruction.keyword == "ENV" else None
    return MappingProxyType(values)


def _value(value: str, values: MappingProxyType[str, str | None]) -> str | None:
    """An ENV value, from which quotes and escapes are gone already, so that it may hold any of them as such."""
    return value if "$" not in value else expand(value, values)
