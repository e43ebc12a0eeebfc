"""Wildcards as Go has them. The answers are those of Go's own filepath.Match."""
from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter import glob


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("a.txt", "a.txt", True),
        ("a.txt", "aXtxt", False),
        ("*", ".hidden", True),
        ("*", "", True),
        ("*", "a/b", False),
        ("*.txt", "a.txt", True),
        ("*.txt", "a.txt.gz", False),
        ("**/x", "d/x", True),
        ("**/x", "x", False),
        ("**/x", "d/e/x", False),
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "ab/c", False),
        ("a*b", "aXbXb", True),
        ("*ab*", "aab", True),
        ("?", "é", True),
        ("?", "/", False),
        ("a?b", "ab", False),
        ("[ab]x", "bx", True),
        ("[a-c]", "b", True),
        ("[^a-c]", "b", False),
        ("[^a]", "b", True),
        ("[^a]", "/", True),
        ("[!a]", "a", True),
        ("[z-a]", "m", False),
        ("[^z-a]", "m", True),
        (r"\*", "*", True),
        (r"\*", "a", False),
        (r"\a", "a", True),
        ("a[[]b", "a[b", True),
        (r"[\]]", "]", True),
        ("]", "]", True),
        ("(a|b)+", "(a|b)+", True),
    ],
)
def test_match(pattern, name, fits):
    assert glob.match(pattern, name) is fits


def test_after_a_star_the_first_place_that_fits_is_taken_for_good():
    """As in Go: the class takes the slash of `/x`, and what follows is not tried again from further on."""
    assert glob.match("*[^x]b*c", "a/bc")
    assert not glob.match("*[^x]*c", "ab/c")


@pytest.mark.parametrize("pattern", ["[", "[]", "[]a]", "[a", "[a-", "[a-]", "[-a]", "[^]", "\\", "a\\", "[\\", "x["])
def test_what_go_refuses(pattern):
    with pytest.raises(glob.BadPattern):
        glob.match(pattern, "a")


@pytest.mark.parametrize(
    ("path", "wild"),
    [("a", False), ("a*", True), ("a?", True), ("[a]", True), (r"a\*", False), (r"a\\*", True), (r"\\\*", False), ("]", False)],
)
def test_wild(path, wild):
    assert glob.wild(path) is wild


@given(st.text("ab*?/[]^-\\.é", max_size=12), st.text("ab/.é-", max_size=12))
def test_any_pattern_is_matched_or_refused(pattern, name):
    with suppress(glob.BadPattern):
        assert glob.match(pattern, name) in (True, False)


@given(st.text(st.characters(exclude_characters="*?[\\")))
def test_a_text_without_wildcards_fits_itself_and_nothing_longer(text):
    assert glob.match(text, text) and not glob.match(text, text + "x")


def test_many_stars_take_no_time_to_speak_of():
    assert not glob.match("*a" * 60 + "b", "a" * 2000)
