"""What a body leaves in its shell, and in the running system, for what would follow it in a joined RUN.

Three kinds, after the tested table (docs/how-it-works.md): *state* (folder, variables, options …), which a
subshell around the body repairs; *errexit*, which decides the form; and what is *lasting* (a process still
running, a hard link, an edited account), which no form repairs.
"""
from __future__ import annotations

from functools import lru_cache

from rewriter.record import dataclass
from rewriter.shell.certainty import decides, fails
from rewriter.shell.effects import final_folder, tells_release
from rewriter.shell.model import LOST, Command, Place, Script, Segment
from rewriter.shell.reading import read_script
from rewriter.shell.tools.lasting import lasting

_MOVES = frozenset({"cd", "chdir", "pushd", "popd"})
# What these built-ins leave behind in the shell, in words for a report.
_BUILTINS = {
    **dict.fromkeys(("readonly", "declare", "typeset", "getopts", "shift", "let", "mapfile", "readarray", "integer", "setvar"), "it sets variables"),
    **dict.fromkeys(("shopt", "setopt", "enable", "bind", "complete"), "it sets shell options"),
    **dict.fromkeys(("umask", "ulimit"), "it sets limits"),
    **dict.fromkeys(("exec", "logout", "suspend"), "it may end the shell"),
    **dict.fromkeys((".", "source", "eval", "alias", "unalias", "command", "builtin", "nvm", "sdk", "rvm"), "it may change the shell"),
    **dict.fromkeys(("trap", "fg", "bg", "disown", "jobs", "coproc"), "it deals with jobs or traps"),
}
_SPECIAL = frozenset({":", "export", "readonly", "set", "shift", "times", "unset", "break", "continue", "return", "exit", "exec", "eval", ".", "trap"})
_COUNTS_ON_ERREXIT = frozenset({"trap", "shopt", "eval", ".", "source"})
_LETTERS = {"e": "errexit", "u": "nounset", "x": "xtrace", "v": "verbose"}
_OPTIONS = frozenset({*_LETTERS.values(), "pipefail"})
# What /etc/os-release (man os-release) and /etc/lsb-release set.
OS_RELEASE = frozenset(
    "NAME VERSION ID ID_LIKE PRETTY_NAME VERSION_ID VERSION_CODENAME UBUNTU_CODENAME DISTRIB_ID DISTRIB_RELEASE DISTRIB_CODENAME DISTRIB_DESCRIPTION "
    "PLATFORM_ID ANSI_COLOR CPE_NAME LOGO BUILD_ID VARIANT VARIANT_ID IMAGE_ID IMAGE_VERSION RELEASE_TYPE ARCHITECTURE DEFAULT_HOSTNAME SUPPORT_END "
    "HOME_URL DOCUMENTATION_URL SUPPORT_URL BUG_REPORT_URL PRIVACY_POLICY_URL VENDOR_NAME VENDOR_URL DEBIAN_VERSION_FULL SYSEXT_LEVEL CONFEXT_LEVEL "
    "SYSEXT_SCOPE CONFEXT_SCOPE PORTABLE_PREFIXES".split()
)
_START = "/..start"


@dataclass(frozen=True)
class Leaks:
    """state, lasting: why, in words for a report, "" where there is nothing.

    moved: it changes the folder; away: it may end in another than it began in, folder: which, None: unknown. on, off:
    options that it may leave switched on, or off. names: variables and functions that it may leave with another
    meaning; exported: some of these reach programs. errexit: it counts on `set -e`; strict: that is on from its first
    command to its last. single: its last list is one of which that sees every failure.
    """

    state: str
    moved: bool
    away: bool
    folder: str | None
    lasting: str
    on: frozenset[str]
    off: frozenset[str]
    names: frozenset[str]
    exported: bool
    errexit: bool
    strict: bool
    single: bool


def leaks(script: Script) -> Leaks:
    """What `script` leaves behind."""
    return _leaks(script.text)


@lru_cache(maxsize=2048)
def _leaks(text: str) -> Leaks:
    script = read_script(text)
    assert isinstance(script, Script)
    stays = lasting(script)
    if script.commands is None:
        return Leaks("it can't be looked into", True, True, None, stays, frozenset(), frozenset(), frozenset(), True, True, False, False)
    kept = [command for command in script.commands if not command.place & LOST]
    on, off, odd = _options(kept)
    names = set(script.loops) | set(script.functions) | _expansions(script.text)
    told: list[str] = [odd] if odd else []
    exported = False
    for command in kept:
        told.append(_state(command))
        names |= OS_RELEASE if tells_release(command) else set()
        names |= {"BASH_REMATCH"} if command.name == "[[" and any(word.raw == "=~" for word in command.words) else set()
        if not command.words or command.name in _SPECIAL:
            names |= {each.name for each in command.assignments}
        if command.name in ("export", "unset", "read", "local"):
            given = _names(command)
            told.append("it sets variables" if given is None else "")
            names |= given or set()
            exported |= command.name in ("export", "unset")
    if "?" in names:
        told.append("it sets variables")
    errexit = "errexit" in script.text or any(map(_counts_on_errexit, script.commands))
    state = next(filter(None, told), "")
    strict = "errexit" in first_options(script) - off and _opening(script).operator in (";", "")
    moves = [command for command in kept if command.name in _MOVES]
    folder = final_folder(script, None) if moves and all(decides(script, command) for command in moves) else None
    return Leaks(
        state, bool(moves), _leads_away(moves, script), folder, stays, on, off, frozenset(names - {"?"}), exported, errexit,
        strict, _single(script),
    )


