"""The command line: what goes where, and with which exit code."""
from __future__ import annotations

import io
import os
import resource
import signal
import subprocess
import sys

import pytest
from command_line import AFTER, BEFORE, COMMAND, QUIET, dfopt, environment

from rewriter.cli import main, terminal
from rewriter.options import LEVELS, MERGE

CHANGE = b":2: merge-runs: "


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "Dockerfile"
    path.write_text(BEFORE)
    return path


def test_a_file_is_printed_and_left_alone(path):
    run = dfopt(path)
    assert (run.returncode, run.stdout.decode(), path.read_text()) == (0, AFTER, BEFORE)
    assert run.stderr.startswith(bytes(path) + CHANGE) and run.stderr.count(b"\n") == 1


def test_without_a_file_it_is_the_dockerfile_here(path):
    run = dfopt(folder=path.parent, stdin="FROM other\n")
    assert (run.returncode, run.stdout.decode()) == (0, AFTER)
    assert run.stderr.startswith(b"Dockerfile" + CHANGE)
    path.unlink()
    run = dfopt(folder=path.parent, stdin=BEFORE)
    assert (run.returncode, run.stdout, run.stderr) == (2, b"", b"Dockerfile: error: no such file\n")


def test_output_to_a_file(path, tmp_path):
    run = dfopt(path, "-o", tmp_path / "new")
    assert (run.returncode, run.stdout, (tmp_path / "new").read_text()) == (0, b"", AFTER)
    assert b"+++ " in run.stderr and CHANGE in run.stderr
    assert path.read_text() == BEFORE


def test_output_of_what_does_not_change_is_the_whole_file(tmp_path):
    run = dfopt("-", "-o", tmp_path / "new", stdin=QUIET)
    assert (run.returncode, run.stdout, run.stderr, (tmp_path / "new").read_text()) == (0, b"", b"", QUIET)


def test_output_to_a_dash_is_standard_output(path):
    assert dfopt(path, "-o", "-").stdout.decode() == AFTER


def test_write_in_place(path):
    run = dfopt("-w", path)
    assert (run.returncode, run.stdout, path.read_text()) == (0, b"", AFTER)
    assert b"+++ " in run.stderr and CHANGE in run.stderr
    os.utime(path, (1, 1))
    run = dfopt("-w", path)
    assert (run.returncode, run.stdout, run.stderr, path.stat().st_mtime) == (0, b"", b"", 1)


@pytest.mark.parametrize("words", [["--check"], ["--diff"], ["--check", "--diff"]])
def test_check_and_diff_write_nothing_and_tell_by_the_exit_code(path, words):
    run = dfopt(*words, path)
    assert (run.returncode, path.read_text()) == (1, BEFORE)
    assert run.stdout.startswith(b"--- ") if "--diff" in words else not run.stdout
    assert CHANGE in run.stderr
    path.write_text(QUIET)
    run = dfopt(*words, path)
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")


def test_standard_input():
    run = dfopt("-", stdin=BEFORE)
    assert (run.returncode, run.stdout.decode()) == (0, AFTER)
    assert run.stderr.startswith(b"<stdin>" + CHANGE)


def test_standard_input_with_a_name(tmp_path):
    """The name is for messages, and its place is where the build context is: the file itself need not be there."""
    (tmp_path / "big").write_bytes(b"x" * 1_500_000)
    text = "FROM busybox\nCOPY big /tmp/big\nRUN rm /tmp/big\n"
    run = dfopt("-", "--stdin-filename", tmp_path / "api.Dockerfile", stdin=text)
    assert run.returncode == 0 and run.stderr.startswith(bytes(tmp_path / "api.Dockerfile:2: "))
    assert b"(saves 1.5 MB)" in run.stderr
    assert b"unknown number of bytes" in dfopt("-", stdin=text, folder=tmp_path).stderr


def test_the_build_context_is_the_folder_of_the_file_or_another(tmp_path):
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "big").write_bytes(b"x" * (1_000_000 if name == "here" else 2_000_000))
    path = tmp_path / "here/Dockerfile"
    path.write_text("FROM busybox\nCOPY big /tmp/big\nRUN rm /tmp/big\n")
    assert b"(saves 1.0 MB)" in dfopt(path).stderr
    assert b"(saves 2.0 MB)" in dfopt(path, "--context", tmp_path / "there").stderr
    (tmp_path / "here/big").unlink()
    assert b"(saves an unknown number of bytes)" in dfopt(path).stderr
    (tmp_path / "there/.dockerignore").write_text("big")
    assert b"2.0 MB" not in dfopt(path, "--context", tmp_path / "there").stderr
    assert dfopt(path, "--context", tmp_path / "none").returncode == 2


