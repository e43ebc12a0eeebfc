"""How bodies may share one shell, so that each does what it did in a RUN of its own, failures included.

The forms and their conditions come from tests on four shells (docs/how-it-works.md, "Joining RUNs").
"""
from __future__ import annotations

from enum import Enum
from functools import lru_cache
from posixpath import basename

from rewriter.budget import spend
from rewriter.record import dataclass
from rewriter.shell.certainty import decides
from rewriter.shell.effects import deletes, steps
from rewriter.shell.leaks import Leaks, first_options, leaks, programs
from rewriter.shell.model import Command, Place, Script, Segment
from rewriter.shell.shells import Shell
from rewriter.shell.tools.builtins import OWN
from rewriter.shell.tools.wrappers import unwrapped
from rewriter.shell.variables import reads

# The whole text is one argument of the shell: Linux takes 131,071 bytes (MAX_ARG_STRLEN).
LONGEST = 120_000
# Under `set -e` these end where a compound command can't be redirected; busybox ash goes on.
_MINDS_REDIRECTIONS = frozenset({"dash", "bash"})
_NEVER_SEEN = frozenset({"xtrace", "verbose"})


_HARD_LINKERS = frozenset({"conda", "mamba", "micromamba", "uv", "pnpm"})
_IN_PLACE = frozenset({"chmod", "chown", "chgrp", "setcap", "setfacl", "strip", "patchelf", "truncate", "fix-permissions"})


class Wrap(Enum):
    """What stands around a body, less a `;` at its end."""

    BARE = ("", "")
    BRACES = ("{ ", "; }")
    SUBSHELL = ("( ", " )")


class Joint(Enum):
    """What stands between two bodies, where these are not parted by a line end as in a heredoc: there LIST is that alone.

    LIST is enough where `set -e` ends the shell at once if the body before it fails. EXIT is AND for a body with `;`
    that wants its `set -e`. CHECKED keeps `set -e` alive in the subshell before it; `&&` would not.
    """

    AND = " &&"
    EXIT = " || exit 1;"
    LIST = ";"
    CHECKED = "; [ $? -eq 0 ] || exit 1;"


# These work in a folder that has been deleted, too; git, pip, find and others do not.
_NEEDS_NO_FOLDER = OWN | frozenset(
    " addgroup adduser apk apt apt-get apt-mark awk basename cat chgrp chmod chown chpasswd command cp curl cut date debconf-set-selections dirname "
    "dpkg getent grep groupadd gunzip gzip groupmod head id install ldconfig ln locale-gen localedef ls mkdir mktemp mv passwd rm rmdir sed "
    "sleep sort sha256sum sha512sum strip tail tar tee touch tr type uname update-alternatives update-ca-certificates update-rc.d useradd usermod wc wget which".split()
)


@dataclass(frozen=True)
class Plan:
    """A wrap for each body, and the joint after each but the last."""

    wraps: tuple[Wrap, ...]
    joints: tuple[Joint, ...]

    @property
    def isolating(self) -> bool:
        """Whether a body needs a subshell, or a look at how it ended, which few authors would write."""
        return Wrap.SUBSHELL in self.wraps or Joint.CHECKED in self.joints


@dataclass(frozen=True)
class Refused:
    """Bodies that can't share a shell: the one at `at` (from 0) is to blame, and why."""

    at: int
    reason: str


def plan(bodies: tuple[Script, ...], shell: Shell, environment: frozenset[str], *, lines: bool = False) -> Plan | Refused:
    """The plainest form that is right for these bodies, in order; two at the least.

    environment: names known to be in it. lines: each body starts on a line of its own, and the shell is given the line ends.
    """
    spend(len(bodies))
    if shell.login or "BASH_ENV" in environment:
        return Refused(0, "its login shell reads the profile anew in each RUN" if shell.login else "its shell reads $BASH_ENV anew in each RUN")
    if sum(len(body.text.encode("utf-8", "surrogateescape")) for body in bodies) > LONGEST:
        return Refused(len(bodies) - 1, "together they would be too long for one shell")
    if any(_asks_for_last(body.text) or lines and "LINENO" in body.text for body in bodies[1:]):
        return Refused(0, "the RUN after it asks what the command before did")
    wraps: list[Wrap] = []
    joints: list[Joint] = []
    strict = shell.errexit
    for at, body in enumerate(bodies[:-1]):
        found, later = leaks(body), bodies[at + 1 :]
        if reason := found.lasting or (not lines and _unended(body)) or _linked(body, later):
            return Refused(at, reason)
        seen = _seen(body, found, shell, later, environment)
        if joints and joints[-1] is Joint.AND and not seen and listed(body) and (found.errexit or shell.errexit):
            joints[-1] = Joint.EXIT
        watched = _watched(body, found, shell, strict)
        follows = lines or listed(later[0]) or strict and not shell.errexit or any(each.operator == ";" for each in body.segments[:-1])
        wrap, joint = _form(body, found, shell, seen, joints[-1] if joints else None, watched and follows)
        strict = shell.errexit or joint is Joint.LIST
        if lines and joint is not Joint.LIST:
            wrap, joint = wrap if seen else Wrap.BARE, Joint.CHECKED
        wraps.append(wrap)
        joints.append(joint)
    wrap, reason = _last(bodies[-1], joints[-1])
    return Refused(len(bodies) - 1, reason) if reason else Plan((*wraps, wrap), tuple(joints))


