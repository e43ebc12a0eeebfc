"""Paths with and without wildcards."""
from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.shell.paths import absolute, covers, might_meet, parents, unaliased, within

NAMES = st.sampled_from(["a", "b", "ab", ".a", "usr", "bin", "lib", "var", "run"])
PATHS = st.lists(NAMES, max_size=4).map(lambda parts: "/" + "/".join(parts))
PATTERNS = st.lists(st.one_of(NAMES, st.sampled_from(["*", "?", "a*", "[ab]", ".*", "*b"])), max_size=4).map(lambda parts: "/" + "/".join(parts))


@pytest.mark.parametrize(
    ("path", "cwd", "whole"),
    [("a", "/w", "/w/a"), ("./a/", "/w", "/w/a"), ("../a", "/w", "/a"), ("/a//b/.", None, "/a/b"), ("//a", None, "/a"), ("a", None, None), ("", "/w", None), (".", "/", "/")],
)
def test_a_path_seen_from_a_folder(path: str, cwd: str | None, whole: str | None):
    assert absolute(path, cwd) == whole


def test_a_path_longer_than_linux_takes_is_not_known():
    """Or each of its thousand folders would be compared with each of another."""
    assert absolute("/a" * 2048, None) == "/a" * 2048
    assert absolute("/a" * 2048 + "/", None) is absolute("a", "/a" * 2048) is None


def test_the_folders_above():
    assert parents("/a/b/c") == ["/a/b", "/a", "/"] and parents("/a") == ["/"]


@given(PATHS, PATHS)
def test_meeting_is_being_within_one_another(one: str, other: str):
    one_, other_ = unaliased(one), unaliased(other)
    assert might_meet(one, other) == might_meet(other, one) == (within(one_, other_) or within(other_, one_))


@given(PATTERNS, PATHS)
def test_a_pattern_meets_all_that_it_covers(pattern: str, path: str):
    if covers(pattern, path):
        assert might_meet(pattern, path) and might_meet(pattern, path + "/below") and all(fnmatchcase(path, each) for each in [pattern])


@pytest.mark.parametrize(("one", "other"), [("/bin/x", "/usr/bin/x"), ("/usr", "/bin/x"), ("/lib64/x", "/usr/lib64"), ("/var/run/x", "/run/x"), ("/run/lock/x", "/var/lock")])
def test_folders_that_are_links_in_most_bases(one: str, other: str):
    assert might_meet(one, other) and might_meet(other, one)


@pytest.mark.parametrize(("pattern", "path", "covered"), [("/a/*", "/a/b", True), ("/a/*", "/a/.b", False), ("/a/.*", "/a/.b", True), ("/a/*", "/a/b/c", False), ("/a/[^b]", "/a/b", False), ("/a/?", "/a/bc", False), ("/a", "/a", True)])
def test_what_a_shell_matches(pattern: str, path: str, covered: bool):
    assert covers(pattern, path) is covered
