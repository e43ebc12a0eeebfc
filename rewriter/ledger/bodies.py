"""The body of a RUN as parts: what stands between the operators of its top level."""
from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import takewhile

from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.shell.model import Command, Script, Segment
from rewriter.shell.reading import read_script
from rewriter.shell.scanner import Unsure
from rewriter.shell.splitter import split
from rewriter.source.model import Heredoc, Instruction

LONGEST = 131_071  # bytes of one argument, which the whole text is
_OPTIONS = Pattern(r"-[rRfv]+|--(?:recursive|force|verbose|one-file-system|preserve-root)")
_STRICT = Pattern(r"set[ \t]+-[uvxfET]*e(?:[euvxfET]*|[euvxfET]*o[ \t]+(?:pipefail|errexit|nounset|xtrace))(?:[ \t]+-(?:[euvxfET]+|[euvxfET]*o[ \t]+(?:pipefail|errexit|nounset|xtrace)))*")
_ALONE = Pattern(r"""\d*<<-?\s*(?:[^\s<'"\\]|'[^'<]*'|"(?:\\[^<]|[^"<\\])*"|\\[^<])+""", re.ASCII)
_WORD = Pattern(r"[^ \t\n]*")
_WRAPS = {"(": ")", "{": "}"}


@dataclass(frozen=True)
class Part:
    """One pipeline or compound command, the operator behind it ("", "&&", "||", ";" or "&"), and where it stands.

    watched: `set -e` ends the shell whenever it fails, if it calls no function; redirected: by busybox not where it is a
    compound command whose redirection fails.
    """

    text: str
    operator: str
    simple: bool
    watched: bool
    redirected: bool
    start: int
    end: int

    @cached_property
    def first(self) -> str:
        """The first word, as it is written: to a shell other white space, as the end of a line in Windows, is none."""
        return _WORD.match(self.text)[0]

    @cached_property
    def strict(self) -> bool:
        """Whether it switches `set -e` on, and does nothing else by which that might fail, or be off again."""
        return self.simple and self.operator != "&" and _STRICT.fullmatch(self.text) is not None


@dataclass(frozen=True)
class Body:
    """A body that was read; `parts` is () where it can't be."""

    text: str
    parts: tuple[Part, ...]

    @cached_property
    def commands(self) -> tuple[Command, ...] | None:
        """All simple commands, at every depth; None where it can't be looked into."""
        found = read_script(self.text)
        return found.commands if isinstance(found, Script) else None

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The names of the functions that it defines."""
        found = read_script(self.text)
        return found.functions if isinstance(found, Script) else ()

    @cached_property
    def slackens(self) -> bool:
        """Whether it may switch `set -e` off."""
        return any(command.name == "set" and any((word.value or "+").startswith("+") for word in command.words[1:]) for command in self.commands or ())

    @property
    def strict(self) -> bool:
        """Whether `set -e` is on from its first command to its last."""
        return bool(self.parts) and self.parts[0].strict and not self.slackens

    def within(self, part: Part) -> list[Command]:
        """The commands of a part."""
        return [command for command in self.commands or () if part.start <= command.span.start < part.end]


def text_of(run: Instruction) -> str:
    """The text that the shell is given; "" for exec form, and for a script that is run by another program.

    Heredocs that commands read follow the line, as they do for the shell.
    """
    if run.json is not None or run.heredocs and run.heredocs[0].content.startswith("#!") and is_script(run):
        return ""
    if is_script(run):
        return _unchomped(run.heredocs[0])
    return run.arguments.text + "".join("\n" + _unchomped(each) + each.name for each in run.heredocs)


def is_script(run: Instruction) -> bool:
    """Whether its one heredoc is all that it runs."""
    return len(run.heredocs) == 1 and _ALONE.fullmatch(run.arguments.text) is not None


def _unchomped(heredoc: Heredoc) -> str:
    return "".join(line.lstrip("\t") if heredoc.chomp else line for line in heredoc.content.splitlines(keepends=True))


def command_of(run: Instruction) -> str:
    """An exec form as a shell command of the same words."""
    from shlex import quote  # which few bodies need

    return " ".join(map(quote, run.json or ()))


@lru_cache(maxsize=1024)
def read_body(text: str) -> Body:
    """The body that `text` is."""
    if len(text.encode("utf-8", "surrogateescape")) > LONGEST:
        return Body(text, ())
    try:
        found = split(text).segments
    except (Unsure, RecursionError):
        return Body(text, ())
    return Body(text, tuple(_part(text, each) for each in found))


def _part(text: str, each: Segment) -> Part:
    return Part(each.span.of(text), each.operator, each.simple, each.watched, each.redirected, each.span.start, each.span.end)


def unwrapped(part: Part, opening: str) -> tuple[Part, ...]:
    """The parts within `( … )` or `{ …; }`; () where the part is no such thing."""
    text = part.text
    if not text.startswith(opening) or not text.endswith(_WRAPS[opening]):
        return ()
    return read_body(text[1:-1].strip(" \t\n")).parts


def words(part: Part) -> tuple[str, ...]:
    """The words of a simple command that are all literal; () for anything else."""
    found = read_body(part.text).commands if part.simple else None
    if not found or len(found) != 1 or found[0].redirects or found[0].assignments or any(word.glob for word in found[0].words):
        return ()
    values = [word.value for word in found[0].words]
    return tuple(value or "" for value in values) if None not in values else ()


def takes_folders(said: Iterable[str]) -> bool:
    """Whether the words of an `rm` have it delete folders, too."""
    return _has(said, "rR", "--recursive")


def forced(said: Iterable[str]) -> bool:
    """Whether the words of an `rm` have it not mind that there is nothing."""
    return _has(said, "f", "--force")


def told(said: Iterable[str]) -> bool:
    """Whether the words of an `rm` have no options but those that are known, of which none has it ask or spare anything.

    Nor a slash behind what is to be a file: with that it fails.
    """
    words = list(said)
    options = [word for word in takewhile(lambda word: word != "--", words) if word.startswith("-")]
    return all(_OPTIONS.fullmatch(word) for word in options) and (takes_folders(words) or not any(word.endswith("/") for word in words))


def _has(said: Iterable[str], letters: str, long: str) -> bool:
    """Whether an option is there, by its letter or by the start of its name."""
    options = [word for word in takewhile(lambda word: word != "--", said) if word.startswith("-")]
    return any(long.startswith(word) if word.startswith("--") else bool(set(letters) & set(word)) for word in options)
