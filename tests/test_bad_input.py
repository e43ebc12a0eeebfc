"""Input that is broken, strange or not for dfopt: one line says so, nothing is changed, nothing hangs."""
from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import AFTER, BEFORE, as_nobody, dfopt, reachable

RUNS = b"RUN echo a > /a\nRUN echo b > /b\n"

REFUSED = {
    "NUL byte": (b"FROM busybox\nRUN a\0b\n", 2),
    "UTF-16": ("FROM busybox\nRUN a\n".encode("utf-16"), 1),
    "UTF-16 without a mark": ("FROM busybox\nRUN a\n".encode("utf-16-be"), 1),
    "binary": (b"\x7fELF\x02\x01\x01\0\0\0", 1),
    "heredoc without an end": (b"FROM busybox\nRUN <<EOF\necho a\n", 2),
    "one of two heredocs without an end": (b"FROM busybox\n\nCOPY <<A <<B /x/\na\nA\nb\n", 3),
    "thousands of heredocs without an end": (b"FROM busybox\n" + b"RUN <<A\n" * 3000, 2),
}

PASSED_THROUGH = {
    "empty": (b"", 0),
    "blank": (b"\n \n\t\n", 0),
    "comments only": (b"# hello\n", 0),
    "fragment without FROM": (RUNS, 1),
    "jinja variable": (b"FROM {{ base }}\n" + RUNS, 1),
    "jinja block": (b"FROM busybox\n{% if x %}\n" + RUNS + b"{% endif %}\n", 2),
    "erb": (b"FROM busybox\n<% if x %>\n" + RUNS + b"<% end %>\n", 2),
    "m4": (b"dnl hello\nFROM busybox\n" + RUNS, 1),
    "m4 include": (b"FROM busybox\ninclude(`more.m4')\n" + RUNS, 2),
    "unknown instruction": (b"FROM busybox\nFROBNICATE x\n" + RUNS, 2),
    "unknown frontend": (b"# syntax=example.com/other:1\nFROM busybox\n" + RUNS, 1),
    "HTML": (b"<!DOCTYPE html>\n<html></html>\n", 1),
    "line of 10 MB": (b"FROM busybox\nRUN echo " + b"x" * 10_000_000 + b"\n" + RUNS, 2),
    "comment of 10 MB": (b"FROM busybox\n#" + b"x" * 10_000_000 + b"\n" + RUNS, 2),
    "ten million blank lines": (b"FROM busybox\n" + b"\n" * 10_000_000, 0),
    "ENV that doubles, and doubles, in a file of work without end": (
        b"FROM busybox\nENV A=xxxxxxxxxx\n" + b"ENV A=$A$A\n" * 100 + b"".join(b"COPY %d /t/%d\n" % (at, at) for at in range(390))
        + b"RUN cat" + b"".join(b" /t/%d" % at for at in range(390)) + b" && rm" + b"".join(b" /t/%d" % at for at in range(390)) + b"\n", 0),
    "nested parentheses": (b"FROM busybox\nRUN " + b"(" * 10_000 + b"true" + b")" * 10_000 + b"\n" + RUNS, 2),
    "nested substitutions": (b"FROM busybox\nRUN echo " + b"$(" * 10_000 + b"true" + b")" * 10_000 + b"\n" + RUNS, 2),
    "open parentheses": (b"FROM busybox\nRUN " + b"(" * 10_000 + b"\n" + RUNS, 2),
}

UNTOUCHED = {  # nothing need be said of these
    "nested groups": b"FROM busybox\nRUN " + b"{ " * 10_000 + b"true;" + b" }" * 10_000 + b"\n",
    "quote without an end": b"FROM busybox\nRUN echo '\nRUN echo b\n",
    "fifty thousand continuations": b"FROM busybox\nRUN echo " + b"\\\n b " * 50_000 + b"\n",
    "fifty thousand comments": b"FROM busybox\n" + b"# x\n" * 50_000 + b"RUN echo\n",
    "a descriptor of five thousand digits": b"FROM busybox\nRUN touch /a " + b"9" * 5_000 + b"> /b; true\nRUN sleep 1 & true\n",
    "a frontend of five thousand digits": b"# syntax=docker/dockerfile:1." + b"9" * 5_000 + b"\nFROM busybox\nCOPY a /a\nRUN cat /a\n",
    "a stage by a number of five thousand digits": b"FROM busybox\nCOPY --from=" + b"9" * 5_000 + b" /x /tmp/x\nRUN cat /tmp/x\n",
    "old Macintosh line ends": b"FROM busybox\rRUN a\rRUN b\r",
}


def table(cases: dict) -> list:
    return [pytest.param(*(case if isinstance(case, tuple) else (case,)), id=name) for name, case in cases.items()]


