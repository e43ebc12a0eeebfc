"""How bodies may share one shell, so that each does what it did in a RUN of its own, failures included.

The forms and their conditions come from tests on four shells (docs/how-it-works.md, "Joining RUNs").
"""
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from rewriter.shell.leaks import Leaks, leaks, renewed
from rewriter.shell.model import Script
from rewriter.shell.shells import Shell
from rewriter.shell.tools import files

# The whole text is one argument of the shell: Linux takes 131,071 bytes (MAX_ARG_STRLEN).
LONGEST = 120_000


class Wrap(Enum):
    """What stands around a body."""

    BARE = ("", "")
    BRACES = ("{ ", "; }")
    SUBSHELL = ("( ", " )")


class Joint(Enum):
    """What stands between two bodies. CHECKED keeps `set -e` alive in the subshell before it; `&&` would not."""

    AND = " &&"
    CHECKED = "; [ $? -eq 0 ] || exit 1;"


@dataclass(frozen=True)
class Plan:
    """A wrap for each body, and the joint after each but the last."""

    wraps: tuple[Wrap, ...]
    joints: tuple[Joint, ...]

    @property
    def isolating(self) -> bool:
        """Whether a body needs a subshell, which few authors would write."""
        return Wrap.SUBSHELL in self.wraps


@dataclass(frozen=True)
class Refused:
    """Bodies that can't share a shell: the one at `at` (from 0) is to blame, and why."""

    at: int
    reason: str


def plan(bodies: tuple[Script, ...], shell: Shell, environment: frozenset[str]) -> Plan | Refused:
    """The plainest form that is right for these bodies, in order; two at the least."""
    if shell.login:
        return Refused(0, "its login shell reads the profile anew in each RUN")
    if sum(len(body.text.encode("utf-8", "surrogateescape")) for body in bodies) > LONGEST:
        return Refused(len(bodies) - 1, "together they would be too long for one shell")
    wraps: list[Wrap] = []
    joints: list[Joint] = []
    for at, body in enumerate(bodies):
        after_and = bool(joints) and joints[-1] is Joint.AND
        if at == len(bodies) - 1:
            wrap, reason = _last(body, after_and)
        else:
            found = leaks(body, environment)
            reason = _obstacle(body, found, bodies[at + 1 :])
            isolate = _isolated(found, bodies[at + 1 :]) or _disturbs(body, found, bodies[at + 1 :])
            wrap = _wrap(body, found.errexit or shell.errexit, isolate, after_and)
            joints.append(Joint.CHECKED if wrap is Wrap.SUBSHELL and (found.errexit or shell.errexit) else Joint.AND)
        if reason:
            return Refused(at, reason)
        wraps.append(wrap)
    return Plan(tuple(wraps), tuple(joints))


def _obstacle(body: Script, found: Leaks, later: tuple[Script, ...]) -> str:
    if found.lasting:
        return found.lasting
    if body.comment:
        return "its text ends in a shell comment"
    if body.heredoc:
        return "it holds a heredoc"
    if any(_asks_for_last(each.text) for each in later):
        return "the RUN after it asks what the command before did"
    return ""


def _last(body: Script, after_and: bool) -> tuple[Wrap, str]:
    """The last body stays bare where it can: it is then process 1's own, as in its own RUN."""
    if not after_and or not _listed(body):
        return Wrap.BARE, ""
    if any(segment.operator == "&" for segment in body.segments):
        return Wrap.BARE, "it leaves a command running in the background"
    return Wrap.BRACES, "its text ends in a shell comment" if body.comment else "it holds a heredoc" if body.heredoc else ""


def _wrap(body: Script, errexit: bool, isolate: bool, after_and: bool) -> Wrap:
    if isolate or errexit and not _simple_end(body):
        return Wrap.SUBSHELL
    if not after_and or not _listed(body):
        return Wrap.BARE
    # Braces left of && would switch errexit off inside.
    return Wrap.SUBSHELL if errexit else Wrap.BRACES


def _isolated(found: Leaks, later: tuple[Script, ...]) -> bool:
    """Whether what the body leaves in its shell can be seen by a later one. A folder can't, by tools on absolute paths."""
    return bool(found.state) and not (found.moved and all(map(_heedless, later)))


def _heedless(body: Script) -> bool:
    """Whether the folder that it runs in does not matter to it."""
    commands = body.commands or ()
    words = [word.value or "" for command in commands for word in command.words[1:]]
    targets = [redirect.target.value or "" for command in commands for redirect in command.redirects if redirect.target]
    known = bool(commands) and all(command.name in files.TOOLS for command in commands)
    return known and all(word.startswith("/") or word.startswith("-") and "=" not in word for word in words) and all(target.startswith("/") for target in targets)


def _disturbs(body: Script, found: Leaks, later: tuple[Script, ...]) -> bool:
    if found.sets_errexit and not all(_plain_chain(each) for each in later):
        return True
    texts = " ".join(each.text for each in later)
    return any(name in texts for name in found.variables) or any(renewed(body, each) for each in later)


def _listed(body: Script) -> bool:
    """Whether a top-level `;`, `||` or line end stands in it: `&&` before it would bind to its first part alone."""
    return any(segment.operator in (";", "||", "&") for segment in body.segments[:-1]) or body.segments[-1].operator != ""


def _plain_chain(body: Script) -> bool:
    """Simple commands and `&&` only: `set -e` changes nothing for these."""
    return all(segment.simple and segment.operator in ("", "&&") for segment in body.segments)


def _simple_end(body: Script) -> bool:
    """Whether the last and-or list, the one that `&&` would be put behind, is of simple commands alone."""
    for segment in reversed(body.segments):
        if segment.operator == ";" and segment is not body.segments[-1]:
            return True
        if not segment.simple:
            return False
    return True


def _asks_for_last(text: str) -> bool:
    """`$_` and PIPESTATUS tell of the command before, which in a RUN of its own is none."""
    after = [text[at + 2 : at + 3] for at in range(len(text)) if text.startswith("$_", at)]
    return "PIPESTATUS" in text or "${_}" in text or any(not (char.isalnum() or char == "_") for char in after)