def _unended(body: Script) -> str:
    """Why nothing can follow it on its line."""
    return "its text ends in a shell comment" if body.comment else "it holds a heredoc, which ends its line" if body.heredoc else ""


def _linked(body: Script, later: tuple[Script, ...]) -> str:
    """A package manager whose files are hard links to its cache, and something that changes files in place."""
    links = any(basename(command.name or "") in _HARD_LINKERS for command in body.commands or ())
    changed = links and any(basename(unwrapped(command).name or "") in _IN_PLACE for each in later for command in each.commands or ())
    return "it may make hard links to files that the RUN after it changes in place" if changed else ""


def _watched(body: Script, found: Leaks, shell: Shell, strict: bool) -> bool:
    """Whether `set -e` ends the shell if the body fails. strict: it is on as the body begins."""
    on = found.strict or strict and "errexit" not in found.off
    return on and found.single and (not body.segments[-1].redirected or shell.name in _MINDS_REDIRECTIONS)


def _form(body: Script, found: Leaks, shell: Shell, seen: bool, before: Joint | None, may_list: bool) -> tuple[Wrap, Joint]:
    """The wrap of a body that others follow, and the joint after it."""
    errexit = found.errexit or shell.errexit
    isolated = Wrap.SUBSHELL, Joint.CHECKED if errexit else Joint.AND
    after_and = before is Joint.AND
    if seen:
        return isolated
    if may_list and not after_and:
        return Wrap.BARE, Joint.LIST
    if errexit and not _simple_end(body):
        return isolated
    if not after_and or not listed(body):
        return Wrap.BARE, Joint.AND
    # Braces left of && would switch errexit off inside.
    return isolated if errexit else (Wrap.BRACES, Joint.AND)


def _last(body: Script, before: Joint) -> tuple[Wrap, str]:
    """The last body stays bare where it can: it is then process 1's own, as in its own RUN."""
    if before is not Joint.AND or not listed(body):
        return Wrap.BARE, ""
    if body.segments[-1].operator == "&":
        return Wrap.BARE, "it leaves a command running in the background"
    return Wrap.BRACES, _unended(body)


def _seen(body: Script, found: Leaks, shell: Shell, later: tuple[Script, ...], environment: frozenset[str]) -> bool:
    """Whether a later body could see what the body leaves in its shell."""
    on = found.on - shell.options
    return bool(
        found.state
        or found.off & shell.options
        or found.away and _minded(found, body, later)
        or found.moved and any(map(_goes_back, later))
        or on and not all(_indifferent(each, on) for each in later)
        or found.names and any(reads(each, name, found.exported, environment) for each in later for name in found.names)
        or found.renews and any(found.renews & programs(each) for each in later)
    )


def _minded(found: Leaks, body: Script, later: tuple[Script, ...]) -> bool:
    """Whether the folder that the body ends in may matter to a later one."""
    gone = _may_be_gone(found, (body, *later))
    return not all(heedless(each, gone) for each in later)


def heedless(body: Script, gone: bool) -> bool:
    """Whether the folder in which it starts does not matter to it. `gone`: that may have been deleted.

    All that its commands touch is named by absolute paths, up to where it goes to a folder of its own if at all.
    """
    question = "heedless where that is gone" if gone else "heedless"
    if question not in body.answers:
        body.answers[question] = _heedless(body, gone)
    return bool(body.answers[question])


