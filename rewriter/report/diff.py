"""What changed, as a unified diff that `patch` and `git apply` take."""
from __future__ import annotations

from difflib import unified_diff

from rewriter.outcome import Outcome

BOLD, RED, GREEN, CYAN, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[36m", "\x1b[m"
COLOURS = (("---", BOLD), ("+++", BOLD), ("@@", CYAN), ("-", RED), ("+", GREEN))


def report(outcome: Outcome, name: str, colour: bool = False) -> str:
    """The diff of a file called `name`, empty where nothing changed. colour: with ANSI escapes for a terminal."""
    header = f"{name}\t" if " " in name else name  # without a tab, patch takes the name to end at the blank
    lines = list(unified_diff(_lines(outcome.before), _lines(outcome.after), header, header))
    body = [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return "".join([_painted(line, at < 2) for at, line in enumerate(body)] if colour else body)


def _lines(text: str) -> list[str]:
    """The lines of `text` with their ends; only a line feed ends one, for BuildKit and for patch."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


def _painted(line: str, header: bool) -> str:
    """The line in its colour; a removed line may look like a header, hence `header`."""
    marks = COLOURS if header else COLOURS[2:]
    escape = next((escape for mark, escape in marks if line.startswith(mark)), "")
    return f"{escape}{line[:-1]}{PLAIN}\n" if escape else line
