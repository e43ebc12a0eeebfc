"""Take out a RUN that only makes a folder which the WORKDIR after it makes.

What it does
    Drops a RUN of nothing but `mkdir -p`, where a WORKDIR for that folder, or one below, follows.

Before
    FROM debian:bookworm-slim
    RUN mkdir -p /usr/src/app
    WORKDIR /usr/src/app

After
    FROM debian:bookworm-slim
    WORKDIR /usr/src/app

Why it is safe
    WORKDIR makes the folder, and those above it, where they are not there: for root, with the owner and the mode that
    `mkdir -p` gives them. Where they are there, neither changes them. Where a file is in the way, both fail.

When it keeps still
    The user is not root. The RUN does more, or makes other folders, too, or its own WORKDIR again; or it is the only one
    on busybox or scratch, where the first RUN makes /dev, /proc and /sys. Something stands between that may meet the
    folder. There is no -p: then `mkdir` fails if the folder is there, and WORKDIR does not (level bold).
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping

from rewriter.graph.before import renews
from rewriter.graph.expand import expand
from rewriter.graph.model import NEUTRAL, Graph, Stage, script
from rewriter.graph.presence import furnished
from rewriter.options import LEVELS
from rewriter.rule import Finding, Scene, Still
from rewriter.shell.model import Script, Word
from rewriter.shell.paths import absolute, detours, within
from rewriter.shell.tools.files import OF_RUNS
from rewriter.source.model import Instruction
from rewriter.verbs import drop_for

_PASSED = NEUTRAL | {"ENV", "ARG"}
_PARENTS = frozenset({"-p", "-pv", "-vp", "--parents"})


def find(scene: Scene) -> Iterator[Finding | Still]:
    graph = scene.graph
    for stage in scene.stages:
        for at, run in enumerate(stage.instructions):
            then = next((each for each in stage.instructions[at + 1 :] if each.keyword not in _PASSED), None)
            words = _mkdir(graph, run) if then and then.keyword == "WORKDIR" and scene.free(run) else ()
            folder = graph.state(then).goes_to(then) if words else None
            if folder is None or not _makes_only(graph, run, words, folder) or _does_more(graph, stage, run, folder):
                continue
            reason, level = f"the WORKDIR at line {graph.line(then)} makes the folder", LEVELS[0]
            if not any(word.value in _PARENTS for word in words):
                reason, level = f"{reason}; but `mkdir` without -p fails if that is there already, or what is above it is not, and WORKDIR does not", LEVELS[-1]
            yield Finding(run, reason, drop_for(graph.dockerfile, run, then), level=level)


def _mkdir(graph: Graph, run: Instruction) -> tuple[Word, ...]:
    """The words after `mkdir` of a RUN that is nothing else and runs as root; () for any other."""
    body, state = script(run) if run.keyword == "RUN" else None, graph.state(run)
    if not isinstance(body, Script) or not state.root or state.shell is None or run.flags or run.heredocs:
        return ()
    commands = body.commands or ()
    if len(commands) != 1 or len(body.segments) != 1 or not body.segments[0].simple or body.segments[0].operator:
        return ()
    command = commands[0]
    return command.words[1:] if command.name == "mkdir" and not command.assignments and not command.redirects else ()


def _makes_only(graph: Graph, run: Instruction, words: tuple[Word, ...], folder: str) -> bool:
    """Whether all that `mkdir` makes is the folder, or above it."""
    state = graph.state(run)
    options = [word for word in words if word.raw.startswith("-")]
    made = [_path(word, state.values, state.workdir) for word in words if word not in options]
    known = all(word.value in _PARENTS | {"-v", "--verbose"} for word in options)
    return known and bool(made) and all(path is not None and within(folder, path) for path in made)


def _does_more(graph: Graph, stage: Stage, run: Instruction, folder: str) -> bool:
    """Whether it meets something that only a RUN has, or makes what the base lacks, or its own WORKDIR again, which was removed."""
    inherits = "setfacl" in graph.dockerfile.text  # by a default ACL `mkdir` goes, and WORKDIR does not
    return inherits or not furnished(graph, stage, (run,)) or bool(renews(graph, stage, run, kept=folder)) or any(within(folder, place) for place in OF_RUNS)


def _path(word: Word, values: Mapping[str, str | None], workdir: str | None) -> str | None:
    """What the shell makes of a word, as an absolute path; None where that can't be told."""
    said = word.value if word.value is not None and not word.glob else expand(word.raw.strip('"'), values)
    return absolute(said, workdir) if said and not any(char in said for char in " \t*?[{~") and not detours(said) else None