def check(run, returncode: int, data: bytes, said: str) -> None:
    """The exit code, the input on standard output, and one line on standard error that begins with `said`."""
    assert (run.returncode, run.stdout == data) == (returncode, True)
    assert run.stderr.decode().startswith(said) and run.stderr.count(b"\n") == 1 and len(run.stderr) < 300


@pytest.mark.parametrize(("data", "line"), table(REFUSED))
def test_what_can_not_be_read_is_an_error(tmp_path, data, line):
    path = tmp_path / "Dockerfile"
    path.write_bytes(data)
    check(dfopt("-w", path), 2, b"", f"{path}:{line}: error: ")
    assert path.read_bytes() == data and os.listdir(tmp_path) == ["Dockerfile"]
    check(dfopt(path, "-o", tmp_path / "new"), 2, b"", f"{path}:{line}: error: ")
    assert os.listdir(tmp_path) == ["Dockerfile"]
    check(dfopt("-", stdin=data), 2, data, f"<stdin>:{line}: error: ")


@pytest.mark.parametrize(("data", "line"), table(PASSED_THROUGH))
def test_what_is_not_for_dfopt_passes_through(tmp_path, data, line):
    path = tmp_path / "Dockerfile"
    path.write_bytes(data)
    os.utime(path, (1, 1))
    said = f"{path}:{line}: note: " if line else f"{path}: note: "
    check(dfopt("-w", path), 0, b"", said)
    assert path.read_bytes() == data and path.stat().st_mtime == 1
    check(dfopt("--check", path), 0, b"", said)
    check(dfopt("-", stdin=data), 0, data, said.replace(str(path), "<stdin>"))


@pytest.mark.parametrize("data", table(UNTOUCHED))
def test_what_is_strange_is_left_as_it_is(data):
    run = dfopt("-", stdin=data)
    assert (run.returncode, run.stdout == data) == (0, True) and b"Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("FROM a\n# caf\xe9\n{}", "latin-1"),
        ("\ufeffFROM a\n{}", "utf-8"),
        ("FROM a\n# \u2028\x0c\x1c\x85\n{}", "utf-8"),
        ("FROM a\n{}ENV x=\"\xff\"", "latin-1"),
    ],
)
def test_odd_characters_are_carried_through(text, data):
    before, after = (text.format(part.partition("\n")[2]).encode(data) for part in (BEFORE, AFTER))
    assert dfopt("-", stdin=before).stdout == after


@pytest.mark.parametrize("end", ["", "\r\n"])
def test_line_ends_and_a_missing_last_one_stay(end):
    before, after = (part.strip().replace("\n", "\r\n" if end else "\n") + end for part in (BEFORE, AFTER))
    assert dfopt("-", stdin=before).stdout.decode() == after


def test_continuation_that_never_ends():
    """BuildKit takes it, so that it is no error."""
    for data in (b"FROM busybox\nRUN echo a \\\n", b"FROM busybox\nRUN echo a && \\"):
        run = dfopt("-", stdin=data)
        assert (run.returncode, run.stdout) == (0, data)


def fails(path: Path | str, *words: str | Path) -> str:
    """What dfopt says of a file that it can't read."""
    run = dfopt(path, *words)
    assert run.returncode == 2 and run.stdout == b"" and run.stderr.count(b"\n") == 1
    return run.stderr.decode()


def test_standard_input_that_is_too_large_comes_back_whole():
    data = b"FROM a\n" * 10_000_000
    check(dfopt("-", stdin=data), 2, data, "<stdin>: error: larger than ")


def test_files_that_can_not_be_read(tmp_path):
    assert fails(tmp_path) == f"{tmp_path}: error: is a folder, not a file\n"
    assert fails(tmp_path / "none") == f"{tmp_path}/none: error: no such file\n"
    assert fails("/dev/zero").startswith("/dev/zero: error: larger than ")


def test_a_file_without_permission(tmp_path):
    path = tmp_path / "Dockerfile"
    path.write_text(BEFORE)
    reachable(path).parent.chmod(0o777)
    for mode, words in ((0, [path]), (0o444, ["-w", path])):
        path.chmod(mode)
        run = as_nobody("main.main()", *words)
        assert (run.returncode, run.stdout, run.stderr.decode()) == (2, b"", f"{path}: error: no permission\n")
    assert path.read_text() == BEFORE and os.listdir(tmp_path) == ["Dockerfile"]


def test_places_that_can_not_be_written(tmp_path):
    path = tmp_path / "Dockerfile"
    path.write_text(BEFORE)
    assert fails(path, "-o", tmp_path / "none/new") == f"{tmp_path}/none/new: error: the folder {tmp_path}/none does not exist\n"
    assert fails(path, "-o", tmp_path) == f"{tmp_path}: error: is a folder, not a file\n"
    assert fails(path, "-o", "/dev/full") == "/dev/full: error: the disk is full\n"
    assert path.read_text() == BEFORE and os.listdir(tmp_path) == ["Dockerfile"]
