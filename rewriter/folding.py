"""A COPY brought into the RUNs that use its files, in each of which they are copied into place and deleted again."""
from __future__ import annotations

from posixpath import basename

from rewriter.graph.copies import OWN, Copy, any_copy_of, missing, packed, size
from rewriter.graph.fates import Fate
from rewriter.graph.landings import Landing
from rewriter.graph.model import Stage, script
from rewriter.graph.mounts import Mount, aside, covered, linked_apart, places, regrouped
from rewriter.graph.runs import alone, longer_plan
from rewriter.graph.uses import Uses
from rewriter.graph.walkers import walker
from rewriter.options import LEVELS
from rewriter.prefixing import prefixed
from rewriter.record import dataclass, replace
from rewriter.removing import emptied, without_sources
from rewriter.rule import Finding, Scene, Still
from rewriter.shell.effects import Step, keeps_off
from rewriter.shell.joining import Plan, Refused, asks_before, asks_itself
from rewriter.shell.model import Script, Word
from rewriter.shell.paths import absolute, detours, wild, within
from rewriter.shell.tools import call_of
from rewriter.shell.tools.files import RUN_FILES
from rewriter.shell.tools.removal import forced
from rewriter.text import Edit, insert
from rewriter.verbs import drop_done_by

_SECRETS = frozenset({".npmrc", ".netrc", ".pypirc", ".pgpass", ".git-credentials", ".dockercfg", ".env", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"})
_SECRET_KINDS = (".p12", ".pfx", ".jks")
_SECRET_WORDS = frozenset({"credential", "credentials", "secret", "secrets", "token", "tokens", "password", "passwords", "passwd"})


@dataclass(frozen=True)
class _Delete:
    """The command that deletes, in a RUN that does without the files. options: as it has them. words: the operands that name a file.

    several: it has more operands than one. others: one of these names something else. forced: it does not mind that there is nothing.
    """

    options: str
    words: tuple[Word, ...]
    several: bool
    others: bool
    forced: bool


def folded(scene: Scene, stage: Stage, found: Uses, taken: frozenset[str]) -> Finding | Still:
    """The change by which each use has its own copy of the files, or why it is not made. taken: names of stages and mount points."""
    graph, copy = scene.graph, found.end.copy
    if not graph.state(found.end.run).root:
        from rewriter.graph.foreign import owned  # few are not root's

        found = replace(found, doubt=found.doubt or owned(graph, found))
    unlike = linked_apart(graph, stage, found.end, scene.context) or regrouped(graph, stage, found.end, scene.context)
    mounts = [unlike or _obstacle(scene, stage, use, found) or aside(graph, stage, use, scene.context, taken) for use in found.each]
    reason = next((mount for mount in mounts if isinstance(mount, str)), "") or (_obstacle(scene, stage, found.end, found) if found.apart else "")
    edits = Refused(0, reason) if reason else _edits(scene, found, [mount for mount in mounts if isinstance(mount, Mount)])
    if isinstance(edits, Refused):
        return Still(copy.instruction, edits.reason + warning(copy))
    first = next(mount for mount in mounts if isinstance(mount, Mount))
    gone = without_sources(copy.instruction, _positions(scene, copy)) or drop_done_by(graph.dockerfile, copy.instruction, found.each[0].run)
    edits = [*gone, *edits]
    if first.stage:
        from rewriter.moving import staged  # most are mounted from where they are

        edits += staged(graph.dockerfile, _first(scene, stage).start, copy.instruction, first.stage, first.target, first.lines)
    delete = found.end.found[found.end.at[0]].command.span.start
    said = f"the RUN at line {graph.line(found.end.run, delete)} deletes it: mounted for {_where(scene, found)}, it is in no layer"
    said += f"; {found.doubt}" * bool(found.doubt) + warning(copy)
    return Finding(copy.instruction, said, tuple(edits), size(copy, scene.context), LEVELS[-1] if found.doubt else LEVELS[0])


def _positions(scene: Scene, copy: Copy) -> tuple[int, ...]:
    """Which of the words of its instruction are its sources, where that has others; else ()."""
    every = any_copy_of(scene.graph, copy.instruction)
    found = every.sources if isinstance(every, Copy) else copy.sources
    return tuple(at for at, source in enumerate(found) if source in copy.sources) if found != copy.sources else ()


def warning(copy: Copy) -> str:
    """What to say of a file that looks like a secret: a layer keeps it, and a build context is no place for it."""
    secret = any(_secret(basename(source.rstrip("/")).lower()) for source in copy.sources)
    return "; if it is a secret, anyone who had the image could read it: change it, and use `RUN --mount=type=secret`" if secret and copy.origin is None else ""


def _secret(name: str) -> bool:
    """Whether a file of this name most likely holds one: by all of it, its end, its last word, or that before its extension."""
    ends = (each.replace("-", ".").replace("_", ".").rpartition(".")[2] for each in (name, name.rpartition(".")[0]))
    return name in _SECRETS or name.endswith(_SECRET_KINDS) or "key" in name.partition("private")[2] or any(end in _SECRET_WORDS for end in ends)


def _where(scene: Scene, found: Uses) -> str:
    lines = [str(scene.graph.line(use.run)) for use in found.each]
    if len(lines) > 1:
        return f"the RUNs at lines {', '.join(lines[:-1])} and {lines[-1]}"
    return f"the RUN at line {lines[0]} alone" if found.apart else "that RUN alone"


def _obstacle(scene: Scene, stage: Stage, found: Fate, every: Uses) -> str:
    """What forbids that a RUN has the files to itself, whatever the form."""
    state = scene.graph.state(found.run)
    if not scene.free(found.run):
        return f"a comment keeps this rule off the RUN at line {scene.graph.line(found.run)}"
    if missing(found.copy, scene.context) and any(map(wild, found.copy.sources)):
        return "nothing in the build context fits its pattern: there is nothing to mount"
    if not (state.root and state.shell):
        from rewriter.graph.foreign import foreign  # few are not root's

        if reason := foreign(scene.graph, stage, every, scene.context):
            return reason
    if covered(found.run, tuple(landing.path for landing in found.landings)):
        return f"the RUN at line {scene.graph.line(found.run)} has a mount that may lie over it"
    shell = state.shell.name if state.shell else "sh"
    if begun := next((each.path for each in found.landings if each.path in RUN_FILES or each.path in (f"/bin/{shell}", f"/usr/bin/{shell}")), ""):
        return f"the RUN at line {scene.graph.line(found.run)} goes by {begun} from its start on"
    if isinstance(body := script(found.run), Script) and asks_itself(body):
        return f"the RUN at line {scene.graph.line(found.run)} asks for the text that its shell is given"
    if isinstance(body, Script) and asks_before(body):
        return f"the RUN at line {scene.graph.line(found.run)} asks what its shell did before"
    if name := walker(found, state):
        return f"`{name}` in the RUN at line {scene.graph.line(found.run)} may go through `/`, and meet the mount"
    if (found.copy.origin is not None or packed(found.copy, scene.context)) and any(_hands_on(step, found.landings) for step in found.found):
        return f"the RUN at line {scene.graph.line(found.run)} moves it on, with attributes that `cp` may not keep"
    return ""


def _hands_on(step: Step, landings: tuple[Landing, ...]) -> bool:
    """Whether a command may give one of the files another name as it is, with all that it has."""
    said = [word.raw for word in step.command.words]
    letters = "".join(word for word in said if word.startswith("-") and not word.startswith("--"))
    linking = "ln" in said and "s" not in letters and "--symbolic" not in said or "cp" in said and ("l" in letters or "--link" in said)
    return ("mv" in said or linking) and not all(keeps_off((step,), landing.path, landing.tree) for landing in landings)


def _first(scene: Scene, stage: Stage) -> Stage:
    """The stage, or the first of those that were put above it already: one more goes above them, in the author's order."""
    above = scene.graph.stages[stage.index - 1] if stage.index else None
    return _first(scene, above) if above and above.scratch and (above.name or "").startswith(OWN) else stage


def _edits(scene: Scene, found: Uses, mounts: list[Mount]) -> list[Edit] | Refused:
    """What is put into the RUNs, and at the end of all that do not delete the files by themselves a delete."""
    dockerfile, edits = scene.graph.dockerfile, []
    for at, (use, mount) in enumerate(zip(found.each, mounts)):
        folders = () if at else mount.folders  # those that the first makes stay
        edits += prefixed(dockerfile, use.run, mount.flags, (*folders, *mount.commands))
        if use is not found.end:
            more = _relieved(scene, found) if found.apart and use is found.each[-1] else _ended(scene, use, "rm " + "-r " * any(each.tree for each in use.landings))
            if isinstance(more, Refused):
                return more
            edits += more
    return edits


def _ended(scene: Scene, use: Fate, command: str) -> tuple[Edit, ...] | Refused:
    """The RUN with a delete of the files at its end."""
    text = command + " ".join(dict.fromkeys(places(scene.graph, use)))
    plan = _plan(scene, use, text)
    if isinstance(plan, Refused):
        return plan
    from rewriter.moving import ended  # few copies are used by more than one RUN

    return ended(scene.graph.dockerfile, use.run, plan, text, [])


def _plan(scene: Scene, use: Fate, text: str) -> Plan | Refused:
    reason = alone(scene.graph, use.run)
    plan = Refused(0, reason) if reason else longer_plan(scene.graph, use.run, text)
    return Refused(0, f"nothing can be put behind what the RUN at line {scene.graph.line(use.run)} does: {plan.reason}") if isinstance(plan, Refused) else plan


def _relieved(scene: Scene, found: Uses) -> tuple[Edit, ...] | Refused:
    """The last use with the delete that another RUN did, and that RUN without it, or with one that finds nothing."""
    graph, use, end = scene.graph, found.each[-1], found.end
    said, command = _deleting(end), end.found[end.at[0]].command
    if _odd(end):
        return Refused(0, f"the delete in the RUN at line {graph.line(end.run)} writes or reads more, or may fail by how it names what it deletes")
    if len(said.words) == len(end.landings) and not _made_again(scene, found):
        text = f"rm {said.options}" + " ".join(dict.fromkeys(places(graph, use)))
        from rewriter.moving import carried  # few copies are deleted by another RUN than uses them

        plan = _plan(scene, use, text)
        moved = plan if isinstance(plan, Refused) else carried(graph.dockerfile, use.run, text, plan, end.run, command, said.words if said.others else ())
        if moved:
            return moved
    spared = said.forced or all(_held(end, path) for path in (landing.path for landing in end.landings))
    if not spared and said.several:
        return Refused(0, f"the delete in the RUN at line {graph.line(end.run)} would fail without it, and can't be taken out")
    force = () if spared else (insert(end.run.body.at(command.words[0].span.end), " -f"),)
    letters = "r" * any(landing.tree or not landing.sure for landing in end.landings) + "f" * spared
    ended = _ended(scene, use, "rm " + f"-{letters} " * bool(letters))
    return ended if isinstance(ended, Refused) else (*ended, *force)


def _made_again(scene: Scene, found: Uses) -> bool:
    """Whether a RUN after the last use is run in what is deleted there: the builder makes that folder again, which the author's delete takes away."""
    graph, folders = scene.graph, [landing.path for landing in found.end.landings if landing.tree]
    stays = not emptied(found.end.run, (found.end.found[found.end.at[0]].command.span,))
    later = [each for each in graph.dockerfile.instructions[found.each[-1].run.index + 1 : found.end.run.index + stays] if each.keyword == "RUN"]
    return any(graph.state(each).may_hold(folder) for each in later for folder in folders)


def _deleting(end: Fate) -> _Delete:
    step = end.found[end.at[0]]
    call, paths = call_of(step.command, step.cwd), {landing.path for landing in end.landings}
    operands = call.operands if call else ()
    plain = not step.command.redirects and not step.command.assignments
    words = tuple(word for word in operands if call and call.path(word) in paths) if plain else ()
    options = "".join(word.raw + " " for word in step.command.words[1:] if (word.value or "").startswith("-") and word not in operands)
    return _Delete(options, words, len(operands) > 1, len(words) < len(operands), forced(step.command))


def _odd(end: Fate) -> bool:
    """Whether the delete writes or reads a file besides, or names a file as a folder, or through one that may not be there."""
    step, files = end.found[end.at[0]], {landing.path for landing in end.landings if not landing.tree}
    said = [word.value or word.raw.strip("\"'") for word in step.command.words[1:]]
    named = any(detours(word) or word.endswith("/.") or word.endswith("/") and absolute(word, step.cwd) in files for word in said)
    return named or not step.command.silent


def _held(end: Fate, path: str) -> bool:
    """Whether the command deletes a folder above the path, by its name: it is there without the file, too."""
    return any(not wild(effect.path) and effect.path != path and within(path, effect.path) for effect in end.found[end.at[0]].effects or ())
