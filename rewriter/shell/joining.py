"""How bodies may share one shell, so that each does what it did in a RUN of its own, failures included.

The forms and their conditions come from tests on four shells (docs/how-it-works.md, "Joining RUNs").
"""
from __future__ import annotations

from itertools import pairwise

from rewriter.budget import spend
from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.shell.effects import steps
from rewriter.shell.leaks import Leaks, leaks
from rewriter.shell.model import Command, Place, Script
from rewriter.shell.reading import read_script
from rewriter.shell.renewing import programs, renewed
from rewriter.shell.seen import plain, plain_chain, seen
from rewriter.shell.shells import Shell
from rewriter.shell.tools import Act
from rewriter.shell.tools.builtins import lists_variables
from rewriter.shell.tools.wrappers import names_run

# The whole text is one argument of the shell: Linux takes 131,071 bytes (MAX_ARG_STRLEN).
LONGEST = 120_000
# Under `set -e` these end where a compound command can't be redirected; busybox ash goes on.
_MINDS_REDIRECTIONS = frozenset({"dash", "bash"})
# Package managers with a cache; cargo gives what it builds a second name in target/release/deps.
_HARD_LINKERS = frozenset({"conda", "mamba", "micromamba", "uv", "pnpm", "bun", "cargo"})
_OF_THE_SHELL = frozenset({"", "alias", "cd", "export", "set", "shopt", "ulimit", "umask", "unset"})
# Of the command before, which a RUN of its own has none of; and of the shell itself.
_LAST = Pattern(r"PIPESTATUS|BASH_CMDS|LINENO|\$_(?!\w)|\$\{_\W", cues=("PIPESTATUS", "BASH_CMDS", "LINENO", "$_", "${_"))
_ITSELF = Pattern(r"\b(?:SECONDS|BASHPID|BASH_SUBSHELL|BASH_EXECUTION_STRING)\b|\)T\S*\s+-2\b|/proc/\S+/cmdline|/proc/\$\$|(?:kill|renice|taskset|prlimit|ionice|chrt)\b[^;&|\n]*(?:\$\$|PPID| 1\b)", cues=("SECONDS", "BASH", ")T", "/proc/", "kill", "$$", "PPID"))
_BINS = ("/bin", "/usr/bin", "/usr/local/bin")
_SETS_OPTIONS = ("SHELLOPTS", "BASHOPTS", "POSIXLY_CORRECT")
_AGES = {"find": ("-newer", "-anewer", "-cnewer", "-mmin", "-cmin", "-amin"), **dict.fromkeys(("test", "[", "[["), ("-nt", "-ot"))}
_BY_AGE = ("newer", "min", "-nt", "-ot")
_KEPT = Place.PIPELINE | Place.SUBSTITUTION
_IN_PLACE = frozenset({"chmod", "chown", "chgrp", "setcap", "setfacl", "strip", "objcopy", "patchelf", "truncate", "fix-permissions"})


class Wrap:
    """What stands around a body, or a part of it, less a `;` at its end. REHASH has the shell look for programs anew after it."""

    BARE = ("", "")
    BRACES = ("{ ", "; }")
    SUBSHELL = ("( ", " )")
    REHASH = ("", " && hash -r")


class Joint:
    """What stands between two bodies, where these are not parted by a line end as in a heredoc: there LIST is that alone.

    LIST is enough where `set -e` ends the shell at once if the body before it fails. EXIT is AND for a body with `;`
    that wants its `set -e`. CHECKED keeps `set -e` alive in the subshell before it; `&&` would not.
    """

    AND = " &&"
    EXIT = " || exit 1;"
    LIST = ";"
    CHECKED = "; [ $? -eq 0 ] || exit 1;"


@dataclass(frozen=True)
class Plan:
    """A wrap for each body, where in its text it opens, and the joint after each but the last."""

    wraps: tuple[tuple[str, str], ...]
    openings: tuple[int, ...]
    joints: tuple[str, ...]

    @property
    def checking(self) -> bool:
        """Whether it takes a look at how a body ended, which few authors would write."""
        return Joint.CHECKED in self.joints


@dataclass(frozen=True)
class Refused:
    """Bodies that can't share a shell: the one at `at` (from 0) is to blame, and why."""

    at: int
    reason: str


