"""Dockerfiles in every way of writing: each instruction, form, flag, comment, continuation, heredoc, quoting, line end.

`DOCKERFILES` draws texts that BuildKit reads, `TEXTS` also what hardly anything reads. None is meant to be built: for
that, see `builds.py`.
"""
from __future__ import annotations

from hypothesis import strategies as st

# In what follows, ¶ stands for the escape character of the file, and ⏎ for its line end.
_GAPS = st.sampled_from([*[" "] * 8, "  ", "\t", " ¶⏎    ", " ¶⏎\t", " ¶  ⏎  ", " ¶⏎# inside⏎    ", " ¶⏎⏎    ", " ¶⏎  # one ¶⏎  # two⏎ ", "  ¶⏎"])
_NAMES = st.sampled_from(["a", "B", "a_b", "PATH", "x1", "d.e", "f-g"])
_VALUES = st.sampled_from([
    "1", "", "b", '"c d"', "'e f'", "$a", "${a}", "${a:-b}", "¶$a", "g¶ h", '"i¶"j"', "'k\"l'", '"$a m"', "é", "n=o", "#p", '"', "'q", "${r#s}", "http://t/u?v=w", "'¶'", '"¶⏎x"',
])
_PATHS = st.sampled_from(["a", "./b", "/c", "/d/", "e/f.tar.gz", "*.txt", "g?", "[h]i", "$a/j", "${a}k", "http://l/m", '"n o"', ".", "..", "é", "-", "p\\q"])
_IMAGES = st.sampled_from(["busybox", "scratch", "a:1", "b.c:5/d/e@sha256:0", "$a", "${a:-b}", "one", "two", '"f"'])
_STAGES = st.sampled_from(["one", "two", "Three", "x-y.z_0"])
_NUMBERS = st.sampled_from(["0", "80", "8080/tcp", "1-3/udp", "$a"])
_ARRAYS = st.sampled_from(['["a"]', '["a", "b c"]', "[]", '[ "\\u00e9" ,\t"d" ]', '["/bin/sh", "-c", "e # f"]', '["$a", "\\"g\\""]', "['h']", '["i",]', '["j"] k', "[ -d l ] && m"])
_FLAGS = {
    "FROM": ["--platform=$a", "--platform=linux/arm64"],
    "RUN": ["--mount=type=cache,target=/a", "--mount=type=bind,from=one,source=/b,target=/b", "--network=none", "--security=insecure", "--mount=type=tmpfs,target='/c d'", "--mount=type=secret,id=e"],
    "COPY": ["--from=one", "--from=0", "--chown=a:b", "--chown=1:2", "--chmod=644", "--chmod=u+x", "--link", "--parents", "--exclude=*.c"],
    "ADD": ["--chown=1", "--checksum=sha256:0", "--keep-git-dir=true", "--unpack=false"],
    "HEALTHCHECK": ["--interval=1s", "--timeout=2m", "--retries=3", "--start-period=4s"],
}  # fmt: skip
_COMMANDS = st.sampled_from([
    "a", "a b", "a 'b c'", "a \"b $c\"", "a && b", "a || b", "a; b", "a | b", "a &", "( a )", "{ a; }", "if a; then b; fi", "for a in b c; do d; done", "case a in b) c ;; esac", "a > /b 2>&1", "$(a)",
    "a `b`", "a # b", "a ¶¶", "a=b c", "cd /a", "rm -rf /a/*", "touch /b", "cat /c", "mkdir -p /d", "chmod 755 /e", "set -e; a", "echo 'it''s'", "a <<< b", "a $((1 + 2))", "a;", "exit 0", "f() { a; }; f",
    "é", "a \"b¶⏎c\"", "a && ¶⏎ b", "a ¶⏎ && b", "a; ¶⏎# c⏎ b", "! a", "a {b,c}", "[ a = b ]", "[[ a ]]", "a '#' b", "cp /f /g", "mv /g /h", "rm /f",
])


