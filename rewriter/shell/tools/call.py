"""A command taken apart into options and operands, and the records in which tools speak of it."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from rewriter.shell.model import Command, Word
from rewriter.shell.paths import absolute


class Act(Enum):
    """What a command does to a path."""

    READ = "reads"
    WRITE = "writes"
    DELETE = "deletes"


@dataclass(frozen=True)
class Effect:
    """An act on `path` (absolute, perhaps with wildcards); `tree`: on all that lies below it, too."""

    act: Act
    path: str
    tree: bool = False


@dataclass(frozen=True)
class Call:
    """One run of a tool in folder `cwd` (None: unknown). Options as typed: `-f`, `--output`; value "" if none."""

    options: tuple[tuple[str, str | None], ...]
    operands: tuple[Word, ...]
    cwd: str | None

    def has(self, *names: str) -> bool:
        """Whether one of the options is there."""
        return any(name in names for name, _ in self.options)

    def value(self, *names: str) -> str | None:
        """The literal value of the last of these options; None where there is none or it is not literal."""
        found = [value for name, value in self.options if name in names]
        return found[-1] if found else None

    def path(self, word: Word) -> str | None:
        """The absolute path that an operand names, wildcards kept; None where the text does not tell."""
        return None if word.value is None else absolute(word.value, self.cwd)

    def acts(self, act: Act, words: tuple[Word, ...], tree: bool = False) -> list[Effect] | None:
        """`act` on each of these operands; None as soon as one of them can't be told."""
        paths = [self.path(word) for word in words]
        return None if None in paths else [Effect(act, path, tree) for path in paths]


@dataclass(frozen=True)
class Tool:
    """What is known of a program.

    valued: options that take a value, as typed (`-o`, `--output`).
    effects: what a call does to files, None where that can't be told; None for a program never looked into.
    lasting: why what it leaves behind would reach the next RUN whatever the form, given the call; "" if not.
    """

    valued: frozenset[str] = frozenset()
    effects: Callable[[Call], list[Effect] | None] | None = None
    lasting: Callable[[Call], str] | None = None


def parse(command: Command, cwd: str | None, valued: frozenset[str], loosely: bool = False) -> Call | None:
    """Options and operands, in the manner of getopt_long; None where a word's part in it can't be told.

    loosely: a word that may expand to anything is taken for one operand.
    """
    options: list[tuple[str, str | None]] = []
    operands: list[Word] = []
    words = list(command.words[1:])
    while words:
        word = words.pop(0)
        text = word.value
        if text is None and not loosely and word.raw.startswith(("-", "$", "`", '"$', '"-')):
            return None  # may be an option, several words, or none
        if text == "--":
            operands += words
            break
        if text is None or not text.startswith("-") or text == "-":
            operands.append(word)
            continue
        if text.startswith("--"):
            name, equals, value = text.partition("=")
            takes_next = name in valued and not equals
            options.append((name, words.pop(0).value if takes_next and words else value))
            continue
        options += _short(text[1:], words, valued)
    return Call(tuple(options), tuple(operands), cwd)


def _short(letters: str, words: list[Word], valued: frozenset[str]) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for at, letter in enumerate(letters):
        if "-" + letter in valued:
            rest = letters[at + 1 :]
            found.append(("-" + letter, rest or (words.pop(0).value if words else "")))
            break
        found.append(("-" + letter, ""))
    return found