def test_quiet_says_nothing(path, tmp_path):
    for words in ([path], [path, "--check"], [path, "-o", tmp_path / "new"], [path, "-w"]):
        assert dfopt("-q", *words).stderr == b""
    assert dfopt("-q", "-", stdin="RUN a\n").stderr == b""
    assert dfopt("-q", tmp_path / "none").stderr


def test_verbose_says_what_was_kept():
    text = "FROM busybox\nRUN sleep 9 &\nRUN echo b\n"
    assert b"kept as it is" in dfopt("-v", "-", stdin=text).stderr
    assert b"nothing to change" in dfopt("-v", "-", stdin="FROM busybox\n").stderr


def test_select_and_ignore(path):
    assert dfopt(path, "--ignore", "merge-runs, merge-runs-across,").stdout.decode() == BEFORE
    assert dfopt(path, "--ignore", "merge-runs-across", "--ignore", "merge-runs").stdout.decode() == BEFORE
    assert dfopt(path, "--ignore", "fold-copy-delete").stdout.decode() == AFTER
    assert dfopt(path, "--select", "fold-copy-delete").stdout.decode() == BEFORE
    assert dfopt(path, "--select", "merge-runs").stdout.decode() == AFTER


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_unknown_rule_is_named_beside_the_known(path, option):
    run = dfopt(path, option, "merge-runs,merge-rums")
    assert run.returncode == 2 and b"merge-rums" in run.stderr and b"merge-runs-across" in run.stderr


