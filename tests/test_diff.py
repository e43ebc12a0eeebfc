"""The diff: `patch` makes the one text from the other with it, whatever they hold."""
from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.outcome import Outcome
from rewriter.report import diff

PARTS = st.lists(st.sampled_from(["a", "b", "", "\t", "-- a", "++ b", "é", "x\x0cy", "\u2028", "a\r", "\udce9"]), max_size=4)
TEXTS = st.tuples(PARTS, st.sampled_from(["", "\n"])).map(lambda parts: "\n".join(parts[0]) + parts[1])


def of(before: str, after: str, colour: bool = False) -> str:
    return diff.report(Outcome(before, after), "Dockerfile", colour)


def test_it_reads_like_any_diff():
    assert of("FROM a\nRUN b\nRUN c\n", "FROM a\nRUN b && \\\n    c\n") == (
        "--- Dockerfile\n+++ Dockerfile\n@@ -1,3 +1,3 @@\n FROM a\n-RUN b\n-RUN c\n+RUN b && \\\n+    c\n"
    )


def test_nothing_for_no_change():
    assert of("a\n", "a\n") == of("", "", colour=True) == ""


def test_a_last_line_without_an_end():
    assert of("a\nb", "a\nc").endswith("-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n")
    assert of("a\nb", "a\nb\n").endswith("-b\n\\ No newline at end of file\n+b\n")


def test_colours():
    coloured = of("-- x\na\n", "++ y\na\n", colour=True)
    assert coloured == (
        "\x1b[1m--- Dockerfile\x1b[m\n\x1b[1m+++ Dockerfile\x1b[m\n\x1b[36m@@ -1,2 +1,2 @@\x1b[m\n"
        "\x1b[31m--- x\x1b[m\n\x1b[32m+++ y\x1b[m\n a\n"
    )


@given(TEXTS, TEXTS)
def test_a_coloured_diff_without_its_colours_is_the_plain_one(before, after):
    assert re.sub("\x1b\\[\\d*m", "", of(before, after, colour=True)) == of(before, after)


@given(TEXTS, TEXTS)
def test_its_lines_hold_both_texts(before, after):
    """So short a text is shown whole: less what is added it is the one, less what is removed the other."""
    body = of(before, after).replace("\n\\ No newline at end of file\n", "\0\n").split("\n")[3:-1]
    sides = ["".join(f"{line[1:]}\n" for line in body if line[0] in (" ", mark)) for mark in "-+"]
    assert before == after or [side.replace("\0\n", "") for side in sides] == [before, after]


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
@pytest.mark.parametrize("name", ["Dockerfile", "a file"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FROM a\r\nRUN b\r\nRUN c", "FROM a\r\nRUN b && \\\r\n    c"),
        ("FROM a\nRUN b\n", "FROM a\nRUN b"),
        ("\ufeffFROM a\n# caf\udce9\nRUN b\x0cx\nRUN c\n", "\ufeffFROM a\n# caf\udce9\nRUN b\x0cx && c\n"),
        ("FROM a\n" + "# \n" * 300 + "RUN b\n" + "# \n" * 300, "FROM a\n" + "# \n" * 300 + "RUN c\n" + "# \n" * 301),
    ],
)
def test_git_applies_it(tmp_path, name, before, after):
    (tmp_path / name).write_bytes(before.encode("utf-8", "surrogateescape"))
    patch = diff.report(Outcome(before, after), name).encode("utf-8", "surrogateescape")
    subprocess.run(["git", "apply", "-p0", "-"], input=patch, cwd=tmp_path, check=True)
    assert (tmp_path / name).read_bytes() == after.encode("utf-8", "surrogateescape")
