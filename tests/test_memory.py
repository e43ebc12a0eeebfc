"""What is remembered from run to run is right, or not used."""
from __future__ import annotations

import os
import tarfile

import pytest
from command_line import BEFORE, QUIET, dfopt

from rewriter.cli import memory
from rewriter.graph.context import Context
from rewriter.optimize import optimize
from rewriter.options import Options
from rewriter.outcome import Outcome

OPTIONS = Options()


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("DFOPT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def only(folder):
    (path,) = folder.iterdir()
    return path


def test_what_has_nothing_to_change_is_remembered(place):
    outcome = optimize(QUIET)
    assert memory.recall(QUIET, OPTIONS, False) is None
    memory.remember(outcome, OPTIONS, False)
    assert memory.recall(QUIET, OPTIONS, False) == outcome
    for other in ((QUIET + "\n", OPTIONS, False), (QUIET, Options("bold"), False), (QUIET, OPTIONS, True)):
        assert memory.recall(*other) is None


def test_what_higher_levels_would_do_is_remembered(place):
    outcome = Outcome(QUIET, QUIET, higher=(("leaner", 2), ("bold", 11)))
    memory.remember(outcome, OPTIONS, True)
    assert memory.recall(QUIET, OPTIONS, True) == outcome


@pytest.mark.parametrize("outcome", [optimize(BEFORE), optimize("FROM {{ a }}\n"), optimize("FROM a\nRUN <<E\n"), Outcome("#" * 70_000, "#" * 70_000)])
def test_all_else_is_not(place, outcome):
    memory.remember(outcome, OPTIONS, False)
    assert not place.exists() and memory.recall(outcome.before, OPTIONS, False) is None


def test_an_entry_that_is_not_whole_does_not_count(place):
    outcome = Outcome(QUIET, QUIET, higher=(("bold", 1),))
    memory.remember(outcome, OPTIONS, False)
    path = only(place)
    whole = path.read_bytes()
    for broken in (whole[:-1], whole[:-3], whole[:50], b"", whole[:-1] + b"x\n", whole + b"\n", whole[:-2] + b"\xff\n", whole.replace(b"bold", b"mild"), b"x" + whole):
        path.write_bytes(broken)
        assert memory.recall(QUIET, OPTIONS, False) is None, broken[-20:]
    path.write_bytes(whole)
    assert memory.recall(QUIET, OPTIONS, False) == outcome


def test_two_texts_at_one_place_are_told_apart(place, monkeypatch):
    monkeypatch.setattr(memory, "_PLACES", 1)
    first, second = Outcome(QUIET, QUIET), Outcome("FROM b\n", "FROM b\n")
    memory.remember(first, OPTIONS, False)
    memory.remember(second, OPTIONS, False)
    only(place)
    assert memory.recall("FROM b\n", OPTIONS, False) == second and memory.recall(QUIET, OPTIONS, False) is None


def test_an_edited_module_forgets_all(place, monkeypatch):
    memory.remember(optimize(QUIET), OPTIONS, False)
    monkeypatch.setattr(memory, "_PACKAGE", os.path.dirname(memory.__file__))
    assert memory.recall(QUIET, OPTIONS, False) is None


@pytest.mark.parametrize("where", ["", "/dev/null/x", "/proc/x"])
def test_without_a_place_nothing_is_lost(monkeypatch, where):
    monkeypatch.setenv("DFOPT_CACHE_DIR", where)
    memory.remember(optimize(QUIET), OPTIONS, False)
    assert memory.recall(QUIET, OPTIONS, False) is None


def test_runs(tmp_path):
    cache = {"DFOPT_CACHE_DIR": str(tmp_path / "cache")}
    path = tmp_path / "Dockerfile"
    path.write_text(QUIET)
    for words in ([path], ["--no-cache", path], ["-v", path]):
        assert dfopt(*words, env=cache).stdout.decode() == QUIET
    assert dfopt("-", stdin=QUIET, env=cache).stdout.decode() == QUIET
    assert len(list((tmp_path / "cache").iterdir())) == 2
    assert dfopt("-v", path, env=cache).stderr.endswith(b"nothing to change\n")


def test_what_depends_on_the_context_is_looked_at_anew(tmp_path):
    """The COPY stays where its source is missing; nothing of that may be kept."""
    cache = {"DFOPT_CACHE_DIR": str(tmp_path / "cache")}
    text = "FROM a\nRUN mkdir /d\nCOPY x.csv /d/x\nRUN rm /d/x\n"
    (tmp_path / "Dockerfile").write_text(text)
    words = ["--context", tmp_path, "--select=drop-dead-copy", tmp_path / "Dockerfile"]
    assert dfopt(*words, env=cache).stdout.decode() == text
    (tmp_path / "x.csv").write_text("1\n")
    assert dfopt(*words, env=cache).stdout.decode() == "FROM a\nRUN mkdir /d\n"


def test_an_archive_is_looked_into_without_v(tmp_path):
    """As it is where nothing is remembered: what is watched answers all that a context does."""
    (tmp_path / "Dockerfile").write_text("FROM a\nCOPY x.tar /tmp/\nRUN mkdir /opt/x && tar -xf /tmp/x.tar -C /opt/x && rm /tmp/x.tar\n")
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.add(__file__, "x.py")
    words = ["--builder=classic", tmp_path / "Dockerfile"]
    assert dfopt(*words).stdout == dfopt("--no-cache", *words).stdout != b""
    assert {name for name in vars(Context) if name[0] != "_"} <= vars(memory.Watched).keys()


def test_it_is_where_others_keep_theirs(tmp_path, monkeypatch):
    for names, expected in (({"XDG_CACHE_HOME": str(tmp_path / "x")}, tmp_path / "x/dfopt"), ({"XDG_CACHE_HOME": "", "HOME": str(tmp_path)}, tmp_path / ".cache/dfopt")):
        monkeypatch.delenv("DFOPT_CACHE_DIR", raising=False)
        for name, value in names.items():
            monkeypatch.setenv(name, value)
        memory.remember(optimize(QUIET), OPTIONS, False)
        assert only(expected)
