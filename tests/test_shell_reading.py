"""What is read from a body: its top level, its commands and their places."""
from __future__ import annotations

import pytest

from rewriter.shell.model import Opaque, Place, Script
from rewriter.shell.reading import read_script


def script(text: str) -> Script:
    read = read_script(text)
    assert isinstance(read, Script), read
    return read


def top(text: str) -> list[tuple[str, str]]:
    return [(segment.span.of(text), segment.operator) for segment in script(text).segments]


def places(text: str) -> dict[str | None, int]:
    commands = script(text).commands
    assert commands is not None
    return {command.name: command.place for command in commands}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", [("a", "")]),
        ("  a  b  ", [("a  b", "")]),
        ("a && b || c; d & e", [("a", "&&"), ("b", "||"), ("c", ";"), ("d", "&"), ("e", "")]),
        ("a;", [("a", ";")]),
        ("a | b && c", [("a | b", "&&"), ("c", "")]),
        ("! a && b", [("! a", "&&"), ("b", "")]),
        ("if a; then b && c; fi && d", [("if a; then b && c; fi", "&&"), ("d", "")]),
        ("(a; b) > x 2>&1; c", [("(a; b) > x 2>&1", ";"), ("c", "")]),
        ("a # b && c", [("a", "")]),
        ("echo a#b && c", [("echo a#b", "&&"), ("c", "")]),
        ("echo 'a && b' \"c; d\" e\\;f", [("echo 'a && b' \"c; d\" e\\;f", "")]),
        ("{a,b} c; }d {e}", [("{a,b} c", ";"), ("}d {e}", "")]),
        ("[[ a && b ]] || c", [("[[ a && b ]]", "||"), ("c", "")]),
        ("cat <<EOF && a\n$b\nEOF\nc", [("cat <<EOF", "&&"), ("a", ";"), ("c", "")]),
        ("f() { a; }; f", [("f() { a; }", ";"), ("f", "")]),
        ("case x in a|b) c;; (d) e; esac && f", [("case x in a|b) c;; (d) e; esac", "&&"), ("f", "")]),
        ("a\nb && c\n", [("a", ";"), ("b", "&&"), ("c", "")]),
    ],
)
def test_the_top_level(text: str, expected: list[tuple[str, str]]) -> None:
    assert top(text) == expected


PLAIN, CONDITIONAL, NEGATED = Place.PLAIN, Place.CONDITIONAL, Place.NEGATED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a && b && c", {"a": PLAIN, "b": PLAIN, "c": PLAIN}),
        ("a && b;", {"a": PLAIN, "b": PLAIN}),
        ("a && b; c", {"a": PLAIN, "b": CONDITIONAL, "c": PLAIN}),
        ("a; b && c", {"a": PLAIN, "b": PLAIN, "c": PLAIN}),
        ("a || b", {"a": PLAIN, "b": CONDITIONAL}),
        ("a && b || c", {"a": PLAIN, "b": CONDITIONAL, "c": CONDITIONAL}),
        ("{ a && b; } && c", {"a": PLAIN, "b": PLAIN, "c": PLAIN}),
        ("{ a && b; }; c", {"a": PLAIN, "b": CONDITIONAL, "c": PLAIN}),
        ("(a && b) || c", {"a": Place.SUBSHELL, "b": Place.SUBSHELL | CONDITIONAL, "c": CONDITIONAL}),
        ("a | b", {"a": Place.PIPELINE, "b": Place.PIPELINE}),
        ("a && b &", {"a": Place.BACKGROUND, "b": Place.BACKGROUND | CONDITIONAL}),
        ("{ a; } &", {"a": Place.BACKGROUND}),
        ("a $(b && c)", {"a": PLAIN, "b": Place.SUBSTITUTION, "c": Place.SUBSTITUTION | CONDITIONAL}),
        ("a > `b`", {"a": PLAIN, "b": Place.SUBSTITUTION}),
        ("a <(b)", {"a": PLAIN, "b": Place.SUBSTITUTION}),
        ("! a", {"a": NEGATED}),
        ("if a; then b; else c; fi", {"a": NEGATED, "b": CONDITIONAL, "c": CONDITIONAL}),
        ("if a; then b; elif c; then d; fi", {"a": NEGATED, "b": CONDITIONAL, "c": CONDITIONAL | NEGATED, "d": CONDITIONAL}),
        ("while a; do b; done", {"a": CONDITIONAL | NEGATED, "b": CONDITIONAL}),
        ("for i in $(a); do b; done", {"a": Place.SUBSTITUTION, "b": CONDITIONAL}),
        (
            "if a; then b; elif c; then d; elif e && f; then g; else h; fi",
            {"a": NEGATED, **dict.fromkeys("cef", CONDITIONAL | NEGATED), **dict.fromkeys("bdgh", CONDITIONAL)},
        ),
        ("case $(a) in b) c && d;; (*) e; esac", {"a": Place.SUBSTITUTION, **dict.fromkeys("cde", CONDITIONAL)}),
        ("[[ -f $(a) && b ]] && c", {"[[": PLAIN, "a": Place.SUBSTITUTION, "c": PLAIN}),
        ("f() { a; }", {"a": Place.FUNCTION | CONDITIONAL}),
    ],
)
def test_places(text: str, expected: dict[str, int]) -> None:
    assert places(text) == expected


