"""Whether a user or a group is known where a COPY stands: BuildKit takes one that is not for root, in silence."""
from __future__ import annotations

from collections.abc import Iterable

from rewriter.graph.before import commands, doubtful, earlier
from rewriter.graph.model import Graph, Stage, script
from rewriter.shell.certainty import decides
from rewriter.shell.effects import Step, touches
from rewriter.shell.model import Script
from rewriter.shell.tools import Act, call_of
from rewriter.source.model import Instruction

_ACCOUNTS = ("/etc/passwd", "/etc/group")
_USERS, _GROUPS = frozenset({"useradd", "adduser"}), frozenset({"groupadd", "addgroup"})
_REMOVERS = frozenset({"userdel", "deluser", "groupdel", "delgroup"})
_RENAMES = ("-l", "--login", "-n", "--new-name")


def known(graph: Graph, stage: Stage, copy: Instruction, user: str, group: str) -> bool:
    """Whether the text proves that both are there before a COPY; "" and numbers need no proof, nor does root."""
    wanted, maybe = _wanted(user, group), doubtful(graph, stage)
    for each in earlier(graph, stage, copy):
        if each.keyword != "RUN" or each.index < 0:
            continue
        wanted -= set() if each.index in maybe else _user(graph, each)
        for step in commands(graph, each):
            if _removes(step):
                return not _wanted(user, group)
            wanted -= set() if each.index in maybe else _proved(each, step)
    return not wanted


def checked(graph: Graph, later: Iterable[tuple[Instruction, tuple[Step, ...]]], user: str, group: str) -> bool:
    """Whether these RUNs, with the commands that are left of each, fail where one of the two is unknown, before they could make it."""
    wanted = _wanted(user, group)
    for run, found in later:
        wanted -= _user(graph, run)
        for step in found:
            wanted -= _proved(run, step)
            if wanted and _edits(step):
                return False
        if wanted and not found:
            return False
    return not wanted


def _wanted(user: str, group: str) -> set[tuple[str, str]]:
    return {(kind, name) for kind, name in (("user", user), ("group", group)) if name and name != "root" and not name.isdigit()}


def _user(graph: Graph, run: Instruction) -> set[tuple[str, str]]:
    """No RUN starts as someone unknown."""
    user, _, group = (graph.state(run).user or "").partition(":")
    return {("user", user), ("group", group)}


def _removes(step: Step) -> bool:
    call = call_of(step.command, step.cwd)
    return step.command.name in _REMOVERS or step.command.name in ("usermod", "groupmod") and (call is None or call.has(*_RENAMES))


def _proved(run: Instruction, step: Step) -> set[tuple[str, str]]:
    """The users and groups that are there if the RUN succeeds."""
    body, call, name = script(run), call_of(step.command, step.cwd), step.command.name
    if call is None or not isinstance(body, Script) or not decides(body, step.command) or not call.verb:
        return set()
    if name in _USERS:
        own = call.has("-U", "--user-group", "--group") if name == "useradd" or call.has("-S", "--system") else not call.has("-G", "--ingroup", "--gid")
        return {("user", call.verb), ("group", call.verb if own else "")}
    if name in _GROUPS and len(call.operands) == 1:
        return {("group", call.verb)}
    if name == "chgrp":
        return {("group", call.verb)}
    user, _, group = call.verb.partition(":")
    return {("user", user), ("group", group)} if name == "chown" else set()


def may_come(graph: Graph, between: tuple[Instruction, ...], before: tuple[Step, ...], known: bool) -> str:
    """What may make a user or a group, or if that is `known`, change it, among instructions and the first commands of a RUN."""
    edits = _remakes if known else _edits
    for each in between:
        if each.keyword == "RUN" and any(map(edits, commands(graph, each))):
            return f"the RUN at line {graph.line(each)}"
        if each.keyword in ("COPY", "ADD") and "etc" in each.arguments.text:
            return f"the {each.keyword} at line {graph.line(each)}"
    return next((f"the `{step.command.name}` before it" for step in before if edits(step)), "")


def named(user: str, group: str) -> bool:
    """Whether one of the two is a name that has to be known: no number, and not root."""
    return bool(_wanted(user, group))


def _edits(step: Step) -> bool:
    """Whether a command may edit the accounts, if only by a package that it installs."""
    written = [effect for effect in step.effects or () if effect.act != Act.READ]
    return step.effects is None or any(touches(effect, path, tree=False) for effect in written for path in _ACCOUNTS)


def _remakes(step: Step) -> bool:
    """Whether it may change or take away an account that is there: packages and those who add others do not."""
    written = [effect.path for effect in step.effects or () if effect.act != Act.READ]
    return step.effects is None or step.command.name in (*_REMOVERS, "usermod", "groupmod") or any(path in _ACCOUNTS for path in written)
