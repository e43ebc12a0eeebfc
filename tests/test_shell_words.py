"""A word's value is what both dash and bash make of it, or unknown."""
from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.shell.words import literal, read_word
from rewriter.text import Span

SHELLS = [path for path in map(shutil.which, ("dash", "bash")) if path]

LITERAL = {
    "plain": "plain",
    "/usr/lib/x.so": "/usr/lib/x.so",
    "''": "",
    "'a b'": "a b",
    '"a b"': "a b",
    "a'b'\"c\"d": "abcd",
    "a\"b'c\"d": "ab'cd",
    "'a\"b'": 'a"b',
    r"a\ b": "a b",
    r"\$x": "$x",
    r"'\n'": r"\n",
    r'"\n"': r"\n",
    r'"\$\"\\\`"': '$"\\`',
    "a\\\nb": "ab",
    '"a\\\nb"': "ab",
    "$": "$",
    "a$": "a$",
    '"$"': "$",
    '"cost: $ 5"': "cost: $ 5",
    "$%": "$%",
    "'$x'": "$x",
    "{}": "{}",
    "{a}": "{a}",
    "'{a,b}'": "{a,b}",
    r"\{a,b}": "{a,b}",
    "{'a,b'}": "{a,b}",
    "a,b": "a,b",
    "'~'": "~",
    "a~": "a~",
    "[": "[",
    "]": "]",
    "!": "!",
    "a#b": "a#b",
    "'*'": "*",
    r"\*": "*",
    "é\udcff": "é\udcff",
}
UNKNOWN = [
    "$x", "${x}", '"$x"', "a$1", "$@", "$(a)", '"$(a)"', "`a`", '"`a`"', "$((1))", "$'a'", '$"a"', "$[1]",
    "~", "~/x", "~user", "a=~/x", "--x=~", "a:~", "{a,b}", "x{1..3}", "{a,'b'}", "a{b{c,d}}", "'*'*", r"\**", "'a-'[b]",
    "a b", "a;b", "a|b", "a&", "(a)", "<(a)", "'a", '"a', '"a\\"', "a\\", "a\nb", "'a'\"",
]  # fmt: skip


@pytest.mark.parametrize(("raw", "value"), LITERAL.items())
def test_a_literal_word(raw: str, value: str) -> None:
    assert literal(raw) == value


@pytest.mark.parametrize("raw", UNKNOWN)
def test_a_word_that_is_not_literal(raw: str) -> None:
    assert literal(raw) is None


@pytest.mark.parametrize(
    ("raw", "glob", "value"),
    [
        ("*", True, "*"), ("/a/*.deb", True, "/a/*.deb"), ("a?", True, "a?"), ("[ab]c", True, "[ab]c"), ('"a b"*', True, "a b*"),
        ("'*'", False, "*"), (r"\?", False, "?"), ("[", False, "["), ("a]", False, "a]"), ("$x*", True, None), ("$x", False, None),
        ("'*'*", True, None),
    ],
)  # fmt: skip
def test_wildcards(raw: str, glob: bool, value: str | None) -> None:
    word = read_word(f"x {raw} y", Span(2, 2 + len(raw)))
    assert (word.raw, word.glob, word.value) == (raw, glob, value)


@pytest.mark.skipif(not SHELLS, reason="no shell here")
@given(st.lists(st.text(alphabet="ab '\"\\$`{},.~=*?[]!#%^-:/\n\t;&|<>()é", max_size=8), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_the_shells_agree(raws: list[str]) -> None:
    known = [(raw, value) for raw in raws if raw and raw[0] != "#" and (value := literal(raw)) is not None]
    text = "set -f\n" + "".join(f"printf '%s\\0' {raw}\n" for raw, _ in known)
    for shell in SHELLS:
        done = subprocess.run([shell, "-c", text], capture_output=True, check=True)
        assert done.stdout.decode() == "".join(f"{value}\0" for _, value in known)