def _heedless(body: Script, gone: bool) -> bool:
    if "PWD" in body.text or any(mark in body.text for mark in ("~+", "~-")) or _goes_back(body) or not body.commands:
        return False
    for step in steps(body, None):
        if _settles(body, step.command):
            return True
        needs = gone and step.command.words and basename(unwrapped(step.command).name or "") not in _NEEDS_NO_FOLDER
        if step.effects is None or needs:
            return False
    return True


def _may_be_gone(found: Leaks, bodies: tuple[Script, ...]) -> bool:
    """Whether the folder that the first of these ends in may be deleted, there or later."""
    deleting = [step for body in bodies for step in steps(body, None) if step.command.name in ("rm", "rmdir", "mv", "find")]
    return any(found.folder is None or step.effects is None or deletes(step, found.folder) for step in deleting)


def _goes_back(body: Script) -> bool:
    """Whether it may ask for the folder that the shell was in before."""
    words = [command.words[1].value or "-" for command in body.commands or () if command.name == "cd" and len(command.words) > 1]
    return "OLDPWD" in body.text or "~-" in body.text or any(word.startswith("-") for word in words)


def _settles(body: Script, command: Command) -> bool:
    """Whether it is a `cd` to an absolute path, without which nothing after it is run."""
    absolute = command.name == "cd" and len(command.words) == 2 and (command.words[1].value or "").startswith("/")
    return absolute and not command.words[1].glob and decides(body, command)


def _indifferent(body: Script, on: frozenset[str]) -> bool:
    """Whether options that are on make no difference to it, or are the first that it switches on itself."""
    if on and "$-" in body.text or on & _NEVER_SEEN and _captures_trace(body):
        return False
    return all(_CHANGES_NOTHING[option](body) for option in on - first_options(body) - _NEVER_SEEN)


def _captures_trace(body: Script) -> bool:
    """Whether what the shell itself says on its standard error may go into a file or a variable."""
    told = [command for command in body.commands or () for redirect in command.redirects if redirect.fd == 2 or redirect.operator == "&>"]
    return bool(told and body.functions) or any(not command.words or command.name in ("eval", ".", "source", "exec") for command in told)


def _plain_chain(body: Script) -> bool:
    """Simple commands, pipes of them, and `&&` only: `set -e` changes nothing for these."""
    if body.functions or any(segment.operator not in ("", "&&") for segment in body.segments):
        return False
    return all(_plain(body, segment) for segment in body.segments)


def _plain(body: Script, segment: Segment) -> bool:
    """Whether it is one simple command or a pipeline of some, in which `set -e` has nothing to say."""
    inside = [command for command in body.commands or () if segment.span.start <= command.span.start < segment.span.end]
    top = [command for command in inside if not command.place & Place.SUBSTITUTION]
    if not top or _substitutes_lists(body, segment.span.of(body.text)):
        return False
    gaps = [body.text[one.span.end : other.span.start].strip() for one, other in zip(top, top[1:])]
    return top[0].span.start == segment.span.start and top[-1].span.end == segment.span.end and set(gaps) <= {"|"}


def _substitutes_lists(body: Script, text: str) -> bool:
    """Whether a substitution may hold more than one pipeline: some shells let `set -e` in there, too."""
    inner = [command for command in body.commands or () if command.place & Place.SUBSTITUTION]
    return len(inner) > 1 and any(mark in text for mark in (";", "\n", "&", "||"))


_CHANGES_NOTHING = {
    "errexit": _plain_chain,
    "nounset": lambda body: "$" not in body.text and "`" not in body.text,
    "pipefail": lambda body: not any(command.place & Place.PIPELINE for command in body.commands or (None,) if command),
}


def listed(body: Script) -> bool:
    """Whether a top-level `;`, `||` or line end stands in it: `&&` before it would bind to its first part alone."""
    return any(segment.operator in (";", "||", "&") for segment in body.segments[:-1]) or body.segments[-1].operator != ""


def _simple_end(body: Script) -> bool:
    """Whether the last and-or list, the one that `&&` would be put behind, is of simple commands and pipes alone."""
    for segment in reversed(body.segments):
        if segment.operator == ";" and segment is not body.segments[-1]:
            return True
        if body.functions or not _plain(body, segment):
            return False
    return True


@lru_cache(maxsize=1024)
def _asks_for_last(text: str) -> bool:
    """`$_` and PIPESTATUS tell of the command before, which in a RUN of its own is none."""
    after = [text[at + 2 : at + 3] for at in range(len(text)) if text.startswith("$_", at)]
    return "PIPESTATUS" in text or "${_}" in text or any(not (char.isalnum() or char == "_") for char in after)