def plan(bodies: tuple[Script, ...], shell: Shell, environment: frozenset[str], *, lines: bool = False) -> Plan | Refused:
    """The plainest form that is right for these bodies, in order; two at the least.

    environment: names known to be in it. lines: each body starts on a line of its own, and the shell is given the line ends.
    """
    spend(4 * len(bodies))
    if unfit := _unfit(bodies, shell, environment, lines):
        return unfit
    wraps: list[tuple[str, str]] = []
    openings: list[int] = []
    joints: list[str] = []
    strict = shell.errexit
    known: frozenset[str] = frozenset()  # programs that the shell has looked up
    for at, body in enumerate(bodies[:-1]):
        found, later = leaks(body), bodies[at + 1 :]
        if reason := found.lasting or _replaced(body, shell) or _unended(body, lines) or _linked(body, later):
            return Refused(at, reason)
        visible, moved = seen(body, found, shell, later, environment), renewed(bodies, at, known)
        if not at and visible and body.commands and all(each.name in _OF_THE_SHELL and not each.redirects for each in body.commands):
            return Refused(at, "it changes nothing but its own shell, which ends with it")
        if joints and joints[-1] == Joint.AND and not visible and not moved and listed(body) and (found.errexit or shell.errexit):
            joints[-1] = Joint.EXIT
        watched = _watched(body, found, shell, strict)
        follows = lines or listed(later[0]) or strict and not shell.errexit or any(each.operator == ";" for each in body.segments[:-1])
        wrap, joint = _form(body, found, shell, (visible, moved), joints[-1] if joints else None, watched and follows)
        strict = shell.errexit or joint == Joint.LIST
        if lines and joint != Joint.LIST:
            wrap, joint = Wrap.SUBSHELL if visible or moved else Wrap.BARE, Joint.CHECKED
        late = wrap == Wrap.SUBSHELL and joint == Joint.AND and not moved
        if wrap == Wrap.SUBSHELL and moved and renewed(bodies, at, known, alone=True):
            return Refused(at, "a program that was run before it may come to lie elsewhere")
        known = frozenset() if wrap == Wrap.REHASH else known if wrap == Wrap.SUBSHELL and not late else known | programs(body)
        openings.append(_opening(body, shell, later, environment) if late else 0)
        wraps.append(wrap)
        joints.append(joint)
    wrap, reason = _last(bodies[-1], joints[-1])
    return Refused(len(bodies) - 1, reason) if reason else Plan((*wraps, wrap), (*openings, 0), tuple(joints))


def _unfit(bodies: tuple[Script, ...], shell: Shell, environment: frozenset[str], lines: bool) -> Refused | None:
    """What forbids any form of them, whatever they leave."""
    if shell.login or "BASH_ENV" in environment:
        return Refused(0, "its login shell reads the profile anew in each RUN" if shell.login else "its shell reads $BASH_ENV anew in each RUN")
    if option := next((name for name in _SETS_OPTIONS if name in environment), ""):
        return Refused(0, f"its shell begins with the options that {option} names")
    if sum(len(body.text.encode("utf-8", "surrogateescape")) for body in bodies) > LONGEST:
        return Refused(len(bodies) - 1, "together they would be too long for one shell")
    if any(map(asks_itself, bodies)):
        return Refused(0, "they ask what shell they run in, or since when")
    if any(map(asks_before, bodies[1:])):
        return Refused(0, "the RUN after it asks what the command before did")
    if any(map(_asks_age, bodies[1:])):
        return Refused(0, "the RUN after it asks for the age of files, of which some are made for each RUN")
    return None


def _opening(body: Script, shell: Shell, later: tuple[Script, ...], environment: frozenset[str]) -> int:
    """Where in a chain of `&&` the first command is of which a later body could see anything."""
    start = 0
    for before, each in pairwise(body.segments if not listed(body) else ()):
        head = read_script(body.text[: before.span.end])
        if not isinstance(head, Script) or leaks(head).moved or seen(head, leaks(head), shell, later, environment):
            break
        start = each.span.start
    return start


def _unended(body: Script, lines: bool = False) -> str:
    """Why nothing can follow it on its line, or on the next."""
    if lines:
        return "its last line goes on in the next" if body.text.endswith("\\\n") else ""
    return "its text ends in a shell comment" if body.comment else "it holds a heredoc, which ends its line" if body.heredoc else ""


def _linked(body: Script, later: tuple[Script, ...]) -> str:
    """A program that makes hard links of its files, and something that changes files in place."""
    links = any((ran := names_run(command)) & _HARD_LINKERS and not (ran == {"cargo"} and _installs(command)) for command in body.commands or ())
    changed = links and any(names_run(command) & _IN_PLACE for each in later for command in each.commands or ())
    return "it may make hard links to files that the RUN after it changes in place" if changed else ""


