"""Whether instructions may change places: a delete with what stands above it, a RUN with the COPY before or after it."""
from __future__ import annotations

from posixpath import basename

from rewriter.budget import spend
from rewriter.graph.before import commands, linked
from rewriter.graph.context import Context
from rewriter.graph.copies import Copy, copy_of, kind
from rewriter.graph.deletes import Doomed, spares
from rewriter.graph.fates import disjoint, landed, unseen
from rewriter.graph.landings import Landing
from rewriter.graph.model import NEUTRAL, Graph, Stage, script
from rewriter.graph.mounts import covered
from rewriter.graph.runs import removes_workdir
from rewriter.graph.volumes import may_lie_in
from rewriter.record import replace
from rewriter.shell.effects import Step
from rewriter.shell.model import Opaque
from rewriter.shell.paths import might_meet
from rewriter.shell.seen import heedless
from rewriter.shell.tools import Act
from rewriter.shell.tools.leftovers import DISTRIBUTION
from rewriter.shell.tools.packages import LOCAL_REPOSITORIES
from rewriter.shell.tools.removal import takes_folders
from rewriter.source.meaning import Assignments, Unclear
from rewriter.source.model import Instruction

# By these a shell finds programs, and `rm` what it is to do.
_FINDS_PROGRAMS = ("PATH", "LD_PRELOAD", "POSIXLY_CORRECT")


def hindrance(graph: Graph, stage: Stage, pair: Doomed, context: Context | None) -> str:
    """Why a delete can't be done at the end of the RUN that made what it deletes; "" where it can."""
    maker, run, paths = pair.maker, pair.run, pair.paths
    between = stage.between(maker, run)
    deep = any(takes_folders(step.command) for step in commands(graph, run))
    if reason := differently(graph, maker, run) or linked(graph, stage, run, tuple(path.path for path in paths)):
        return reason
    if covered(maker, tuple(path.path for path in paths)) or covered(run, tuple(path.path for path in paths)):
        return "a mount may lie over it"
    for each in between:
        if isinstance(graph.meanings[each.index], Unclear):
            return "a variable that can't be read is set between"
        if meets(graph, each, paths, context) or deep and each.keyword == "RUN" and any(graph.state(each).may_hold(path.path) for path in paths):
            return f"the {each.keyword} at line {graph.line(each)} stands between, and may use or change what it deletes"
    return ""


def meets(graph: Graph, each: Instruction, paths: tuple[Landing, ...], context: Context | None) -> bool:
    """Whether an instruction may use, change or make anew what is at one of the paths, so that a delete of it may not pass."""
    if each.keyword == "WORKDIR":  # a folder that something is deleted from is there with or without it
        path = graph.state(each).goes_to(each)
        return path is None or any(_within(path, landing.path) for landing in paths)
    if each.keyword == "VOLUME":  # older builders throw away what a RUN changes in one
        return any(may_lie_in(each, landing.path) for landing in paths)
    if each.keyword != "RUN":
        return not disjoint(graph, each, paths, context)
    found = _without_local(graph, commands(graph, each))
    fetched = all(path.path.startswith(DISTRIBUTION) for path in paths)
    spared = bool(found) and all(spares(step, path.path) for step in found for path in paths) if fetched else unseen(graph, each, found, paths)
    return not spared or any(_remakes(graph, each, landing.path) for landing in paths)


def _remakes(graph: Graph, run: Instruction, path: str) -> bool:
    """Whether a RUN would make the path anew, as the folder that it runs in."""
    state = graph.state(run)
    return state.workdir is not None and state.may_hold(path) or removes_workdir(commands(graph, run), state)


def _within(path: str, pattern: str) -> bool:
    return might_meet(path, pattern) and path.count("/") >= pattern.count("/")


def differently(graph: Graph, ours: Instruction, theirs: Instruction) -> str:
    """Why a command by literal words does not do the same in one RUN as in another; "" where it does."""
    one, other = graph.state(ours), graph.state(theirs)
    if (one.user, one.shell) != (other.user, other.shell):
        return "they don't run as the same user in the same shell"
    between = [graph.meanings[each.index] for each in graph.dockerfile.instructions[ours.index : theirs.index] if each.keyword in ("ENV", "ARG")]
    pairs = [pair for each in between if isinstance(each, Assignments) for pair in each.pairs]
    if any(name.startswith(_FINDS_PROGRAMS) and not (name == "PATH" and _longer(value or "")) for name, value in pairs):
        return "a variable by which programs are found is set between"
    return ""


def _longer(path: str) -> bool:
    """Whether a PATH has what it had before: `rm` is still the same then."""
    return "$PATH" in path.split(":") or "${PATH}" in path.split(":")


def strangers(graph: Graph, first: Instruction, then: Instruction) -> str:
    """Why two RUNs can't be one, wherever they stand and in whichever folder; "" where they can."""
    theirs = graph.state(then)
    if reason := graph.state(first).unlike(theirs, folder=False):
        return reason
    return "it removes its WORKDIR" if removes_workdir(commands(graph, first), theirs) else ""


