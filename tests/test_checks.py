"""What the checks take for the same settings, and what they don't."""
from __future__ import annotations

import pytest

from rewriter.checks import settings
from rewriter.source.reading import read


def of(*lines: str) -> list:
    return settings(read("\n".join(["FROM busybox", *lines]) + "\n"))


@pytest.mark.parametrize(("before", "after"), [
    (["ENV A=1", "ENV B=2"], ["ENV A=1 B=2"]),
    (["ENV A=1", "# b", "ENV B=$C"], ["ENV A=1 \\", "    # b", "    B=$C"]),
    (["ENV A a b", "ENV B \"c\""], ["ENV A=\"a b\" B=c"]),
    (["ENV A it is a 'quoted'  one"], ["ENV A=\"it is a quoted  one\""]),
    (["LABEL a=1", "LABEL b=2 c=\"3 4\""], ["LABEL a=1 b=2 c='3 4'"]),
    (["ENV A=1", "ENV A=2"], ["ENV A=1 A=2"]),
    (["ENV A=1", "RUN x", "LABEL a=$A"], ["ENV A=1", "LABEL a=$A"]),
])
def test_settings_that_are_the_same(before: list[str], after: list[str]):
    assert of(*before) == of(*after)


@pytest.mark.parametrize(("before", "after"), [
    (["ENV A=1", "ENV B=$A"], ["ENV A=1 B=$A"]),
    (["ENV A=1", "ENV B=${A:-2}"], ["ENV A=1 B=${A:-2}"]),
    (["ENV PATH=/a:$PATH", "ENV PATH=/b:$PATH"], ["ENV PATH=/a:$PATH PATH=/b:$PATH"]),
    (["ENV A=1", "ENV B=2"], ["ENV B=2 A=1"]),
    (["ENV A=\\$B"], ["ENV A=$B"]),
    (["ENV A='$B'"], ["ENV A=\"$B\""]),
    (["LABEL a=$A", "ENV A=1"], ["ENV A=1", "LABEL a=$A"]),
    (["LABEL a=1", "LABEL b=2"], ["LABEL a=1"]),
    (["ENV A=a\\ b"], ["ENV A=a B=b"]),
    (["CMD a"], ["CMD b"]),
])
def test_settings_that_are_not(before: list[str], after: list[str]):
    assert of(*before) != of(*after)


def test_a_backtick_may_be_the_escape_character():
    text = "# escape=`\nFROM busybox\nENV A=c:\\d `\n    B=\"a`\"b\"\n"
    assert [said for _, said in settings(read(text))][2:] == ["A=c:\\d []", "B=a\"b []"]
