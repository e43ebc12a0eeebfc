"""The manner in which a file is written, so that what is added to it looks as if its author had added it."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.source.lines import SPACE
from rewriter.source.model import Dockerfile, Instruction

_INDENT = Pattern(r"[ \t]*")
_LEAD = Pattern(r"[ \t]*&&[ \t]*")


@dataclass(frozen=True)
class Manner:
    """How the file's author writes; where the file doesn't show it, how most do."""

    newline: str
    """What ends most lines: a line feed, with or without a carriage return before it."""
    escape: str
    """The character that continues a line: a backslash or a backtick."""
    lower: bool
    """Whether most keywords are in lower case."""
    indent: str
    """White space at the start of a line that continues a RUN, best of one that starts a further command."""
    lead: str | None
    """The start of a line with a further command where `&&` stands there, as in `    && `; None where `&&` ends lines."""
    gap: str
    """White space between the end of a command and the character that continues the line."""

    @property
    def margin(self) -> str:
        """White space at the start of a line that has a further command, or a comment on one."""
        return self.indent if self.lead is None else self.lead.partition("&")[0]


@dataclass(frozen=True)
class _Break:
    """One continued line and the next: what `Manner` calls gap, indent and lead, and whether the first ends in `&&`, or in `;`."""

    gap: str
    indent: str
    lead: str | None
    trails: bool
    parts: bool


def manner(dockerfile: Dockerfile, near: tuple[Instruction, ...] = ()) -> Manner:
    """The manner of `dockerfile`, by what most of its lines do; of the RUNs `near` alone, if they have an `&&` at a break."""
    beside = tuple(each for instruction in near for each in _breaks(dockerfile.text, instruction))
    question = "manner", beside if any(each.lead or each.trails for each in beside) else ()
    if question not in dockerfile.answers:
        dockerfile.answers[question] = _manner(dockerfile, question[1])
    return dockerfile.answers[question]


def _manner(dockerfile: Dockerfile, beside: tuple[_Break, ...]) -> Manner:
    """By these breaks; where there are none, by those of all RUNs."""
    text = dockerfile.text
    every = dockerfile.instructions
    in_runs = beside or tuple(each for instruction in every if instruction.keyword == "RUN" for each in _breaks(text, instruction))
    trailing = [each for each in in_runs if each.trails]
    leads = [each.lead for each in in_runs if each.lead and not each.trails]
    parting = [each for each in in_runs if each.parts and each.indent] or [each for each in in_runs if each.lead]
    elsewhere = (each for instruction in every for each in _breaks(text, instruction))
    gaps = Counter(each.gap for each in in_runs)
    return Manner(
        newline="\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n",
        escape=dockerfile.escape,
        lower=sum(each.logical.text[: len(each.keyword)].islower() for each in every) * 2 > len(every),
        indent=_commonest((each.indent for each in trailing or parting if each.indent), "") or _step(in_runs or elsewhere),
        lead=_commonest(leads, "    && ") if len(leads) > len(trailing) else None,
        gap=next((gap for gap, count in gaps.items() if count * 2 > gaps.total()), " "),
    )


def _step(breaks: Iterable[_Break]) -> str:
    """White space for a command, by lines that have but words of one: these may stand far in, which a command does not."""
    indent = _commonest((each.indent for each in breaks if each.indent), "    ")
    return indent[:1] if indent[0] == "\t" else indent[:4]


def list_indent(dockerfile: Dockerfile, keyword: str) -> str:
    """White space before a line that continues an instruction of `keyword`: as these have it, or the least that RUNs have.

    Else it stands right below the instruction's first word.
    """
    own, runs = ([each.indent for instruction in dockerfile.instructions if instruction.keyword == kind
                  for each in _breaks(dockerfile.text, instruction) if each.indent.strip(" ") or len(each.indent) > 1]
                 for kind in (keyword, "RUN"))
    return _commonest(own, "") or min(runs, key=len, default=" " * (len(keyword) + 1))


def _commonest(texts: Iterable[str], default: str) -> str:
    return max(Counter(texts).items(), key=lambda each: each[1], default=(default, 0))[0]


def _breaks(text: str, instruction: Instruction) -> Iterator[_Break]:
    """Where the instruction goes on in the next line; comments and blank lines in between don't count."""
    end = instruction.heredocs[0].body.start if instruction.heredocs else instruction.span.end
    lines = [line.rstrip("\r") for line in text[instruction.span.start : end].split("\n")]
    for line, following in pairwise(line for line in lines if line.lstrip(SPACE)[:1] not in ("", "#")):
        before = line.rstrip(" \t")[:-1]
        command = before.rstrip(" \t")
        lead = _LEAD.match(following)
        yield _Break(before[len(command) :], _INDENT.match(following)[0], lead and lead[0], command.endswith("&&"), command.endswith(";"))
