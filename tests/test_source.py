"""Reading: what BuildKit sees in a text, and that nothing of the text is lost."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.source.model import Blank, Comment, Directive, Dockerfile, Instruction, Unreadable
from rewriter.source.reading import read

PARTS = st.sampled_from(
    list("\\`#<>-='\"$ {}[]:/,\t\r\n\v\x1c\x85\xa0\ufeff\udc85\u2028aE1é")
    + ["RUN ", "copy ", "ONBUILD ", "ENV ", "HEALTHCHECK CMD ", "<<EOF", "\nEOF\n", "\\\n", "# escape=`\n", "--a=", '["x"]']
)


def one(text: str) -> Instruction:
    dockerfile = read(text)
    assert isinstance(dockerfile, Dockerfile)
    return dockerfile.instructions[-1]


@given(st.lists(PARTS).map("".join) | st.text())
def test_reading_gives_the_text_back(text):
    dockerfile = read(text)
    if isinstance(dockerfile, Unreadable):
        return
    assert dockerfile.bom + "".join(piece.span.of(text) for piece in dockerfile.pieces) == text
    for instruction in dockerfile.instructions:
        for part in (instruction, instruction.trigger or instruction):
            for logical in (part.logical, part.arguments):
                assert "".join(text[logical.at(at)] for at in range(len(logical.text))) == logical.text
                assert logical.runs == tuple(sorted(set(logical.runs)))
