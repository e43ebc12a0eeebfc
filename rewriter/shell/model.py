"""What reading a RUN body gives. Pure records; spans are offsets into the body's text, not the file."""
from __future__ import annotations

from functools import cached_property

from rewriter.record import dataclass, field
from rewriter.text import Span


@dataclass(frozen=True)
class Opaque:
    """A body that can't be read, and why: a value like any other, never an exception."""

    reason: str


class Place:
    """Where a command stands, as far as that bears on what it leaves in the shell that runs the body: bits of a number."""

    PLAIN = 0
    SUBSHELL = 1  # inside ( )
    PIPELINE = 2  # one of two or more commands of a pipeline
    BACKGROUND = 4  # followed by &, itself or a group around it
    SUBSTITUTION = 8  # inside $( ), backquotes, <( ) or >( )
    FUNCTION = 16  # in the body of a function definition
    CONDITIONAL = 32  # may be skipped, or run more than once: if, loop, case, after || or a second &&
    NEGATED = 64  # under !, or in the condition of if, while, until


# From these nothing that a command does to its shell gets back to the one that runs the body.
LOST = Place.SUBSHELL | Place.PIPELINE | Place.BACKGROUND | Place.SUBSTITUTION


@dataclass(frozen=True)
class Word:
    """A word of a command. `value` is None where the shell would expand, substitute or split it."""

    span: Span
    raw: str  # as it stands in the text
    value: str | None  # quotes and backslashes taken out; a glob keeps its characters
    glob: bool  # has an unquoted *, ? or [


@dataclass(frozen=True)
class Redirect:
    """A redirection: `operator` is one of > >> < >| <> &> &>> >& <& << <<- <<<."""

    span: Span
    operator: str
    fd: int | None  # the number before the operator, if any
    target: Word | None  # None for a heredoc


@dataclass(frozen=True)
class Assignment:
    """`NAME=value` before a command, or instead of one."""

    span: Span
    name: str
    word: Word  # the value


@dataclass(frozen=True)
class Command:
    """A simple command; `words[0]` is its name. No words: assignments or redirections alone."""

    span: Span
    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...]
    redirects: tuple[Redirect, ...]
    place: int

    @cached_property
    def name(self) -> str | None:
        """The literal command word, "" where there is none, None where it is not literal."""
        return self.words[0].value if self.words else ""

    @property
    def options(self) -> tuple[str, ...]:
        """Its words that are options; "" for each that may be one, as it is not literal."""
        return tuple(word.value or "" for word in self.words[1:] if (word.value or "-").startswith("-"))

    @property
    def silent(self) -> bool:
        """Whether it is given no file to write or read but /dev/null."""
        return all(redirect.target is not None and redirect.target.value == "/dev/null" for redirect in self.redirects)

    @cached_property
    def answers(self) -> dict:
        """What has been found out about it, by question."""
        return {}


@dataclass(frozen=True)
class Segment:
    """One pipeline of the body's top level, with the operator that follows it: "", "&&", "||", ";" or "&".

    The last two are our own splitter's alone. watched: `set -e` ends the shell whenever it fails, if it calls no
    function. redirected: a compound command in it is, whose failure busybox ash lets pass if it can't be.
    """

    span: Span
    operator: str
    simple: bool  # one simple command, no pipe, not a compound command and no function definition
    watched: bool = field(default=False, compare=False)
    redirected: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Script:
    """A body that was read.

    `segments` cover the top level. `commands` are all simple commands at every depth, in order of their
    start, as bashlex reads them; None where only our own splitter understands the body: it may then be
    joined, not looked into. `names` are the literal first words of simple commands at every depth, as the
    splitter sees them, with None for each that is not literal.
    """

    text: str
    segments: tuple[Segment, ...]
    commands: tuple[Command, ...] | None
    names: tuple[str | None, ...]
    functions: tuple[str, ...]  # names it defines
    loops: tuple[str, ...]  # variables of its for loops outside subshells, which the shell keeps
    comment: bool  # a shell comment stands in it
    heredoc: bool  # a heredoc of the shell stands in it

    @cached_property
    def answers(self) -> dict[str, int | bool]:
        """What has been concluded from it, by question: it is asked for each of its commands."""
        return {}
