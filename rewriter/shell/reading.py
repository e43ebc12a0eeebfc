"""From the text of a RUN body, as the shell receives it, to what stands in it."""
from __future__ import annotations

from collections import Counter
from functools import lru_cache

from rewriter.shell import bash
from rewriter.shell.model import Command, Opaque, Script
from rewriter.shell.scanner import Unsure
from rewriter.shell.splitter import Split, split

# Linux takes no longer argument than this, in bytes, and the body is one argument of the shell.
_LONGEST = 131_071
# Beyond these bashlex would take too long.
_LONGEST_FOR_BASHLEX = 65_536
_MOST_COMMANDS = 1_500


@lru_cache(maxsize=1024)
def read_script(text: str) -> Script | Opaque:
    """What stands in the body `text`; the same answer for the same text.

    Our own splitter decides on the top level. bashlex looks inside, and is believed where it sees the same top
    level and the same commands, and where nothing stands in the text that it is known to misread.
    """
    if len(text) > _LONGEST:
        return Opaque("it is too long for a shell")
    try:
        found = split(text)
    except Unsure as unsure:
        return Opaque(str(unsure))
    except RecursionError:
        return Opaque("it is nested too deeply")
    commands = _commands(text, found)
    notes = found.notes
    if commands is None and notes.background:
        return Opaque("something in it is left running, and it can't be looked into")
    return Script(
        text,
        found.segments,
        commands,
        tuple(notes.names),
        tuple(notes.functions),
        tuple(notes.loops),
        notes.comment,
        notes.heredoc,
    )


def _commands(text: str, found: Split) -> tuple[Command, ...] | None:
    notes = found.notes
    if notes.beyond or len(text) > _LONGEST_FOR_BASHLEX or len(notes.names) > _MOST_COMMANDS:
        return None
    reading = bash.read(text, notes)
    if reading is None:
        return None
    segments, commands = reading
    same = segments == found.segments and Counter(command.name for command in commands if command.words) == Counter(notes.names)
    return commands if same else None
