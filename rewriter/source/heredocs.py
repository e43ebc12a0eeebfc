"""Heredoc words of a joined line, by BuildKit's rules (moby/buildkit, frontend/dockerfile/shell/lex.go, parser.go).

The words are those of its Dockerfile lexer with no variable set, which is no shell: `cat<<EOF` holds no heredoc, a quote
left open anywhere means that there is none at all, and the escape character is the backslash whatever the file says.
"""
from __future__ import annotations

from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.source.lines import decoded

_DEEPEST = 50  # substitutions inside one another; more is no honest file, and each level is copied again
_HEREDOC = Pattern(r"[0-9]*<<(-?)([\t\n\f\r ]*)([^<]*)\Z")
_PLAIN = Pattern(r"[^$<'\"\\}/]+")
_GAP = Pattern(r"[^\S\x1c-\x1f]+")
_OPENING = Pattern(r"<(?:<[\t\r ]*)?")
_SINGLE = Pattern(r"'([^']*)'")
_IN_DOUBLE = Pattern(r'[^"$\\]+')
_PARAMETER = Pattern(r"[@*#?\-$!]|\d+")


@dataclass(frozen=True)
class Delimiter:
    """The word that opens a heredoc: its name without quotes, whether variables expand, whether tabs are cut off.

    `apart`: white space before the name, as only BuildKit since 0.22 takes it.
    """

    name: str
    expand: bool
    chomp: bool
    apart: bool

    def ends(self, line: str) -> bool:
        """Whether `line`, without its line end, ends the body."""
        return (line.lstrip("\t") if self.chomp else line) == self.name


def delimiters(line: str) -> tuple[Delimiter, ...]:
    """The heredocs that a joined line of RUN, COPY, ADD (or these behind ONBUILD) opens, in order.

    Raises ValueError where BuildKit reports an error, and where substitutions are nested too deep to follow.
    """
    try:
        words = _Lexer(decoded(line), raw_quotes=True).words(raw_escapes=True)
    except _Unbalanced:
        return ()
    return tuple(found for word in words if (found := _delimiter(word)))


def only(text: str) -> bool:
    """Whether the arguments of a RUN are a heredoc and nothing else, a number before it and white space in its quotes included."""
    return _delimiter(decoded(text)) is not None


def _delimiter(word: str) -> Delimiter | None:
    match = _HEREDOC.match(word)
    if not match or not match[3]:
        return None
    bare = _Lexer(match[3], raw_quotes=False).words(raw_escapes=False)
    if len(bare) != 1:
        return None
    raw = _Lexer(match[3], raw_quotes=True).words(raw_escapes=False)
    if len(raw) != 1:
        raise ValueError(f"the heredoc word {match[3]!r} reads differently with its quotes")
    return Delimiter(bare[0], _quotes(bare[0]) == _quotes(raw[0]), bool(match[1]), bool(match[2]))


def _quotes(word: str) -> int:
    return word.count("'") + word.count('"')


class _Unbalanced(ValueError):
    """A quote or a substitution that does not end, or that BuildKit does not know."""


class _Lexer:
    """BuildKit's word lexer where no variable is set and those that are not set stay as they are."""

    def __init__(self, text: str, *, raw_quotes: bool) -> None:
        self._text = text.removeprefix("\ufeff")
        self._at = 0
        self._raw_quotes = raw_quotes
        self._word: list[str] = []  # shared by all levels, as in BuildKit: a substitution forgets what stood before it
        self._depth = 0

    def words(self, *, raw_escapes: bool) -> list[str]:
        """The words of the text. raw_escapes: escaped characters keep their backslash."""
        return self._until("", raw_escapes)[1]

    def _until(self, stop: str, raw_escapes: bool) -> tuple[str, list[str]]:
        """The text up to the character `stop` ("" for the end), and its words."""
        self._word.clear()
        result, words = [], []
        while char := self._peek():
            if char == stop:
                self._at += 1
                return "".join(result), self._finish(words)
            part = self._part(char, raw_escapes)
            result.append(part)
            self._add(part, words, splits=char not in "<'\"\\")
        if stop:
            raise _Unbalanced(f"no {stop} is found")
        return "".join(result), self._finish(words)

    def _add(self, part: str, words: list[str], *, splits: bool) -> None:
        for number, piece in enumerate(_GAP.split(part) if splits else [part]):
            if number:
                self._finish(words)
            self._word.append(piece)

    def _finish(self, words: list[str]) -> list[str]:
        if any(self._word):
            words.append("".join(self._word))
        self._word.clear()
        return words

    def _part(self, char: str, raw_escapes: bool) -> str:
        """The next stretch: a quoted one, a substitution, an escaped character, `<<` with the space after it, or text."""
        match char:
            case "$":
                return self._dollar()
            case "<":
                return self._take(_OPENING)
            case "'":
                return self._single()
            case '"':
                return self._double(raw_escapes)
            case "\\":
                escaped = self._text[self._at : self._at + 2]
                self._at += 2
                return escaped if raw_escapes else escaped[1:]
        plain = self._take(_PLAIN)
        self._at += not plain
        return plain or char

    def _single(self) -> str:
        match = _SINGLE.match(self._text, self._at)
        if not match:
            raise _Unbalanced("no matching single quote")
        self._at = match.end()
        return match[0] if self._raw_quotes else match[1]

    def _double(self, raw_escapes: bool) -> str:
        result = []
        self._at += 1
        while (char := self._peek()) != '"':
            if not char:
                raise _Unbalanced("no matching double quote")
            if char == "$":
                result.append(self._dollar())
            elif char == "\\":
                result.append(self._escaped_in_double(raw_escapes))
            else:
                result.append(self._take(_IN_DOUBLE))
        self._at += 1
        quote = '"' if self._raw_quotes else ""
        return quote + "".join(result) + quote

    def _escaped_in_double(self, raw_escapes: bool) -> str:
        self._at += 1
        following = self._peek()
        if not following:
            return ""
        if following not in '"$\\':
            return "\\\\" if raw_escapes else "\\"
        self._at += 1
        return "\\" + following if raw_escapes else following

    def _dollar(self) -> str:
        """A substitution, as it stands: no variable is set."""
        self._at += 1
        if self._peek() != "{":
            return "$" + self._name()
        self._at += 1
        if self._peek() in ("", "{", "}", ":"):
            raise _Unbalanced("bad substitution")
        name = self._name()
        operator = self._next()
        if operator == "}":
            return f"${{{name}}}"
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("substitutions are nested too deep")
        rest = self._modifier(operator)
        self._depth -= 1
        return f"${{{name}{rest}}}"

    def _modifier(self, operator: str) -> str:
        """What stands in `${name…}` from its operator on, the brace not included."""
        if operator == "/":
            self._at += self._peek() == "/"
            pattern = self._until("/", raw_escapes=True)[0]
            return f"/{pattern}/{self._until('}', raw_escapes=True)[0]}"
        kind = self._next() if operator == ":" else operator
        if operator == ":" and kind in ("#", "%") or operator not in tuple(":+-?#%"):
            raise _Unbalanced("unsupported substitution")
        word = self._until("}", raw_escapes=kind in ("#", "%"))[0]
        return (":" if operator == ":" else "") + kind + word

    def _name(self) -> str:
        if parameter := self._take(_PARAMETER):
            return parameter
        start = self._at
        while (char := self._peek()) == "_" or char.isalpha() or char.isdecimal():
            self._at += 1
        return self._text[start : self._at]

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        char = self._peek()
        self._at += 1
        return char

    def _take(self, pattern: Pattern) -> str:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return match[0] if match else ""
