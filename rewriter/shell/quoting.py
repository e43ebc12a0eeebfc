"""Getting over the words of a shell text: quotes, expansions, substitutions.

What two of the common shells (dash, bash, busybox ash) would take differently is not decided: `Unsure` is raised.
"""
from __future__ import annotations

import re

from rewriter.pattern import Pattern
from rewriter.shell.scanner import WORD, Scanner, Unsure
from rewriter.shell.words import BARE

_IN_DOUBLE = Pattern(r'[^"\\`$]*')
_IN_DOUBLE_IN_BRACES = Pattern(r'[^"\\`$}]*')
_IN_BRACES = Pattern(r"[^}'\"\\`$<>]*")
_PARAMETER = Pattern(r"[!#]?(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])(?=[}:=?+#%/^,@*[-])")
_IN_ARITHMETIC = Pattern(r"[A-Za-z0-9_ \t+*/%<>=!&|^~?:,#\[\]-]*")
_IN_BACKQUOTES = Pattern(r"(?:[^`\\]+|\\.)*", re.DOTALL)
_ESCAPED = Pattern(r"\\([$`\\])")


class Quoting(Scanner):
    """A scanner that gets over words. The commands in their substitutions are for a subclass."""

    def program(self) -> object:
        """Read commands up to the end of the text."""
        raise NotImplementedError

    def commands(self, closers: frozenset[str]) -> object:
        """Read commands up to one of the tokens `closers`, which is left unread."""
        raise NotImplementedError

    def word(self) -> str:
        """Get over one word; gives its source, "" where none is."""
        start = self.at
        if self.peek(2) in ("<(", ">("):
            self._substitution()
            self.mask(start, WORD)
        while True:
            bare = BARE.match(self.text, self.at)
            if bare:
                self.at = bare.end()
            elif not self._quoted():
                break
        if self.at > start and self.peek(2) in ("<(", ">("):
            raise Unsure("a process substitution within a word")
        self.one_line(start)
        return self.text[start : self.at]

    def _quoted(self) -> bool:
        """Get over a quote, escape or expansion; whether one stood here."""
        start, char = self.at, self.peek()
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
        self.mask(start, WORD)
        return True

    def _single(self) -> None:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise Unsure("a quote is not closed")
        self.at = end + 1

    def _double(self, run: Pattern = _IN_DOUBLE) -> None:
        self.at += 1
        while (char := self.over(run)) != '"':
            if char == "\\":
                self.at += 2
            elif char == "`":
                self._backquotes(quoted=True)
            elif char == "$":
                self._dollar(quoted=True)
            elif char:
                raise Unsure(f"a quoted `{char}` within ${{…}}")
            else:
                raise Unsure("a quote is not closed")
        self.at += 1

    def _dollar(self, *, quoted: bool) -> None:
        after = self.text[self.at + 1 : self.at + 2]
        if self.peek(3) == "$((":
            self._arithmetic()
        elif after == "(":
            self._substitution()
        elif after == "{":
            self._parameter(quoted=quoted)
        elif after == "[":
            raise Unsure("`$[` is arithmetic to some shells only")
        elif after == "'" and not quoted:
            self._ansi()
        elif after == '"' and not quoted:
            self.at += 1
            self._double()
        else:
            # `$$(` is no substitution.
            self.at += 2 if after and after in "#$@*?!-0123456789" else 1

    def _ansi(self) -> None:
        start = self.at = self.at + 1
        self._single()
        if self.text[self.at - 2] == "\\" and self.at - start > 2:
            raise Unsure("`\\'` ends $'…' in some shells only")

    def _substitution(self) -> None:
        """`$( )`, `<( )` or `>( )`."""
        start = self.at
        self.at += 2
        loops = len(self.notes.loops)
        before, self.substituted = self.substituted, True
        with self.nested:
            self.commands(frozenset({")"}))
        self.substituted = before
        del self.notes.loops[loops:]
        self.expect(")")
        self.notes.substitutions.append((self.offset + start, self.offset + self.at, 2))

    def _backquotes(self, *, quoted: bool) -> None:
        start = self.at = self.at + 1
        if self.over(_IN_BACKQUOTES) != "`":
            raise Unsure("a backquote is not closed")
        raw = self.text[start : self.at]
        self.at += 1
        if quoted and '\\"' in raw:
            raise Unsure("backquotes in it can't be read")
        notes, inner = self.notes, _ESCAPED.sub(r"\1", raw)
        if inner != raw:
            # What stands in them is found at other offsets.
            notes.exceed("a backslash in backquotes")
        loops, comment = len(notes.loops), notes.comment
        with self.nested:
            type(self)(inner, notes, self.offset + start, self.nested.depth, substituted=True).program()
        del notes.loops[loops:]
        # A comment on their only line ends with them: it is none of the text's own.
        notes.comment = comment or notes.comment and "\n" in raw
        notes.substitutions.append((self.offset + start - 1, self.offset + self.at, 1))

    def _parameter(self, *, quoted: bool) -> None:
        self.at += 2
        match = _PARAMETER.match(self.text, self.at)
        if not match:
            raise Unsure("`${` without a name")
        self.at = match.end()
        with self.nested:
            while (char := self.over(_IN_BRACES)) != "}":
                self._in_parameter(char, quoted=quoted)
        self.at += 1

    def _in_parameter(self, char: str, *, quoted: bool) -> None:
        if char == "\\":
            self.at += 2
        elif char == "'":
            start = self.at
            self._single()
            # Within double quotes it may be a quote or not: that must make no difference.
            if any(mark in self.text[start : self.at] for mark in '}"$`\\'):
                raise Unsure("quotes within ${…}")
        elif char == '"':
            # Shells part on what a `}` in them means.
            self._double(_IN_DOUBLE_IN_BRACES)
        elif char == "`":
            self._backquotes(quoted=quoted)
        elif char == "$":
            self._dollar(quoted=quoted)
        elif char and self.peek(2) not in ("<(", ">("):
            self.at += 1
        else:
            raise Unsure("`${` can't be read")

    def _arithmetic(self) -> None:
        self.at += 3
        depth = 2
        with self.nested:
            while depth:
                char = self.over(_IN_ARITHMETIC)
                if depth == 1 and (char != ")" or self.text[self.at - 1] != ")"):
                    raise Unsure("`$((` may be a substitution")
                if char == "$":
                    self._dollar(quoted=True)
                elif char in ("(", ")"):
                    depth += 1 if char == "(" else -1
                    self.at += 1
                else:
                    raise Unsure("`$((` can't be read")
