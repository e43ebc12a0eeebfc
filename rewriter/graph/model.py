"""The instruction graph: stages, how they use each other, and the state in which each instruction runs.

Pure records; `build` in `build.py` makes them. The base image is not read. Assumed of it: its user is root and
`/bin/sh` a POSIX shell; its WORKDIR, like any variable it sets, is unknown.
"""
from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from rewriter.graph.expand import expand
from rewriter.pattern import Pattern
from rewriter.record import dataclass, replace
from rewriter.shell.model import Opaque, Script
from rewriter.shell.paths import STANDING, absolute, might_meet
from rewriter.shell.reading import read_script
from rewriter.shell.shells import Shell
from rewriter.source.execform import begins_with_array
from rewriter.source.flags import mounted
from rewriter.source.model import Dockerfile, Instruction
from rewriter.source.meaning import Meaning, Unclear

# They change settings of the image that no RUN, COPY or ADD of the same stage sees.
NEUTRAL = frozenset({"LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "ONBUILD", "MAINTAINER"})


_PLAIN = Pattern(r"[^$'\"\\`]*")
_ROOT = frozenset({"/"})
_CACHES = ("/var/cache", "/var/lib/apt", "/root/.cache")


@dataclass(frozen=True)
class State:
    """What holds where an instruction stands.

    shell: that of RUN, None where it is not a POSIX shell. user: as USER says it, None: the base's, taken for root.
    workdir: absolute, None: unknown. values: of the variables in the environment, None where a value is unknown.
    below: where a WORKDIR of the file does not tell which folder it is, one in which that surely lies; "" else.
    scratch: it began with no file at all.
    """

    shell: Shell | None
    user: str | None
    workdir: str | None
    values: Mapping[str, str | None]
    below: str = ""
    scratch: bool = False

    @property
    def standing(self) -> frozenset[str]:
        """The folders that are there from the start, whatever the image."""
        return _ROOT if self.scratch else STANDING

    @property
    def root(self) -> bool:
        """Whether commands run as root, so that what they make has the owner and group that COPY gives."""
        user, _, group = (self.user or "root").partition(":")
        return user in ("root", "0") and group in ("", "root", "0")

    def goes_to(self, workdir: Instruction) -> str | None:
        """The folder that a WORKDIR names here; None where the text does not tell."""
        path = expand(_unquoted(workdir.arguments.text), self.values)
        return absolute(path, self.workdir) if path else None

    def gone_to(self, workdir: Instruction) -> State:
        """What holds after a WORKDIR."""
        path, text = self.goes_to(workdir), _unquoted(workdir.arguments.text)
        start = _PLAIN.match(text)[0]
        above = absolute(start.rpartition("/")[0] or "/", None) if start.startswith("/") else self.workdir or self.below or "/"
        return replace(self, workdir=path, below=above or "/" if path is None and (self.below or start != text) else "")

    def unlike(self, other: State, *, folder: bool = True) -> str:
        """Why what runs here and there can't share a shell, "" where it can. folder: unless that is seen to otherwise."""
        if self.shell != other.shell:
            return "they don't run in the same shell"
        if self.user != other.user:
            return "they don't run as the same user"
        if folder and self.workdir != other.workdir:
            return "they don't run in the same folder"
        return "they don't run with the same variables" if self.values != other.values else ""

    def may_hold(self, path: str) -> bool:
        """Whether the folder that commands run in may be the one at a path, or lie below it. No one works in a cache."""
        if self.workdir is not None:
            return might_meet(self.workdir, path) and self.workdir.count("/") >= path.count("/")
        return bool(self.below) and not path.startswith(_CACHES) and might_meet(self.below, path)


@dataclass(frozen=True)
class Stage:
    """A stage: its FROM and what follows. `parent` is the index of the stage it is built on, None: an image.

    `may_be`: the stages that its FROM may turn out to name, by a variable or since it can't be read.
    """

    index: int
    name: str | None
    start: Instruction
    instructions: tuple[Instruction, ...]
    parent: int | None
    scratch: bool
    may_be: frozenset[int]

    def before(self, instruction: Instruction) -> tuple[Instruction, ...]:
        """What follows the FROM before one of its instructions."""
        return self.instructions[: self._place(instruction)]

    def after(self, instruction: Instruction) -> tuple[Instruction, ...]:
        """What follows one of its instructions."""
        return self.instructions[self._place(instruction) + 1 :]

    def between(self, first: Instruction, last: Instruction) -> tuple[Instruction, ...]:
        """What stands between two of its instructions."""
        return self.instructions[self._place(first) + 1 : self._place(last)]

    def _place(self, instruction: Instruction) -> int:
        return instruction.index - self.start.index - 1


@dataclass(frozen=True)
class Graph:
    """A Dockerfile as a graph. `states[k]` is what instruction k meets; `stages` are in the file's order.

    `origins[k]` is the line of the author's file that line k + 1 comes from: reports name those.
    """

    dockerfile: Dockerfile
    origins: tuple[int, ...]
    meanings: tuple[Meaning | None, ...]
    stages: tuple[Stage, ...]
    states: tuple[State, ...]

    @cached_property
    def answers(self) -> dict:
        """What has been found out about it, by question: several rules ask the same."""
        return {}

    @cached_property
    def final(self) -> frozenset[int]:
        """The stages whose layers are in the final image, or may be: the last, and those it is built on."""
        if not self.stages:
            return frozenset()
        return frozenset(stage.index for stage in (self.stages[-1], *self.below(self.stages[-1])))

    def ancestors(self, stage: Stage) -> tuple[Stage, ...]:
        """The stages that a stage is built on, the nearest first."""
        found: list[Stage] = []
        while stage.parent is not None:
            stage = self.stages[stage.parent]
            found.append(stage)
        return tuple(found)

    def below(self, stage: Stage) -> tuple[Stage, ...]:
        """The stages that a stage is built on, or may be; `ancestors` first."""
        sure = self.ancestors(stage)
        found = {each.index for each in sure}
        todo = [index for each in (stage, *sure) for index in each.may_be]
        while todo:
            if (index := todo.pop()) not in found:
                found.add(index)
                todo += [*self.stages[index].may_be, *([] if self.stages[index].parent is None else [self.stages[index].parent])]
        return (*sure, *(self.stages[index] for index in sorted(found - {each.index for each in sure})))

    @cached_property
    def used(self) -> frozenset[int]:
        """The stages that the last is made of: built on, copied from or mounted, over others, too. All where it can't be told."""
        every = frozenset(stage.index for stage in self.stages)
        nameless = any(isinstance(self.meanings[stage.start.index], Unclear) for stage in self.stages)
        if nameless or any(stage.may_be for stage in self.stages) or any("$" in name for name in _origins(self.dockerfile.instructions)):
            return every
        found: set[int] = set()
        todo = {len(self.stages) - 1} & every
        while todo:
            stage = self.stages[todo.pop()]
            found.add(stage.index)
            names = {name.lower() for name in _origins(stage.instructions)}
            meant = {other.index for other in self.stages if names & {other.name, str(other.index)}}
            todo |= (meant | {stage.parent}) - found - {None}
        return frozenset(found)

    @cached_property
    def numbered(self) -> bool:
        """Whether a stage is, or may be, referred to by its number, so that no stage may be put before it."""
        return any(name.isdigit() or "$" in name for name in _origins(self.dockerfile.instructions))

    def line(self, instruction: Instruction, at: int = 0) -> int:
        """The line of the author's file at which the instruction starts, or where one was made of several, what stands `at` an offset of its arguments."""
        later = self.dockerfile.text.count("\n", instruction.span.start, instruction.body.at(at)) if at else 0
        return self.origins[instruction.line - 1 + later]

    def state(self, instruction: Instruction) -> State:
        """What holds where an instruction stands."""
        return self.states[instruction.index]


def _unquoted(text: str) -> str:
    """A word without the quotes around it, if it has no other, and nothing that they keep from being expanded."""
    plain = len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" and not (text[0] == "'" and "$" in text)
    return text[1:-1] if plain else text


def _origins(instructions: tuple[Instruction, ...]) -> list[str]:
    """What they, or the instructions that they hold for later, copy from or mount by name."""
    flags = [flag for each in instructions for flag in (each.trigger or each).flags]
    names = [flag.value or "" for flag in flags if flag.name == "from"]
    mounts = [mounted(flag) or {"from": "$"} for flag in flags if flag.name == "mount"]  # one in quotes may name any
    return names + [said["from"] for said in mounts if "from" in said]


def script(instruction: Instruction) -> Script | Opaque:
    """The body of a RUN as its shell reads it."""
    if "script" not in instruction.answers:
        instruction.answers["script"] = _script(instruction)
    return instruction.answers["script"]


def _script(instruction: Instruction) -> Script | Opaque:
    if instruction.json is not None:
        return Opaque("it is in exec form")
    if instruction.scripted and instruction.body.text.startswith("#!"):
        return Opaque("it is a heredoc for a program of its own")
    if begins_with_array(instruction.arguments.text):
        return Opaque("BuildKit before 0.15 takes it for the exec form")
    return read_script(instruction.body.text)


def chained(run: Instruction) -> bool:
    """Whether the body is nothing but simple commands joined by `&&`."""
    body = script(run)
    plain = isinstance(body, Script) and all(segment.simple and segment.operator == "&&" for segment in body.segments[:-1])
    return plain and body.segments[-1].simple and not body.segments[-1].operator


def single(run: Instruction) -> bool:
    """Whether the body is one simple command."""
    return chained(run) and len(script(run).segments) == 1
