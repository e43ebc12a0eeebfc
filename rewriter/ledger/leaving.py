"""What a body leaves in the shell that it shares with those after it, and whether one of these could see it."""
from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename

from rewriter.ledger.bodies import Body
from rewriter.ledger.failing import plain_chain, switched, tells_release
from rewriter.ledger.places import resolved
from rewriter.ledger.touching import LOCAL, looped, paths
from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.shell.model import LOST, Command, Place
from rewriter.shell.shells import Shell

_MOVES = frozenset({"cd", "chdir", "pushd", "popd"})
_CHANGES = frozenset(
    "readonly declare typeset getopts shift let mapfile readarray integer setvar shopt setopt enable bind complete umask ulimit exec logout suspend . source "
    "eval alias unalias builtin nvm sdk rvm trap fg bg disown jobs coproc return break continue".split()
)
_SPECIAL = frozenset({":", "export", "readonly", "set", "shift", "times", "unset", "break", "continue", "return", "exit", "exec", "eval", ".", "trap"})
_RELEASE = frozenset("ANSI_COLOR BUG_REPORT_URL BUILD_ID CPE_NAME DEBIAN_VERSION_FULL DEFAULT_HOSTNAME DISTRIB_DESCRIPTION DOCUMENTATION_URL HOME_URL IMAGE_ID IMAGE_VERSION LOGO "
                     "PLATFORM_ID PRIVACY_POLICY_URL SUPPORT_END SUPPORT_URL SYSEXT_LEVEL VARIANT VARIANT_ID VENDOR_NAME VENDOR_URL NAME VERSION ID ID_LIKE PRETTY_NAME VERSION_ID VERSION_CODENAME UBUNTU_CODENAME DISTRIB_ID DISTRIB_RELEASE DISTRIB_CODENAME".split())
# Names that a base may well have in its environment, and by which the C library, the shell or common programs go.
_STEERING_ALL = tuple("OPTIND PATH HOME LD_ LC_ LANG TZ IFS ENV BASH POSIX TMP TEMP SHELL TERM USER LOGNAME PS OLDPWD CDPATH GLOB TAR GZIP XZ".split())
_STEERING = tuple("DEB APT APACHE DPKG CURL WGET GIT SSL SSH PIP PYTHON VIRTUAL XDG PERL GNUPG GPG".split())
_STEERING_BUILDS = tuple("JAVA NODE NPM GO CARGO RUST CC CXX CFLAGS CPPFLAGS CXXFLAGS LDFLAGS MAKE".split())
# They run what others wrote, which may go by any variable.
_HOSTS = frozenset("apt apt-get aptitude apk yum dnf microdnf tdnf zypper rpm dpkg dpkg-reconfigure pip pip2 pip3 npm yarn gem".split())

_BACK = Pattern(r"OLDPWD|~-|\bcd\s+(?:-[LPe@]+\s+)*(?:--\s+)?-(?![\w-])", cues=("OLDPWD", "~-", "cd"))


@dataclass(frozen=True)
class Left:
    """what: why nothing may share the shell with it, "" for nothing. went: it has been in other folders. moved: it may end in one. names: variables
    and functions; exported: that reach programs. on, off: options."""

    what: str
    went: bool
    moved: bool
    names: frozenset[str]
    exported: bool
    on: frozenset[str]
    off: bool


def seen(body: Body, later: tuple[Body, ...], shell: Shell | None, environment: frozenset[str]) -> str:
    """What of the body a later one could see; "" for nothing."""
    left = left_by(body)
    if left.what:
        return left.what
    if left.off and (left.on | (shell.options if shell else frozenset())) - {"xtrace", "verbose"}:
        return "it switches options off"
    for each in later if left.went or left.names or left.on else ():
        if left.moved and not heedless(each):
            return "the folder that it ends in is seen after it"
        if left.went and _BACK.found(each.text):
            return "the folder that it was in is seen after it"
        if name := next((name for name in left.names if _reads(each, name, left.exported or name in environment)), ""):
            return f"{name} is seen after it"
        if option := next((option for option in left.on - (shell.options if shell else frozenset()) if not _indifferent(each, option)), ""):
            return f"{option} is on after it"
    return ""


