"""What FROM, ENV, LABEL and ARG say, as dockerfile-parse reads them. Nothing else imports that package.

It is not asked, nor imported, where nothing has to be taken apart: no escapes, and quotes around a whole value only. Else
it is given each such instruction on one line of its own, since it knows neither heredocs nor blank lines inside of an
instruction, and is believed only where its rules are those of BuildKit: its escape character is always the backslash, which
means less between double quotes, its white space is Python's, and it finds no fault with quotes left open. Its setters and
its path write files, and its `lines` come out otherwise the second time: neither is used.
"""
from __future__ import annotations

import re
from io import BytesIO

from rewriter.budget import spend
from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.source.model import Dockerfile, Instruction
from rewriter.source.words import GAP, quoted_spans, quoted_words, words

_STAGE = Pattern(r"[a-z][a-z0-9\-_.]*\Z")
# No possessive quantifiers: nested ones are wrong in Python before 3.11.3. No two alternatives start alike, so it is linear.
_BALANCED = Pattern(r"""(?:[^'"\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')*\Z""", re.DOTALL)
_IMAGE = Pattern(r"[\w.$][\w./:@${}+-]*", re.ASCII)
_PART = r"(?:[^\s'\"\\$]|\$\w+|\$\{\w+\})"
_QUOTED = rf'"(?P<double>(?:{_PART}|[ \t])*)"|\'(?P<single>[^\'"\\$]*)\''
_PLAIN_PAIR = Pattern(rf"(?P<name>[\w.-]+)(?P<equals>=(?:{_QUOTED}|(?P<bare>{_PART}*)))?", re.ASCII)
_PLAIN_OLD = Pattern(rf"(?P<name>[\w.-]+)[ \t]+(?![ \t])(?:{_QUOTED}|(?P<bare>(?:{_PART}|[ \t])+))", re.ASCII)
_QUOTING = Pattern(r"""['"\\]""")
_SUBSTITUTION = Pattern(r"""\$\{(?!\w+(?:(?::?[+\-?]|[#%])[^{}$'"\\]*)?\})""", re.ASCII)
_ODD = Pattern("[^\\S \t\v\f\r]|[\ufeff\ud800-\udfff]")  # white space only for Python, byte order marks, undecoded bytes


@dataclass(frozen=True)
class From:
    """FROM: the image, not expanded; the stage's name in lower case, as builders compare it."""

    image: str
    name: str | None


@dataclass(frozen=True)
class Assignments:
    """ENV, LABEL or ARG: names and values in order, quotes and escapes taken out, nothing expanded.

    A `$` in a value is always a reference. The value is None for an ARG without a default; `legacy` is `ENV name value`.
    """

    pairs: tuple[tuple[str, str | None], ...]
    legacy: bool


@dataclass(frozen=True)
class Unclear:
    """An instruction for which the answer of dockerfile-parse can't be trusted, and why."""

    reason: str


Meaning = From | Assignments | Unclear


