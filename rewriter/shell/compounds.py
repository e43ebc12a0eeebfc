"""The compound commands of a shell text, and function definitions."""
from __future__ import annotations

import re

from rewriter.shell.quoting import Quoting
from rewriter.shell.scanner import Unsure

# A reserved word is one only where it stands alone.
RESERVED = re.compile(
    r"(?:if|then|elif|else|fi|for|while|until|do|done|case|esac|in|time|function|select|coproc|!|\{|\}|\[\[)(?=[ \t\n;&|<>()]|\Z)"
)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PARENTHESES = re.compile(r"[ \t]*\([ \t]*\)")
_TEST_ENDS = re.compile(r"\]\](?=[ \t\n;&|<>()]|\Z)")


class Compounds(Quoting):
    """A scanner that gets over compound commands. Each method begins at the first word of its construct."""

    def token(self) -> str:
        """What may close a list here: a reserved word, `)`, `;;`, "" at the end, else the next character."""
        match = RESERVED.match(self.text, self.at)
        return match.group() if match else ";;" if self.peek(2) == ";;" else self.peek()

    def keyword(self, word: str) -> None:
        """Get over the reserved word `word`, which must be next, and blanks."""
        if self.token() != word:
            raise Unsure(f"a `{word}` is missing")
        self.at += len(word)
        self.blanks()

    def compound(self) -> bool:
        """Get over a compound command; whether one stood here."""
        read = _COMPOUNDS.get(self.token())
        if read:
            with self.nested():
                read(self)
        return read is not None

    def function(self, name: str) -> None:
        """The rest of a definition, from the parentheses after its name."""
        self.notes.functions.append(name)
        self.over(PARENTHESES)
        self.newlines()
        if self.token() not in ("{", "(") or self.peek(2) == "((":
            raise Unsure("a function without braces")
        self.compound()

    def _list(self, *closers: str) -> str:
        """Commands, one at least, and the word that ends them, which is got over too."""
        if not self.commands(frozenset(closers)):
            raise Unsure("a command is missing")
        token = self.token()
        self.at += len(token)
        return token

    def _group(self) -> None:
        self.expect("{")
        self._list("}")

    def _subshell(self) -> None:
        self.expect("(")
        loops = len(self.notes.loops)
        self._list(")")
        # The shell itself does not keep the variables of loops in it.
        del self.notes.loops[loops:]

    def _if(self) -> None:
        self.expect("if")
        self._list("then")
        alternatives = 0
        while (token := self._list("elif", "else", "fi")) == "elif":
            self._list("then")
            alternatives += 1
        if token == "else":
            self._list("fi")
        if alternatives > 1:
            self.notes.exceed("a second elif")

    def _while(self) -> None:
        self.at += len(self.token())
        self._list("do")
        self._list("done")

    def _for(self) -> None:
        self.keyword("for")
        match = NAME.match(self.text, self.at)
        if not match:
            raise Unsure("`for` without a name")
        self.at = match.end()
        self.notes.loops.append(match.group())
        self.newlines()
        if self.token() == "in":
            self.keyword("in")
            while self.peek() not in (";", "\n"):
                if not self.word():
                    raise Unsure("`for` can't be read")
                self.blanks()
        if self.peek() == ";":
            self.at += 1
        self.newlines()
        self.keyword("do")
        self._list("done")

    def _case(self) -> None:
        self.notes.exceed("case")
        self.keyword("case")
        if not self.word():
            raise Unsure("`case` without a word")
        self.newlines()
        self.keyword("in")
        self.newlines()
        while self.token() != "esac":
            self._branch()
        self.expect("esac")

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
        self.keyword("[[")
        while not _TEST_ENDS.match(self.text, self.at):
            if self.peek(2) == "&&":
                self.at += 2
            elif not self.word():
                raise Unsure("`[[` can't be read as one command")
            self.blanks()
        self.at += 2

    def _function(self) -> None:
        """A definition that begins with the word `function`: a syntax error to all but bash."""
        self.notes.exceed("function")
        self.keyword("function")
        match = NAME.match(self.text, self.at)
        if not match:
            raise Unsure("a function without a name")
        self.at = match.end()
        if PARENTHESES.match(self.text, self.at):
            self.over(PARENTHESES)
        self.newlines()
        self.notes.functions.append(match.group())
        if self.token() != "{":
            raise Unsure("a function without braces")
        self.compound()


_COMPOUNDS = {
    "{": Compounds._group,
    "(": Compounds._subshell,
    "if": Compounds._if,
    "while": Compounds._while,
    "until": Compounds._while,
    "for": Compounds._for,
    "case": Compounds._case,
    "[[": Compounds._test,
    "function": Compounds._function,
}