def left_by(body: Body) -> Left:
    """All that a body leaves in its shell."""
    if body.commands is None:
        return Left("it can't be looked into", True, True, frozenset(), True, frozenset(), False)
    kept = [command for command in body.commands if not command.place & LOST]
    names = {name for command in kept for name in _set(command)} | set(body.functions) | set(_by_expansion(body.text)) | set(_loops(body.text))
    what = next((reason for command in kept if (reason := _odd(command))), "")
    off = any(command.name == "set" and any((word.value or "+").startswith("+") for word in command.words[1:]) for command in kept)
    on = switched(body)
    if "?" in on or "?" in names:
        what = what or "it sets what can't be told"
    exported = any(command.name in ("export", "unset") for command in kept)
    went = any(command.name in _MOVES for command in kept)
    return Left(what, went, went and not _returns(body, kept), frozenset(names), exported, on, off)


def _returns(body: Body, kept: list[Command]) -> bool:
    """Whether it surely ends in the folder that it started in."""
    start = folder = "/1/2/3/4/5"
    for command in (each for each in kept if each.name in _MOVES):
        value = command.words[1].value if command.name == "cd" and len(command.words) == 2 else None
        if value is None or value.startswith("-") or command.words[1].glob or command.place != Place.PLAIN or not _needed(body, command):
            return False
        folder = resolved(value, folder) or ""
    return folder == start


def _odd(command: Command) -> str:
    """Why the shell may be another after it, in more than folder, names and options."""
    if command.name is None:
        return "" if "/" in command.words[0].raw else "its command is not literal"
    words = [word.value for word in command.words[1:]]
    if command.name == "exit":
        return "" if len(words) == 1 and re.fullmatch("[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]", words[0] or "") else "it may end the shell"
    if command.name == "command" and words[:1] not in (["-v"], ["-V"]):
        return "it may change the shell"
    if command.name in _CHANGES and not (command.place & Place.FUNCTION and command.name == "return") and not tells_release(command):
        return f"`{command.name}` changes the shell" if command.name not in ("break", "continue") else ""
    if command.name in ("conda", "mamba", "micromamba") and words[:1] in (["activate"], ["deactivate"], ["shell"], [None]):
        return "it may change the shell"
    return "it sets variables" if command.name == "printf" and words[:1] == ["-v"] else ""


def _set(command: Command) -> Iterator[str]:
    """The variables that it sets, "?" for any."""
    if not command.words or command.name in _SPECIAL:
        yield from (each.name for each in command.assignments)
    if command.name in ("export", "unset", "read", "local"):
        named = [word.raw.partition("=")[0] for word in command.words[1:] if word.raw not in ("-r", "-f", "-v")]
        yield from (name if name.replace("_", "a").isalnum() else "?" for name in named or ["?"])
    if tells_release(command):
        yield from _RELEASE
    if command.name == "[[" and "=~" in [word.raw for word in command.words]:
        yield "BASH_REMATCH"


def _by_expansion(text: str) -> Iterator[str]:
    for part in text.split("${")[1:]:
        name = part[: next((at for at, char in enumerate(part) if not (char.isalnum() or char == "_")), len(part))]
        if part[len(name) :].startswith(("=", ":=")):
            yield name
    for part in text.split("$((")[1:]:
        bare = re.sub("<<=|>>=", "++", part.partition("))")[0]).replace("==", "").replace("!=", "").replace("<=", "").replace(">=", "")
        if "=" in bare or "++" in bare or "--" in bare:
            yield "?"


def _loops(text: str) -> Iterator[str]:
    """The words behind each `for` that begins a loop."""
    for part in text.split("for ")[1:]:
        said = part.split()
        if said and (said[0].endswith(";") or said[1:2] in (["in"], ["do"], [";"])):
            yield said[0].rstrip(";")


