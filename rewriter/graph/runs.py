"""RUNs that may become one: what forbids it, and the form in which they may."""
from __future__ import annotations

from rewriter.graph.bodies import Form, body, form
from rewriter.graph.flags import clash
from rewriter.graph.model import Graph, Stage, State
from rewriter.record import replace
from rewriter.shell.certainty import decides
from rewriter.shell.effects import Step, deleting, may_delete, may_name, spares, steps
from rewriter.shell.filling import lasting
from rewriter.shell.joining import Plan, Refused, listed, plan
from rewriter.shell.model import Opaque, Script
from rewriter.shell.reading import read_script
from rewriter.shell.shells import DEFAULT, Shell
from rewriter.source.flags import mounted
from rewriter.source.model import Dockerfile, Flag, Heredoc, Instruction
from rewriter.text import Span

# WORKDIRs of well-known base images: an unknown WORKDIR may be one of these.
_BASE_WORKDIRS = ("/app", "/data", "/go", "/home/gradle", "/home/node", "/opt/keycloak", "/srv", "/usr/local/apache2",
                  "/usr/local/tomcat", "/usr/share/elasticsearch", "/usr/src/app", "/var/lib/ghost", "/var/www/html", "/workspace")
_NO_BUSYBOX = frozenset({"apt-get", "apt", "dpkg", "dnf", "microdnf", "yum", "rpm"})


def alone(graph: Graph, run: Instruction) -> str:
    """Why a RUN can't be joined to any other, "" where it can."""
    if graph.state(run).shell is None:
        return "its shell is not a POSIX shell that is known"
    found = body(run)
    return found.reason if isinstance(found, Opaque) else _mounts(run.flags)


def apart(graph: Graph, first: Instruction, then: Instruction) -> str:
    """Why a RUN that could be joined can't come into one with another, the first of several; "" where it can."""
    if first.scripted != then.scripted and not (first.scripted and form(then) == Form.LINE):
        return "only one of them is a heredoc"
    return graph.state(first).unlike(graph.state(then))


def joint_plan(graph: Graph, runs: tuple[Instruction, ...]) -> Plan | Refused:
    """The form in which RUNs, none of which is `alone` or `apart` from the next, may be one."""
    question = "joint plan", tuple(run.index for run in runs)
    if question not in graph.answers:
        graph.answers[question] = _joint_plan(graph, runs)
    return graph.answers[question]


def _joint_plan(graph: Graph, runs: tuple[Instruction, ...]) -> Plan | Refused:
    state = graph.state(runs[0])
    bodies = tuple(found for found in map(body, runs) if isinstance(found, Script))
    assert state.shell is not None and len(bodies) == len(runs)
    if reason := clash(graph, runs):
        return Refused(len(runs) - 1, reason)
    stage = stage_of(graph, runs[0])
    for at, run in enumerate(runs):
        if at < len(runs) - 1 and _ends_folder(graph, run, runs[0]):
            return Refused(at, "it removes its WORKDIR, which the next RUN would make again")
        if form(run) == Form.EXEC and not _has_shell(graph, stage, run, state.shell):
            return Refused(at, "it is in exec form, and no RUN before it shows that there is a shell")
    if form(runs[-1]) == Form.FED and not _opens_alike(" ".join(each.text for each in bodies[:-1]), runs[-1]):
        return Refused(0, "the RUN after it has a heredoc, which would not be seen behind it")
    if runs[0].scripted and isinstance(found := heredoc(graph.dockerfile, runs), str):
        return Refused(len(runs) - 1, found)
    return plan(bodies, _named(graph, stage, state.shell), frozenset(state.values), lines=runs[0].scripted)


def _opens_alike(before: str, run: Instruction) -> bool:
    """Whether the heredocs of a RUN, and no others, are seen behind other commands."""
    from rewriter.source.heredocs import delimiters  # few RUNs have any

    return len(delimiters(f"{before} {run.arguments.text}")) == len(run.heredocs)


def bridged_plan(graph: Graph, first: Instruction, then: Instruction, commands: tuple[str, ...]) -> Plan | Refused:
    """The form in which two RUNs may be one if the second begins with `commands`, which give it what it saw."""
    state, bodies = graph.state(first), (body(first), body(then))
    if (state.shell, state.user) != (graph.state(then).shell, graph.state(then).user) or {form(first), form(then)} != {Form.LINE}:
        return Refused(0, "they don't run in the same state, or one is not a line of shell")
    if reason := clash(graph, (first, then)):
        return Refused(1, reason)
    assert state.shell is not None and isinstance(bodies[0], Script) and isinstance(bodies[1], Script)
    if listed(bodies[1]) and not all(each.startswith("export ") for each in commands):
        return Refused(1, "its commands are parted by more than `&&`, so that a failing `cd` would not end it")
    if removes_workdir(_steps(bodies[0], state), state):
        return Refused(0, "it removes its WORKDIR")
    begun = read_script((" ; " if listed(bodies[1]) else " && ").join([*commands, bodies[1].text]))
    return plan((bodies[0], begun), _named(graph, stage_of(graph, first), state.shell), frozenset(state.values)) if isinstance(begun, Script) else Refused(1, begun.reason)


def stage_of(graph: Graph, run: Instruction) -> Stage:
    """The stage that a RUN is in."""
    return next(stage for stage in graph.stages if run in stage.instructions)


