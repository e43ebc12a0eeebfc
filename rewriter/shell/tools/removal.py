"""`rm`, by its options: whether it takes folders, and whether it minds that there is nothing."""
from __future__ import annotations

from rewriter.shell.model import Command
from rewriter.shell.tools import call_of


def takes_folders(command: Command) -> bool:
    """Whether an `rm` deletes folders, with all that is in them, too."""
    return _has(command, ("-r", "-R"), "--recursive")


def forced(command: Command) -> bool:
    """Whether an `rm` does not mind that what it names is not there."""
    return _has(command, ("-f",), "--force")


def _has(command: Command, short: tuple[str, ...], long: str) -> bool:
    """Whether it has the option, by a letter or in full; GNU takes the start of that for it, too."""
    call = call_of(command, None, loosely=True) if command.name == "rm" else None
    return call is not None and any(name in short or name.startswith("--") and long.startswith(name) for name, _ in call.options)
