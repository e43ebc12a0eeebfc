"""Which bodies are so plain that bashlex is not asked."""
from __future__ import annotations

import pytest

from rewriter.shell import plain


def shown(text: str) -> list[str]:
    """The parts of what is read, each with its kind."""
    trees = plain.read(text, 10)
    assert trees is not None
    return [f"{node.kind} {text[node.pos[0] - 10 : node.pos[1] - 10]}" for node in trees[0].parts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", ["command a"]),
        (" a  b c ", ["command a  b c"]),
        ("a && b || c; d", ["command a", "operator &&", "command b", "operator ||", "command c", "operator ;", "command d"]),
        ("a;", ["command a", "operator ;"]),
        ("a & b&", ["command a", "operator &", "command b", "operator &"]),
        ("a | b | c && d", ["pipeline a | b | c", "operator &&", "command d"]),
        ("a >x 2>&1 <y", ["command a >x 2>&1 <y"]),
        (">x", ["command >x"]),
        ("A=b c2>d", ["command A=b c2>d"]),
        ("a if } && echo {", ["command a if }", "operator &&", "command echo {"]),
        ("( a; b ) && { c; }", ["compound ( a; b )", "operator &&", "compound { c; }"]),
        ("((a)&)|b;", ["pipeline ((a)&)|b", "operator ;"]),
    ],
)
def test_chains_of_simple_commands_are_read(text, expected):
    assert shown(text) == expected


@pytest.mark.parametrize("text", [
    "", ";", "a &&", "a |", "&& a", "a ; ; b", "a && ; b", "a | ; b", "a ;; b", "a\nb", "a\n", "! a", "if a", "a && fi", "f() b",
    "( a", "a )", "( a }", "{ a; )", "{ a }", "{ a; b", "}", "()", "{ }", "( a; ; )", "( a ) b", "( a ) ( b )", "a ( b )", "{ a; } b", "( if a )", "a <<E", "a <<< b", "a &> b", "a |& b", "a >", "a > > b", "a <(b)", "a 'b'", 'a "b"', "a $b", "a `b`", "a \\b", "time a", "[[ a ]]", "a >& >b",
])  # fmt: skip
def test_all_else_is_for_bashlex(text):
    assert plain.read(text, 0) is None


def test_a_redirection_is_a_part_of_its_own():
    trees = plain.read("a 2>b c>d 5 >e", 0)
    assert trees and [(node.kind, node.op) for node in trees[0].parts[0].parts] == [
        ("word", "a"), ("redirect", "2>b"), ("word", "c"), ("redirect", ">d"), ("word", "5"), ("redirect", ">e"),
    ]  # fmt: skip


def test_a_group_is_made_of_its_brackets_and_what_is_between():
    trees = plain.read("{ (a) >b; c } ; } 2>d", 0)
    assert trees
    group = trees[0].parts[0]
    assert [part.pos for part in group.list] == [(0, 1), (2, 15), (16, 17)] and [part.word for part in group.list[::2]] == ["{", "}"]
    assert [part.op for part in group.redirects] == ["2>d"] and group.pos == (0, 21)
    inner = group.list[1].parts[0]
    assert [part.word for part in inner.list[::2]] == ["(", ")"] and [part.op for part in inner.redirects] == [">b"] and inner.pos == (2, 8)
