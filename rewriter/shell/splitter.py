"""Our own strict reader of shell text: what its top level is made of, and which commands stand in it.

It knows simple commands, pipelines, lists, `if`, `for`, `while`, `until`, `case`, `{ }`, `( )`, `[[ ]]` and
function definitions, as dash, bash and busybox ash read them alike. Anything else is not guessed at.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

from rewriter.shell.model import Segment
from rewriter.shell.scanner import Notes, Scanner, Unsure
from rewriter.shell.words import literal
from rewriter.text import Span

_RESERVED = re.compile(
    r"(?:if|then|elif|else|fi|for|while|until|do|done|case|esac|in|time|function|select|coproc|!|\{|\}|\[\[)(?=[ \t\n;&|<>()]|\Z)"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_ASSIGNS_IN_BASH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[|\+=)")
_PARENTHESES = re.compile(r"[ \t]*\([ \t]*\)")
_REDIRECTS = re.compile(r"<<<|<<-|<<|<>|<&|>>|>&|>\||<|>")
_DIGITS = re.compile(r"[0-9]+")
_DESCRIPTOR = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")
_BLANKS = re.compile(r"[ \t]*")
_AT_END = frozenset({""})


@dataclass(frozen=True)
class Split:
    """A text's top level, and what was met in it at any depth."""

    segments: tuple[Segment, ...]
    notes: Notes


def split(text: str) -> Split:
    """Read `text` as a shell does. Raises Unsure where that isn't certain. Takes linear time and bounded depth."""
    if "\0" in text:
        raise Unsure("it holds a zero byte")
    notes = Notes()
    segments = Splitter(text, notes).program()
    if not segments:
        raise Unsure("it holds no command")
    return Split(tuple(segments), notes)


