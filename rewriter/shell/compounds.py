"""The compound commands of a shell text, and function definitions."""
from __future__ import annotations

from rewriter.pattern import Pattern
from rewriter.shell.model import Place, Segment
from rewriter.shell.quoting import Quoting
from rewriter.shell.scanner import WORD, Unsure

# A reserved word is one only where it stands alone.
RESERVED = frozenset("if then elif else fi for while until do done case esac in time function select coproc ! { } [[ ]]".split())
_ALONE = Pattern(r"[a-z!{}\[\]]+(?=[ \t\n;&|<>()]|\Z)")
NAME = Pattern(r"[A-Za-z_][A-Za-z0-9_]*")
PARENTHESES = Pattern(r"[ \t]*\([ \t]*\)")
# The words of `if`, and which may come after the commands behind each.
_AFTER = {"if": ("then",), "then": ("elif", "else", "fi"), "elif": ("then",), "else": ("fi",)}
# As many lists of commands stand in `if` with one `elif` and `else`: bashlex hides all after a second `elif`.
_MOST_LISTS = 5


def watched_end(segments: list[Segment]) -> bool:
    """Whether `set -e` ends the shell whenever this list of commands fails: its last part stands alone."""
    *before, last = segments
    return last.watched and last.operator in ("", ";") and not (before and before[-1].operator in ("&&", "||"))


class Compounds(Quoting):
    """A scanner that gets over compound commands. Each method begins at the first word of its construct.

    watched: whether `set -e` ends the shell whenever the command just got over fails. redirected: how many compound
    commands had a redirection so far.
    """

    watched = False
    redirected = 0

    def token(self) -> str:
        """What is next: a reserved word, `;;`, an operator's first character, "" at the end, or "…" for any word."""
        char = self.peek()
        if char in "\n;&|<>()":
            return ";;" if self.peek(2) == ";;" else char
        match = _ALONE.match(self.text, self.at)
        return match.group() if match and match.group() in RESERVED else "…"

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
            with self.nested:
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
        segments = self.commands(frozenset(closers))
        if not segments:
            raise Unsure("a command is missing")
        self.watched = watched_end(segments)
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
        self.watched = True

    def _if(self) -> None:
        start, lists, token, watched = self.at, [], "if", True
        self.expect("if")
        while token != "fi":
            place = (Place.NEGATED if token in ("if", "elif") else Place.PLAIN) | (Place.CONDITIONAL if lists else Place.PLAIN)
            begun, condition = self.at, token in ("if", "elif")
            token = self._list(*_AFTER[token])
            watched &= condition or self.watched
            lists.append((self.offset + begun, self.offset + self.at - len(token), place))
        self.watched = watched
        if len(lists) > _MOST_LISTS:
            self.block(start, lists)

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
        start, watched = self.at, True
        branches = []
        self.keyword("case")
        if not self.word():
            raise Unsure("`case` without a word")
        self.newlines()
        self.keyword("in")
        self.newlines()
        while self.token() != "esac":
            branches.append(self._branch())
            watched &= self.watched
        self.expect("esac")
        self.watched = watched
        self.block(start, branches)

    def _branch(self) -> tuple[int, int, int]:
        """Its commands, for the notes."""
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
        start = self.at
        segments = self.commands(frozenset({";;", "esac"}))
        self.watched = not segments or watched_end(segments)
        branch = self.offset + start, self.offset + self.at, Place.CONDITIONAL
        if self.peek(2) == ";;":
            self.at += 2
            self.newlines()
        return branch

    def _test(self) -> None:
        """`[[ … ]]`, read as what it is to all but bash, a command of that name: only `&&` may part words in it."""
        self.notes.names.append("[[")
        self.expect("[[")
        self.notes.masks.append((self.offset + self.at - 2, self.offset + self.at, WORD))
        self.spaces()
        while self.token() != "]]":
            start = self.at
            if self.peek(2) == "&&":
                self.at += 2
                self.mask(start, WORD)
            elif not self.word():
                raise Unsure("`[[` can't be read as one command")
            self.spaces()
        self.at += 2
        self.watched = True

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
