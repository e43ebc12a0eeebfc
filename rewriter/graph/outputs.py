"""What a RUN makes, where that is provably all that it makes: one or more folders that are new, and what lies in them.

A stage can do the work of such a RUN, and hand the folders on.
"""
from __future__ import annotations

from posixpath import dirname, normpath

from rewriter.graph.context import Context, Member
from rewriter.graph.copies import copy_of
from rewriter.graph.fates import Fate, disjoint, landed, unseen
from rewriter.graph.landings import Landing
from rewriter.graph.model import NEUTRAL, Graph, Stage, chained
from rewriter.shell.effects import Step
from rewriter.shell.model import Opaque
from rewriter.shell.paths import within
from rewriter.shell.tools import Act, Call, Effect, call_of
from rewriter.source.meaning import Assignments
from rewriter.source.model import Instruction

# Folders in which a new one belongs to root, with mode 0755, and which no image makes a volume of.
_PARENTS = frozenset({"/", "/opt", "/srv", "/home", "/usr/share", "/usr/lib", "/var/lib", "/etc"})
# These do what their words say, and nothing else; all that have a shell have those of the first line.
CORE = frozenset({"mkdir", "rm", "cp", "mv", "chmod", "chown", "ln", "touch", "echo", "printf", "cat", "test", "[", "true", ":", "cd"})
_EXACT = CORE | {"tar", "unzip", "install"}
_STEERING = tuple("PATH LD_ HOME POSIXLY TAR UNZIP GZIP XZ BZIP LC_ LANG TMP CDPATH ENV BASH IFS".split())
_HARMLESS_OPTIONS = frozenset({"-x", "--extract", "-z", "--gzip", "-j", "--bzip2", "-J", "--xz", "-v", "--verbose", "-f", "--file", "-C", "--directory",
                               "--strip-components", "--strip", "-p", "--no-same-owner", "--same-owner", "-o", "-q", "-d", "-n", "-u"})


def outputs(run: Instruction, found: tuple[Step, ...], fates: tuple[Fate, ...], context: Context | None) -> tuple[str, ...] | str:
    """The folders that a RUN makes, of which the COPYs that it deletes are the fates; or why they can't be told."""
    if not chained(run):
        return "it is not a plain chain of commands"
    landings = {landing.path: landing for fate in fates for landing in fate.landings}
    tops: list[str] = []
    for step in found:
        reason = _new(step, tops) if step.command.name == "mkdir" else _kept(step, tops, landings, context)
        if reason:
            return reason
    return tuple(tops) or "it makes no folder that is known to be new"


def _new(step: Step, tops: list[str]) -> str:
    """Why what a `mkdir` makes may not be new, "" where it is; those that are in no other new one come to `tops`."""
    effects, options = step.effects, step.command.options
    if effects is None or any("*" in effect.path for effect in effects):
        return "what its `mkdir` makes can't be told"
    for effect in effects:
        if _below(effect.path, tops):
            continue
        if options:
            return f"its `mkdir {options[0]}` does not tell whether {effect.path} is new"
        if dirname(effect.path) not in _PARENTS:
            return f"{dirname(effect.path)} may be a volume, or have a group for what is made in it"
        tops.append(effect.path)
    return ""


def _kept(step: Step, tops: list[str], landings: dict[str, Landing], context: Context | None) -> str:
    """Why a command may do more than fill the new folders and delete what was copied; "" where it does not."""
    name = step.command.name
    if name not in _EXACT or step.effects is None:
        said = f"`{name or step.command.words[0].raw}`" if step.command.words else "a command without a name"
        return f"what {said} makes can't be told"
    for effect in step.effects:
        if effect.act == Act.DELETE and effect.path not in landings and not _below(effect.path, tops):
            return f"it deletes {effect.path}"
        if effect.act == Act.WRITE and not _below(effect.path, tops) and not (effect.path in tops and effect.tree and name not in ("chmod", "chown")):
            return f"`{name}` may change {effect.path}, which is not known to be new"
    call = call_of(step.command, step.cwd)
    if name in ("tar", "unzip"):
        return _unpacked(call, step.effects, tops, landings, context) if call else "its words can't be told"
    over = call and (call.has("-T", "--no-target-directory", "-l", "--link") or any(word.raw.rstrip("/").endswith("/.") for word in call.operands))
    return f"`{name}` may change the folder itself" if over and name in ("cp", "mv", "install") else ""