def test_the_parts_of_a_command() -> None:
    text = "A=1 B='x y' cmd \"$v\" *.c 2>> log <in"
    (command,) = script(text).commands or ()
    assert [(each.name, each.word.value) for each in command.assignments] == [("A", "1"), ("B", "x y")]
    assert [(word.raw, word.value, word.glob) for word in command.words] == [("cmd", "cmd", False), ('"$v"', None, False), ("*.c", "*.c", True)]
    redirects = [(each.operator, each.fd, each.target and each.target.value, each.span.of(text)) for each in command.redirects]
    assert redirects == [(">>", 2, "log", "2>> log"), ("<", None, "in", "<in")]


# What bashlex reads wrongly (first word lists: the truth), or not at all: it is not asked.
BEYOND = {
    "echo a;# rm -rf /": ["echo"],
    "x && y;#z": ["x", "y"],
    "(a)# b": ["a"],
    "if a; then b; elif c; then d; elif e; then f; else g; fi": list("abcdefg"),
    """echo '$(a)'"$(b)"'c'""": ["echo", "b"],
    "echo x'$(b)'": ["echo"],
    "echo ${X:-$(b)}": ["echo", "b"],
    "echo ${X-`b`}": ["echo", "b"],
    r"echo $'a\nb'": ["echo"],
    'echo $"a"': ["echo"],
    "case $(uname -m) in x) a;; esac": ["uname", "a"],
    "echo x$([ $(echo \"$V\" | cut -f1) -lt 6 ] && echo y)": ["echo", "[", "echo", "cut", "echo"],
    "if [[ ! -e /dev/fuse ]]; then a; fi": ["[[", "a"],
    "apt-get install curl `# why` x": ["apt-get"],
    "make -j$(($(nproc)+1))": ["make", "nproc"],
    "time apk add gcc": ["time", "apk"],
    "echo `a \\`b\\``": ["echo", "a", "b"],
    "echo $( a ;)": ["echo", "a"],
}


@pytest.mark.parametrize(("text", "names"), BEYOND.items())
def test_names_are_right_where_bashlex_is_not(text: str, names: list[str]) -> None:
    read = script(text)
    assert sorted(map(str, read.names)) == sorted(names)
    assert read.commands is None or sorted(str(command.name) for command in read.commands) == sorted(names)


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "# only a comment", "((x++))", "(( x > 1 )) && y", "a @(b)", "a !(b)", "a=(b c)", "a 'b", 'a "b', "a `b", "a $(b", "a ${b",
        "(a", "a)", "{ a", "{ a; } b", "(a) b", "a &&", "&& a", "; a", "a ;; b", "a | | b", "a | ! b", "if a; then; fi", "fi", "a; done",
        "if a; fi", "for x in a; b", "for ((i=0;;)); do a; done", "select x in a; do b; done", "coproc a", "a &> x", "a |& b", "a \\",
        "echo $[1+1]", "f() a", "a () b", "case x in a) b ;& esac", "if not exist x mkdir x", "{{ x }}", "{% if x %}", "a <", "cat <<EOF",
        "cat <<EOF\nx", "cat <<EOF\n$(x)\nEOF", "a\0b", "[[ a || b ]]", "${{ x }}", "(a &); time b", "{a; }", "a; }", "-a b", "a[b c]=d", "a && ]] b", "${$x}", "time (a)", "alias a=b\na",
    ],
)  # fmt: skip
def test_what_is_not_certain_is_opaque(text: str) -> None:
    assert isinstance(read_script(text), Opaque)


def test_what_is_said_of_the_whole() -> None:
    read = script("f() { a; }; for i in 1; do b; done; (for j in 1; do c; done) # d")
    assert (read.functions, read.loops, read.comment, read.heredoc) == (("f",), ("i",), True, False)
    assert script("cat <<EOF\nx\nEOF").heredoc
    assert not script("a `# b` c").comment
    assert [segment.simple for segment in script("a; ! b; c | d; (e); f() { g; }").segments] == [True, False, False, False, False]


@pytest.mark.parametrize("text", ["(" * 10_000, "$(" * 10_000, "a;" * 500_000, '"' * 131_071, "`" * 131_071, "{ " * 40_000, "a $(b " * 40 + ")" * 40])
def test_hostile_text_is_opaque(text: str) -> None:
    assert isinstance(read_script(text), Opaque)