def _state(command: Command) -> str:
    """What it leaves in the shell besides a folder, options and named variables."""
    name = command.name
    if name is None:
        raw = command.words[0].raw
        ran = raw.startswith(("/", "./", "../")) or raw.lstrip('"').startswith(("/", "./", "../", "$")) and "/" in raw
        return "" if ran else "its command is not literal"
    words = [word.value for word in command.words[1:]]
    if name == "exit":
        return "" if fails(command) else "it may end the shell"
    if name == "command" and words[:1] in (["-v"], ["-V"]):
        return ""
    if tells_release(command):
        return ""
    if name == "printf" and words[:1] == ["-v"]:
        return "it sets variables"
    if name in ("conda", "mamba", "micromamba") and words[:1] in (["activate"], ["deactivate"], ["shell"], [None]):
        return "it may change the shell"
    return _BUILTINS.get(name, "")


def _counts_on_errexit(command: Command) -> bool:
    return "errexit" in _switched(command)[0] or runs_text(command)


def runs_text(command: Command) -> bool:
    """Whether it may run what is not to be read here, in which `set -e` may be switched on or counted on."""
    return command.name in _COUNTS_ON_ERREXIT and not tells_release(command)


def _names(command: Command) -> set[str] | None:
    """The variables that an `export`, `unset`, `read` or `local` names; None where that can't be told."""
    found = set()
    for word in command.words[1:]:
        name = word.raw.partition("=")[0]
        if name in ("-r", "-f", "-v") and command.name in ("read", "unset"):
            continue
        if not name.replace("_", "a").isalnum() or name[:1].isdigit():
            return None
        found.add(name)
    return found or None


def _expansions(text: str) -> set[str]:
    """The variables that `${NAME:=value}` sets; "?" where arithmetic may set some."""
    found = set()
    for part in text.split("${")[1:]:
        name = part[: next((at for at, char in enumerate(part) if not (char.isalnum() or char == "_")), len(part))]
        if part[len(name) :].startswith(("=", ":=")):
            found.add(name)
    for part in text.split("$((")[1:]:
        sum_ = part.partition("))")[0].replace("<<=", "++").replace(">>=", "++")
        for comparison in ("==", "!=", "<=", ">="):
            sum_ = sum_.replace(comparison, "")
        if "=" in sum_ or "++" in sum_ or "--" in sum_:
            found.add("?")
    return found


def _options(kept: list[Command]) -> tuple[frozenset[str], frozenset[str], str]:
    """The options that may be left on, those that may be left off, and what else `set` does."""
    on: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    odd = ""
    for command in kept:
        if command.name == "set":
            ons, offs, plain = _switched(command)
            sure = command.place == Place.PLAIN
            on, off = (on - offs if sure else on) | ons, (off - ons if sure else off) | offs
            odd = odd or ("" if plain else "it sets shell options")
    return on, off, odd


def _switched(command: Command) -> tuple[frozenset[str], frozenset[str], bool]:
    """The options that a `set` switches on and off, and whether it does nothing else."""
    ons, offs, plain = set(), set(), True
    words = [word.value or "?" for word in command.words[1:]] if command.name == "set" else []
    while words:
        word = words.pop(0)
        letters = word[1:]
        names = {_LETTERS.get(letter, "?") for letter in letters.removesuffix("o")}
        if letters.endswith("o"):
            names |= {words.pop(0) if words else "?"}
        plain &= word[0] in "-+" and bool(letters) and names <= _OPTIONS
        (ons if word[0] == "-" else offs).update(names & _OPTIONS)
    return frozenset(ons), frozenset(offs), plain


def first_options(script: Script) -> frozenset[str]:
    """The options that its first command switches on, if that is a plain `set`; an `export` before it can't fail."""
    segment = _opening(script)
    first = next((each for each in script.commands or () if each.span.start == segment.span.start), None)
    if first is None or first.place != Place.PLAIN or first.name != "set" or not segment.simple or first.redirects or first.assignments:
        return frozenset()
    return _switched(first)[0]


def _opening(script: Script) -> Segment:
    """The first part of the top level that does more than to export literal values."""
    plain = {each.span.start for each in script.commands or () if each.name == "export" and all(word.value and not word.glob for word in each.words)}
    return next((each for each in script.segments if not (each.simple and each.operator in (";", "&&") and each.span.start in plain)), script.segments[-1])


def _single(script: Script) -> bool:
    """Whether the last list is but one pipeline, of which `set -e` sees every failure."""
    *before, last = script.segments[-2:]
    return last.watched and all(segment.operator == ";" for segment in before) and not script.functions


def _leads_away(moves: list[Command], script: Script) -> bool:
    """Whether these may end in another folder than they began in."""
    sure = all(command.name == "cd" and decides(script, command) for command in moves)
    return bool(moves) and (not sure or final_folder(script, _START) != _START)
