"""A joined line taken apart: keyword, flags, arguments, exec form.

By BuildKit's rules (moby/buildkit, frontend/dockerfile/parser/split_command.go and line_parsers.go).
"""
from __future__ import annotations

from rewriter.record import dataclass
from rewriter.source.execform import exec_form
from rewriter.source.flags import flags
from rewriter.source.lines import stripped
from rewriter.source.model import Flag, Logical
from rewriter.source.words import GAP, quoted_spans


@dataclass(frozen=True)
class Command:
    """What one joined line says; the fields are those of `Instruction`."""

    keyword: str
    logical: Logical
    flags: tuple[Flag, ...]
    arguments: Logical
    json: tuple[str, ...] | None
    trigger: Command | None

    @property
    def opens_heredocs(self) -> bool:
        """Whether `<<` may open a heredoc in it."""
        command = self.trigger or self
        return command.keyword in ("RUN", "COPY", "ADD") and command.json is None


def command(logical: Logical, escape: str, *, onbuild: bool = False) -> Command:
    """Take apart `logical`, a line without white space at its ends; `onbuild` says that it stands behind ONBUILD.

    An ONBUILD behind ONBUILD, which no builder runs, is left as it is. Raises ValueError where BuildKit refuses the line.
    """
    gap = GAP.search(logical.text)
    end = gap.start() if gap else len(logical.text)
    keyword = _upper(logical.text[:end])
    found, start = flags(logical, gap.end(), escape) if gap else ((), end)
    arguments = stripped(logical.slice(start, len(logical.text)))
    if keyword in ("ENV", "LABEL"):
        _check_pairs(keyword, arguments.text, escape)
    follows = keyword == "ONBUILD" and arguments.text and not onbuild
    trigger = command(arguments, escape, onbuild=True) if follows else None
    return Command(keyword, logical, found, arguments, exec_form(keyword, arguments.text), trigger)


def _upper(keyword: str) -> str:
    """In upper case, if it can be a keyword: of other letters some have ASCII capitals, which BuildKit doesn't know."""
    lower = keyword.lower()
    return lower.upper() if lower.isascii() else keyword


def _check_pairs(keyword: str, arguments: str, escape: str) -> None:
    """Raises ValueError where ENV or LABEL have a name without a value."""
    words = (arguments[start:end] for start, end in quoted_spans(arguments, escape))
    if "=" not in next(words, "="):
        if not GAP.search(arguments):
            raise ValueError(f"{keyword} must have two arguments")
        return
    for word in words:
        if "=" not in word:
            raise ValueError(f"no = in {word!r}: it must be of the form name=value")
