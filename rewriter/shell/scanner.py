"""The words of a shell text: quotes, expansions and substitutions, comments, heredocs.

What two of the common shells (dash, bash, busybox ash) would take differently is not decided: `Unsure` is raised.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rewriter.shell.words import literal

# Levels of nesting; what people write has less than ten, and each costs a few of Python's stack frames.
DEEPEST = 30

_BARE = re.compile(r"[^ \t\n;&|<>()'\"\\`$]+")
_BLANK = re.compile(r"(?:[ \t]+|\\\n)*")
_IN_DOUBLE = re.compile(r'[^"\\`$]*')
_IN_BRACES = re.compile(r"[^}'\"\\`$<>]*")
_PARAMETER = re.compile(r"[!#]?(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])")
_IN_ARITHMETIC = re.compile(r"[A-Za-z0-9_ \t+*/%<>=!&|^~?:,#\[\]-]*")
_ESCAPED = re.compile(r"\\([$`\\])")


class Unsure(Exception):
    """The text can't be read for certain; the message says why, in words for a report."""


@dataclass
class Notes:
    """What is met on the way, at whatever depth.

    beyond: what bashlex is known to read wrongly or not at all, the first met; "" for nothing.
    background: a `&` stands in it. The others are as in Script.
    """

    names: list[str | None] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    loops: list[str] = field(default_factory=list)
    comment: bool = False
    heredoc: bool = False
    background: bool = False
    beyond: str = ""

    def exceed(self, what: str) -> None:
        """Note something that bashlex must not be asked about."""
        self.beyond = self.beyond or what


@dataclass(frozen=True)
class _Heredoc:
    end: str
    indented: bool  # <<-
    quoted: bool  # its body is literal


