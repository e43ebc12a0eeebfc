"""What is said of an outcome, word for word."""
from __future__ import annotations

import pytest

from rewriter.outcome import Change, Kept, Outcome
from rewriter.report import text

CHANGED = Outcome(
    "before",
    "after",
    changes=(
        Change("merge-runs", 12, "joins 2 RUNs", 0),
        Change("drop-dead-copy", 3, "RUN at line 5 deletes it", 15_000_000),
        Change("delete-where-created", 7, "RUN at line 9 deletes it", None),
    ),
    kept=(Kept("merge-runs", 5, "the RUN at line 4 leaves a daemon"),),
    higher=(("leaner", 2), ("bold", 5)),
)


def test_a_line_for_each_change_in_the_order_of_the_file():
    assert text.report(CHANGED, "Dockerfile").splitlines() == [
        "Dockerfile:3: drop-dead-copy: RUN at line 5 deletes it (saves 15.0 MB)",
        "Dockerfile:7: delete-where-created: RUN at line 9 deletes it (saves an unknown number of bytes)",
        "Dockerfile:12: merge-runs: joins 2 RUNs (no bytes known to be saved)",
        "Dockerfile: 2 more with --level leaner, 5 more with --level bold",
    ]


def test_verbose_says_what_was_kept_too():
    kept = "x:5: merge-runs: kept as it is: the RUN at line 4 leaves a daemon\n"
    assert kept in text.report(CHANGED, "x", verbose=True) and "kept" not in text.report(CHANGED, "x")


def test_nothing_to_say():
    quiet = Outcome("a", "a", higher=(("leaner", 0), ("bold", 0)))
    assert text.report(quiet, "x") == ""
    assert text.report(quiet, "x", verbose=True) == "x: nothing to change\n"


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome("a", "a", note="it is a template", line=2), "x:2: note: it is a template\n"),
        (Outcome("a", "a", note="it is empty"), "x: note: it is empty\n"),
        (Outcome("a", "a", error="the heredoc EOF does not end", line=9), "x:9: error: the heredoc EOF does not end\n"),
        (Outcome("a", "a", error="refused"), "x: error: refused\n"),
    ],
)
def test_notes_and_errors(outcome, said):
    assert text.report(outcome, "x") == text.report(outcome, "x", verbose=True) == said


def test_what_a_message_quotes_does_not_reach_the_terminal_s_controls():
    said = text.line("a\nb", 3, "the instruction \x1b[31m\r\x9bX is unknown")
    assert said == r"a\x0ab:3: the instruction \x1b[31m\x0d\x9bX is unknown" + "\n"
    assert len(text.line("x", 1, "y" * 100_000)) < 600


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 B"), (1, "1 B"), (999, "999 B"), (1000, "1.0 kB"), (1549, "1.5 kB"), (999_949, "999.9 kB"),
        (999_950, "1.0 MB"), (15_000_000, "15.0 MB"), (999_999_999, "1.0 GB"), (12_345_678_901_234, "12345.7 GB"),
    ],
)
def test_sizes(count, said):
    assert text.size(count) == said