def raised(graph: Graph, stage: Stage, runs: tuple[Instruction, ...], context: Context | None) -> tuple[Instruction, ...] | str:
    """What has to stand above RUNs if they are to stand together, all else between them standing below; or why that can't be."""
    own = {run.index for run in runs}
    between = [each for each in stage.between(runs[0], runs[-1]) if each.index not in own]
    reason = ""
    spend(len(between))
    for lazy in (True, False):  # as few as can be; or else all that can
        up: list[Instruction] = []
        down: list[Instruction] = []
        for each in between:
            above = [run for run in runs if run.index < each.index]
            below = [run for run in runs if run.index > each.index]
            lowers = _blocked(graph, stage, each, below, context)
            lifts = _blocked(graph, stage, each, above, context) or _crossed(graph, each, down)
            if lifts and lowers:
                reason = reason or lifts
                break
            (down if not lowers and (lazy or lifts) else up).append(each)
        else:
            return tuple(up)
    return reason


def restless(graph: Graph, up: tuple[Instruction, ...], context: Context | None) -> str:
    """Why these should not stand above RUNs that can do without them: sources change with each commit. "" where that is no worry."""
    for each in up:
        copy = copy_of(graph, each) if each.keyword in ("COPY", "ADD") else None
        if isinstance(copy, Copy) and copy.origin is None and not all(_steady(copy, source, context) for source in copy.sources):
            return f"above it, the {each.keyword} at line {graph.line(each)} would have it run again whenever what that copies changes (--merge all takes that for granted)"
    return ""


def _steady(copy: Copy, source: str, context: Context | None) -> bool:
    """Whether it is a single file, which changes less often than a folder of sources."""
    known = kind(copy, source, context)
    return copy.fetched or known == "file" or not known and "." in basename(source)


def _crossed(graph: Graph, each: Instruction, others: list[Instruction]) -> str:
    """Why it can't pass instructions that are no RUNs."""
    other = next((other for other in others if not {each.keyword, other.keyword} & NEUTRAL), None)
    return f"the {each.keyword} at line {graph.line(each)} would have to pass that at line {graph.line(other)}" if other else ""


def _blocked(graph: Graph, stage: Stage, each: Instruction, runs: list[Instruction], context: Context | None) -> str:
    """Why an instruction can't pass these RUNs; "" where neither can see the other."""
    if each.keyword in NEUTRAL or not runs:
        return ""
    if each.keyword == "WORKDIR" and all(run.index < each.index for run in runs):
        return _moves(graph, each, runs)
    copy = copy_of(graph, each) if each.keyword in ("COPY", "ADD") else Opaque("the RUNs may see what it sets")
    if isinstance(copy, Opaque) or copy.blind:
        reason = copy.reason if isinstance(copy, Opaque) else "its target is relative to a WORKDIR that is not known"
        return f"the {each.keyword} at line {graph.line(each)} stands between: {reason}"
    landings = landed(graph, copy, context)
    for run in runs:
        if reason := linked(graph, stage, runs[-1], tuple(landing.path for landing in landings)):
            return reason
        found = _without_local(graph, commands(graph, run))
        if covered(run, tuple(landing.path for landing in landings)) or not unseen(graph, run, found, landings) or _names_owner(copy) and not _keeps_accounts(found):
            return f"the {each.keyword} at line {graph.line(each)} stands between, and the RUN at line {graph.line(run)} may see what it brings"
    return ""


def _moves(graph: Graph, workdir: Instruction, runs: list[Instruction]) -> str:
    """Why a WORKDIR can't come to stand above these RUNs; "" where the folder does not matter to them, nor they to it."""
    told = f"the WORKDIR at line {graph.line(workdir)} stands between, "
    path = graph.state(workdir).goes_to(workdir)
    if path is None or not graph.state(workdir).root:
        return told + "and its path is not known, or it would belong to another"
    landing = (Landing("", path, True, True, True),)
    for run in runs:
        found = script(run)
        if isinstance(found, Opaque) or not heedless(found, gone=False):
            return told + f"and may matter to the RUN at line {graph.line(run)}"
        if not unseen(graph, run, _without_local(graph, commands(graph, run)), landing):
            return told + f"and the RUN at line {graph.line(run)} may see the folder that it makes"
    return ""


def _without_local(graph: Graph, found: tuple[Step, ...]) -> tuple[Step, ...]:
    """The same, less the look of package managers for a repository in a folder, where the file sets none up."""
    texts = [each.body.text for each in graph.dockerfile.instructions if each.keyword in ("RUN", "COPY", "ADD")]
    if any(mark in text for text in texts for mark in ("file:", "/etc/apt", "/etc/yum", "/etc/apk", "/etc/dnf", " /etc ", " / ", " /etc/ ")):
        return found
    return tuple(replace(step, effects=tuple(each for each in step.effects if each not in LOCAL_REPOSITORIES)) if step.effects else step for step in found)


def _names_owner(copy: Copy) -> bool:
    return copy.owner is not None and not copy.owner.replace(":", "").isdigit()


def _keeps_accounts(found: tuple[Step, ...]) -> bool:
    """Whether these leave the files alone in which names of users are looked up."""
    writes = [effect for step in found for effect in step.effects or () if effect.act != Act.READ]
    return not any(might_meet(effect.path, path) for effect in writes for path in ("/etc/passwd", "/etc/group"))
