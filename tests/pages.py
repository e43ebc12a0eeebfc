"""A rule's page, from the docstring of its module to Markdown."""
from __future__ import annotations

import re
from importlib import import_module
from inspect import cleandoc
from textwrap import dedent

from rewriter.record import dataclass
from rewriter.rule import Rule

_SECTION = re.compile(r"^(\S.*)\n((?:(?:[ ]{4}.*)?\n)+)", re.MULTILINE)
_CODE = ("Before", "After")


@dataclass(frozen=True)
class Page:
    """title: the first line of the docstring. sections: heading and text, in order."""

    title: str
    sections: tuple[tuple[str, str], ...]

    def section(self, heading: str) -> str:
        """The text under a heading."""
        return dict(self.sections)[heading]


def page(rule: Rule) -> Page:
    """The page of a rule."""
    title, _, rest = cleandoc(import_module(rule.module).__doc__ or "").partition("\n\n")
    found = tuple((match[1], dedent(match[2]).strip("\n") + "\n") for match in _SECTION.finditer(rest + "\n"))
    return Page(title, found)


def markdown(rule: Rule) -> str:
    """The page as a file of `docs/rules/`."""
    said = page(rule)
    parts = [f"# {rule.name}\n\n{said.title}\n\nLevel: `{rule.level}`.\n"]
    for heading, text in said.sections:
        parts.append(f"## {heading}\n\n" + (f"```dockerfile\n{text}```\n" if heading in _CODE else text))
    return "\n".join(parts)