def heredoc(dockerfile: Dockerfile, runs: tuple[Instruction, ...]) -> Heredoc | str:
    """The heredoc of several, with a delimiter that none of them holds, in which all of them may stand; why there is none."""
    parts = [run.heredocs[0] for run in runs if run.scripted]
    plain = [in_script(dockerfile, run) for run in runs if not run.scripted]
    if not all(plain):
        return "the lines of a RUN in shell form are none of a script"
    lines = [line for text in (*(each.content for each in parts), *plain) for line in text.split("\n")]
    if len({each.chomp for each in parts}) > 1 and any(line.startswith("\t") for line in lines) or parts[0].chomp and "\t" in "".join(plain):
        return "one of the two would be without its tabs"
    held = {line.lstrip("\t").rstrip("\r") for line in lines}
    return next((each for each in parts if each.name not in held), "a line of it would end the heredoc")


def in_script(dockerfile: Dockerfile, run: Instruction) -> str:
    """The body of a RUN in shell form as it stands in the file, if it is the same as lines of a script; else ""."""
    start = run.arguments.at(0)
    text = Span(start, run.arguments.at(len(run.arguments.text) - 1) + 1).of(dockerfile.text)
    same = text.replace("\\\n", "") == run.arguments.text and not ("\n" in text and any(char in text for char in "'#"))
    return text if same and all(comment.span.start < start for comment in run.comments) else ""


def _has_shell(graph: Graph, stage: Stage, run: Instruction, shell: Shell) -> bool:
    """Whether a RUN before this one was run by the same shell."""
    before = stage.before(run)
    every = [*before, *(each for above in graph.ancestors(stage) for each in above.instructions)]
    return any(each.keyword == "RUN" and each.json is None and graph.state(each).shell == shell for each in every)


def _named(graph: Graph, stage: Stage, shell: Shell) -> Shell:
    """The shell, by a name of its own where the stage shows it: distributions with apt, dnf or yum have no busybox for /bin/sh."""
    question = "no busybox", stage.index
    if shell == DEFAULT and question not in graph.answers:
        bodies = (found for each in stage.instructions if each.keyword == "RUN" and isinstance(found := body(each), Script))
        graph.answers[question] = any(command.name in _NO_BUSYBOX and decides(found, command) for found in bodies for command in found.commands or ())
    return replace(shell, name="dash") if shell == DEFAULT and graph.answers[question] else shell


def longer_plan(graph: Graph, run: Instruction, text: str) -> Plan | Refused:
    """The form in which a RUN that is not `alone` may end in one command more."""
    first, more, state = body(run), read_script(text), graph.state(run)
    if form(run) not in (Form.LINE, Form.HEREDOC):
        return Refused(0, f"it is {form(run)}")
    assert isinstance(first, Script) and isinstance(more, Script) and state.shell is not None
    return plan((first, more), _named(graph, stage_of(graph, run), state.shell), frozenset(state.values), lines=run.scripted)


def _mounts(flags: tuple[Flag, ...]) -> str:
    """Each RUN has a tmpfs or a writable bind of its own, empty or as the source is; in one they would share it."""
    for flag in flags:
        if flag.name != "mount":
            continue
        said = mounted(flag)
        if said is None:
            return "it has a mount in quotes"
        if said["type"] == "tmpfs" or said["type"] == "bind" and said["rw"] == "true":
            return "it has a mount that each RUN gets anew"
        if "$" in said["type"] + said["rw"]:
            return "a variable decides on the kind of its mount"
    return ""


def _ends_folder(graph: Graph, run: Instruction, first: Instruction) -> bool:
    """Whether a RUN removes the folder in which it is run as `first` is: this is asked again for each RUN that joins the two."""
    question, read, state = ("ends folder", run.index, first.index), body(run), graph.state(first)
    if question not in graph.answers:
        graph.answers[question] = isinstance(read, Script) and (removes_workdir(_steps(read, state), state) or _feeds_delete(read, state))
    return graph.answers[question]


def _feeds_delete(read: Script, state: State) -> bool:
    """Whether a program that is not known may be fed, by a heredoc, that it delete the folder that it runs in."""
    if not read.heredoc or not {"rm", "rmdir", "mv"} & set(read.text.split()):
        return False
    named = [state.workdir.rpartition("/")[2]] if state.workdir else _BASE_WORKDIRS
    return any(step.effects is None for step in _steps(read, state)) and any(name and name in read.text for name in named)


def _steps(read: Script, state: State) -> tuple[Step, ...]:
    return steps(read, state.workdir, lasting(read, state.values))


def removes_workdir(found: tuple[Step, ...], state: State) -> bool:
    """Whether it is known to delete the folder that it runs in, or where a WORKDIR does not tell that, may do so."""
    if state.below:
        gone = (effect for _, step in deleting(found) for effect in step.deletions if effect.tree or step.command.name == "rmdir")
        return any(state.may_hold(effect.path) for effect in gone)
    if state.workdir not in (None, "/") and may_name(found, state.workdir or ""):
        return True
    folders = [state.workdir] if state.workdir else _BASE_WORKDIRS
    return any(may_delete(step, folder) for step in found if not spares(step) for folder in folders if folder != "/")
