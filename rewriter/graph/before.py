"""What may be at a path before a COPY: the instructions that come earlier, and what they are known to put there."""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from rewriter.budget import spend
from rewriter.graph.bodies import body
from rewriter.graph.context import Context
from rewriter.graph.copies import Copy, any_copy_of, kind
from rewriter.graph.model import Graph, Stage, script
from rewriter.pattern import Pattern
from rewriter.record import replace
from rewriter.shell.effects import Step, may_delete, may_name, steps, touches
from rewriter.shell.model import Opaque, Script
from rewriter.shell.paths import STANDING, absolute, might_meet, parents, within
from rewriter.shell.tools import Act
from rewriter.shell.filling import lasting
from rewriter.source.model import Instruction

_ADD_ACCOUNTS = frozenset({"adduser", "useradd", "addgroup", "groupadd"})  # with a home in which files are, and no links
# Modes, as words of `chmod`, `mkdir -m` and `install -m`, that set a sticky bit, or a set-group-id bit.
_STICKY = Pattern(r"(?:^|m|=)0?[1357][0-7]{3}$|[+=][rwxXs]*t")
_SET_GROUP = Pattern(r"(?:^|m|=)0?[2367][0-7]{3}$|(?:^|[ga,])[+=][rwxXt]*s")
_ON_FOLDERS = frozenset({"mkdir", "chmod", "chown", "chgrp", "install"})
_PLAIN = frozenset({"touch", "echo", "printf", "cat", "tee"})  # they make files, and no folders


def earlier(graph: Graph, stage: Stage, until: Instruction) -> Iterator[Instruction]:
    """What is, or may be, run before an instruction of the stage, here and in the stages that it is built on, triggers among it."""
    for above in graph.below(stage):
        yield from (each.trigger or each for each in above.instructions)
    yield from stage.before(until)


def doubtful(graph: Graph, stage: Stage) -> frozenset[int]:
    """The instructions, by index, of stages that it may be built on, or not."""
    sure = {each.index for each in graph.ancestors(stage)}
    return frozenset(each.index for above in graph.below(stage) if above.index not in sure for each in above.instructions)


def commands(graph: Graph, run: Instruction) -> tuple[Step, ...]:
    """The commands of a RUN with what they do, () where it can't be looked into."""
    question = "commands", run
    if question not in graph.answers:
        body, state = script(run), graph.state(run)
        cwd = None if "CDPATH" in state.values else state.workdir  # a `cd` may go anywhere then
        graph.answers[question] = () if isinstance(body, Opaque) else steps(body, cwd, lasting(body, state.values))
        spend(2 * len(graph.answers[question]))
    return graph.answers[question]


def body_steps(graph: Graph, run: Instruction) -> tuple[Step, ...]:
    """The commands of a RUN, whatever its form."""
    if run.json is None:
        return commands(graph, run)
    read = body(run)
    return steps(read, graph.state(run).workdir) if isinstance(read, Script) else ()


def linked(graph: Graph, stage: Stage, run: Instruction, paths: tuple[str, ...]) -> str:
    """Whether the text makes a link to one of the paths, or to a folder above, by which it has another name, too."""
    for each in earlier(graph, stage, run):
        for step in commands(graph, each) if each.keyword == "RUN" else ():
            if step.command.name == "ln" and (_to_root(step) or any(_may_name(word.value, step.cwd, path) for word in step.command.words[1:] for path in paths)):
                return f"the RUN at line {graph.line(each)} makes a link that may lead to it"
    return ""


def unmade(graph: Graph, stage: Stage, until: Instruction, path: str) -> str:
    """Whether the text removes a folder, at `path` or above it, that is taken to be there in any base."""
    standing = [folder for folder in (path, *parents(path)) if folder in STANDING and folder != "/"]
    for each in earlier(graph, stage, until):
        found = body_steps(graph, each) if each.keyword == "RUN" and standing else ()
        for folder in standing:
            if any(may_delete(step, folder) for step in found):
                return f"the RUN at line {graph.line(each)} removes {folder}, which it makes anew"
    return ""


def _to_root(step: Step) -> bool:
    """Whether `ln` may link to `/`, by which every path has another name."""
    operands = [word.value or "" for word in step.command.words[1:] if not (word.value or "").startswith("-")]
    return any(each == "/" or ".." in each and not each.strip("./") for each in operands[:-1])


def removal(graph: Graph, between: Iterable[Instruction], folder: str) -> str:
    """Which of these RUNs may remove a folder, or that it can't be told; "" for none."""
    for run in between:
        if run.keyword != "RUN":
            continue
        if isinstance(script(run), Opaque):
            return f"it can't be told whether the RUN at line {graph.line(run)} removes the folder"
        found = commands(graph, run)
        if any(may_delete(step, folder) for step in found) or may_name(found, folder):
            return f"the RUN at line {graph.line(run)} may remove the folder"
    return ""


def renews(graph: Graph, stage: Stage, run: Instruction, kept: str = "") -> str:
    """Why a RUN may make its own WORKDIR again, since that was removed; "" where it does not, or where that is above `kept`."""
    here = graph.state(run).workdir
    return removal(graph, earlier(graph, stage, run), here) if here and here != "/" and not (kept and within(kept, here)) else ""