def meanings(dockerfile: Dockerfile) -> tuple[Meaning | None, ...]:
    """For each instruction what it says; None for other keywords than FROM, ENV, LABEL and ARG."""
    spend(sum(len(each.arguments.text) for each in dockerfile.instructions if each.keyword in ("FROM", "ENV", "LABEL", "ARG")) // 10)
    doubts = {
        each.index: _doubt(each, dockerfile.escape)
        for each in dockerfile.instructions
        if each.keyword in ("FROM", "ENV", "LABEL", "ARG")
    }
    said: dict[int, Meaning | None] = {index: Unclear(doubt) if doubt else _plain(dockerfile.instructions[index]) for index, doubt in doubts.items()}
    asked = [each for each in dockerfile.instructions if each.index in said and said[each.index] is None]
    for instruction, value in zip(asked, _values(asked)):
        read = _from if instruction.keyword == "FROM" else _assignments
        said[instruction.index] = read(instruction, value) if value else Unclear("dockerfile-parse sees another instruction")
    return tuple(said.get(each.index) for each in dockerfile.instructions)


def _doubt(instruction: Instruction, escape: str) -> str | None:
    """Why dockerfile-parse should not be asked about it at all."""
    text = instruction.logical.text
    if not instruction.arguments.text:
        return "nothing follows the keyword"
    if instruction.keyword != "FROM" and instruction.arguments.text != _rest(instruction):
        return f"{instruction.keyword} takes no flags"
    if not (text.isascii() and text.replace("\t", " ").isprintable()) and _ODD.search(text):  # few need it
        return "it holds characters that readers differ on"
    if escape != "\\" and ("\\" in text or escape in text):
        return "the escape character of the file is not the backslash"
    if text.endswith("\\"):
        return "it ends in a backslash"
    return None


def _plain(instruction: Instruction) -> From | Assignments | None:
    """What it says, where that can be read in one way only; None where dockerfile-parse has to be asked."""
    text = instruction.arguments.text
    if instruction.keyword == "FROM":
        return _plain_from(GAP.split(_rest(instruction)))
    if instruction.keyword != "ARG" and "=" not in GAP.split(text, 1)[0] and (old := _PLAIN_OLD.fullmatch(text)):
        return Assignments(((old["name"], _value(old)),), legacy=True)
    found = [_PLAIN_PAIR.fullmatch(text, *word) for word in quoted_spans(text, "\\")]
    if not all(pair and (pair["equals"] or instruction.keyword == "ARG") for pair in found):
        return None
    return Assignments(tuple((pair["name"], _value(pair)) for pair in found if pair), legacy=False)


def _plain_from(said: list[str]) -> From | None:
    if len(said) in (2, 4) and said[0].startswith("--platform=") and _IMAGE.fullmatch(said[0][11:]):
        said = said[1:]
    image, *named = said
    if not _IMAGE.fullmatch(image) or named and not (len(named) == 2 and named[0].lower() == "as" and named[1].isascii()):
        return None
    name = named[1].lower() if named else None
    return From(image, name) if name is None or _STAGE.match(name) else None


def _value(pair: re.Match[str]) -> str | None:
    return next((pair[kind] for kind in ("double", "single", "bare") if pair[kind] is not None), None)


def _values(asked: list[Instruction]) -> list[str | None]:
    """What dockerfile-parse takes for the rest of each instruction, None where it sees something else."""
    if not asked:
        return []
    from dockerfile_parse import DockerfileParser  # its import takes time, which files without these need not spend

    feed = "".join(each.logical.text + "\n" for each in asked)
    spend(len(feed))
    try:
        records = DockerfileParser(fileobj=BytesIO(feed.encode("utf-8"))).structure
    except Exception:  # whatever the package raises on a text, it has no answer
        records = []
    if len(records) != len(asked):
        return [None] * len(asked)
    expected = [(each.keyword, _rest(each)) for each in asked]
    found = [(record["instruction"], record["value"]) for record in records]
    return [value if (keyword, value) == wanted else None for (keyword, value), wanted in zip(found, expected)]


def _rest(instruction: Instruction) -> str:
    return GAP.split(instruction.logical.text, 1)[1]


def _from(instruction: Instruction, value: str) -> From | Unclear:
    from dockerfile_parse.parser import image_from

    said = [word.text for word in words(instruction.arguments)]
    flags = instruction.flags
    image, name = image_from(value)
    if len(said) not in (1, 3) or len(said) == 3 and said[1].lower() != "as":
        return Unclear("FROM takes an image, or an image, AS and a name")
    if said[0] != image or said[2:] != ([name] if name else []):
        return Unclear("dockerfile-parse reads another image or name")
    if name and not _STAGE.match(name.lower()):
        return Unclear(f"{name!r} is no name for a stage")
    if _QUOTING.search(image):
        return Unclear("quotes or escapes in the name of an image")
    if len(flags) > 1 or flags and (flags[0].name != "platform" or not flags[0].value):
        return Unclear("FROM takes one flag, --platform with a value")
    return From(image, name.lower() if name else None)


def _assignments(instruction: Instruction, value: str) -> Assignments | Unclear:
    said = [word.text for word in quoted_words(instruction.arguments, "\\")]
    legacy = instruction.keyword != "ARG" and "=" not in said[0]
    pairs: list[tuple[str, str | None]] = []
    for text in [value] if legacy else said:
        name, default = GAP.split(text, 1) if legacy else _cut(text)
        if doubt := _doubt_of_pair(name, default):
            return Unclear(doubt)
        read = [(name, None)] if default is None else _key_values(text)
        if len(read) != 1 or not read[0][0]:
            return Unclear("dockerfile-parse reads no pair, or no name")
        pairs += read
    return Assignments(tuple(pairs), legacy)


def _cut(word: str) -> tuple[str, str | None]:
    name, equals, default = word.partition("=")
    return name, default if equals else None


def _doubt_of_pair(name: str, default: str | None) -> str | None:
    """Why dockerfile-parse and BuildKit may take different quotes and escapes out of a pair."""
    if "$" in name or default is None and _QUOTING.search(name):
        return "a name that has to be expanded"
    for text in (name, default or ""):
        if not _BALANCED.match(text):
            return "quotes are left open"
        if "\\\\" in text:
            return "a doubled backslash"
        if "$" in text and ("'" in text or "\\" in text):
            return "a $ may be meant literally"
        if _SUBSTITUTION.search(text):
            return "a substitution that is not plain"
    return None


def _key_values(text: str) -> list[tuple[str, str]]:
    from dockerfile_parse.util import extract_key_values

    try:
        return extract_key_values(env_replace=False, args={}, envs={}, instruction_value=text)
    except Exception:  # as above
        return []
