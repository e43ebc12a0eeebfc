"""Which paths the commands of a body read, write and delete, as far as known tools and literal words tell."""
from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from itertools import takewhile

from rewriter.budget import spend
from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.shell.certainty import decides, heads
from rewriter.shell.model import LOST, Command, Place, Redirect, Script, Word
from rewriter.shell.paths import absolute, covers, might_meet, parents, spellings, unaliased, within
from rewriter.shell.reading import read_script
from rewriter.shell.tools import Act, Effect, call_of, tool_of
from rewriter.shell.tools.builtins import OWN
from rewriter.shell.tools.sweeping import may_sweep
from rewriter.shell.tools.wrappers import unwrapped
from rewriter.shell.filling import REFERENCE, Values, filled, unbraced

# Devices that a redirection may name without touching the image.
_DEVICES = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/stdin", "/dev/tty"})
# Variables that lead no known tool to another file.
_HARMLESS = frozenset({"DEBIAN_FRONTEND", "DEBCONF_NONINTERACTIVE_SEEN", "LC_ALL", "LANG", "LC_CTYPE", "TZ", "PYTHONUNBUFFERED", "PIP_NO_CACHE_DIR",
                       "DEBCONF_NOWARNINGS", "ACCEPT_EULA", "UCF_FORCE_CONFNEW", "UCF_FORCE_CONFOLD", "PIP_BREAK_SYSTEM_PACKAGES", "IFS"})
# Commands after which the shell may be in another folder.
MOVES = frozenset({"cd", "chdir", "pushd", "popd", "eval", ".", "source"})
_REMOVERS = frozenset({"rm", "rmdir", "mv"})
_EXPANDED = Pattern(r"\$\(.*?(?:\)|\Z)|\$\{[^}]*\}?|`.*?(?:`|\Z)|\$")
_QUOTES = str.maketrans("\"'()", "    ", "\\")
# What any program reads that is not a part of the shell.
_LOADED = ("/lib", "/lib32", "/lib64", "/libx32", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/local/lib", "/usr/local/lib64", "/etc",
           "/bin", "/sbin", "/usr/bin", "/usr/sbin")


@dataclass(frozen=True)
class Step:
    """One command, the folder it runs in (None: unknown), and its effects (None: unknown)."""

    command: Command
    cwd: str | None
    effects: tuple[Effect, ...] | None

    @cached_property
    def named(self) -> tuple[str | None, ...]:
        """The absolute path that each word names, `$NAME` in it for what is not known; None for none."""
        texts = (unbraced(word.value if word.value is not None else word.raw.strip('"')) for word in self.command.words)
        return tuple(absolute(text, self.cwd) for text in texts)

    @cached_property
    def deletions(self) -> tuple[Effect, ...]:
        """What it is known to delete."""
        return tuple(effect for effect in self.effects or () if effect.act == Act.DELETE)


def steps(script: Script, cwd: str | None, values: Values = ()) -> tuple[Step, ...]:
    """The body's commands in order, each with what it does, starting in folder `cwd` with these variables; () if not looked into."""
    return _steps(script.text, cwd, values)


@lru_cache(maxsize=2048)
def _steps(text: str, cwd: str | None, values: Values) -> tuple[Step, ...]:
    script = read_script(text)
    return tuple(_walk(script, cwd, values)) if isinstance(script, Script) else ()


def _walk(script: Script, cwd: str | None, values: Values) -> Iterator[Step]:
    wanders = "done" in script.text and any(each.name in MOVES and each.place != Place.PLAIN for each in script.commands or ())
    globs = _loops_over_pattern(script)
    ends = iter([segment.span.end for segment in script.segments])
    shell, end = cwd, next(ends, 0)  # where the shell itself is
    for command in (filled(each, values) for each in script.commands or ()):
        while command.span.start >= end:
            cwd, end = shell, next(ends, len(script.text) + 1)
        again = command.place != Place.PLAIN
        known = command.name not in script.functions and not (globs and again)
        here = None if again and (wanders or command.place & Place.FUNCTION) else cwd
        yield Step(command, here, _effects(command, here) if known else None)
        if _may_move(script, command):
            cwd = _moved(script, command, cwd)
            shell = shell if command.place & LOST else cwd


