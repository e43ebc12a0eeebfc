"""`rm` and its like, by their options: whether it takes folders, minds that there is nothing, or deletes at all."""
from __future__ import annotations

from rewriter.shell.model import Command
from rewriter.shell.tools import call_of

DELETERS = frozenset({"rm", "unlink"})  # they do nothing but delete what they name


def takes_folders(command: Command) -> bool:
    """Whether an `rm` deletes folders, with all that is in them, too."""
    return _has(command, ("-r", "-R"), "--recursive")


def forced(command: Command) -> bool:
    """Whether an `rm` does not mind that what it names is not there."""
    return _has(command, ("-f",), "--force")


def only_tells(command: Command) -> bool:
    """Whether an `rm`, `unlink` or `mv` says what it is, and does nothing: by `--help` or `--version`, of which GNU takes the start for the whole."""
    return any((word.value or "").startswith(("--h", "--vers")) for word in command.words[1:])


def _has(command: Command, short: tuple[str, ...], long: str) -> bool:
    """Whether it has the option, by a letter or in full; GNU takes the start of that for it, too."""
    call = call_of(command, None, loosely=True) if command.name == "rm" else None
    return call is not None and any(name in short or name.startswith("--") and long.startswith(name) for name, _ in call.options)