class Scanner:
    """A place in a shell text, and how to get over the words from there. What stands in substitutions is for a subclass."""

    def __init__(self, text: str, notes: Notes, depth: int = 0) -> None:
        self.text = text
        self.notes = notes
        self.at = 0
        self._depth = depth
        self._substitutions = 0  # how many surround this place
        self._heredocs: list[_Heredoc] = []  # those whose bodies begin at the next line

    def program(self) -> object:
        """Read commands up to the end of the text."""
        raise NotImplementedError

    def commands(self, closers: frozenset[str]) -> object:
        """Read commands up to one of the tokens `closers`, which is left unread."""
        raise NotImplementedError

    def peek(self, count: int = 1) -> str:
        """The next characters; less of them, or "", at the end of the text."""
        return self.text[self.at : self.at + count]

    def expect(self, token: str) -> None:
        """Get over `token`, which must be next."""
        if not self.text.startswith(token, self.at):
            raise Unsure(f"a `{token}` is missing")
        self.at += len(token)

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One level deeper."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unsure("it is nested too deeply")
        yield
        self._depth -= 1

    def blanks(self) -> None:
        """Get over blanks, and a comment if there is one: only a token can start here."""
        self.at = _BLANK.match(self.text, self.at).end()
        if self.peek() == "#":
            self.notes.comment = True
            if self.text[self.at - 1 : self.at] not in ("", " ", "\t", "\n"):
                self.notes.exceed("a comment directly after an operator")
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end

    def newlines(self) -> None:
        """Get over blanks, comments, and line ends with the heredocs that begin there."""
        self.blanks()
        while self.peek() == "\n":
            self.at += 1
            if self._heredocs and self._substitutions:
                raise Unsure("a heredoc begins within a substitution")
            for heredoc in self._heredocs:
                self._body(heredoc)
            self._heredocs = []
            self.blanks()

    def heredoc(self, raw: str, indented: bool) -> None:
        """Note a heredoc that ends at the word `raw`."""
        end = literal(raw)
        if end is None or self._substitutions or "\n" in end:
            raise Unsure("a heredoc in it can't be read")
        self.notes.heredoc = True
        self._heredocs.append(_Heredoc(end, indented, end != raw))

    def settled(self) -> None:
        """Nothing may be due any more at the end of the text."""
        if self._heredocs:
            raise Unsure("a heredoc has no body")

    def _body(self, heredoc: _Heredoc) -> None:
        start = self.at
        while self.at < len(self.text):
            end = self.text.find("\n", self.at)
            line = self.text[self.at : end if end >= 0 else len(self.text)]
            if (line.lstrip("\t") if heredoc.indented else line) == heredoc.end:
                body = self.text[start : self.at]
                if not heredoc.quoted and any(mark in body for mark in ("$(", "`", "\\\n", "$[")):
                    raise Unsure("a heredoc substitutes something")
                self.at += len(line)
                # The line end after it stays, and ends nothing more than a blank line would.
                return
            self.at += len(line) + 1
        raise Unsure("a heredoc has no end")

    def word(self) -> str:
        """Get over one word; gives its source, "" where none is."""
        start = self.at
        if self.peek(2) in ("<(", ">("):
            self._substitution(2)
        single = None
        while True:
            if match := _BARE.match(self.text, self.at):
                self.at = match.end()
            single = self.at if self.peek() == "'" else single
            if not match and not self._quoted():
                break
        raw = self.text[start : self.at]
        if self.peek(2) in ("<(", ">(") and raw:
            raise Unsure("a process substitution within a word")
        if "\n" in raw and self._heredocs:
            raise Unsure("a line ends in a word before a heredoc")
        if single is not None and any(mark in raw for mark in ("$(", "`", "<(", ">(")) and raw.find("'", 1) != len(raw) - 1:
            self.notes.exceed("quotes and substitutions in one word")
        return raw

    def _quoted(self) -> bool:
        """Get over a quote, escape or expansion; whether one stood here."""
        char = self.peek()
        if char == "'":
            self._single()
        elif char == '"':
            self._double()
        elif char == "\\":
            if self.peek(2) in ("\\", "\\\n"):
                raise Unsure("a backslash at the end of a line")
            self.at += 2
        elif char == "`":
            self._backquotes(quoted=False)
        elif char == "$":
            self._dollar(quoted=False)
        else:
            return False
        return True

    def _single(self) -> None:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise Unsure("a quote is not closed")
        self.at = end + 1

    def _double(self, *, braces: bool = False) -> None:
        """Double quotes; in `braces` shells part on what a `}` in them means."""
        self.at += 1
        while (char := self._over(_IN_DOUBLE, "}" if braces else "")) != '"':
            if char == "\\":
                self.at += 2
            elif char == "`":
                self._backquotes(quoted=True)
            elif char == "$":
                self._dollar(quoted=True)
            else:
                raise Unsure("a quote is not closed")
        self.at += 1

    def _over(self, run: re.Pattern[str], refused: str = "") -> str:
        """Get over what `run` matches, without the character `refused`; gives the character after it."""
        end = run.match(self.text, self.at).end()
        if refused and self.text.find(refused, self.at, end) >= 0:
            raise Unsure(f"a quoted `{refused}` in an expansion")
        self.at = end
        return self.peek()

    def _dollar(self, *, quoted: bool) -> None:
        after = self.text[self.at + 1 : self.at + 2]
        if self.peek(3) == "$((":
            self._arithmetic()
        elif after == "(":
            self._substitution(2)
        elif after == "{":
            self._parameter(quoted=quoted)
        elif after == "[":
            raise Unsure("`$[` is arithmetic to some shells only")
        elif after == "'" and not quoted:
            self._ansi()
        elif after == '"' and not quoted:
            self.notes.exceed('$"…"')
            self.at += 1
            self._double()
        else:
            # `$$(` is no substitution.
            self.at += 2 if after and after in "#$@*?!-0123456789" else 1

    def _ansi(self) -> None:
        start = self.at
        self.notes.exceed("$'…'")
        self.at += 1
        self._single()
        if self.text[self.at - 2] == "\\" and self.at - start > 3:
            raise Unsure("`\\'` ends $'…' in some shells only")

    def _substitution(self, opening: int) -> None:
        self.at += opening
        self._substitutions += 1
        with self.nested():
            self.commands(frozenset({")"}))
        self._substitutions -= 1
        self.expect(")")

    def _backquotes(self, *, quoted: bool) -> None:
        start = self.at = self.at + 1
        while (char := self.peek()) != "`":
            if not char:
                raise Unsure("a backquote is not closed")
            self.at += 2 if char == "\\" else 1
        raw = self.text[start : self.at]
        self.at += 1
        if quoted and '\\"' in raw or self._heredocs and "\n" in raw:
            raise Unsure("backquotes in it can't be read")
        if "\\" in raw:
            self.notes.exceed("a backslash in backquotes")
        # A comment ends with the backquotes: it is none of the text's own.
        comment = self.notes.comment
        with self.nested():
            inner = type(self)(_ESCAPED.sub(r"\1", raw), self.notes, self._depth)
            inner._substitutions = self._substitutions + 1
            inner.program()
        if self.notes.comment and not comment:
            self.notes.exceed("a comment in backquotes")
        self.notes.comment = comment or "\n" in raw and self.notes.comment

    def _parameter(self, *, quoted: bool) -> None:
        self.at += 2
        match = _PARAMETER.match(self.text, self.at)
        if not match:
            raise Unsure("`${` without a name")
        self.at = match.end()
        start = self.at
        with self.nested():
            while (char := self._over(_IN_BRACES)) != "}":
                self._in_parameter(char, quoted)
        if any(mark in self.text[start : self.at] for mark in ("$(", "`")):
            self.notes.exceed("a substitution within ${…}")
        self.at += 1

    def _in_parameter(self, char: str, quoted: bool) -> None:
        if char == "\\":
            self.at += 2
        elif char == "'":
            start = self.at
            self._single()
            # Within double quotes it may be a quote or not: that must make no difference.
            if any(mark in self.text[start : self.at] for mark in "}\"$`\\"):
                raise Unsure("quotes within ${…}")
        elif char == '"':
            self._double(braces=True)
        elif char == "`":
            self._backquotes(quoted=quoted)
        elif char == "$":
            self._dollar(quoted=quoted)
        elif char and self.peek(2) not in ("<(", ">("):
            self.at += 1
        else:
            raise Unsure("`${` can't be read")

    def _arithmetic(self) -> None:
        self.notes.exceed("arithmetic")
        self.at += 3
        depth = 2
        with self.nested():
            while depth:
                char = self._over(_IN_ARITHMETIC)
                if char == "$" and depth > 1:
                    self._dollar(quoted=True)
                    continue
                if char not in ("(", ")") or depth == 1 and char == "(":
                    raise Unsure("`$((` can't be read")
                if depth == 1 and self.text[self.at - 1] != ")":
                    raise Unsure("`$((` may be a substitution")
                depth += 1 if char == "(" else -1
                self.at += 1