def _spaced(*words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Words with gaps between them."""
    return st.tuples(*words, *[_GAPS] * (len(words) - 1)).map(
        lambda drawn: "".join(word + gap for word, gap in zip(drawn, (*drawn[len(words):], ""))))


def _several(words: st.SearchStrategy[str], least: int = 1, most: int = 3) -> st.SearchStrategy[str]:
    return st.integers(least, most).flatmap(lambda count: _spaced(*[words] * count) if count else st.just(""))


def _pairs(names: st.SearchStrategy[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(names, values).map("=".join)


_PAIRS = _pairs(_NAMES, _VALUES)
_BODIES = st.one_of(_COMMANDS, st.lists(_COMMANDS, min_size=2, max_size=3).flatmap(lambda each: st.sampled_from([" && ¶⏎    ", " ¶⏎ && ", "; "]).map(lambda joint: joint.join(each))))
_ARGUMENTS = {
    "FROM": st.one_of(_IMAGES, _spaced(_IMAGES, st.sampled_from(["AS", "as"]), _STAGES)),
    "RUN": st.one_of(_BODIES, _BODIES, _ARRAYS),
    "COPY": st.one_of(_several(_PATHS, 2, 4), _ARRAYS),
    "ADD": st.one_of(_several(_PATHS, 2, 4), _ARRAYS),
    "ENV": st.one_of(_several(_PAIRS), _spaced(_NAMES, _VALUES)),
    "LABEL": st.one_of(_several(_PAIRS), _spaced(_NAMES, _VALUES)),
    "ARG": st.one_of(_NAMES, _several(_PAIRS)),
    "WORKDIR": _PATHS,
    "USER": st.sampled_from(["0", "a", "a:b", "$a", "1:2"]),
    "EXPOSE": _several(_NUMBERS),
    "VOLUME": st.one_of(_several(_PATHS), _ARRAYS),
    "CMD": st.one_of(_BODIES, _ARRAYS),
    "ENTRYPOINT": st.one_of(_BODIES, _ARRAYS),
    "SHELL": st.sampled_from(['["/bin/sh", "-c"]', '["/bin/bash", "-euo", "pipefail", "-c"]', '["powershell", "-Command"]', '["/bin/sh"]']),
    "STOPSIGNAL": st.sampled_from(["SIGINT", "9", "$a"]),
    "HEALTHCHECK": st.one_of(st.just("NONE"), _spaced(st.just("CMD"), st.one_of(_BODIES, _ARRAYS))),
    "MAINTAINER": st.sampled_from(["a", "a b <c@d>", "'e"]),
}  # fmt: skip


def _heredocs(words: str) -> st.SearchStrategy[str]:
    """Arguments with a heredoc, `words` standing behind it on its line, and its body."""
    bodies = st.lists(st.sampled_from(["a", "  b && c", "\td", "", "# e", "$f ¶", "#!/bin/sh", "RUN g", "EOF ", "it's <<X"]), max_size=3)
    opened = st.sampled_from([("<<EOF", "EOF"), ("<<-EOF", "\tEOF"), ("<<'EOF'", "EOF"), ('<<"E F"', "E F"), ("3<<E", "E")])
    return st.tuples(opened, bodies).map(lambda drawn: f"{drawn[0][0]}{words}⏎" + "".join(line + "⏎" for line in drawn[1]) + drawn[0][1])


def _instruction(keyword: str) -> st.SearchStrategy[str]:
    flags = st.lists(st.sampled_from(_FLAGS[keyword]), max_size=2) if keyword in _FLAGS else st.just([])
    words = flags.flatmap(lambda chosen: _spaced(st.sampled_from([keyword, keyword, keyword, keyword.lower(), keyword.title()]), *map(st.just, chosen), _ARGUMENTS[keyword]))
    if keyword not in ("RUN", "COPY", "ADD"):
        return words
    docs = st.sampled_from(["", " a", " && b"] if keyword == "RUN" else [" /a", " /b/"]).flatmap(_heredocs)
    return st.one_of(words, words, docs.map(lambda text: f"{keyword} {text}"))


INSTRUCTIONS = st.sampled_from([*_ARGUMENTS, *["RUN", "COPY"] * 4]).flatmap(_instruction)
_TRIGGERS = st.sampled_from(sorted(_ARGUMENTS.keys() - {"FROM", "MAINTAINER"})).flatmap(_instruction)
_LINES = st.one_of(INSTRUCTIONS, INSTRUCTIONS, INSTRUCTIONS, INSTRUCTIONS, _TRIGGERS.map(lambda text: f"ONBUILD {text}"), st.sampled_from([
    "", "", " \t", "# a comment", "  # another", "#", "# dfopt ignore", "# dfopt off", "# dfopt on", "# hadolint ignore=DL3059", "#RUN x", "# é ¶", "# escape=`",
]), INSTRUCTIONS.map(lambda text: f"  {text}\t"))


@st.composite
def _dockerfiles(draw: st.DrawFn) -> str:
    escape = draw(st.sampled_from(["\\", "\\", "\\", "`"]))
    top = draw(st.sampled_from(["", "", "# syntax=docker/dockerfile:1⏎"])) + ("# escape=`⏎" if escape == "`" else "")
    top += draw(st.sampled_from(["", "", "", "#check=skip=all⏎"]))  # last: older parsers don't know it, and stop there
    lines = [draw(st.sampled_from(["FROM busybox", "FROM busybox AS one", "ARG a=b⏎FROM a"])), *draw(st.lists(_LINES, max_size=8))]
    text = top + "⏎".join(lines) + draw(st.sampled_from(["⏎", "⏎", "", "⏎⏎", " ¶⏎", "¶"]))
    bom, newline = draw(st.sampled_from(["", "", "", "\ufeff"])), draw(st.sampled_from(["\n", "\n", "\n", "\r\n"]))
    return bom + text.replace("¶", escape).replace("⏎", newline)


DOCKERFILES = _dockerfiles()
_PARTS = st.sampled_from(
    list("\\`#<>-='\"$ {}[]:/,\t\r\n\v\x1c\x85\xa0\ufeff\udc85\u2028aE1é")
    + ["RUN ", "copy ", "ONBUILD ", "ENV ", "HEALTHCHECK CMD ", "<<EOF", "\nEOF\n", "\\\n", "# escape=`\n", "--a=", '["x"]']
)
TEXTS = st.one_of(DOCKERFILES, st.lists(_PARTS).map("".join), st.lists(_PARTS).map(lambda parts: "FROM a\n" + "".join(parts)), st.text(st.characters()))
