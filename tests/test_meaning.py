"""What FROM, ENV, LABEL and ARG say, and where the package that reads them is not believed."""
from __future__ import annotations

import subprocess
import sys
from unittest.mock import patch

import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st

from rewriter.source.meaning import Assignments, From, Unclear, meanings
from rewriter.source.model import Unreadable
from rewriter.source.reading import read


def last(text: str):
    return meanings(read(text))[-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a:1", From("a:1", None)),
        ("from a as Build", From("a", "build")),
        ("FROM \\\n  --platform=$BUILDPLATFORM \\\n\n a@sha256:0 AS b", From("a@sha256:0", "b")),
        ("\ufeffFROM $X", From("$X", None)),
    ],
)
def test_from(text, expected):
    assert last(text) == expected


@pytest.mark.parametrize(
    "text",
    ["FROM", "FROM a b", "FROM a AS", "FROM a AS 1", "FROM a AS b c", "FROM a in b", 'FROM "a"', "FROM --platform a",
     "FROM --platform=a --platform=b c", "FROM --other=a b", "FROM -- a", "FROM a\udcff", 'FROM --platform="a b" c'],
)  # fmt: skip
def test_from_that_is_unclear(text):
    assert isinstance(last(text), Unclear)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("ENV a=b", [("a", "b")]),
        ('ENV a="b c" d=e\\ f g=', [("a", "b c"), ("d", "e f"), ("g", "")]),
        ("ENV a=1 a=2", [("a", "1"), ("a", "2")]),
        ("ENV a=$b \\\n  # why\n\n  c=${d}/x e=${f:-g}", [("a", "$b"), ("c", "${d}/x"), ("e", "${f:-g}")]),
        ('ENV a="$b"', [("a", "$b")]),
        ("ENV a='b=\"c\"'", [("a", 'b="c"')]),
        ('ENV a="b\\"c"', [("a", 'b"c')]),
        ("ENV a=b=c", [("a", "b=c")]),
        ('LABEL "com.example.a"="b" c.d=e', [("com.example.a", "b"), ("c.d", "e")]),
        ("ARG a", [("a", None)]),
        ("ARG a b=c d=", [("a", None), ("b", "c"), ("d", "")]),
        ('ARG a="b c"', [("a", "b c")]),
        ("# escape=`\nENV a=b", [("a", "b")]),
        ("ENV a=b\xa0", [("a", "b")]),
    ],
)
def test_assignments(text, pairs):
    assert last(text) == Assignments(tuple(pairs), legacy=False)


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("ENV a b", ("a", "b")),
        ("ENV a 1 b=2", ("a", "1 b=2")),
        ('ENV say "a b"   c', ("say", "a b   c")),
        ("LABEL a\tb\\ c", ("a", "b c")),
        ("ENV a b \\\n   c", ("a", "b    c")),
    ],
)
def test_the_old_form(text, pair):
    assert last(text) == Assignments((pair,), legacy=True)


@pytest.mark.parametrize(
    "text",
    [
        "ENV",
        "ARG",
        "ENV =b",
        'ENV ""=b',
        "ENV --a=b c=d",
        "ENV -- c=d",
        "ENV $a=b",
        'ARG "a"',
        "ENV a='$b'",
        "ENV a=\\$b",
        "ENV a=\"b",
        'ENV "a=b"',
        'ENV a="b\\\\c"',
        "ENV a=b\\ \\\\",
        "# escape=`\nENV a=C:\\b",
        "# escape=`\nENV a=`$b",
        "ENV a=${b",
        "ENV a=${b:c}",
        "ENV a=${b/c/d}",
        'ENV a=${b:-"c"}',
        "ENV a=${b:-${c}}",
        "ENV a=b\x1cc=d",
        "ENV a=b\xa0c=d",
        "ENV a=\ufeffb",
        "ENV a=\udcff",
        "LABEL a=\u2028b=c",
    ],
)
def test_assignments_that_are_unclear(text):
    assert isinstance(last(text), Unclear)


def test_one_answer_for_each_instruction():
    text = "# c\nARG a\nFROM b\nRUN <<E\nENV c=d\nE\nENV a='\nENV e f\\\nCMD g\nLABEL h=i \\\n\nONBUILD=j\nCMD k\n"
    kinds = [type(each).__name__ for each in meanings(read(text))]
    assert kinds == ["Assignments", "From", "NoneType", "Unclear", "Assignments", "Assignments", "NoneType"]


def test_the_package_is_met_late():
    plain = "FROM --platform=$P a:1 AS b\\nENV c=$d e=\"f g\"\\nLABEL h i j\\nARG k\\nARG l='m n'\\nRUN o"
    code = f"import rewriter.source.meaning as m, sys; from rewriter.source.reading import read; m.meanings(read('{plain}'))"
    subprocess.run([sys.executable, "-c", code.replace("'m n'", "\\'m n\\'") + "; assert 'dockerfile_parse' not in sys.modules"], check=True)


LINES = st.tuples(
    st.sampled_from(["ENV ", "LABEL ", "ARG ", "FROM "]),
    st.lists(st.sampled_from(["a", "b-c", "=", "=", " ", " ", "\t", '"', '"d e"', "'", "'f'", "$g", "${h}", "${i:-j}", "\\", " AS ", "--platform=k ", "#", ":"])).map("".join),
).map("".join)  # fmt: skip


@given(st.lists(LINES))
@examples(500, long=50_000)
def test_what_is_read_without_the_package_is_what_it_reads(lines):
    dockerfile = read("\n".join(lines))
    if not isinstance(dockerfile, Unreadable):
        ours = meanings(dockerfile)
        with patch("rewriter.source.meaning._plain", lambda instruction: None):
            assert ours == meanings(dockerfile)


WORDS = st.sampled_from(list("ab=='\"\\$ \t{}:-#`\x1c\xa0\udcff") + ["${V}", "$V", " AS ", "--platform=x ", "\\\n", "\n"])


@given(st.lists(st.tuples(st.sampled_from(["ENV ", "LABEL ", "ARG ", "FROM ", "RUN "]), st.lists(WORDS).map("".join))))
def test_meanings_never_raise(lines):
    dockerfile = read("\n".join("".join(line) for line in lines))
    if not isinstance(dockerfile, Unreadable):
        assert len(meanings(dockerfile)) == len(dockerfile.instructions)