def barred(graph: Graph, stage: Stage, copy: Instruction, path: str) -> str:
    """Whether a RUN before may have put a file, or a link, where a folder above the path is to be: then COPY fails; "" for none."""
    above = [folder for folder in parents(path) if folder not in STANDING]
    for each in earlier(graph, stage, copy):
        for step in commands(graph, each) if each.keyword == "RUN" and above else ():
            written = [effect.path for effect in step.effects or () if effect.act == Act.WRITE and not effect.tree]
            if step.command.name not in _ON_FOLDERS and any(folder in written for folder in above):
                return f"the RUN at line {graph.line(each)} may make a file of a folder above it"
    return ""


def _may_name(word: str | None, cwd: str | None, path: str) -> bool:
    """Whether what `ln` is given may be the path, or a link of its name that it makes in the folder where it stands."""
    if word and word.startswith("-"):
        return False
    name = (word or "").rstrip("/").rpartition("/")[2]
    if cwd is None and name and not (word or "").startswith("/"):  # it may be made in any folder
        return name in path.split("/")
    named, here = absolute(word or "", cwd), absolute(name, cwd)
    return any(each and each != "/" and might_meet(each, path) for each in (named, here))


def overlaid(graph: Graph, stage: Stage, copy: Instruction, path: str, context: Context | None) -> bool:
    """Whether something before the COPY is known to bring more than plain files to the path: a link or a folder may be there."""
    for each in earlier(graph, stage, copy):
        if each.keyword in ("COPY", "ADD"):
            other = any_copy_of(graph, each)
            if isinstance(other, Opaque) or might_meet(other.target, path) and not _brings_files(other, context):
                return True
        found = [step for step in commands(graph, each) if step.command.name not in _ADD_ACCOUNTS] if each.keyword == "RUN" else []
        effects = [effect for step in found for effect in step.effects or ()]
        if any(effect.act == Act.WRITE and effect.tree and touches(effect, path, tree=False) and narrow(effect.path) for effect in effects):
            return True
    return False


def narrow(path: str) -> bool:
    """Whether a write goes to a place that its author named, not to all that packages may change."""
    return path not in STANDING and path != "/opt" or path in ("/tmp", "/root")


def _brings_files(copy: Copy, context: Context | None) -> bool:
    return not copy.unpacks and all(kind(copy, source, context) == "file" for source in copy.sources)


def marked(graph: Graph, stage: Stage, copy: Instruction, folder: str, context: Context | None) -> str:
    """Why a folder may be there with an owner or a mode of its own, or get one from a folder above; "" for no sign of it."""
    if folder in STANDING:
        return f"{folder} is there already, and `cp` would change its mode"
    for each in earlier(graph, stage, copy):
        if _marks(graph, each, folder, context):
            return f"the {each.keyword} at line {graph.line(each)} may give {folder} an owner or a mode, which `cp` would change"
    return ""


def _marks(graph: Graph, each: Instruction, folder: str, context: Context | None) -> bool:
    if each.keyword == "WORKDIR":
        path = graph.state(each).goes_to(each)
        return not graph.state(each).root and (path is None or might_meet(path, folder))
    if each.keyword in ("COPY", "ADD"):
        other = any_copy_of(graph, each)
        if isinstance(other, Opaque):
            return True
        above = other.target == folder or other.target in parents(folder)
        return might_meet(other.target, folder) and (bool(other.owner or other.mode) or above and not _brings_files(other, context))
    if each.keyword != "RUN":
        return False
    return any(_changes(step, folder) for step in commands(graph, each)) or not graph.state(each).root


def _changes(step: Step, folder: str) -> bool:
    """Whether a command may change the folder, or one above it: `mkdir` without -m makes them as COPY does."""
    if step.command.name in _PLAIN or step.command.name == "mkdir" and all(option in ("-p", "-v", "-pv", "--parents") for option in step.command.options):
        return False
    writes = (effect for effect in step.effects or () if effect.act == Act.WRITE and narrow(effect.path))
    return any(touches(replace(effect, tree=True), folder, tree=False) for effect in writes)


def resets_umask(graph: Graph, run: Instruction) -> bool:
    """Whether the shell of a RUN first reads a file, which may set another umask than the builder's."""
    state = graph.state(run)
    return state.shell is not None and state.shell.login or "BASH_ENV" in state.values


def special(graph: Graph, stage: Stage, until: Instruction, folder: str, *, sticky: bool) -> str:
    """Whether the text gives the folder a sticky bit, or where not `sticky`, it or one above a set-group-id bit; then why that matters.

    In the one a user can't delete what is another's; in the other new folders have that bit, and those of a COPY have not.
    """
    sets, does = (_STICKY, "lets nobody delete in it what is another's") if sticky else (_SET_GROUP, "makes new folders others than COPY does")
    above = "" if sticky else ", or a folder above,"
    for each in earlier(graph, stage, until):
        for step in commands(graph, each) if each.keyword == "RUN" else ():
            effects = step.effects or () if any(sets.search(word.raw) for word in step.command.words[1:]) else ()
            if any(touches(replace(effect, tree=effect.tree or not sticky), folder, tree=False) for effect in effects if effect.act == Act.WRITE):
                return f"the RUN at line {graph.line(each)} gives {folder}{above} a mode that {does}"
    return ""
