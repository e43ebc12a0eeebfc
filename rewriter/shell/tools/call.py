"""A command taken apart into options and operands, and the records in which tools speak of it."""
from __future__ import annotations

from collections.abc import Callable

from rewriter.record import dataclass
from rewriter.shell.model import Command, Word
from rewriter.shell.paths import absolute, detours


class Act:
    """What a command does to a path. DELETE is only said of what surely goes, if the command succeeds."""

    READ = "reads"
    WRITE = "writes"
    DELETE = "deletes"


@dataclass(frozen=True)
class Effect:
    """An act on `path` (absolute, perhaps with wildcards); `tree`: on all that lies below it, too."""

    act: str
    path: str
    tree: bool = False


@dataclass(frozen=True)
class Call:
    """One run of a tool in folder `cwd` (None: unknown). Options as typed: `-f`, `--output`; value "" if none."""

    options: tuple[tuple[str, str | None], ...]
    operands: tuple[Word, ...]
    cwd: str | None

    @property
    def verb(self) -> str:
        """The literal first operand, "" where there is none."""
        return self.operands[0].value or "" if self.operands else ""

    def has(self, *names: str) -> bool:
        """Whether one of the options is there."""
        return any(name in names for name, _ in self.options)

    def values(self, *names: str) -> list[str | None]:
        """The values of these options, None for each that is not literal."""
        return [value for name, value in self.options if name in names]

    def value(self, *names: str) -> str | None:
        """The literal value of the last of these options; None where there is none or it is not literal."""
        found = self.values(*names)
        return found[-1] if found else None

    def path(self, word: Word) -> str | None:
        """The absolute path that an operand names, wildcards kept; None where the text does not tell."""
        return None if word.value is None or detours(word.value) else absolute(word.value, self.cwd)

    def acts(self, act: str, words: tuple[Word, ...], tree: bool = False) -> list[Effect] | None:
        """`act` on each of these operands; None as soon as one of them can't be told."""
        paths = [self.path(word) for word in words]
        return None if None in paths else [Effect(act, path, tree) for path in paths if path]


@dataclass(frozen=True)
class Tool:
    """What is known of a program.

    valued: options that take a value, as typed (`-o`, `--output`). attached: short ones that take it only if it is
    joined to them. flags: those that take none; with any option that is in none of the three, effects are unknown.
    unparsed: its words follow no common rule: all are operands. wordy: none of them names a file.
    effects: what a call reads, writes and deletes, all of it but for what every program reads (libraries, /etc);
    None where that can't be told; no function for a program never looked into. A folder that it runs in counts as read.
    lasting: why what it leaves behind would reach the next RUN whatever the form, given the call; "" if not.
    """

    valued: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    effects: Callable[[Call], list[Effect] | None] | None = None
    lasting: Callable[[Call], str] | None = None
    attached: frozenset[str] = frozenset()
    unparsed: bool = False
    wordy: bool = False

    def knows(self, call: Call) -> bool:
        """Whether all options of the call are known."""
        return all(name in self.flags or name in self.valued or name in self.attached for name, _ in call.options)


def options(letters: str, long: str = "") -> frozenset[str]:
    """`-x` for each letter, `--word` for each word."""
    return frozenset(["-" + letter for letter in letters] + ["--" + word for word in long.split()])


def reads(call: Call) -> list[Effect] | None:
    """Of a tool that reads its operands, folders with all that is in them."""
    return call.acts(Act.READ, call.operands, tree=True)


def writes(call: Call) -> list[Effect] | None:
    """Of a tool that makes its operands, or changes them."""
    return call.acts(Act.WRITE, call.operands)


def parse(command: Command, cwd: str | None, tool: Tool, loosely: bool = False) -> Call | None:
    """Options and operands, in the manner of getopt_long; None where a word's part in it can't be told.

    loosely: a word that may expand to anything is taken for one operand.
    """
    if tool.unparsed or tool.wordy:
        return Call((), command.words[1:], cwd)
    found: list[tuple[str, str | None]] = []
    operands: list[Word] = []
    words = list(command.words[1:])
    while words:
        word = words.pop(0)
        text = word.value
        if text is None and not loosely and word.raw.startswith(("-", "$", "`", '"$', '"`', '"-')):
            return None  # may be an option, several words, or none
        if text == "--":
            operands += words
            break
        if text is None or not text.startswith("-") or text == "-":
            operands.append(word)
        elif text.startswith("--"):
            name, equals, value = text.partition("=")
            takes_next = name in tool.valued and not equals
            found.append((name, words.pop(0).value if takes_next and words else value))
        else:
            found += _short(text[1:], words, tool)
    return Call(tuple(found), tuple(operands), cwd)


def _short(letters: str, words: list[Word], tool: Tool) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for at, letter in enumerate(letters):
        rest = letters[at + 1 :]
        if "-" + letter in tool.valued:
            found.append(("-" + letter, rest or (words.pop(0).value if words else "")))
            break
        if "-" + letter in tool.attached:
            found.append(("-" + letter, rest))
            break
        found.append(("-" + letter, ""))
    return found
