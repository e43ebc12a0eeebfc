"""Variables of the environment in the words of a body: those that a RUN starts with, and does not change."""
from __future__ import annotations

import re
from collections.abc import Mapping

from rewriter.pattern import Pattern
from rewriter.record import replace
from rewriter.shell.model import Command, Redirect, Script, Word

# A shell neither splits nor expands it.
INERT = Pattern(r"[A-Za-z0-9_./:@%+,-]+", re.ASCII)
REFERENCE = Pattern(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})", re.ASCII)
_WORD_OR_REFERENCE = Pattern(r"\$\w+|\$\{\w+\}|\w+")
_SETS_ANY = frozenset({"eval", ".", "source"})

Values = tuple[tuple[str, str], ...]


def lasting(script: Script, values: Mapping[str, str | None]) -> Values:
    """Of `values` those that the body speaks of, all through it: everywhere by `$NAME` or `${NAME}`, so that nothing sets them."""
    named = {match[1] or match[2] for match in REFERENCE.finditer(script.text)}
    if not named or any(name in _SETS_ANY for name in script.names) or "IFS" in script.text:
        return ()
    said = {word for word in _WORD_OR_REFERENCE.findall(script.text) if not word.startswith("$")}
    return tuple((name, value) for name in sorted(named) if (value := values.get(name)) and INERT.fullmatch(value) and name not in said)


def unbraced(word: str) -> str:
    """The word with `$NAME` for `${NAME}`, so that two that mean the same are the same."""
    return REFERENCE.sub(lambda match: "$" + (match[1] or match[2]), word)


def filled(command: Command, values: Values) -> Command:
    """The command with these variables replaced in its words."""
    if not values:
        return command
    known = dict(values)
    words = tuple(_word(word, known) for word in command.words)
    redirects = tuple(_redirect(each, known) for each in command.redirects)
    return replace(command, words=words, redirects=redirects)


def _redirect(redirect: Redirect, known: dict[str, str]) -> Redirect:
    return replace(redirect, target=_word(redirect.target, known)) if redirect.target else redirect


def _word(word: Word, known: dict[str, str]) -> Word:
    if word.value is not None or "$" not in word.raw:
        return word
    quoted = len(word.raw) > 1 and word.raw[0] == word.raw[-1] == '"'
    text = word.raw[1:-1] if quoted else word.raw
    glob = any(char in text for char in "*?")
    rest = REFERENCE.sub("", text)
    if quoted and glob or rest and not INERT.fullmatch(re.sub(r"[*?]", "", rest) or "x"):
        return word
    if not all((match[1] or match[2]) in known for match in REFERENCE.finditer(text)):
        return word
    return replace(word, value=REFERENCE.sub(lambda match: known[match[1] or match[2]], text), glob=glob)