def _below(path: str, tops: list[str]) -> bool:
    return any(path != top and within(path, top) for top in tops)


def _unpacked(call: Call, effects: tuple[Effect, ...], tops: list[str], landings: dict[str, Landing], context: Context | None) -> str:
    """Why what is in an archive may land outside of the folder, or change the folder itself."""
    archives = [effect.path for effect in effects if effect.act == Act.READ and effect.path in landings]
    folder = next((effect.path for effect in effects if effect.act == Act.WRITE), "")
    if len(archives) != 1 or not {name for name, _ in call.options} <= _HARMLESS_OPTIONS:
        return "what it unpacks can't be told"
    if folder in landings or _below(archives[0], tops):
        return "what it unpacks can't be told"
    members = context.members(landings[archives[0]].source) if context else None
    if members is None:
        return f"what is in {landings[archives[0]].source} can't be told: give the build context"
    return next(filter(None, (_odd(each, members, folder in tops) for each in members)), "")


def _odd(member: Member, members: tuple[Member, ...], top: bool) -> str:
    """What is wrong with a member for which a copy of the folder would not do."""
    name = normpath(member.name)
    if member.name.startswith("/") or ".." in (*member.name.split("/"), *(member.link.split("/") if member.kind == "hard link" else ())) or member.link.startswith("/") and member.kind == "hard link":
        return f"{member.name} in it may land elsewhere"
    if member.kind == "other" or member.mode & 0o7000:
        return f"{member.name} in it is no plain file or folder, or sets an id"
    if name == "." and top and (member.mode != 0o755 or not member.root):
        return "the archive gives the folder itself an owner or a mode"
    if member.kind == "link" and any(normpath(other.name).startswith(name + "/") for other in members):
        return f"{member.name} in it is a link through which others land elsewhere"
    return ""


def apart_from(graph: Graph, stage: Stage, fates: tuple[Fate, ...], tops: tuple[str, ...], context: Context | None) -> str:
    """Why the RUN may need, or meet, what earlier instructions of its stage do; "" where it would do the same on the base alone."""
    run, copies = fates[0].run, [each.copy.instruction for each in fates]
    places = [Landing("", top, True, True, True) for top in tops]
    places += [Landing("", dirname(top), False, True, True) for top in tops if dirname(top) != "/"]
    for each in stage.before(run):
        if each in copies or each.keyword in NEUTRAL:
            continue
        if reason := _needed(graph, each, fates, tuple(places), context):
            return f"the {each.keyword} at line {graph.line(each)} {reason}"
    landings = [landing for fate in fates for landing in fate.landings]
    stays = next((dirname(each.path) for each in landings if dirname(each.path) not in graph.state(run).standing and not within(graph.state(run).workdir or "/", dirname(each.path))), "")
    if stays:
        return f"it may have to make {stays}, which stays"
    workdirs = {graph.state(each).workdir for each in (run, *copies)}
    return "" if len(workdirs) == 1 else "the WORKDIR changes on the way"


def _needed(graph: Graph, each: Instruction, fates: tuple[Fate, ...], places: tuple[Landing, ...], context: Context | None) -> str:
    run, found, meaning = fates[0].run, fates[0].found, graph.meanings[each.index]
    if each.keyword in ("ENV", "ARG"):
        told = isinstance(meaning, Assignments) and not any(name.startswith(_STEERING) for name, _ in meaning.pairs)
        return "" if told else "may steer what it runs"
    if each.keyword == "WORKDIR":
        path = graph.state(each).goes_to(each)
        return "" if path and not any(_below(path, [place.path]) or path == place.path for place in places if place.tree) else "makes a folder that it makes"
    if each.keyword in ("COPY", "ADD"):
        copy = copy_of(graph, each)
        apart = not isinstance(copy, Opaque) and not copy.blind and unseen(graph, run, found, landed(graph, copy, context))
        return "" if apart else "may bring what it uses"
    if each.keyword == "RUN":
        if not {step.command.name for step in found} <= CORE or any(step.command.name == "chown" for step in found):
            return "may bring programs, or users, that it needs"
        return "" if disjoint(graph, each, (*places, *(landing for fate in fates for landing in fate.landings)), context) else "may touch what it uses or makes"
    return "may matter to it"
