"""A place in a shell text, and what is met on the way: blanks, comments, line ends, heredocs."""
from __future__ import annotations

from rewriter.pattern import Pattern
from rewriter.record import dataclass, field
from rewriter.shell.words import literal

# What stands for each character that is masked: a part of a word, or nothing.
WORD, BLANK = "_", " "
# Levels of nesting; what people write has less than ten, and each costs a few of Python's stack frames.
DEEPEST = 30

REDIRECT = Pattern(r"([0-9]*)(<(?:<[<-]?|[>&])?|>[>&|]?)(?:[ \t]|\\\n)*")  # a descriptor, the operator, blanks
_BLANKS = Pattern(r"(?:[ \t]+|\\\n)*")
# What a heredoc whose delimiter is not quoted may not hold: it would substitute, or its end would be in doubt.
_SUBSTITUTES = ("$(", "`", "$[", "\\\n")


class Unsure(Exception):
    """The text can't be read for certain; the message says why, in words for a report."""


@dataclass
class Notes:
    """What is met on the way, at whatever depth. Spans are offsets into the whole text.

    beyond: what bashlex can't be asked about, the first met; "" for nothing. background: a `&` stands in it.
    masks: what bashlex should not see, by start and end, with what to put there: WORD for what is quoted or
    expands, BLANK for comments and heredocs. substitutions: by start and end with the length of what opens them.
    blocks: compound commands that bashlex can't read and is shown as `{ _; }`, by their starts: where each list of
    commands in them starts and ends, and in what place it stands. The others are as in Script.
    """

    names: list[str | None] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    loops: list[str] = field(default_factory=list)
    comment: bool = False
    heredoc: bool = False
    background: bool = False
    beyond: str = ""
    masks: list[tuple[int, int, str]] = field(default_factory=list)
    substitutions: list[tuple[int, int, int]] = field(default_factory=list)
    blocks: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)

    def exceed(self, what: str) -> None:
        """Note something that bashlex must not be asked about."""
        self.beyond = self.beyond or what


@dataclass(frozen=True)
class _Heredoc:
    end: str
    indented: bool  # <<-
    quoted: bool  # its body is literal


class Nested:
    """How deep a place is; within a `with` one level deeper. Raises Unsure at the deepest."""

    def __init__(self, depth: int) -> None:
        self.depth = depth

    def __enter__(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unsure("it is nested too deeply")

    def __exit__(self, *failure: object) -> None:
        self.depth -= 1


class Scanner:
    """A place in `text`, which may be but a part of the whole text, from `offset`."""

    def __init__(self, text: str, notes: Notes, offset: int = 0, depth: int = 0, *, substituted: bool = False) -> None:
        self.text = text
        self.notes = notes
        self.at = 0
        self.offset = offset
        self.nested = Nested(depth)
        self.substituted = substituted  # within a substitution
        self._heredocs: list[_Heredoc] = []  # those whose bodies begin at the next line

    def peek(self, count: int = 1) -> str:
        """The next characters; less of them, or "", at the end of the text."""
        return self.text[self.at : self.at + count]

    def expect(self, token: str) -> None:
        """Get over `token`, which must be next."""
        if not self.text.startswith(token, self.at):
            raise Unsure(f"a `{token}` is missing")
        self.at += len(token)

    def over(self, run: Pattern) -> str:
        """Get over what `run` matches; gives the character after it."""
        self.at = run.match(self.text, self.at).end()
        return self.peek()

    def mask(self, start: int, filler: str) -> None:
        """Note that what was got over since `start` is nothing that bashlex should see."""
        if self.at > start:
            self.notes.masks.append((self.offset + start, self.offset + self.at, filler))

    def block(self, start: int, lists: list[tuple[int, int, int]]) -> None:
        """Note that the compound command just got over is made of `lists`."""
        self.notes.blocks[self.offset + start] = lists
        end = self.at
        for self.at, filler in ((start + 1, "{"), (start + 2, BLANK), (end - 2, WORD), (end - 1, ";"), (end, "}")):
            self.mask(start, filler)
            start = self.at

    def spaces(self) -> str:
        """Get over blanks and continued line ends; gives the character after them."""
        start, self.at = self.at, _BLANKS.match(self.text, self.at).end()
        if self.at > start and "\n" in self.text[start : self.at]:
            self.mask(start, BLANK)
        return self.text[self.at : self.at + 1]

    def blanks(self) -> None:
        """Get over blanks, and a comment if there is one: only a token can start here."""
        if self.spaces() == "#":
            start = self.at
            self.notes.comment = True
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
            self.mask(start, BLANK)

    def newlines(self) -> None:
        """Get over blanks, comments, and line ends with the heredocs that begin there."""
        self.blanks()
        while self.peek() == "\n":
            self.at += 1
            if self._heredocs:
                self._bodies()
            self.blanks()

    def heredoc(self, raw: str, *, indented: bool) -> None:
        """Note a heredoc that ends at the word `raw`."""
        end = literal(raw)
        if end is None or self.substituted or "\n" in end:
            raise Unsure("a heredoc in it can't be read")
        self.notes.heredoc = True
        self._heredocs.append(_Heredoc(end, indented, end != raw))

    def one_line(self, start: int) -> None:
        """What was got over since `start` may not go over a line end where a heredoc begins."""
        if self._heredocs and "\n" in self.text[start : self.at]:
            raise Unsure("a heredoc begins within a word")

    def settled(self) -> None:
        """Nothing may be due any more at the end of the text."""
        if self._heredocs:
            raise Unsure("a heredoc has no body")

    def _bodies(self) -> None:
        if self.substituted:
            raise Unsure("a heredoc begins within a substitution")
        start = self.at
        for heredoc in self._heredocs:
            self._body(heredoc)
        self._heredocs = []
        self.mask(start, BLANK)

    def _body(self, heredoc: _Heredoc) -> None:
        start = self.at
        while self.at < len(self.text):
            end = self.text.find("\n", self.at)
            line = self.text[self.at : end if end >= 0 else len(self.text)]
            begun = self.at
            self.at = min(begun + len(line) + 1, len(self.text))
            if (line.lstrip("\t") if heredoc.indented else line) == heredoc.end:
                body = self.text[start:begun]
                if not heredoc.quoted and any(mark in body for mark in _SUBSTITUTES):
                    raise Unsure("a heredoc substitutes something")
                return
        raise Unsure("a heredoc has no end")