def heedless(body: Body) -> bool:
    """Whether the folder that it starts in makes no difference to it."""
    text = body.text
    if body.commands is None or "PWD" in text or "~+" in text or _BACK.found(text) or body.functions or None in looped(body, None):
        return False
    for command in body.commands:
        words = [word.value or "-" for word in command.words]
        if words[:1] == ["cd"] and len(words) == 2 and words[1].startswith("/") and command.place == Place.PLAIN:
            if _needed(body, command):
                return True
            continue  # where it fails, the next is run in the folder that this starts in
        if words[:1] and words[0] in _MOVES or any(basename(word).startswith("pip") for word in words[:2]) or paths(command, None) is None:
            return False  # pip, by distutils, takes settings from a `setup.cfg` where it runs
    return True


def _needed(body: Body, command: Command) -> bool:
    """Whether nothing after it is run if it fails."""
    at = next(at for at, part in enumerate(body.parts) if part.start <= command.span.start < part.end)
    return body.parts[at].simple and all(part.operator in ("&&", "") or body.strict and part.operator == ";" for part in body.parts[at:])


def _reads(body: Body, name: str, programs: bool) -> bool:
    """Whether the body, or with `programs` a program that it runs, could read the variable."""
    if body.commands is None or any(command.name is None for command in body.commands):
        return True
    anew = _sets_anew(body, name, programs)
    if not anew and _speaks_of(name, body.text) or any(map(tells_all, body.commands)):
        return True
    if name in _RELEASE and not programs:
        return False  # which begins as the names of others do
    if not programs and name != name.upper() and not name.endswith("_proxy"):
        return False  # no image has such a name in its environment
    if name.startswith(_STEERING_ALL) or name.lower().endswith("_proxy"):
        return True
    if anew or all(command.name in LOCAL or not command.words or command.name in body.functions for command in body.commands):
        return False
    foreign = any(paths(command, "/") is None or _hosts(command) for command in body.commands)
    return name.startswith(_STEERING) or foreign and (programs or name.startswith(_STEERING_BUILDS))


def _hosts(command: Command) -> bool:
    """Whether a word of it, which may stand behind a `sudo`, is a program that runs what others wrote."""
    return not _HOSTS.isdisjoint(basename(word.raw) for word in command.words)


def tells_all(command: Command) -> bool:
    """Whether it lists the variables of the shell, to anyone."""
    heard = [redirect.target and redirect.target.value for redirect in command.redirects if redirect.fd in (None, 1) and redirect.operator in (">", ">>", ">|", ">&")]
    if heard[-1:] == ["/dev/null"]:
        return False
    return command.name in ("set", "export", "readonly", "declare", "typeset", "local") and all(word.raw.startswith("-") and command.name != "set" for word in command.words[1:])


def _sets_anew(body: Body, name: str, exported: bool) -> bool:
    """Whether the body begins by giving the variable a value of its own, and to programs where it was given to these.

    A `set` before that does not matter: one that speaks of the variable gives it to none.
    """
    first = next((part for part in body.parts if not (part.simple and part.first == "set" and part.operator == ";")), body.parts[-1])
    ways = (f"export {name}=",) if exported else (f"export {name}=", f"{name}=")
    return first.simple and first.text.startswith(ways) and first.text.count(name) == 1 and len(body.within(first)[0].words) in (0, 2)


def _speaks_of(name: str, text: str) -> bool:
    """Whether the name stands in the text, as more than a part of a path, an option or a file's name."""
    before = "" if "((" in text or "$[" in text else "/.-"
    return re.search(rf"(?<![\w{before}]){re.escape(name)}(?!\w)", text) is not None


def _indifferent(body: Body, option: str) -> bool:
    """Whether an option that is on makes no difference to the body, or it switches it on itself at once."""
    if "$-" in body.text or body.commands is None:
        return False
    first = body.commands[0] if body.commands else None
    if first and first.name == "set" and first.place == Place.PLAIN and option in switched(Body(first.span.of(body.text), ())):
        return True
    match option:
        case "errexit":
            return plain_chain(body)
        case "nounset":
            return "$" not in body.text and "`" not in body.text
        case "pipefail":
            return not any(command.place & Place.PIPELINE for command in body.commands)
        case "xtrace" | "verbose":
            return not any(redirect.fd == 2 for command in body.commands if not command.words or command.name == "exec" or body.functions for redirect in command.redirects)
    return False
