"""Our own strict reader of shell text: what its top level is made of, and which commands stand in it.

It knows simple commands, pipelines, lists, `if`, `for`, `while`, `until`, `case`, `{ }`, `( )`, `[[ ]]` and
function definitions, as dash, bash and busybox ash read them alike. Anything else is not guessed at.
"""
from __future__ import annotations

from functools import lru_cache

from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.shell.compounds import NAME, PARENTHESES, RESERVED, Compounds
from rewriter.shell.model import Segment
from rewriter.shell.scanner import BLANK, REDIRECT, Notes, Unsure
from rewriter.shell.words import literal
from rewriter.text import Span

_ASSIGNS = Pattern(r"[A-Za-z_][A-Za-z0-9_]*=")
_ASSIGNS_IN_BASH = Pattern(r"[A-Za-z_][A-Za-z0-9_]*\+=")
_SUBSCRIPT = Pattern(r"[A-Za-z_][A-Za-z0-9_]*\[")
# Words behind that of the command, in which nothing has a meaning to the shell but for wildcards.
_PLAIN = r"[^ \t\n;&|<>()'\"\\`$#{]+"
_ARGUMENTS = Pattern(rf"{_PLAIN}(?:[ \t]+{_PLAIN})*(?=[ \t\n;&|)]|\Z)")
_DIGITS = Pattern(r"[0-9]*")
_DESCRIPTOR = Pattern(r"\{[A-Za-z_][A-Za-z0-9_]*\}")
_PORTABLY_TIMED = Pattern(r"-p(?=[ \t])")
_AT_END = frozenset({""})


@dataclass(frozen=True)
class Split:
    """A text's top level, and what was met in it at any depth."""

    segments: tuple[Segment, ...]
    notes: Notes


@lru_cache(maxsize=256)
def split(text: str) -> Split:
    """Read `text` as a shell does. Raises Unsure where that isn't certain. Takes linear time and bounded depth.

    Those who look into a body and those who confirm what became of it ask for the same.
    """
    if "\0" in text:
        raise Unsure("it holds a zero byte")
    if text[:1] in ("-", "+"):
        raise Unsure("the shell would take it for an option")
    notes = Notes()
    segments = _Splitter(text, notes).program()
    if not segments:
        raise Unsure("it holds no command")
    if "alias" in notes.names and "\n" in text:
        raise Unsure("an alias may change how its next lines read")
    return Split(tuple(segments), notes)


