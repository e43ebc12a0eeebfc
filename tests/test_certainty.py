"""Which commands a body can't succeed without, and how much work that is to say of all of them."""
from __future__ import annotations

import pytest

from rewriter.record import replace
from rewriter.shell.certainty import decides
from rewriter.shell.seen import heedless
from rewriter.shell.model import Script
from rewriter.shell.reading import read_script


@pytest.mark.parametrize(
    ("text", "deciding"),
    [
        ("a && b", "a b"),
        ("a ; b && c", "b c"),
        ("a ; b ; c ;", "c"),
        ("a || b && c", ""),
        ("a && b &", ""),
        ("set -e ; a ; b", "set a b"),
        ("set -e ; a || b ; c", "set c"),
        ("a && { b && c; }", "a b c"),
        ("a && ( b )", "a b"),
        ("a && ( cd b && c ) && d", "a cd c d"),
        ("a && ( b || c ) && d", "a d"),
        ("a && ( b ; exit 0 ; c ) && d", "a d"),
        ("a && ( b ) | c", "a"),
        ("( a ) ; b", "b"),
        ("( set -e ; a ; b ) && c", "c"),
        ("{ set -e ; a ; b ; } && c", "c"),
        ("a && ( set -e ; b ; c )", "a set b c"),
        ("a && exit 0 && b", "a exit"),
        ("a && exit \u00b2 && b", "a exit"),
        ("a | b && c", "c"),
    ],
)
def test_what_decides(text: str, deciding: str):
    body = read_script(text)
    assert isinstance(body, Script)
    assert [command.name for command in body.commands or () if decides(body, command)] == deciding.split()


class Counted(tuple):
    """Counts how often something in it is looked at."""

    looks = 0

    def __getitem__(self, at):
        Counted.looks += 1
        return super().__getitem__(at)

    def __iter__(self):
        Counted.looks += len(self)
        return super().__iter__()


@pytest.mark.parametrize("between", [" ; ", " && "])
def test_to_ask_for_each_command_is_no_more_work_than_to_look_for_it(between: str):
    """A body of 1,400 commands took two million looks, once for each body before it."""
    many = 1400
    body = read_script(between.join(["cd /a"] * many))
    assert isinstance(body, Script)
    body = replace(body, segments=Counted(body.segments))
    Counted.looks = 0
    deciding = [decides(body, command) for command in body.commands or ()]
    assert deciding == ([False] * (many - 1) + [True] if ";" in between else [True] * many)
    assert Counted.looks < 20 * many


def test_whether_the_folder_matters_is_found_out_once():
    body = read_script("cd /a ; make")
    assert isinstance(body, Script) and not heedless(body, gone=True)
    assert not heedless(replace(body, commands=()), gone=True)
    body.__dict__["commands"] = None  # nothing to look at any more
    assert not heedless(body, gone=True)
