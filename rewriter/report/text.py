"""What was done, kept or refused, a line each, as compilers print it: `Dockerfile:12: merge-runs: reason`."""
from __future__ import annotations

from rewriter.outcome import Change, Outcome

LONGEST = 500  # characters of a message: a reason may quote the file
CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}  # which a terminal would obey


def report(outcome: Outcome, name: str, verbose: bool = False) -> str:
    """The lines about a file called `name`. verbose: also each candidate that was left as it is, and why."""
    if outcome.error:
        return line(name, outcome.line, f"error: {outcome.error}")
    lines = [line(name, outcome.line, f"note: {outcome.note}")] if outcome.note else []
    told = [(change.line, 0, f"{change.rule}: {change.reason} ({_saving(change)})") for change in outcome.changes]
    if verbose:
        told += [(kept.line, 1, f"{kept.rule}: kept as it is: {kept.reason}") for kept in outcome.kept]
        lines += [] if outcome.note or outcome.changes else [line(name, 0, "nothing to change")]
    lines += [line(name, at, message) for at, _, message in sorted(told)]
    if more := _higher(outcome.higher):
        lines.append(line(name, 0, more))
    return "".join(lines)


def line(name: str, number: int, message: str) -> str:
    """One line about line `number` of the file `name`; 0 for the file as a whole."""
    message = message if len(message) <= LONGEST else f"{message[:LONGEST]} …"
    place = f"{name}:{number}" if number else name
    return f"{place}: {message}".translate(CONTROL) + "\n"


def size(count: int) -> str:
    """A number of bytes as a person says it, in powers of 1000: `512 B`, `1.5 kB`, `15.0 MB`."""
    if count < 1000:
        return f"{count} B"
    value, units = count / 1000, iter(("kB", "MB", "GB"))
    unit = next(units)
    for larger in units:
        if value < 999.95:  # else it would be rounded to 1000.0
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}"


def _saving(change: Change) -> str:
    if change.saved is None:
        return "saves an unknown number of bytes"
    return f"saves {size(change.saved)}" if change.saved else "no bytes known to be saved"


def _higher(higher: tuple[tuple[str, int], ...]) -> str:
    """What higher levels would add; those that add nothing are not named."""
    return ", ".join(f"{count} more with --level {level}" for level, count in higher if count)