def final_folder(script: Script, cwd: str | None) -> str | None:
    """The folder that the shell is in after the body, which starts in `cwd`; None: unknown."""
    for step in steps(script, cwd):
        if _may_move(script, step.command) and not step.command.place & LOST:
            cwd = _moved(script, step.command, step.cwd)
    return cwd


def _may_move(script: Script, command: Command) -> bool:
    """Whether the shell that runs it may be in another folder then."""
    return command.name in MOVES and not tells_release(command) or command.name in script.functions


def tells_release(command: Command) -> bool:
    """Whether it sources the file that tells the distribution's name and version, which only sets variables."""
    return command.name in (".", "source") and [word.value for word in command.words[1:]] in (["/etc/os-release"], ["/etc/lsb-release"])


def _loops_over_pattern(script: Script) -> bool:
    """Whether a `for` may look for files: its words are no part of any command."""
    heads = [part.partition(";")[0].partition("\n")[0] for part in script.text.split("for ")[1:]]
    return any(char in head for head in heads for char in "*?[")


def _moved(script: Script, command: Command, cwd: str | None) -> str | None:
    """The folder after a cd. One that may be skipped, or fail without the rest being skipped, leaves it unknown."""
    plain = command.name == "cd" and len(command.words) == 2 and (decides(script, command) or heads(script, command))
    value = command.words[1].value if plain else None
    return absolute(value, cwd) if value and not value.startswith("-") and not command.words[1].glob else None


def _effects(command: Command, cwd: str | None) -> tuple[Effect, ...] | None:
    redirected = [_redirected(redirect, cwd) for redirect in command.redirects]
    if None in redirected or not all(each.name in _HARMLESS for each in command.assignments if command.words):
        return None
    own = [] if not command.words else _own(unwrapped(command), cwd)
    if own is None:
        return None
    return (*own, *(effect for effects in redirected for effect in effects or ()))


def _own(command: Command, cwd: str | None) -> list[Effect] | None:
    if command.name == "cd":
        folder = absolute(command.words[1].value or "", cwd) if len(command.words) == 2 else None
        return None if folder is None else [Effect(Act.READ, folder)]
    if tells_release(command):
        return []
    tool, call = tool_of(command.name), call_of(command, cwd)
    if tool is None or tool.effects is None or call is None or not tool.knows(call):
        return None
    return tool.effects(call)


def _redirected(redirect: Redirect, cwd: str | None) -> list[Effect] | None:
    """The effect of a redirection: [] for a heredoc or a duplicated descriptor."""
    if redirect.target is None or redirect.operator == "<<<":
        return []
    value = redirect.target.value
    if redirect.operator in (">&", "<&") and value and (value == "-" or value.rstrip("-").isdigit()):
        return []
    path = absolute(value or "", cwd)
    if path in _DEVICES:
        return []
    return None if path is None else [Effect(Act.READ if redirect.operator == "<" else Act.WRITE, path)]


def touches(effect: Effect, path: str, tree: bool) -> bool:
    """Whether an effect may concern `path`, a folder that holds it, or, with `tree`, what lies below it.

    Acts on a folder above count only where they go through the whole tree, or delete or list that folder.
    """
    if not might_meet(effect.path, path):
        return False
    depth = _depth(effect.path) - _depth(path)
    if depth > 0:
        return tree
    return depth == 0 or effect.tree or effect.act == Act.DELETE


def _depth(path: str) -> int:
    return 0 if path == "/" else unaliased(path).count("/")


def keeps_off(found: tuple[Step, ...], path: str, tree: bool) -> bool:
    """Whether it is known that none of the steps concerns `path`."""
    return all(step.effects is not None and not _concerns(step, path, tree) for step in found)


def _concerns(step: Step, path: str, tree: bool) -> bool:
    words = [*step.command.words, *(each.word for each in step.command.assignments)]
    return (
        any(touches(effect, path, tree) for effect in step.effects or ())
        or _loads(step.command, path, tree)
        or len(path) > 1 and any(path in word.raw for word in words)  # if only in a text that is meant for another
    )