class Splitter(Scanner):
    """The grammar. Each method gets over one construct that begins at the present place."""

    def program(self) -> list[Segment]:
        segments = self.commands(_AT_END)
        self.settled()
        return segments

    def commands(self, closers: frozenset[str]) -> list[Segment]:
        segments: list[Segment] = []
        while True:
            self.newlines()
            if self._token() in closers:
                if segments and segments[-1].operator in ("&&", "||"):
                    raise Unsure(f"nothing follows a `{segments[-1].operator}`")
                return segments
            start = self.at
            simple, end = self._pipeline()
            segments.append(Segment(Span(start, end), self._operator(), simple))
            if not segments[-1].operator and self._token() not in closers:
                raise Unsure(f"`{self._token() or 'its end'}` stands in an unexpected place")

    def _token(self) -> str:
        """What may close a list here: a reserved word, `)`, `;;`, "" at the end, else the next character."""
        match = _RESERVED.match(self.text, self.at)
        return match.group() if match else ";;" if self.peek(2) == ";;" else self.peek()

    def _operator(self) -> str:
        self.blanks()
        two = self.peek(2)
        if two in ("&&", "||"):
            self.at += 2
            return two
        if two in ("&>", ";&"):
            raise Unsure(f"`{two}` means one thing to bash and another to sh")
        if two == ";;":
            return ""
        char = self.peek()
        if char in (";", "&"):
            self.at += 1
            self.notes.background |= char == "&"
            return char
        if char == "\n":
            self.newlines()
            return ";" if self.peek() else ""
        return ""

    def _pipeline(self) -> tuple[bool, int]:
        """Whether it is but one simple command, and where it ends."""
        simple = True
        if self._token() == "!":
            simple = False
            self._keyword("!")
            if self.peek() not in (" ", "\t"):
                raise Unsure("`!(` is a pattern to some shells")
            self.blanks()
        if self._token() == "time":
            simple = False
            self._time()
        while True:
            simple &= self._command()
            end = self.at
            self.blanks()
            if self.peek() != "|" or self.peek(2) == "||":
                return simple, end
            if self.peek(2) == "|&":
                raise Unsure("`|&` is for bash only")
            simple = False
            self.at += 1
            self.newlines()

    def _time(self) -> None:
        """bash times a pipeline, others run a program: both names count."""
        self.notes.exceed("time")
        self.notes.names.append("time")
        self._keyword("time")
        self.blanks()
        if re.compile(r"-p(?=[ \t])").match(self.text, self.at):
            self.at += 2
            self.blanks()

    def _command(self) -> bool:
        """Whether it is a simple one."""
        token = self._token()
        if self.peek(2) == "((":
            raise Unsure("`((` is arithmetic to some shells")
        if token not in _COMPOUND:
            if _RESERVED.match(self.text, self.at):
                raise Unsure(f"`{token}` stands in an unexpected place")
            return self._simple()
        with self.nested():
            _COMPOUND[token](self)
        self._redirects()
        return False

    def _redirects(self) -> None:
        """Those behind a compound command."""
        while True:
            end = self.at
            self.at = _BLANKS.match(self.text, self.at).end()
            digits = _DIGITS.match(self.text, self.at)
            self.at = digits.end() if digits else self.at
            if not self._redirect():
                self.at = end
                return

    def _redirect(self) -> bool:
        match = _REDIRECTS.match(self.text, self.at)
        if not match or self.peek(2) in ("<(", ">("):
            return False
        self.at = _BLANKS.match(self.text, match.end()).end()
        raw = "" if self.peek() == "#" else self.word()
        if not raw:
            raise Unsure("a redirection leads nowhere")
        if match.group() in ("<<", "<<-"):
            self.heredoc(raw, match.group() == "<<-")
        return True

    def _simple(self) -> bool:
        """A simple command, or, told by its parentheses, a function definition."""
        first, named, end = self.at, False, self.at
        while True:
            self.at = _BLANKS.match(self.text, self.at).end()
            if self.text.startswith("\\\n", self.at):
                self.blanks()
                continue
            if self.peek() in ("", "\n", ";", "&", "|", ")", "#"):
                break
            if not self._redirect():
                start = self.at
                raw = self.word()
                self._check(raw)
                if self.peek() in ("<", ">") and _DIGITS.fullmatch(raw):
                    self._redirect()
                elif start == first and _NAME.fullmatch(raw) and _PARENTHESES.match(self.text, self.at):
                    self._function(raw)
                    return False
                elif not named and not _ASSIGNS.match(raw):
                    self._first(raw, start != first)
                    named = True
                if self.peek() == "(":
                    raise Unsure("a `(` within a word")
            end = self.at
        if end == first:
            raise Unsure("a command is missing")
        self.at = end
        return True

    def _check(self, raw: str) -> None:
        if not raw:
            raise Unsure("a `(` within a command")
        if self.peek() in ("<", ">") and _DESCRIPTOR.fullmatch(raw):
            raise Unsure("a named descriptor is for bash only")

    def _first(self, raw: str, prefixed: bool) -> None:
        if prefixed and _RESERVED.fullmatch(raw):
            raise Unsure(f"`{raw}` stands in an unexpected place")
        # To bash this sets a variable, to others it is a command: either way it is none to look into.
        in_bash = _ASSIGNS_IN_BASH.match(raw)
        if in_bash:
            self.notes.exceed("an assignment that only bash knows")
        self.notes.names.append(None if in_bash else literal(raw))

    def _function(self, name: str) -> None:
        self.notes.functions.append(name)
        self.at = _PARENTHESES.match(self.text, self.at).end()
        self.newlines()
        if self._token() not in ("{", "("):
            raise Unsure("a function without braces")
        self._command()

    def _keyword(self, word: str) -> None:
        if self._token() != word:
            raise Unsure(f"a `{word}` is missing")
        self.at += len(word)

    def _list(self, *closers: str) -> str:
        """Commands, one at least, and the reserved word that ends them, which is got over too."""
        if not self.commands(frozenset(closers)):
            raise Unsure("a command is missing")
        token = self._token()
        self.at += len(token)
        return token

    def _group(self) -> None:
        self._keyword("{")
        self._list("}")

    def _subshell(self) -> None:
        self.expect("(")
        loops = len(self.notes.loops)
        self._list(")")
        # The shell itself does not keep the variables of loops in it.
        del self.notes.loops[loops:]

    def _if(self) -> None:
        self._keyword("if")
        self._list("then")
        branches = 0
        while (token := self._list("elif", "else", "fi")) == "elif":
            self._list("then")
            branches += 1
        if token == "else":
            self._list("fi")
        if branches > 1:
            self.notes.exceed("a second elif")

    def _while(self) -> None:
        self.at += len(self._token())
        self._list("do")
        self._list("done")

    def _for(self) -> None:
        self._keyword("for")
        self.blanks()
        match = _NAME.match(self.text, self.at)
        if not match:
            raise Unsure("`for` without a name")
        self.at = match.end()
        self.notes.loops.append(match.group())
        self.newlines()
        if self._token() == "in":
            self._keyword("in")
            self.blanks()
            while self.peek() not in (";", "\n"):
                if not self.word():
                    raise Unsure("`for` can't be read")
                self.blanks()
        if self.peek() == ";":
            self.at += 1
        self.newlines()
        self._keyword("do")
        self._list("done")

    def _case(self) -> None:
        self.notes.exceed("case")
        self._keyword("case")
        self.blanks()
        if not self.word():
            raise Unsure("`case` without a word")
        self.newlines()
        self._keyword("in")
        self.newlines()
        while self._token() != "esac":
            self._branch()
        self._keyword("esac")

    def _branch(self) -> None:
        if self.peek() == "(":
            self.at += 1
        while True:
            self.blanks()
            if not self.word():
                raise Unsure("`case` can't be read")
            self.blanks()
            if self.peek() != "|":
                break
            self.at += 1
        self.expect(")")
        self.commands(frozenset({";;", "esac"}))
        if self.peek(2) == ";;":
            self.at += 2
            self.newlines()

    def _test(self) -> None:
        """`[[ … ]]`. To dash it is a command of that name, so that only `&&` in it may part commands."""
        self.notes.exceed("[[")
        self.notes.names.append("[[")
        self._keyword("[[")
        self.blanks()
        while not re.compile(r"\]\](?=[ \t\n;&|<>()]|\Z)").match(self.text, self.at):
            if self.peek(2) == "&&":
                self.at += 2
            elif not self.word():
                raise Unsure("`[[` can't be read as one command")
            self.blanks()
        self.at += 2

    def _keyword_function(self) -> None:
        self._keyword("function")
        self.blanks()
        match = _NAME.match(self.text, self.at)
        if not match:
            raise Unsure("a function without a name")
        self.at = match.end()
        parentheses = _PARENTHESES.match(self.text, self.at)
        if parentheses:
            self.at = parentheses.end()
        self.blanks()
        self.notes.functions.append(match.group())
        self._group()


_COMPOUND = {
    "{": Splitter._group,
    "(": Splitter._subshell,
    "if": Splitter._if,
    "while": Splitter._while,
    "until": Splitter._while,
    "for": Splitter._for,
    "case": Splitter._case,
    "[[": Splitter._test,
    "function": Splitter._keyword_function,
}
