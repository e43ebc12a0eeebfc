"""Laws of reading a body, whatever it is."""
from __future__ import annotations

import shutil
import subprocess
from unittest.mock import patch

import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st

from rewriter.shell import bash, plain
from rewriter.shell.model import Opaque, Script
from rewriter.shell.reading import read_script
from rewriter.shell.scanner import Unsure
from rewriter.shell.splitter import split
from rewriter.text import Span

PIECES = [
    "a", "b", "x=1", "x='y z'", '"q r"', "'$(s)'", '"$t"', "$(", ")", "`", "${u:-", "}", "$((1+", "))", "$'v'", "#", "# w", "\\", "\\\n", "\n",
    " ", " ", " ", "&&", "||", ";", ";;", "|", "&", "!", "(", ")", "{ ", "; }", "if ", "then ", "elif ", "else ", "; fi", "for i in ", "; do ",
    "; done", "while ", "case c in ", "d)", " esac", "[[ ", " ]]", "f() ", "function ", "time ", "> e", "2>&1", "<<E", "\nE\n", "<(", "*", "{g,h}", "~",
    "[", "]", "-", "é", "\udcff", "\r", "\0", "\u00a0",
]  # fmt: skip

TEXTS = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=14).map("".join))

# Commands, by construction well formed.
WORDS = st.sampled_from(["a", "b=1", "'c d'", '"$e"', "f#g", "\\;", "$(h)", "`i j`", "${k:-l}", "*.m", '"$(n "$(o)")"', ">p", "2>&1", "$((1+2))"])
SIMPLE = st.lists(WORDS, max_size=3).map(lambda words: " ".join(["x", *words]))
COMMANDS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" && ", " || ", "; ", " | ", " & "]), inner).map("".join),
        inner.map(lambda text: f"( {text} )"),
        inner.map(lambda text: f"{{ {text}; }}" if not text.endswith("&") else f"{{ {text} }}"),
        inner.map(lambda text: f"echo $( {text} )"),
        st.tuples(inner, inner).map(lambda pair: f"if {pair[0]}; then {pair[1]}; fi"),
        st.tuples(inner, inner).map(lambda pair: f"case y in a|b) {pair[0]};; *) {pair[1]} ;; esac"),
        inner.map(lambda text: f"for v in 1 2; do {text}; done"),
        inner.map(lambda text: f"while {text}; do y; done"),
    ),
    max_leaves=5,
)



@given(TEXTS)
@examples(600, long=30_000)
def test_any_text_is_read_or_opaque(text: str) -> None:
    read = read_script(text)
    assert read == read_script(text)
    if isinstance(read, Opaque):
        assert read.reason
        return
    at = 0
    for segment in read.segments:
        assert at <= segment.span.start < segment.span.end <= len(text)
        between = text[at : segment.span.start]
        assert all(char in " \t\n;&|\\" for char in between) or read.comment or read.heredoc
        at = segment.span.end
    for command in read.commands or ():
        assert any(segment.span.start <= command.span.start and command.span.end <= segment.span.end for segment in read.segments)
        assert all(word.raw == word.span.of(text) for word in command.words)


@given(COMMANDS)
@examples(200, long=20_000)
def test_what_is_well_formed_is_read(text: str) -> None:
    read = read_script(text)
    assert isinstance(read, Script), (text, read)
    assert read.commands is not None
    assert [command.span.start for command in read.commands] == sorted(command.span.start for command in read.commands)


@pytest.mark.parametrize("shell", [name for name in ("bash", "dash") if shutil.which(name)])
@given(st.lists(st.one_of(TEXTS, COMMANDS), min_size=1, max_size=5))
@examples(60, long=2_000)
def test_the_shell_accepts_what_is_read(shell: str, texts: list[str]) -> None:
    for text in texts:
        if isinstance(read_script(text), Opaque):
            continue
        done = subprocess.run([shell, "-n", "-c", text.encode("utf-8", "surrogateescape")], capture_output=True, check=False)
        assert done.returncode == 0 or shell == "dash" and any(mark in text for mark in ("<(", ">(", "<<<", "function")), done.stderr


@given(COMMANDS)
@examples(100, long=20_000)
def test_a_segment_alone_is_read_alike(text: str) -> None:
    read = read_script(text)
    if isinstance(read, Opaque):
        return
    names: list[str | None] = []
    for segment in read.segments:
        alone = segment.span.of(text)
        again = read_script(alone)
        assert isinstance(again, Script)
        assert [(each.span, each.simple) for each in again.segments] == [(Span(0, len(alone)), segment.simple)]
        names += again.names
    assert names == list(read.names)


@given(st.one_of(TEXTS, COMMANDS))
@examples(600, long=30_000)
def test_what_is_read_without_bashlex_is_what_bashlex_reads(text: str) -> None:
    try:
        notes = split(text).notes
    except (Unsure, RecursionError):
        return
    ours = bash.read(text, notes)
    with patch.object(plain, "read", lambda text, offset: None):
        theirs = bash.read(text, notes)
    assert theirs is None or ours == theirs
