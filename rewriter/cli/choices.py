"""Options as a table, and those that several commands have: which rules, how far, which RUNs to join."""
from __future__ import annotations

from rewriter.cli.terminal import Misused
from rewriter.options import BUILDERS, LEVELS, MERGE, Options
from rewriter.record import dataclass
from rewriter.target import read_frontend


@dataclass(frozen=True)
class Option:
    """names: as they are typed. field: what the value is called. value: what the help calls it, "" for a flag.

    choices: all values there are, if few. many: it may be given again, and the values add up. folder: the value must
    name one. told: the help shows the default.
    """

    names: tuple[str, ...]
    field: str
    help: str
    value: str = ""
    default: str | None = ""
    choices: tuple[str, ...] = ()
    many: bool = False
    folder: bool = False
    told: bool = False


CHOICES = (
    Option(("--select",), "select", "Apply only these rules (names, with commas between).", "RULES", many=True),
    Option(("--ignore",), "ignore", "Do not apply these rules.", "RULES", many=True),
    Option(("--level",), "level", "How far the image may differ.", "LEVEL", LEVELS[0], LEVELS, told=True),
    Option(("--merge",), "merge", "Which RUNs to join.", "STAGES", MERGE[0], MERGE, told=True),
    Option(("--builder",), "builder", "What the file will be built by.  [default: buildkit]", "BUILDER", None, BUILDERS),
    Option(("--frontend",), "frontend", "The version of BuildKit's frontend.", "VERSION", Options.frontend, told=True),
)


def chosen(given: dict) -> Options:
    """What these options say. Takes them out of `given`, the arguments of the command. Raises Misused."""
    select, ignore = _rules(given.pop("select")), _rules(given.pop("ignore"))
    builder, frontend = given.pop("builder") or BUILDERS[0], given.pop("frontend")
    if read_frontend(frontend) is None:
        raise Misused(f"--frontend takes a version such as 1.4, not {frontend}")
    return Options(given.pop("level"), given.pop("merge"), select, ignore, builder, frontend)


def _rules(lists: tuple[str, ...]) -> tuple[str, ...]:
    """Names of rules from comma-separated lists of them."""
    names = tuple(name for part in lists for each in part.split(",") if (name := each.strip()))
    if names:
        from rewriter.order import RULES

        known = [rule.name for rule in RULES]
        if unknown := [name for name in names if name not in known]:
            raise Misused(f"no rule is called {', '.join(unknown)}; there are {', '.join(known)}")
    return names
