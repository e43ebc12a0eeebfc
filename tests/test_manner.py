"""The manner of a file is what its lines show, and what most people do where they show nothing."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.source.manner import Manner, list_indent, manner
from rewriter.source.model import Unreadable
from rewriter.source.reading import read

USUAL = Manner(newline="\n", escape="\\", lower=False, indent="    ", lead=None, gap=" ")


def of(text: str) -> Manner:
    return manner(read(text))


@pytest.mark.parametrize("text", ["", "FROM a\n", "FROM a\nRUN b\n", "RUN a && \\\n    b", "RUN a; \\\n    b"])
def test_the_usual_manner(text):
    assert of(text) == USUAL


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("FROM a\r\nRUN b\r\nRUN c\n", "newline", "\r\n"),
        ("FROM a\r\nRUN b\n", "newline", "\n"),
        ("# escape=`\nFROM a\n", "escape", "`"),
        ("from a\nrun b\nCMD c", "lower", True),
        ("from a\nRUN b", "lower", False),
        ("RUN a && \\\n\tb", "indent", "\t"),
        ("RUN a && \\\nb", "indent", "    "),
        ("RUN a && \\\n  b \\\n      c \\\n      d \\\n      e && \\\n  f", "indent", "  "),
        ("RUN a \\\n  b \\\n  c \\\n    d", "indent", "  "),
        ("RUN set -e; \\\n  b \\\n    c \\\n    d; \\\n  e", "indent", "  "),
        ("RUN a \\\n  && b \\\n    c \\\n    d", "indent", "  "),
        ("RUN a b \\\n        c \\\n        d\nRUN e", "indent", "    "),
        ("RUN a b \\\n\t\tc\nRUN e", "indent", "\t"),
        ("ENV a=b \\\n  c=d\nRUN a", "indent", "  "),
        ("RUN a && \\\n # b\n\n  c", "indent", "  "),
        ("RUN a \\\n && b \\\n    c \\\n && d", "lead", " && "),
        ("RUN a \\\n\t&&  b", "lead", "\t&&  "),
        ("RUN a \\\r\n  && b\r\n", "lead", "  && "),
        ("RUN a \\\n && b && \\\n c && \\\n d", "lead", None),
        ("RUN a \\\n && b && \\\n c", "lead", None),
        ("RUN a \\\n  || b \\\n  && c", "lead", "  && "),
        ("RUN a &&\\\n  b &&\\\n  c && \\\n  d", "gap", ""),
        ("RUN a &&\t\\\n  b", "gap", "\t"),
        ("RUN a  \\\n b   \\\n c    \\\n d", "gap", " "),
        ("RUN a && \\ \t\n  b", "gap", " "),
        ("RUN a && \\\n  <<E\n b &&\\\n\tc\nE\n", "gap", " "),
    ],
)
def test_manners(text, field, value):
    assert getattr(of(text), field) == value


@given(st.lists(st.sampled_from(["RUN ", "a", " ", "\t", " && ", "\\\n", "\\", "\n", "\r\n", "# c\n", "<<E", "\nE\n"])).map("".join))
def test_every_file_has_a_manner(text):
    dockerfile = read(text)
    if not isinstance(dockerfile, Unreadable):
        assert manner(dockerfile).newline in ("\n", "\r\n")


@pytest.mark.parametrize(("text", "keyword", "expected"), [
    ("FROM busybox\nLABEL a=b\n", "LABEL", "      "),
    ("FROM busybox\nLABEL a=b \\\n  c=d\nRUN a \\\n    b\n", "LABEL", "  "),
    ("FROM busybox\nLABEL a=b\nRUN a \\\n\t\tb \\\n\t\tc; \\\n\td\n", "LABEL", "\t"),
    ("FROM busybox\nENV A=b\nRUN a \\\n && b\n", "ENV", "    "),
])
def test_the_indent_of_a_list(text: str, keyword: str, expected: str):
    assert list_indent(read(text), keyword) == expected
