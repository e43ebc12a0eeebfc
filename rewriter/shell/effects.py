"""Which paths the commands of a body read, write and delete, as far as known tools and literal words tell."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rewriter.shell.model import Command, Place, Redirect, Script
from rewriter.shell.paths import absolute, covers, might_meet, parents
from rewriter.shell.tools import Act, Effect, call_of, tool_of

# Devices that a redirection may name without touching the image.
_DEVICES = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/stdin", "/dev/tty"})
_LASTING_CD = Place.SUBSHELL | Place.PIPELINE | Place.BACKGROUND | Place.SUBSTITUTION


@dataclass(frozen=True)
class Step:
    """One command, the folder it runs in (None: unknown), and its effects (None: unknown)."""

    command: Command
    cwd: str | None
    effects: tuple[Effect, ...] | None


def steps(script: Script, cwd: str | None) -> tuple[Step, ...]:
    """The body's commands in order, each with what it does, starting in folder `cwd`; () if not looked into."""
    return tuple(_walk(script, cwd))


def _walk(script: Script, cwd: str | None) -> Iterator[Step]:
    for command in script.commands or ():
        yield Step(command, cwd, _effects(command, cwd))
        if command.name in ("cd", "pushd", "popd"):
            cwd = _moved(command, cwd)


def _moved(command: Command, cwd: str | None) -> str | None:
    """The folder after a cd. One inside a subshell or a condition makes it unknown for all that follows."""
    plain = command.place is Place.PLAIN and command.name == "cd" and len(command.words) == 2
    value = command.words[1].value if plain else None
    return absolute(value, cwd) if value and value != "-" and not command.words[1].glob else None


def _effects(command: Command, cwd: str | None) -> tuple[Effect, ...] | None:
    redirected = [_redirected(redirect, cwd) for redirect in command.redirects]
    if None in redirected or any(word.value is None and _substitutes(word.raw) for word in command.words):
        return None
    own = [] if not command.words else _own(command, cwd)
    if own is None:
        return None
    return (*own, *(effect for effects in redirected for effect in effects or ()))


def _own(command: Command, cwd: str | None) -> list[Effect] | None:
    if command.name == "cd":
        folder = absolute(command.words[1].value or "", cwd) if len(command.words) > 1 else "/"
        return None if folder is None else [Effect(Act.READ, folder)]
    tool, call = tool_of(command.name), call_of(command, cwd)
    return tool.effects(call) if tool and tool.effects and call else None


def _substitutes(raw: str) -> bool:
    return "$(" in raw or "`" in raw or raw.startswith(("<(", ">("))


def _redirected(redirect: Redirect, cwd: str | None) -> list[Effect] | None:
    """The effect of a redirection: [] for a heredoc or a duplicated descriptor."""
    if redirect.target is None or redirect.operator in ("<<<", ">&", "<&") and (redirect.target.value or "").rstrip("-").isdigit():
        return []
    path = absolute(redirect.target.value or "", cwd)
    if path in _DEVICES:
        return []
    return None if path is None else [Effect(Act.READ if redirect.operator == "<" else Act.WRITE, path)]


def touches(effect: Effect, path: str, tree: bool) -> bool:
    """Whether an effect may concern `path`, a folder that holds it, or, with `tree`, what lies below it.

    Acts on a folder above count only where they go through the whole tree, or delete or list that folder.
    """
    if not might_meet(effect.path, path):
        return False
    depth = len(effect.path.strip("/").split("/")) - len(path.strip("/").split("/")) if effect.path != "/" else -1
    if depth > 0:
        return tree
    return depth == 0 or effect.tree or effect.act is Act.DELETE


def keeps_off(found: tuple[Step, ...], path: str, tree: bool) -> bool:
    """Whether it is known that none of the steps concerns `path`."""
    return all(step.effects is not None and not any(touches(effect, path, tree) for effect in step.effects) for step in found)


def deletes(step: Step, path: str) -> bool:
    """Whether the step deletes or moves away what is at `path`, or a folder that holds it."""
    folders = [above for above in parents(path) if above != "/"]
    for effect in step.effects or ():
        if effect.act is Act.DELETE and (covers(effect.path, path) or effect.tree and any(covers(effect.path, above) for above in folders)):
            return True
    return False
