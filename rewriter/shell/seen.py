"""Whether a body could see what one before it leaves in the shell that they share."""
from __future__ import annotations

from posixpath import basename

from rewriter.budget import spend
from rewriter.shell.certainty import decides
from rewriter.shell.effects import may_delete, steps
from rewriter.shell.leaks import Leaks, first_options, runs_text
from rewriter.shell.model import LOST, Command, Place, Script, Segment
from rewriter.shell.shells import Shell
from rewriter.shell.tools.builtins import OWN
from rewriter.shell.tools.wrappers import unwrapped

_NEVER_SEEN = frozenset({"xtrace", "verbose"})
# These work in a folder that has been deleted, too; git, pip, find and others do not.
_NEEDS_NO_FOLDER = OWN | frozenset(
    " addgroup adduser apk apt apt-get apt-mark awk basename cat chgrp chmod chown chpasswd command cp curl cut date debconf-set-selections dirname "
    "dpkg getent grep groupadd gunzip gzip groupmod head id install ldconfig ln locale-gen localedef ls mkdir mktemp mv passwd rm rmdir sed "
    "sleep sort sha256sum sha512sum strip tail tar tee touch tr type uname update-alternatives update-ca-certificates update-rc.d useradd usermod wc wget which".split()
)

# They take settings from the folder that they run in: pip, by distutils, from a `setup.cfg`, such as where to install to.
_SET_BY_FOLDER = frozenset({"pip", "pip2", "pip3"})


def seen(body: Script, found: Leaks, shell: Shell, later: tuple[Script, ...], environment: frozenset[str]) -> bool:
    """Whether a later body could see what the body leaves in its shell."""
    on = found.on - shell.options
    spend(2 * len(later) if found.away or found.moved or on or found.names else 0)
    return bool(
        found.state
        or found.off & shell.options
        or found.away and _minded(found, body, later)
        or found.moved and any(map(_goes_back, later))
        or on and not all(_indifferent(each, on) for each in later)
        or found.names and any(_asks_for(each, found, environment) for each in later)
    )


def _asks_for(body: Script, found: Leaks, environment: frozenset[str]) -> bool:
    from rewriter.shell.variables import reads  # few bodies leave a variable

    return any(reads(body, name, found.exported, environment) for name in found.names)


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
        name = basename(unwrapped(step.command).name or "")
        needs = gone and step.command.words and name not in _NEEDS_NO_FOLDER
        if step.effects is None or needs or name in _SET_BY_FOLDER:
            return False
    return True


def _may_be_gone(found: Leaks, bodies: tuple[Script, ...]) -> bool:
    """Whether the folder that the first of these ends in may be deleted, there or later."""
    deleting = [step for body in bodies for step in steps(body, None) if step.command.name in ("rm", "rmdir", "mv", "find")]
    return any(found.folder is None or step.effects is None or may_delete(step, found.folder) for step in deleting)


def _goes_back(body: Script) -> bool:
    """Whether it may ask for the folder that the shell was in before."""
    words = [command.words[1].value or "-" for command in body.commands or () if command.name == "cd" and len(command.words) > 1]
    return "OLDPWD" in body.text or "~-" in body.text or any(word.startswith("-") for word in words)


def _settles(body: Script, command: Command) -> bool:
    """Whether it is a `cd` to an absolute path, without which nothing after it is run."""
    absolute = command.name == "cd" and len(command.words) == 2 and (command.words[1].value or "").startswith("/")
    return absolute and not command.words[1].glob and not command.place & LOST and decides(body, command)


def _indifferent(body: Script, on: frozenset[str]) -> bool:
    """Whether options that are on make no difference to it, or are the first that it switches on itself."""
    if on and "$-" in body.text or on & _NEVER_SEEN and _captures_trace(body):
        return False
    return all(_CHANGES_NOTHING[option](body) for option in on - first_options(body) - _NEVER_SEEN)


def _captures_trace(body: Script) -> bool:
    """Whether what the shell itself says on its standard error may go into a file or a variable."""
    told = [command for command in body.commands or () for redirect in command.redirects if redirect.fd == 2 or redirect.operator == "&>"]
    return bool(told and body.functions) or any(not command.words or command.name in ("eval", ".", "source", "exec") for command in told)


def plain_chain(body: Script) -> bool:
    """Simple commands, pipes of them, and `&&` only: `set -e` changes nothing for these."""
    if body.functions or any(segment.operator not in ("", "&&") for segment in body.segments) or any(map(runs_text, body.commands or ())):
        return False
    return all(plain(body, segment) for segment in body.segments)


def plain(body: Script, segment: Segment) -> bool:
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
    "errexit": plain_chain,
    "nounset": lambda body: "$" not in body.text and "`" not in body.text,
    "pipefail": lambda body: not any(command.place & Place.PIPELINE for command in body.commands or (None,) if command),
}