def test_merge_and_level(path):
    assert dfopt(path, "--merge", "off").stdout.decode() == BEFORE
    for words in [*(["--level", level] for level in LEVELS), *(["--merge", merge] for merge in MERGE)]:
        assert dfopt(path, *words).returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--bogus"], ["-w", "-"], ["-w", "-o", "x"], ["-w", "--check"], ["-o", "x", "--diff"], ["a", "b"], ["a", "b", "-o", "x"],
        ["--stdin-filename", "x"], ["--level", "wild"], ["--merge", "some"], ["-o"], ["--context", "none", "a"],
    ],
)
def test_usage_errors_are_one_line(words, tmp_path):
    run = dfopt(*words, folder=tmp_path)
    assert (run.returncode, run.stdout) == (2, b"")
    assert run.stderr.startswith(b"dfopt: ") and run.stderr.count(b"\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [["--bogus"], ["--select", "none"], ["--level"]])
def test_a_usage_error_gives_an_editor_its_text_back(words):
    run = dfopt("-", *words, stdin=b"FROM a\0\n")
    assert (run.returncode, run.stdout) == (2, b"FROM a\0\n")


def test_several_files(path, tmp_path):
    other, broken = tmp_path / "other", tmp_path / "broken"
    other.write_text(BEFORE)
    broken.write_text("FROM a\nRUN <<EOF\n")
    run = dfopt("--check", path, broken, other)
    assert run.returncode == 2 and run.stderr.count(CHANGE) == 2 and b"broken:2: error: " in run.stderr
    run = dfopt("-w", path, broken, other)
    assert (run.returncode, path.read_text(), other.read_text()) == (2, AFTER, AFTER)
    assert dfopt("--check", path, other).returncode == 0


def test_help_and_version():
    for word in ("-h", "--help"):
        run = dfopt(word)
        assert run.returncode == 0 and b"--stdin-filename" in run.stdout and b"verify" in run.stdout
    run = dfopt("--version")
    assert run.returncode == 0 and run.stdout.startswith(b"dfopt")


def test_a_file_named_like_a_command(path):
    path.rename(path.parent / "verify")
    assert dfopt("./verify", folder=path.parent).stdout.decode() == AFTER
    assert dfopt("--", "verify", folder=path.parent).stdout.decode() == AFTER
    assert dfopt("optimize", "verify", folder=path.parent).stdout.decode() == AFTER


@pytest.mark.parametrize(
    ("env", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "0"}, False), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colour_is_for_those_who_want_it(path, tmp_path, env, coloured):
    assert (b"\x1b[" in dfopt("--diff", path, env=env).stdout) is coloured
    assert (b"\x1b[" in dfopt(path, "-o", tmp_path / "new", env=env).stderr) is coloured


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_colour(path, env, coloured):
    ours, theirs = os.openpty()
    subprocess.run([*COMMAND, "--diff", path], stdout=theirs, stderr=subprocess.PIPE, env=environment(TERM="xterm") | env)
    os.close(theirs)
    assert (b"\x1b[" in os.read(ours, 10_000)) is coloured
    os.close(ours)


def test_a_reader_that_has_gone_is_no_news(path):
    path.write_text(QUIET + "# " + "x" * 200_000)
    reading, writing = os.pipe()
    os.close(reading)
    for words in (["-q", path], ["--diff", "-q", path], ["-q", "-"]):
        run = dfopt(*words, stdin=BEFORE, stdout=writing)
        assert (run.returncode, run.stderr) in {(2, b""), (0, b"")}
        assert run.returncode == 2 or "--diff" in words
    os.close(writing)


def test_a_full_disk_behind_standard_output(path):
    with open("/dev/full", "wb") as full:
        run = dfopt(path, stdout=full)
    assert (run.returncode, run.stderr) == (2, b"dfopt: standard output: the disk is full\n")


def test_closed_streams(path):
    words = " ".join([*COMMAND, "-q"])
    for redirection in (f"{path} >&-", "- <&-"):
        run = subprocess.run(["sh", "-c", f"{words} {redirection}"], capture_output=True, env=environment())
        assert run.returncode == 2 and run.stderr.count(b"\n") == 1, redirection
    run = subprocess.run(["sh", "-c", f"{words} {path} 2>&-"], capture_output=True, env=environment())
    assert (run.returncode, run.stdout.decode()) == (0, AFTER)


def test_an_interruption_is_silent(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen([*COMMAND, pipe], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    with pipe.open("wb"):  # which returns as soon as dfopt has opened it, to wait for what never comes
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err.strip()) == (130, b"", b"")


def test_memory_that_does_not_suffice_is_a_line(tmp_path):
    def scant() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (60_000_000, 60_000_000))

    path = tmp_path / "Dockerfile"
    path.write_text("FROM a\n" + "# x\n" * 99_000)
    run = subprocess.run([*COMMAND, path], capture_output=True, env=environment(), preexec_fn=scant, timeout=60)
    assert run.returncode == 2 and b"Traceback" not in run.stderr and run.stderr.count(b"\n") == 1


def run_here(monkeypatch, capfdbinary, *words: str, stdin: str = "") -> tuple[int, bytes, bytes]:
    """Run `dfopt` within this process, where it can be tampered with."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
    terminal.standard_input.cache_clear()
    with pytest.raises(SystemExit) as end:
        main.main(list(words))
    terminal.standard_input.cache_clear()
    return end.value.code, *capfdbinary.readouterr()


@pytest.fixture
def fault(monkeypatch):
    """An optimizer with a bug in it."""
    import rewriter.optimize

    def optimize(*_):
        raise RecursionError("deep\nvery deep")

    monkeypatch.setattr(rewriter.optimize, "optimize", optimize)


def test_a_bug_is_a_line_and_changes_nothing(fault, path, monkeypatch, capfdbinary):
    code, out, err = run_here(monkeypatch, capfdbinary, "-w", str(path))
    assert (code, out, path.read_text()) == (2, b"", BEFORE)
    assert err.startswith(bytes(path) + b": error: ") and err.count(b"\n") == 1 and b"please report" in err
    assert run_here(monkeypatch, capfdbinary, "-", stdin=BEFORE)[:2] == (2, BEFORE.encode())


def test_a_bug_shows_its_traceback_on_request(fault, path, monkeypatch, capfdbinary):
    monkeypatch.setenv("DFOPT_DEBUG", "1")
    code, _, err = run_here(monkeypatch, capfdbinary, "-w", str(path))
    assert code == 2 and b"Traceback" in err and path.read_text() == BEFORE


def test_a_bug_in_the_command_itself_is_a_line_too(monkeypatch, capfdbinary):
    def deliver(*_):
        raise ValueError("oops")

    monkeypatch.setattr("rewriter.cli.optimize._deliver", deliver)
    code, out, err = run_here(monkeypatch, capfdbinary, "-", stdin=BEFORE)
    assert (code, out) == (2, BEFORE.encode()) and err.startswith(b"dfopt: ") and err.count(b"\n") == 1


def test_what_is_not_needed_is_not_imported(path):
    """A file without a RUN needs no shell parser; one that isn't shown as a diff no differ."""
    path.write_text("FROM busybox\n")
    code = "import sys\nfrom rewriter.cli.main import main\ntry: main()\nfinally: print(*sys.modules, sep='\\n')"
    run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, env=environment())
    assert run.returncode == 0 and not {"bashlex", "difflib", "rewriter.verify"} & set(run.stdout.split())
