"""The words of `dfopt` itself: its options, and what a command line says that is made of plain ones.

click reads every command line, and says what is wrong with one. But to import it takes longer than to optimize a file,
so it is only asked where the few rules here can't tell: for help, mistakes, and forms that are seldom typed.
"""
from __future__ import annotations

import os

from rewriter.cli.choices import CHOICES, Option

OPTIONS = (
    Option(("-o", "--output"), "output", "Write the result to FILE.", "FILE"),
    Option(("-w", "--write"), "write", "Write the result back to the file."),
    Option(("--diff",), "diff", "Print what would change as a diff; exit 1 if anything would."),
    Option(("--check",), "check", "Only say what would change; exit 1 if anything would."),
    Option(("--stdin-filename",), "stdin_filename", "The name and place of what comes on standard input.", "FILE"),
    Option(("--context",), "context", "The build context, for byte counts.  [default: the folder of the Dockerfile]", "DIR", None, folder=True),
    *CHOICES,
    Option(("--verify",), "proves", "Build both, and write only what gives the same image (with -o or -w)."),
    Option(("--no-cache",), "no_cache", "Look at files anew that are known to have nothing to change."),
    Option(("-q", "--quiet"), "quiet", "Say nothing but errors."),
    Option(("-v", "--verbose"), "verbose", "Also say what was left as it is, and why."),
)
_NAMED = {name: option for option in OPTIONS for name in option.names}


def read(words: list[str]) -> tuple[tuple[str, ...], dict] | None:
    """The files and the fields of a command line, as click gives them; None where click has to be asked."""
    paths: list[str] = []
    given: dict = {option.field: _unset(option) for option in OPTIONS}
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            paths.append(word)
            continue
        name, equals, value = word.partition("=")
        option = _NAMED.get(name)
        if option is None or equals and not (option.value and name.startswith("--")):
            return None
        if not option.value:
            given[option.field] = True
            continue
        value = value if equals else next(rest, "--")
        if not _taken(option, value):
            return None
        given[option.field] = (*given[option.field], value) if option.many else value
    return tuple(paths), given


def _unset(option: Option) -> object:
    return () if option.many else option.default if option.value else False


def _taken(option: Option, value: str) -> bool:
    """Whether the value is surely meant as such, and right."""
    if value.startswith("-") and value != "-":
        return False
    return value in option.choices if option.choices else not option.folder or os.path.isdir(value)
