"""Options that several commands have: which rules, how far, which RUNs to join."""
from __future__ import annotations

from collections.abc import Callable

import click

from rewriter.options import BUILDERS, LEVELS, MERGE, Options
from rewriter.target import read_frontend

_CHOICES = (
    click.option("--select", multiple=True, metavar="RULES", help="Apply only these rules (names, with commas between)."),
    click.option("--ignore", multiple=True, metavar="RULES", help="Do not apply these rules."),
    click.option("--level", type=click.Choice(LEVELS), default=LEVELS[0], show_default=True, help="How far the image may differ."),
    click.option("--merge", type=click.Choice(MERGE), default=MERGE[0], show_default=True, help="Which RUNs to join."),
    click.option("--builder", type=click.Choice(BUILDERS), help="What the file will be built by.  [default: buildkit]"),
    click.option("--frontend", default=Options.frontend, metavar="VERSION", show_default=True, help="The version of BuildKit's frontend."),
)


def choices(function: Callable) -> Callable:
    """Give a command these options."""
    for option in reversed(_CHOICES):
        function = option(function)
    return function


def chosen(given: dict) -> Options:
    """What these options say. Takes them out of `given`, the arguments of the command."""
    select, ignore = _rules(given.pop("select")), _rules(given.pop("ignore"))
    builder, frontend = given.pop("builder") or BUILDERS[0], given.pop("frontend")
    if read_frontend(frontend) is None:
        raise click.UsageError(f"--frontend takes a version such as 1.4, not {frontend}")
    return Options(given.pop("level"), given.pop("merge"), select, ignore, builder, frontend)


def _rules(lists: tuple[str, ...]) -> tuple[str, ...]:
    """Names of rules from comma-separated lists of them."""
    names = tuple(name for part in lists for each in part.split(",") if (name := each.strip()))
    if names:
        from rewriter.order import RULES

        known = [rule.name for rule in RULES]
        if unknown := [name for name in names if name not in known]:
            raise click.UsageError(f"no rule is called {', '.join(unknown)}; there are {', '.join(known)}")
    return names
