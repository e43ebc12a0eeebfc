"""What a body leaves in its shell, and in the running system, for what would follow it in a joined RUN.

Three kinds, after the tested table (docs/how-it-works.md): *state* (folder, variables, options …), which a
subshell around the body repairs; *errexit*, which decides the form; and what is *lasting* (a process still
running, a hard link, an edited account), which no form repairs.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import basename

from rewriter.shell.effects import steps
from rewriter.shell.model import Command, Place, Script
from rewriter.shell.tools import call_of, tool_of
from rewriter.shell.tools.daemons import STAYS, starts

# What these built-ins leave behind in the shell, in words for a report.
_BUILTINS = {
    **dict.fromkeys(("cd", "pushd", "popd"), "it changes the folder"),
    **dict.fromkeys(("export", "unset", "readonly", "local", "declare", "typeset", "getopts", "read", "shift", "let",
                     "mapfile", "readarray"), "it sets variables"),
    **dict.fromkeys(("set", "shopt", "setopt"), "it sets shell options"),
    **dict.fromkeys(("umask", "ulimit"), "it sets limits"),
    **dict.fromkeys(("exec", "exit", "return", "break", "continue"), "it may end the shell"),
    **dict.fromkeys((".", "source", "eval", "alias", "unalias", "hash", "enable", "command", "builtin", "nvm", "sdk", "conda"),
                    "it may change the shell"),
    **dict.fromkeys(("trap", "wait", "fg", "bg", "disown", "jobs", "coproc"), "it deals with jobs or traps"),
}
_SETS_ERREXIT = "it sets -e"
_LOST = Place.SUBSHELL | Place.PIPELINE | Place.BACKGROUND | Place.SUBSTITUTION
# Programs that replace themselves: the shell would go on using the one that it found first.
_SELF_INSTALLING = frozenset("pip pip3 pip2 npm yarn gem bundle conda mamba composer easy_install poetry uv go cargo rustup".split())
_UPDATES = frozenset({"self-update", "selfupdate", "self", "--system"})
_PLACES = frozenset("cp mv ln install rm curl wget chmod update-alternatives".split())
_PROXIES = frozenset({"http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"})
_DEVICES = ("/dev/shm", "/proc/sys", "/dev/mqueue")
_OWN_FILES = ("/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/etc/shadow", "/etc/nsswitch.conf")


@dataclass(frozen=True)
class Leaks:
    """state, lasting: why, in words for a report, "" where there is nothing. moved: a changed folder is all of `state`.

    errexit: the body counts on `set -e`. tracing: it sets no option but -x or -v, which change no file.
    variables: names it gives a value that only a command which mentions them can see.
    """

    state: str
    moved: bool
    lasting: str
    errexit: bool
    sets_errexit: bool
    variables: frozenset[str]


def leaks(script: Script, environment: frozenset[str]) -> Leaks:
    """What `script` leaves behind, where the environment is known to hold the names `environment`."""
    lasting = _lasting(script)
    if script.commands is None:
        return Leaks("it can't be looked into", False, lasting, True, False, frozenset())
    found = [_state(command) for command in script.commands if not command.place & _LOST]
    assigned = {each.name for command in script.commands if not command.words and not command.place & _LOST for each in command.assignments}
    assigned |= set(script.loops)
    loud = sorted(name for name in assigned if not _private(name, environment))
    if script.functions:
        found.append("it defines a function")
    if loud:
        found.append(f"it sets {loud[0]}")
    others = [reason for reason in found if reason and reason != _SETS_ERREXIT]
    moved = bool(others) and set(others) == {_BUILTINS["cd"]}
    return Leaks(next(iter(others), ""), moved, lasting, _errexit(script), _SETS_ERREXIT in found, frozenset(assigned))


def _state(command: Command) -> str:
    name = command.name
    if name is None:
        return "" if command.words[0].raw.startswith(("/", "./", '"/', '"./')) else "its command is not literal"
    if name == "set" and _only(command, "xv"):
        return ""
    if name == "set" and command.place is Place.PLAIN and _only(command, "exv"):
        return _SETS_ERREXIT
    if name == "command" and len(command.words) > 1 and command.words[1].value in ("-v", "-V"):
        return ""
    return _BUILTINS.get(name, "")


def _only(command: Command, letters: str) -> bool:
    """Whether a `set` has nothing but short options, switched on, from `letters`."""
    words = [word.value or "" for word in command.words[1:]]
    return bool(words) and all(word.startswith("-") and len(word) > 1 and set(word[1:]) <= set(letters) for word in words)


def _errexit(script: Script) -> bool:
    sets = [command for command in script.commands or () if command.name in ("set", "shopt", "eval", ".", "source")]
    return any(not _only(command, "xv") for command in sets) or "errexit" in script.text


def _private(name: str, environment: frozenset[str]) -> bool:
    """Whether no program can see the variable: it is lower case, as no image's environment has them."""
    return name not in environment and name not in _PROXIES and name.islower() and name.isalpha()


def _lasting(script: Script) -> str:
    if any(segment.operator == "&" for segment in script.segments):
        return STAYS
    if script.commands is None:
        hit = next((name for name in script.names if (tool := tool_of(name)) and tool.lasting), None)
        return f"`{hit}` in it can't be looked into" if hit else ""
    return next(filter(None, _reasons(script)), "")


def _reasons(script: Script) -> Iterator[str]:
    for command in script.commands or ():
        if command.place & Place.BACKGROUND or starts([word.value for word in command.words[1:]]):
            yield STAYS
        tool = tool_of(command.name)
        if tool and tool.lasting:
            call = call_of(command, None, loosely=True)
            yield tool.lasting(call) if call else ""
        targets = [redirect.target.value or "" for redirect in command.redirects if redirect.target]
        for value in [*(word.value or "" for word in command.words[1:]), *targets]:
            if value.startswith(_DEVICES):
                yield f"{value} is not kept from one RUN to the next"
        yield from _own_files(command, targets)


def _own_files(command: Command, targets: list[str]) -> Iterator[str]:
    writers = ("sed", "perl", "tee", "ed", "awk", "vi", "ex", "cp", "mv", "truncate", "dd", "python", "python3", "patch")
    named = targets + ([word.value or "" for word in command.words[1:]] if command.name in writers else [])
    for value in named:
        if any(path in value for path in _OWN_FILES):
            yield f"it changes {value}, which every RUN reads anew"


def renewed(first: Script, then: Script) -> str:
    """A program that `first` runs and may replace, and `then` runs again; "" where there is none.

    A shell remembers where it found a program, and would not look for the new one.
    """
    again = {command.name for command in first.commands or ()} & {command.name for command in then.commands or ()}
    for step in steps(first, None):
        name = step.command.name or ""
        operands = {_bare(word.value) for word in step.command.words[1:] if word.value}
        if name in again & _SELF_INSTALLING and operands & (_SELF_INSTALLING | _UPDATES):
            return name
        written = {basename(value) for value in operands if "/" in value} | operands if name in _PLACES else set()
        if hit := sorted(written & (again - {None, name})):
            return hit[0]
    return ""


def _bare(operand: str) -> str:
    """A package's name without its version or extras: `pip` of `pip==9.0`, `pip[x]`, `npm@latest`."""
    for char in "=<>[~@":
        operand = operand.split(char)[0] or operand
    return operand
