"""Laws that hold whatever a Dockerfile says, of reading it and of changing it.

With DFOPT_LONG set, on many more Dockerfiles, other ones each time. Laws of shell bodies are in test_shell_laws.py, and
what BuildKit's own parser says in test_oracle.py.
"""
from __future__ import annotations

import time
from unittest.mock import patch

import pytest
from builds import MADE
from conftest import examples
from dockerfiles import TEXTS
from hypothesis import example, given
from hypothesis import strategies as st

from rewriter.checks import fault
from rewriter.optimize import optimize
from rewriter.options import MERGE, Options
from rewriter.source.model import Comment, Dockerfile, Unreadable
from rewriter.source.reading import read
from rewriter.text import Edit, Span, apply

MOVING = frozenset({"RUN", "COPY", "ADD", "ENV", "LABEL", "WORKDIR"})  # what rules may write anew


@given(TEXTS)
@examples(250, long=100_000)
def test_reading_gives_the_text_back(text: str):
    dockerfile = read(text)
    if isinstance(dockerfile, Unreadable):
        assert 1 <= dockerfile.line <= text.count("\n") + 1 and dockerfile.reason
        return
    assert dockerfile.bom + "".join(piece.span.of(text) for piece in dockerfile.pieces) == text
    for instruction in dockerfile.instructions:
        for part in (instruction, instruction.trigger or instruction):
            for logical in (part.logical, part.arguments):
                assert "".join(text[logical.at(at)] for at in range(len(logical.text))) == logical.text
                assert logical.runs[0][0] == 0 and list(logical.runs) == sorted(set(logical.runs))


@given(TEXTS, st.integers(0, 400), st.integers(0, 20), st.sampled_from(["", "\n", " \\\n", "#", "# escape=`\n", "RUN a\n", "<<E\n", "\ufeff"]))
@examples(250, long=100_000)
def test_an_edited_text_is_read_as_if_it_had_never_been_another(text: str, start: int, length: int, put: str):
    before, edited = read(text), text[:start] + put + text[start + length :]
    if isinstance(before, Dockerfile):
        assert repr(read(edited, before)) == repr(read(edited))


@given(TEXTS, st.sampled_from(MERGE))
@examples(150, long=50_000)
def test_whatever_the_text_it_comes_back_whole(text: str, merge: str):
    outcome = optimize(text, Options(merge=merge))
    assert outcome.changed or outcome.after == text
    assert "please report" not in outcome.error
    assert bool(outcome.changes) == outcome.changed


@example("FROM busybox\n" + 3 * "RUN rm -rf /opt/x\nCOPY f.txt /opt/x/\nRUN cat /opt/x/f.txt >> /log && rm /opt/x/f.txt\n", "saving")
@given(MADE, st.sampled_from(MERGE))
@examples(150, long=50_000)
def test_every_file_comes_to_rest_in_two_sweeps(text: str, merge: str):
    with patch("rewriter.optimize._SWEEPS", 3):  # one more than most need, for what could not be confirmed at first; and one that changes nothing
        outcome = optimize(text, Options(merge=merge))
    assert "please report" not in outcome.error, outcome
    again = optimize(outcome.after, Options(merge=merge))
    assert not again.changed, f"{outcome.after}\n{again.after}"


@given(MADE)
@examples(150, long=50_000)
def test_a_result_keeps_what_no_rule_may_change(text: str):
    outcome = optimize(text, Options(merge="all"))
    before, after = read(text), read(outcome.after)
    if not outcome.changed:
        return
    assert isinstance(before, Dockerfile) and isinstance(after, Dockerfile)
    assert not fault(before, after)
    assert after.bom == before.bom and after.directives == before.directives
    assert _fixed(before) == _fixed(after)
    assert sorted(_comments(before)) == sorted(_comments(after))
    assert ("\r" in outcome.after) == ("\r" in text) and outcome.after.endswith("\n") == text.endswith("\n")


def _fixed(dockerfile: Dockerfile) -> list[str]:
    """The instructions that no rule may write anew, as they stand in the file, but for stages of dfopt's own."""
    found = [each for each in dockerfile.instructions if each.keyword not in MOVING]
    return [each.span.of(dockerfile.text).strip() for each in found if not each.logical.text.split()[-1].startswith("dfopt-")]


def _comments(dockerfile: Dockerfile) -> list[str]:
    outside = [piece.text for piece in dockerfile.pieces if isinstance(piece, Comment)]
    return [text.strip() for text in outside + [comment.text for each in dockerfile.instructions for comment in each.comments]]


@given(st.text(), st.lists(st.tuples(st.integers(0, 30), st.text(max_size=3)), max_size=6))
@examples(100, long=10_000)
def test_edits_change_what_they_cover_and_nothing_else(text: str, drawn: list[tuple[int, str]]):
    marks = sorted(min(at, len(text)) for at, _ in drawn)
    edits = [Edit(Span(*marks[at : at + 2]), drawn[at][1]) for at in range(0, len(marks) - 1, 2)]
    parts, at = [], 0
    for edit in edits:
        parts += text[at : edit.span.start], edit.text
        at = edit.span.end
    assert apply(text, reversed(edits) if len(set(marks)) == len(marks) else edits) == "".join(parts) + text[at:]


@pytest.mark.parametrize("text", [
    "FROM a\nENV A=xx\n" + "ENV A=$A$A\n" * 60 + "COPY $A /x\nRUN rm /x\n",
], ids=["a variable that doubles itself"])
def test_no_file_takes_long(text: str):
    start = time.process_time()
    optimize(text, Options(merge="all"))
    assert time.process_time() - start < 10
