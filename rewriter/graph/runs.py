"""RUNs that may become one: what forbids it, the form in which they may, and whether that sheds bytes."""
from __future__ import annotations

from dataclasses import replace

from rewriter.graph.model import Graph, script
from rewriter.shell.certainty import decides
from rewriter.shell.effects import Step, deletes, steps
from rewriter.shell.joining import Plan, Refused, plan
from rewriter.shell.model import Opaque, Script
from rewriter.shell.paths import within
from rewriter.shell.shells import DEFAULT, Shell
from rewriter.shell.tools import Act
from rewriter.source.model import Flag, Instruction

# WORKDIRs of well-known base images: an unknown WORKDIR may be one of these.
_BASE_WORKDIRS = ("/app", "/data", "/go", "/home/gradle", "/home/node", "/opt/keycloak", "/srv", "/usr/local/apache2",
                  "/usr/local/tomcat", "/usr/share/elasticsearch", "/usr/src/app", "/var/lib/ghost", "/var/www/html", "/workspace")
_CACHES = ("/var/lib/apt/lists", "/var/cache", "/var/tmp", "/var/log")
_NO_BUSYBOX = frozenset({"apt-get", "apt", "dpkg", "dnf", "microdnf", "yum", "rpm"})
_SHARED_MOUNTS = ("type=tmpfs", "rw", "readwrite", "rw=true", "readwrite=true", "readonly=false", "ro=false")
_HARMLESS_TYPES = ("type=cache", "type=secret", "type=ssh")


def alone(graph: Graph, run: Instruction) -> str:
    """Why a RUN can't be joined to any other, "" where it can."""
    if graph.state(run).shell is None:
        return "its shell is not a POSIX shell that is known"
    body = script(run)
    if isinstance(body, Opaque):
        return body.reason
    return _mounts(run.flags)


def apart(graph: Graph, first: Instruction, then: Instruction) -> str:
    """Why two RUNs, each of which could be joined, can't be joined to each other; "" where they can."""
    if sorted(flag.text for flag in first.flags) != sorted(flag.text for flag in then.flags):
        return "their flags differ"
    ours, theirs = graph.state(first), graph.state(then)
    if (ours.shell, ours.user, ours.workdir, ours.values) != (theirs.shell, theirs.user, theirs.workdir, theirs.values):
        return "they don't run in the same state"
    return ""


def joint_plan(graph: Graph, runs: tuple[Instruction, ...]) -> Plan | Refused:
    """The form in which RUNs, none of which is `alone` or `apart` from the next, may be one."""
    state = graph.state(runs[0])
    bodies = tuple(body for body in map(script, runs) if isinstance(body, Script))
    assert state.shell is not None and len(bodies) == len(runs)
    for at, body in enumerate(bodies[:-1]):
        if _removes_workdir(steps(body, state.workdir), state.workdir):
            return Refused(at, "it removes its WORKDIR, which the next RUN would make again")
    return plan(bodies, _named(graph, runs[0], state.shell), frozenset(state.values))


def _named(graph: Graph, run: Instruction, shell: Shell) -> Shell:
    """The shell, by a name of its own where the stage shows it: distributions with apt, dnf or yum have no busybox for /bin/sh."""
    stage = next(stage for stage in graph.stages if run in stage.instructions)
    bodies = (body for each in stage.instructions if each.keyword == "RUN" and isinstance(body := script(each), Script))
    shown = shell == DEFAULT and any(command.name in _NO_BUSYBOX and decides(body, command) for body in bodies for command in body.commands or ())
    return replace(shell, name="dash") if shown else shell


def sheds(graph: Graph, runs: tuple[Instruction, ...]) -> bool:
    """Whether the last of these RUNs deletes something that one before it writes, as far as can be told."""
    workdir = graph.state(runs[0]).workdir
    found = [steps(body, workdir) for body in map(script, runs) if isinstance(body, Script)]
    deleting = [step for step in found[-1] if any(effect.act is Act.DELETE for effect in step.effects or ())]
    return bool(deleting) and any(deletes(step, path) or _clears(step, path) for body in found[:-1] for path in _left(body) for step in deleting)


def _left(found: tuple[Step, ...]) -> list[str]:
    """The paths that a body writes and does not delete itself."""
    return [
        effect.path
        for at, step in enumerate(found)
        for effect in step.effects or ()
        if effect.act is Act.WRITE and not any(deletes(later, effect.path) or _clears(later, effect.path) for later in found[at + 1 :])
    ]


def _clears(step: Step, path: str) -> bool:
    """Whether it deletes a folder below `path`, which was written as a whole tree. What packages write is in no cache."""
    return any(
        effect.act is Act.DELETE and effect.tree and within(effect.path, path) and path != "/"
        and (path.count("/") > 1 or not effect.path.startswith(_CACHES))
        for effect in step.effects or ()
    )


def _mounts(flags: tuple[Flag, ...]) -> str:
    """Each RUN has a tmpfs or a writable bind of its own, empty or as the source is; in one they would share it."""
    for flag in flags:
        parts = (flag.value or "").split(",")
        if flag.name == "mount" and set(parts) & set(_SHARED_MOUNTS) and not set(parts) & set(_HARMLESS_TYPES):
            return "it has a mount that each RUN gets anew"
        if "$" in flag.text:
            return "its flags hold variables"
    return ""


def _removes_workdir(found: tuple[Step, ...], workdir: str | None) -> bool:
    folders = [workdir] if workdir else _BASE_WORKDIRS
    deleting = [step for step in found if any(effect.act is Act.DELETE for effect in step.effects or ())]
    return any(deletes(step, folder) for step in deleting for folder in folders if folder != "/")
