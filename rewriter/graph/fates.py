"""What becomes of the files of a COPY: the RUN that deletes them, and who may meet them before."""
from __future__ import annotations

from rewriter.budget import spend
from rewriter.graph.before import commands, linked, unmade
from rewriter.graph.copies import Copy, any_copy_of, filed
from rewriter.graph.context import Context
from rewriter.graph.expand import named
from rewriter.graph.landings import Landing, entering, landings, taken
from rewriter.graph.model import NEUTRAL, Graph, Stage
from rewriter.graph.removers import removers, seen
from rewriter.record import dataclass
from rewriter.shell.effects import Step, keeps_off
from rewriter.shell.model import Opaque
from rewriter.shell.paths import might_meet, parents, within
from rewriter.source.model import Instruction

_QUIET = NEUTRAL | {"ENV", "ARG", "USER", "SHELL", "VOLUME"}


@dataclass(frozen=True)
class Fate:
    """A COPY all of whose landings `run` deletes, if its commands come to that; nothing between meets them.

    `found`: the commands of the RUN; `at`: for each landing the index in `found` of the command that deletes it.
    """

    copy: Copy
    landings: tuple[Landing, ...]
    run: Instruction
    found: tuple[Step, ...]
    at: tuple[int, ...]


def fate(graph: Graph, stage: Stage, copy: Copy, context: Context | None) -> Fate | str:
    """The fate of a COPY; where it has none that is clear, why, "" where no RUN deletes what it brings."""
    question = "fate", stage.index, copy, id(context)
    if question not in graph.answers:
        graph.answers[question] = _fate(graph, stage, copy, context)
    return graph.answers[question]


def _fate(graph: Graph, stage: Stage, copy: Copy, context: Context | None) -> Fate | str:
    found = ending(graph, stage, copy, context)
    if isinstance(found, str):
        return found
    reasons = (obstruction(graph, found, each, context) for each in between(stage, found))
    return next(filter(None, reasons), "") or found