class _Splitter(Compounds):
    """Lists, pipelines and simple commands."""

    def program(self) -> list[Segment]:
        """The commands up to the end of the text."""
        segments = self.commands(_AT_END)
        self.settled()
        return segments

    def commands(self, closers: frozenset[str]) -> list[Segment]:
        """The commands up to one of the tokens `closers`, which is left unread."""
        segments: list[Segment] = []
        while True:
            self.newlines()
            if self.token() in closers:
                if segments and segments[-1].operator in ("&&", "||"):
                    raise Unsure(f"nothing follows a `{segments[-1].operator}`")
                return segments
            start, redirected = self.at, self.redirected
            simple, end = self._pipeline()
            watched, redirected = self.watched, self.redirected > redirected
            segments.append(Segment(Span(start, end), self._operator(), simple, watched, redirected))
            if not segments[-1].operator and self.token() not in closers:
                raise Unsure(f"`{self.token() or 'its end'}` stands in an unexpected place")

    def _operator(self) -> str:
        self.blanks()
        two, one = self.peek(2), self.peek()
        if two in ("&&", "||"):
            self.at += 2
            return two
        if two in ("&>", ";&"):
            raise Unsure(f"`{two}` means one thing to bash and another to sh")
        if one == "\n":
            self.newlines()
            return ";" if self.peek() else ""
        if one not in (";", "&") or two == ";;":
            return ""
        self.at += 1
        self.notes.background |= one == "&"
        return one

    def _pipeline(self) -> tuple[bool, int]:
        """Whether it is but one simple command, and where it ends."""
        bare = simple = not self._prefix()
        piped = False
        while True:
            simple &= self._command()
            end = self.at
            self.blanks()
            if self.peek() != "|" or self.peek(2) == "||":
                self.watched = bare and (piped or self.watched)
                return simple, end
            if self.peek(2) == "|&":
                raise Unsure("`|&` is for bash only")
            simple, piped = False, True
            self.at += 1
            self.newlines()

    def _prefix(self) -> bool:
        """`!` or `time`. bash times a pipeline, others run a program: both names count."""
        start = self.at
        if self.token() == "!":
            self.keyword("!")
            if self.at == start + 1:
                raise Unsure("`!(` is a pattern to some shells")
        if self.token() == "time":
            self.notes.exceed("time")
            self.notes.names.append("time")
            self.keyword("time")
            if _PORTABLY_TIMED.match(self.text, self.at):
                self.over(_PORTABLY_TIMED)
                self.blanks()
            if self.token() in RESERVED or self.peek() == "(":
                raise Unsure("`time` takes no compound command but in bash")
        return self.at > start

    def _command(self) -> bool:
        """Whether it is a simple one."""
        if self.peek(2) == "((":
            raise Unsure("`((` is arithmetic to some shells")
        test = self.token() == "[["
        if self.compound():
            watched, end = self.watched, self.at
            self._redirects()
            self.watched = watched
            self.redirected += self.at > end
            return test
        if self.token() in RESERVED:
            raise Unsure(f"`{self.token()}` stands in an unexpected place")
        return self._simple()

    def _redirects(self) -> None:
        """Those behind a compound command."""
        while True:
            end = self.at
            self.blanks()
            self.over(_DIGITS)
            if not self._redirect():
                self.at = end
                return

    def _redirect(self) -> bool:
        match = REDIRECT.match(self.text, self.at)
        if not match or match[1] or self.peek(2) in ("<(", ">("):
            return False
        self.at = match.end(2)
        if match[2] in ("<<", "<<-"):
            # Without its body it is to bashlex a file to read.
            self.mask(match.start(2) + 1, BLANK)
        raw = "" if self.spaces() == "#" else self.word()
        if not raw:
            raise Unsure("a redirection leads nowhere")
        if match[2] in ("<<", "<<-"):
            self.heredoc(raw, indented=match[2] == "<<-")
        return True

    def _simple(self) -> bool:
        """A simple command or, told by its parentheses, a function definition, which is not one."""
        first, named = self.at, False
        end = first
        while (self.spaces() or "\n") not in "\n;&|)#":
            plain = _ARGUMENTS.match(self.text, self.at) if named else None
            if plain:
                self.at = plain.end()
            elif not self._redirect():
                start = self.at
                raw = self.word()
                self._check(raw)
                if start == first and PARENTHESES.match(self.text, self.at) and NAME.fullmatch(raw):
                    self.function(raw)
                    return False
                if self.peek() == "(":
                    raise Unsure("a `(` within a word")
                if self.peek() in ("<", ">") and _DIGITS.fullmatch(raw):
                    self._redirect()
                elif not named and not ("=" in raw and _ASSIGNS.match(raw)):
                    self._first(raw, prefixed=start != first)
                    named = True
            end = self.at
        if end == first:
            raise Unsure("a command is missing")
        self.at = end
        self.watched = True
        return True

    def _check(self, raw: str) -> None:
        if not raw:
            raise Unsure("a `(` within a command")
        if raw.startswith(("{{", "{%")):
            raise Unsure("it seems to be a template")
        if self.peek() in ("<", ">") and raw.startswith("{") and _DESCRIPTOR.fullmatch(raw):
            raise Unsure("a named descriptor is for bash only")

    def _first(self, raw: str, *, prefixed: bool) -> None:
        """Note the command word `raw`, which assignments or redirections may have preceded."""
        if prefixed and raw in RESERVED:
            raise Unsure(f"`{raw}` stands in an unexpected place")
        if "[" in raw and _SUBSCRIPT.match(raw):
            raise Unsure("a subscript goes over blanks in bash")
        # To bash this sets a variable, to others it is a command: either way it is none to look into.
        in_bash = "+=" in raw and _ASSIGNS_IN_BASH.match(raw)
        if in_bash:
            self.notes.exceed("an assignment that only bash knows")
        self.notes.names.append(None if in_bash else literal(raw))
