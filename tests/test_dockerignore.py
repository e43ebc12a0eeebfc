""".dockerignore: the answers are those of Docker's own packages `ignorefile` and `patternmatcher`, on the same input."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter import dockerignore, glob


def left_out(text: str, path: str) -> bool:
    """Whether the file at `path` is left out, asked from the top as a walk does."""
    ignore, out, fits, parts = dockerignore.read(text), False, (), path.split("/")
    for depth in range(len(parts)):
        out, fits = ignore.look("/".join(parts[: depth + 1]), fits)
    return out


@pytest.mark.parametrize(
    ("text", "out", "stays"),
    [
        ("a", ["a", "a/b", "a/b/c"], ["b", "b/a", "ab"]),
        ("/a/", ["a", "a/b"], ["b/a"]),
        ("./a/../b", ["b"], ["a"]),
        ("../a", [], ["a"]),
        ("  a\t\r\n", ["a"], ["  a"]),
        ("# a\n#b", [], ["a", "b", "#b"]),
        (" #b", ["#b"], []),
        ("\ufeffa\n\ufeffb", ["a"], ["b"]),
        ("\n\n.\n/\n", [], ["a"]),
        ("*.md", ["a.md", ".md"], ["d/a.md"]),
        ("*/*.md", ["d/a.md"], ["a.md", "d/e/a.md"]),
        ("**/*.md", ["a.md", "d/a.md", "d/e/a.md"], ["a.mdx"]),
        ("**/foo", ["foo", "a/foo", "a/foo/b"], ["afoo", "a/xfoo"]),
        ("**foo", ["foo", "xfoo", "a/xfoo"], ["foox"]),
        ("**fo?", ["foo", "a/foo"], ["xfoo"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "ab"]),
        ("a**", ["a", "ab/c"], ["b/a"]),
        ("a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["a/bz"]),
        ("**", ["a", "a/b"], []),
        ("*", ["a", ".git", "a/b"], []),
        ("a?", ["ab"], ["a", "a/"]),
        ("[ab].c", ["a.c"], ["c.c"]),
        (r"\!a", ["!a"], ["a"]),
        (r"a\*", ["a*"], ["ab"]),
        ("*.{txt,md}", ["x.{txt,md}"], ["x.txt"]),
        ("a.c", ["a.c"], ["abc"]),
        ("*\n!a", ["b"], ["a", "a/b"]),
        ("!a\n*", ["a"], []),
        ("*\n! a/b", ["a", "a/c"], ["a/b"]),
        ("a\n!a/b\na/b/c", ["a", "a/x", "a/b/c"], ["a/b", "a/b/d"]),
        ("*\n!**/*.go", ["a", "a/b"], ["x.go", "a/x.go"]),
        ("*\n!/src/**", ["a", "src"], ["src/a", "src/a/b"]),
        ("a/b\n!a", ["a/b", "a/b/c"], ["a", "a/c"]),
    ],
)
def test_what_is_left_out(text, out, stays):
    assert {path: left_out(text, path) for path in out + stays} == {path: path in out for path in out + stays}


@pytest.mark.parametrize("text", ["[a", "!", "! ", "!/", "a\\", "x" * 70_000])
def test_what_docker_refuses(text):
    with pytest.raises(glob.BadPattern):
        dockerignore.read(text)


@pytest.mark.parametrize("text", [r"*\d", "a|*", "^*", "[[:alpha:]]", "[*]", "[z-a]", "a{2}*"])
def test_what_docker_reads_as_a_regular_expression_by_accident_is_not_guessed(text):
    with pytest.raises(glob.BadPattern):
        dockerignore.read(text)


@pytest.mark.parametrize(
    ("text", "folder", "may"),
    [
        ("a", "a", False),
        ("*\n!src", "node_modules", False),
        ("*\n!src/x", "src", True),
        ("*\n!src", "src/x", True),
        ("*\n!**/x", "node_modules", True),
        ("*\n!src*/x", "lib", True),
    ],
)
def test_where_a_walk_must_look_for_exceptions(text, folder, may):
    assert dockerignore.read(text).may_return(folder) is may


NAMES = st.sampled_from(["a", "b", "ab", "*", "**", "a*", "?"])
PATTERNS = st.tuples(st.sampled_from(["", "!"]), st.lists(NAMES, min_size=1, max_size=3).map("/".join)).map("".join)


@given(st.lists(PATTERNS, max_size=5).map("\n".join), st.lists(st.sampled_from(["a", "b", "ab"]), min_size=2, max_size=4))
def test_nothing_comes_back_where_a_walk_need_not_look(text, parts):
    ignore, path = dockerignore.read(text), "/".join(parts)
    for depth in range(1, len(parts)):
        folder = "/".join(parts[:depth])
        if left_out(text, folder) and not ignore.may_return(folder):
            assert left_out(text, path)


@pytest.mark.parametrize("text", ["*a" * 40 + "b", "**/" * 40 + "b", "*a" * 20 + "/**/" + "*a" * 20 + "/b"])
def test_no_pattern_takes_forever(text):
    assert not left_out(text, "/".join(["a" * 200] * 15))
