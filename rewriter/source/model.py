"""What reading a Dockerfile gives: pieces that join to the text again, byte for byte.

Pure records. `read` in `reading.py` makes them; nothing else does.
"""
from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property

from rewriter.record import dataclass
from rewriter.text import Span


@dataclass(frozen=True)
class Logical:
    """Text as the builder sees it, with continuations taken out, and the way back to the file.

    `runs` are (offset in `text`, offset in the file) where a stretch starts that is contiguous in both.
    """

    text: str
    runs: tuple[tuple[int, int], ...]

    def at(self, offset: int) -> int:
        """The offset in the file of the character at `offset` of `text`; one past the last is allowed."""
        if offset >= len(self.text) > 0:
            return self.at(len(self.text) - 1) + 1
        start, there = self.runs[bisect_right(self.runs, (offset, 1 << 62)) - 1]
        return there + offset - start

    def span(self, start: int, end: int) -> Span:
        """The span in the file from the character at `start` to the one before `end`, continuations included."""
        return Span(self.at(start), self.at(end - 1) + 1) if end > start else Span(self.at(start), self.at(start))

    def slice(self, start: int, end: int) -> Logical:
        """The part of it from `start` to `end`."""
        if len(self.runs) == 1:
            return Logical(self.text[start:end], ((0, self.at(start)),))
        first, last = bisect_right(self.runs, (start, 1 << 62)), bisect_left(self.runs, (end, -1))
        inside = tuple((at - start, there) for at, there in self.runs[first:last])
        return Logical(self.text[start:end], ((0, self.at(start)), *inside))


@dataclass(frozen=True)
class Directive:
    """A parser directive (`# syntax=…`, `# escape=…`, `# check=…`) at the top of the file."""

    span: Span
    line: int
    name: str
    value: str


@dataclass(frozen=True)
class Comment:
    """A line that is a comment, outside of any instruction."""

    span: Span
    line: int
    text: str  # from the `#` on, without the line end


@dataclass(frozen=True)
class Blank:
    """A line with nothing but white space, outside of any instruction."""

    span: Span
    line: int


@dataclass(frozen=True)
class Flag:
    """A builder flag: `--from=build` is name `from`, value `build`; `--link` has the value None."""

    span: Span
    name: str
    value: str | None
    text: str  # as BuildKit reads it: quotes and escapes taken out


@dataclass(frozen=True)
class Heredoc:
    """One heredoc of an instruction. `body` and `terminator` are whole lines in the file."""

    name: str
    expand: bool  # False where a part of the delimiter is quoted
    chomp: bool  # `<<-`
    content: str  # the body's lines as they stand in the file (not chomped)
    body: Span
    terminator: Span

    @property
    def logical(self) -> Logical:
        """The body as its reader sees it: chomped, if that is said."""
        if not self.chomp:
            return Logical(self.content, ((0, self.body.start),))
        kept, runs, at, there = [], [], 0, self.body.start
        for line in self.content.split("\n"):
            kept.append(line.lstrip("\t"))
            there += len(line) - len(kept[-1])
            runs.append((at, there))
            at, there = at + len(kept[-1]) + 1, there + len(kept[-1]) + 1
        return Logical("\n".join(kept), tuple(runs))


@dataclass(frozen=True, eq=False)
class Instruction:
    """One instruction: all its lines, with continuations, comments inside, and heredoc bodies. It is equal to itself alone."""

    index: int  # among the instructions of the file, from 0
    keyword: str  # in upper case
    span: Span  # whole lines, the last line end included
    line: int
    end_line: int  # inclusive
    logical: Logical  # the joined line, from the keyword on, white space at both ends taken off
    flags: tuple[Flag, ...]
    arguments: Logical  # what follows keyword and flags; the text is "" where nothing does
    json: tuple[str, ...] | None  # exec form, where the arguments are a JSON array of strings
    heredocs: tuple[Heredoc, ...]
    comments: tuple[Comment, ...]  # comment lines between its continued lines
    trigger: Instruction | None  # ONBUILD: the instruction it holds, with spans in the same file

    @cached_property
    def answers(self) -> dict:
        """What has been found out about it alone, by question. It stays with it in Dockerfiles that begin alike."""
        return {}

    @cached_property
    def scripted(self) -> bool:
        """Whether its one heredoc is all of its arguments: of a RUN that is the whole script."""
        if len(self.heredocs) != 1:
            return False
        from rewriter.source.heredocs import only  # few RUNs have any

        return only(self.arguments.text)

    @cached_property
    def body(self) -> Logical:
        """What the shell of a RUN is given: its arguments, with heredocs below them that commands read; or the heredoc that is its script."""
        if not self.heredocs:
            return self.arguments
        if self.scripted:
            return self.heredocs[0].logical
        text, runs = self.arguments.text, list(self.arguments.runs)
        for each in self.heredocs:
            runs.append((len(text), each.body.start - 1))
            text += "\n" + each.content + each.name
        return Logical(text, tuple(runs))

    def flag(self, name: str) -> str | None:
        """The value of the last flag called `name`; "" for one without a value, None where there is none."""
        values = [flag.value or "" for flag in self.flags if flag.name == name]
        return values[-1] if values else None


Piece = Directive | Comment | Blank | Instruction


@dataclass(frozen=True)
class Dockerfile:
    """A whole file: `bom` and the pieces' spans, joined, are `text`."""

    text: str
    bom: str  # "\ufeff" or ""
    escape: str  # "\\" or "`"
    pieces: tuple[Piece, ...]

    @cached_property
    def instructions(self) -> tuple[Instruction, ...]:
        """The instructions, in order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Instruction))

    @cached_property
    def answers(self) -> dict:
        """What has been found out about it, by question: what one change makes of it is what the next one begins with."""
        return {}

    @cached_property
    def directives(self) -> dict[str, str]:
        """The values of the parser directives, by name."""
        return {piece.name: piece.value for piece in self.pieces if isinstance(piece, Directive)}

    def lead(self, instruction: Instruction) -> tuple[Comment | Blank, ...]:
        """The comments and blank lines between the piece before `instruction` that is neither, and it."""
        above = self.pieces[: self.pieces.index(instruction)]
        first = len(above)
        while first and isinstance(above[first - 1], Comment | Blank):
            first -= 1
        return above[first:]


@dataclass(frozen=True)
class Unreadable:
    """A text that BuildKit's parser refuses, and why."""

    line: int
    reason: str