def ending(graph: Graph, stage: Stage, copy: Copy, context: Context | None) -> Fate | str:
    """As `fate`, whatever meets the files between the COPY and the RUN that deletes them."""
    for run in removers(graph, stage, copy):
        found = seen(graph, copy, run)
        spend(1 + len(found) // 2)
        landed = landings(graph, stage, copy, run, context)
        hits = [taken(found, landing) for landing in landed]
        mine = entering(graph, stage, copy, run, landed, context) if None not in hits else copy
        if isinstance(mine, str):
            return mine
        if mine is not copy:
            landed = landings(graph, stage, mine, run, context)
            hits = [taken(found, landing) for landing in landed]
        if not landed or None in hits:
            continue
        if len(copy.sources) > 1 and not copy.into:  # BuildKit makes a file of it, each source in turn, if it is no folder yet
            return "it has several sources, and a target without a slash"
        reason = unmade(graph, stage, copy.instruction, copy.target) or linked(graph, stage, run, tuple(landing.path for landing in landed))
        return reason or Fate(mine, landed, run, found, tuple(hit for hit in hits if hit is not None))
    return ""


def between(stage: Stage, found: Fate) -> tuple[Instruction, ...]:
    """What stands between the COPY and the RUN that deletes."""
    return stage.between(found.copy.instruction, found.run)


def _folders(graph: Graph, copy: Copy) -> tuple[Landing, ...]:
    """The topmost folder that the COPY may have to make, where nothing may be done before it is there."""
    state = graph.state(copy.instruction)
    above = [copy.target, *parents(copy.target)] if copy.into else parents(copy.target)
    new = [folder for folder in above if folder not in state.standing and not within(state.workdir or "/", folder)]
    return tuple(Landing("", folder, True, True, True) for folder in new[-1:])


def obstruction(graph: Graph, found: Fate, each: Instruction, context: Context | None, made: bool = False) -> str:
    """Why an instruction between can't do without the files, or may not see them come later; "" where it can.

    made: something before it has made the folders that the COPY would.
    """
    copy, landed = found.copy, found.landings
    if copy.blind and (each.keyword not in _QUIET or any(name in each.arguments.text for name in named(copy.target))):
        return f"the text does not tell where it copies to, and the {each.keyword} at line {graph.line(each)} stands between"
    if _only_makes_folders(graph, copy, each, landed):
        return ""
    folders = () if made or copy.unflagged and _brings_plainly(graph, each) else _folders(graph, copy)
    if disjoint(graph, each, (*landed, *folders), context):
        return ""
    return f"the {each.keyword} at line {graph.line(each)} stands between, and may use or change what it brings"


def _only_makes_folders(graph: Graph, copy: Copy, each: Instruction, landed: tuple[Landing, ...]) -> bool:
    """Whether it is a WORKDIR which makes folders, if it comes first, that are as those of the COPY: root's, and like any."""
    path = graph.state(each).goes_to(each) if each.keyword == "WORKDIR" else None
    plain = path is not None and graph.state(each).root and copy.owner is None and copy.mode is None
    files = [landing.path for landing in landed if not landing.tree]
    return plain and not any(might_meet(path or "", file) and (path or "").count("/") >= file.count("/") for file in files)


def _brings_plainly(graph: Graph, each: Instruction) -> bool:
    """Whether it is a COPY that makes folders as any other does."""
    other = any_copy_of(graph, each) if each.keyword in ("COPY", "ADD") else Opaque("")
    return isinstance(other, Copy) and other.owner is None and other.mode is None and not other.unpacks


def disjoint(graph: Graph, each: Instruction, landings: tuple[Landing, ...], context: Context | None) -> bool:
    """Whether an instruction neither sees nor changes any of the landings, nor the folders above them."""
    if each.keyword in _QUIET:
        return True
    if each.keyword == "RUN":
        return unseen(graph, each, commands(graph, each), landings)
    if each.keyword == "WORKDIR":
        path = graph.state(each).goes_to(each)
        return path is not None and not any(might_meet(path, landing.path) for landing in landings)
    if each.keyword in ("COPY", "ADD"):
        return _lands_apart(graph, each, landings, context)
    return False


def unseen(graph: Graph, run: Instruction, found: tuple[Step, ...], landings: tuple[Landing, ...]) -> bool:
    """Whether a RUN whose commands are `found` neither sees nor changes any of the landings."""
    said = variables_say(graph, run)
    if any(landing.path in said for landing in landings):  # as a certificate or a list that a program is to use
        return False
    return bool(found) and all(keeps_off(found, landing.path, landing.whole) for landing in landings)


def variables_say(graph: Graph, run: Instruction) -> str:
    """What the variables of a RUN hold, as far as that is known; where programs are looked for, and arguments, as they are written."""
    values = graph.state(run).values
    paths = [each.arguments.text for each in graph.dockerfile.instructions if each.keyword == "ARG" or each.keyword == "ENV" and "PATH" in each.arguments.text]
    return " ".join([*(value for value in values.values() if value), *paths])


def _lands_apart(graph: Graph, each: Instruction, landings: tuple[Landing, ...], context: Context | None) -> bool:
    other = any_copy_of(graph, each)
    if isinstance(other, Opaque) or other.blind:
        return False
    return not any(might_meet(path, landing.path) for path in _targets(other, context)[0] for landing in landings)


def landed(graph: Graph, copy: Copy, context: Context | None) -> tuple[Landing, ...]:
    """All that a COPY may make or change, the folders above it among it."""
    paths, files = _targets(copy, context)
    return (*(Landing("", path, not files, files, files) for path in paths), *_folders(graph, copy))


def _targets(copy: Copy, context: Context | None) -> tuple[list[str], bool]:
    """The paths of the files that it copies, and whether they are known; else the one that all lies at or below."""
    files = copy.into and not copy.unpacks and all(filed(copy, name, context) for name in copy.sources)
    return ([copy.lands(name) for name in copy.sources], True) if files else ([copy.target], False)
