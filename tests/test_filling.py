"""Variables of ENV in the words of a RUN: only those that stay as they are."""
from __future__ import annotations

import pytest

from rewriter.shell.effects import steps
from rewriter.shell.reading import read_script
from rewriter.shell.filling import lasting

VALUES = {"A": "/opt/a", "B": "two words", "C": "*", "D": None, "AB": "/opt/ab", "E": ""}


@pytest.mark.parametrize(
    "text, path",
    [
        ("rm $A", "/opt/a"),
        ('rm "${A}/x"', "/opt/a/x"),
        ("rm ${A}/x-$AB", "/opt/a/x-/opt/ab"),
        ("rm $A/*.zip", "/opt/a/*.zip"),
        ("cd $A && rm x", "/opt/a/x"),
        ("echo $AB && rm $A", "/opt/a"),
    ],
)
def test_it_is_replaced(text: str, path: str):
    script = read_script(text)
    assert steps(script, "/", lasting(script, VALUES))[-1].effects[0].path == path


@pytest.mark.parametrize(
    "text",
    [
        "rm $B", "rm $C", "rm $D", "rm $E/x", "rm $F", "rm '$A'x$D", 'rm "$A/*"', "rm ${A:-x}", "rm ${A%a}", "rm \\$A",
        "A=x; rm $A", "read A; rm $A", "for A in x; do rm $A; done", "unset A; rm $A", "export A=x; rm $A", ". x; rm $A", "eval x; rm $A",
        "IFS=p; rm $A", ": ${A:=x}; rm $A",
    ],
)
def test_it_is_not(text: str):
    script = read_script(text)
    found = [step for step in steps(script, "/", lasting(script, VALUES)) if step.command.name == "rm"]
    assert not any("opt" in effect.path for step in found for effect in step.effects or ())