def _loads(command: Command, path: str, tree: bool) -> bool:
    """Whether `path` may be read to run the command: its program, libraries, settings."""
    names = {each.name for each in (command, unwrapped(command)) if each.name} - OWN
    return bool(names) and (path.rsplit("/", 1)[-1] in names or _loaded(path, tree))


@lru_cache(maxsize=1024)
def _loaded(path: str, tree: bool) -> bool:
    """Whether any program may read it as it starts."""
    return any(touches(Effect(Act.READ, place, True), path, tree) for place in _LOADED)


def deleting(found: tuple[Step, ...]) -> list[tuple[int, Step]]:
    """The commands that delete something, each with its place."""
    return [(at, step) for at, step in enumerate(found) if step.deletions]


def deletes(step: Step, path: str) -> bool:
    """Whether the step deletes or moves away what is at `path`, or a folder that holds it."""
    spend()
    for effect in step.deletions:
        there = "/".join(path.split("/")[: effect.path.count("/") + 1])  # what is as deep as that which is deleted
        if (there == path or effect.tree and there != "/") and covers(effect.path, there):
            return True
    return False


def may_name(found: tuple[Step, ...], path: str) -> bool:
    """Whether one of the steps deletes a folder by a word with variables that are not known, which may be `path` or a folder above it."""
    spend(len(found))
    named = [word.raw for step in found for word in _folders(unwrapped(step.command)) if word.value is None]
    if not named:
        return False
    given: dict[str, list[str]] = {}
    for step in found:
        for name, value in [(each.name, each.word.raw) for each in step.command.assignments] + [word.raw.partition("=")[::2] for word in step.command.words[1:] if "=" in word.raw]:
            given.setdefault(name, []).append(value)
    return any(_could_be(raw, given, path) for raw in named)


def _folders(command: Command) -> tuple[Word, ...]:
    """What a command is to delete, if it deletes folders; options among it."""
    deep = command.name in ("rmdir", "mv") or command.name == "rm" and any(word.raw.startswith("-") and set(word.raw) & set("rRd") for word in command.words)
    return command.words[1 : -1 if command.name == "mv" else None] if deep else ()


def _could_be(raw: str, given: dict[str, list[str]], path: str) -> bool:
    """given: what the body itself gives to variables, as it is written; one that is made by `mktemp` names nothing that was there."""
    if "mktemp" in raw or any("mktemp" in value for name, values in given.items() if name in raw for value in values):
        return False
    known = {name: values[0] for name, values in given.items() if len(values) == 1 and "$" not in values[0] and "`" not in values[0]}
    pattern = REFERENCE.sub(lambda match: known.get(match[1] or match[2], "*"), raw)
    pattern = _EXPANDED.sub("*", pattern).replace('"', "").rstrip("/")
    return "/.." in pattern or any(folder != "/" and fnmatchcase(folder, pattern) for folder in (path, *parents(path)))


def spares(step: Step) -> bool:
    """Whether it deletes nothing, for all that `may_delete` knows, whatever the path."""
    return step.effects is not None and not step.deletions and not any(word.raw.endswith("find") for word in step.command.words)


def may_delete(step: Step, path: str) -> bool:
    """The same of a folder, also where it is a `find`, or a program that is not known with a delete among its words, which it may run."""
    return any(_may_delete(step, each) for each in spellings(path))


def _may_delete(step: Step, path: str) -> bool:
    command = unwrapped(step.command)
    if (command.name or "").rpartition("/")[2] == "find":
        return may_sweep(command, step.cwd, path)
    if step.effects is not None:
        return bool(step.deletions) and deletes(step, path)
    spend()
    words = " ".join(word.raw for word in step.command.words).translate(_QUOTES).replace(";", " ; ").split()
    for start in (at for at, word in enumerate(words) if word in _REMOVERS):
        said = list(takewhile(lambda word: word not in ("&&", "||", ";", "|"), words[start + 1 :]))
        gone = said[:-1] if words[start] == "mv" else said  # its last is where the others go
        named = [absolute(word, step.cwd) for word in gone if not any(char in word for char in "$*?[{`") and not word.startswith("-")]
        if any(each and each != "/" and within(path, each) for each in named):
            return True
    return False