def _installs(command: Command) -> bool:
    """Whether it is a `cargo install`, which copies what it has built and removes the rest."""
    return any(word.value == "install" for word in command.words)


def _watched(body: Script, found: Leaks, shell: Shell, strict: bool) -> bool:
    """Whether `set -e` ends the shell if the body fails. strict: it is on as the body begins."""
    on = found.strict or strict and "errexit" not in found.off
    return on and found.single and (not body.segments[-1].redirected or shell.name in _MINDS_REDIRECTIONS)


def _form(body: Script, found: Leaks, shell: Shell, left: tuple[bool, bool], before: str | None, may_list: bool) -> tuple[tuple[str, str], str]:
    """The wrap of a body that others follow, and the joint after it. left: whether state is, and another program than the shell knows."""
    errexit = found.errexit or shell.errexit
    visible, renewed = left
    isolated = Wrap.SUBSHELL, Joint.CHECKED if errexit and not plain_chain(body) else Joint.AND
    after_and = before == Joint.AND
    if visible or renewed and (may_list and not after_and or errexit and not _simple_end(body) or after_and and listed(body)):
        return isolated
    if may_list and not after_and:
        return Wrap.BARE, Joint.LIST
    if errexit and not _simple_end(body):
        return isolated
    if not after_and or not listed(body):
        return Wrap.REHASH if renewed else Wrap.BARE, Joint.AND
    # Braces left of && would switch errexit off inside.
    return isolated if errexit else (Wrap.BRACES, Joint.AND)


def _last(body: Script, before: str) -> tuple[tuple[str, str], str]:
    """The last body stays bare where it can: it is then process 1's own, as in its own RUN."""
    if before != Joint.AND or not listed(body):
        return Wrap.BARE, ""
    if body.segments[-1].operator == "&":
        return Wrap.BARE, "it leaves a command running in the background"
    return Wrap.BRACES, _unended(body)


def listed(body: Script) -> bool:
    """Whether a top-level `;`, `||` or line end stands in it, not at its end: `&&` before it would bind to its first part alone."""
    return any(segment.operator in (";", "||", "&") for segment in body.segments[:-1]) or body.segments[-1].operator not in ("", ";")


def _simple_end(body: Script) -> bool:
    """Whether the last and-or list, the one that `&&` would be put behind, is of simple commands and pipes alone."""
    for segment in reversed(body.segments):
        if segment.operator == ";" and segment is not body.segments[-1]:
            return True
        if body.functions or not plain(body, segment):
            return False
    return True


def _replaced(body: Script, shell: Shell) -> str:
    """Whether it puts another program in the place of the shell that runs it; of sh any is told by what lasts."""
    if shell.name == "sh" or shell.name not in body.text:
        return ""
    places = [f"{folder}/{shell.name}" for folder in _BINS]
    changed = any(effect.act != Act.READ and effect.path in places for step in steps(body, None) for effect in step.effects or ())
    return f"it changes {shell.name}, by which every RUN is run" if changed else ""


def asks_itself(body: Script) -> bool:
    """Whether it asks for the shell that runs it: what text that was given, since when it runs."""
    return _ITSELF.found(body.text) is not None or any(map(_lists_itself, body.commands or ()))


def asks_before(body: Script) -> bool:
    """Whether it asks what its shell did before it: the last word, how it ended, which programs it ran, how many lines."""
    return _LAST.found(body.text) is not None or _asks_where(body)


def _lists_itself(command: Command) -> bool:
    """Whether it shows the variables of the shell, of which one holds in bash all that it was given to run."""
    return lists_variables(command) and command.name != "export"


def _asks_age(body: Script) -> bool:
    """Whether it goes by the age of files, as /etc/hosts, which each RUN has of its own."""
    asking = [command for command in body.commands or () if command.name in _AGES] if any(map(body.text.__contains__, _BY_AGE)) else []
    return any(word.raw.startswith(_AGES[command.name or ""]) for command in asking for word in command.words)


def _asks_where(body: Script) -> bool:
    """Whether it keeps what `type` or `hash` say, which is another thing of a program that was run before."""
    told = [command for command in body.commands or () if command.name in ("type", "hash")]
    return any(each.place & _KEPT or any(redirect.target and redirect.target.value != "/dev/null" for redirect in each.redirects) for each in told)
