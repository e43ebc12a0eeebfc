"""`dfopt verify` on real engines: what it says, and that it leaves nothing and touches nothing of others."""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rewriter.verify.engines import ENGINES

CSV = b"1,2,3\n" * 2_500_000
BLOG = """\
FROM dfopt-test/busybox
RUN mkdir /data
COPY data_low.csv /data/low.csv
RUN rm /data/low.csv
"""
PROGRAM = [sys.executable, "-c", "from rewriter.cli.main import main; main()", "verify", "--no-repeat"]


@pytest.fixture(params=ENGINES)
def each_engine(request, engine, alone):
    """Each engine in turn, Docker's being ready in any case."""
    missing = ENGINES[request.param].missing()
    if missing and os.environ.get("DFOPT_ENGINE") == "required":
        pytest.fail(f"no {request.param}: {missing}", pytrace=False)
    if missing:
        pytest.skip(missing)
    return request.param


@pytest.fixture
def temporary(tmp_path_factory, monkeypatch) -> Path:
    """Where `dfopt verify` keeps its folders: none is left there in the end."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def verify(tmp_path, engine, temporary):
    """Runs `dfopt verify` on texts; what it says as JSON, and its exit code."""

    def run(before: str, after: str | None = None, *words: str) -> dict:
        done = subprocess.run(_command(tmp_path, before, after, *words), capture_output=True, text=True)
        assert done.stdout, done.stderr
        found = json.loads(done.stdout)
        assert found["exit_code"] == done.returncode
        return found

    return run


def _command(folder: Path, before: str, after: str | None, *words: str) -> list[str]:
    (folder / "Dockerfile").write_text(before)
    if after is not None:
        (folder / "rewritten").write_text(after)
    network = () if "classic" in words else ("--network=host",)
    names = [str(folder / name) for name in ("Dockerfile", "rewritten")[: 1 if after is None else 2]]
    return [*PROGRAM, *names, "--format=json", *network, *words]


def images(engine: str) -> set[str]:
    words = ENGINES[engine].list_words
    return set(subprocess.run([*words, "--all"], capture_output=True, text=True, check=True).stdout.split())


def test_the_blogs_file_is_the_same_and_smaller_by_the_csv_on_each_engine(each_engine, verify, temporary, tmp_path):
    (tmp_path / "data_low.csv").write_bytes(CSV)
    before = images(each_engine)
    found = verify(BLOG, None, f"--engine={each_engine}")
    assert (found["verdict"], found["engine"]) == ("same", each_engine)
    assert found["before"]["bytes"] - found["after"]["bytes"] >= len(CSV)
    assert found["before"]["wasted_bytes"] == len(CSV) and found["after"]["wasted_bytes"] == 0
    assert images(each_engine) == before and not list(temporary.glob("dfopt-verify-*"))


def test_a_difference_is_told_on_each_engine(each_engine, verify):
    base = "FROM dfopt-test/busybox\n"
    found = verify(base + "RUN touch /x\nHEALTHCHECK CMD true\n", base + "RUN touch /y\n", f"--engine={each_engine}")
    told = [(each["aspect"], each["where"]) for each in found["differences"]]
    assert told == [("missing", "/x"), ("extra", "/y"), ("setting", "Healthcheck")]


def test_a_build_that_fails_leaves_nothing_on_each_engine(each_engine, verify):
    before = images(each_engine)
    base = "FROM dfopt-test/busybox\nRUN touch /x\n"
    found = verify(base, base + "RUN false\n", f"--engine={each_engine}")
    assert found["verdict"] == "rewritten does not build"
    assert "false" in found["after"]["log"]
    assert images(each_engine) == before


def test_an_image_that_was_there_before_stays_with_its_name(each_engine, verify, tmp_path):
    words = ENGINES[each_engine]
    text = "FROM dfopt-test/busybox\nRUN echo mine >/mine\nRUN echo more >>/mine\n"
    (tmp_path / "mine").write_text(text)
    network = [] if each_engine == "classic" else ["--network=host"]
    build = [*words.build_words, *network, "-t", "dfopt-test/mine", "-f", str(tmp_path / "mine"), str(tmp_path)]
    subprocess.run(build, env=os.environ | words.env, check=True, capture_output=True)
    before = images(each_engine)
    try:
        verify(text, None, f"--engine={each_engine}")
        assert images(each_engine) == before
        named = subprocess.run([*words.list_words, "dfopt-test/mine"], capture_output=True, text=True, check=True)
        assert named.stdout.strip()
    finally:
        subprocess.run([*words.remove_words, "dfopt-test/mine"], check=True, capture_output=True)


def test_build_arguments_targets_and_secrets_are_passed_on(verify, tmp_path):
    text = """\
FROM dfopt-test/busybox AS one
ARG WORD
RUN --mount=type=secret,id=key test "$WORD$(cat /run/secrets/key)" = "a bc"
FROM one
RUN false
"""
    (tmp_path / "key").write_text("c")
    secret = f"--secret=id=key,src={tmp_path / 'key'}"
    assert verify(text, text, "--build-arg=WORD=a b", "--target=one", secret)["verdict"] == "same"
    assert verify(text, text, "--build-arg=WORD=a b", secret)["verdict"] == "neither builds"


def test_an_ignore_file_of_the_dockerfiles_own_is_honoured(verify, tmp_path):
    (tmp_path / "seen").write_text("")
    (tmp_path / "unseen").write_text("")
    (tmp_path / "Dockerfile.dockerignore").write_text("unseen\n")
    found = verify("FROM dfopt-test/busybox\nCOPY . /c/\n", "FROM dfopt-test/busybox\nRUN mkdir /c\n")
    missing = [each["where"] for each in found["differences"]]
    assert "/c/seen" in missing and "/c/unseen" not in missing


def test_an_original_that_is_never_the_same_twice_is_told_by_repeat(verify):
    before = "FROM dfopt-test/busybox\nRUN head -c 8 /dev/urandom >/id\nRUN touch /x\n"
    after = "FROM dfopt-test/busybox\nRUN head -c 8 /dev/urandom >/id && touch /x\n"
    assert verify(before, after)["verdict"] == "different"
    found = verify(before, after, "--repeat")
    assert found["verdict"] == "same"
    assert [each["where"] for each in found["noise"]] == ["/id"]


def test_a_file_in_which_nothing_changes_is_told(verify):
    found = verify("FROM dfopt-test/busybox\nRUN touch /x\n")
    assert (found["verdict"], found["reason"]) == ("same", "dfopt changes nothing in it")


def test_rebuild_measures_both_and_leaves_the_context_alone(verify, tmp_path):
    source = tmp_path / "source"
    source.write_text("1\n")
    found = verify("FROM dfopt-test/busybox\nCOPY source /\nRUN sleep 2\n", "FROM dfopt-test/busybox\nRUN sleep 2\nCOPY source /\n",
                   "--rebuild=source")
    # the one builds the sleep again, the other has it cached
    assert found["before"]["rebuild_seconds"] > 2 > found["after"]["rebuild_seconds"]
    assert source.read_text() == "1\n"


def test_the_docker_driver_as_a_builder(verify):
    text = "FROM dfopt-test/busybox\n"
    builder = subprocess.run(["docker", "context", "show"], capture_output=True, text=True, check=True).stdout.strip()
    assert verify(text, text, f"--buildx-builder={builder}")["verdict"] == "same"


def test_a_builder_that_is_not_there_is_not_verified(verify):
    found = verify("FROM dfopt-test/busybox\n", None, "--buildx-builder=no-such-builder")
    assert found["verdict"] == "not verified"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_interrupted_in_a_build_nothing_is_left_after_the_next_run(each_engine, verify, temporary, tmp_path, number):
    before = images(each_engine), _containers(each_engine)
    slow = tmp_path / "slow"
    slow.mkdir()
    sleep = f"sleep 3{time.time_ns() % 10**9}"
    text = f"FROM dfopt-test/busybox\nRUN echo {sleep}\nRUN {sleep}\n"
    running = subprocess.Popen(_command(slow, text, text, f"--engine={each_engine}"), stdout=subprocess.DEVNULL)
    while not _runs(sleep):
        assert running.poll() is None
        time.sleep(0.1)
    time.sleep(1)  # in the middle of the step, not as it begins: the steps before it have been told of
    running.send_signal(number)
    running.wait(60)
    if number == signal.SIGKILL:
        assert list(temporary.glob("dfopt-verify-*"))
        verify("FROM dfopt-test/busybox\n", None, f"--engine={each_engine}")
    end = time.monotonic() + 30
    while _runs(sleep) and time.monotonic() < end:  # Docker ends a step when it hears that its client is gone
        time.sleep(0.1)
    assert not _runs(sleep)
    assert not list(temporary.glob("dfopt-verify-*"))
    assert (images(each_engine), _containers(each_engine)) == before


def _runs(command: str) -> bool:
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if each.read_bytes() == command.replace(" ", "\0").encode() + b"\0":
                return True
        except OSError:
            pass
    return False


def _containers(engine: str) -> set[str]:
    words = {"buildah": ["buildah", "containers", "-q"], "podman": ["podman", "ps", "-aq", "--external"]}
    return set(subprocess.run(words.get(engine, ["docker", "ps", "-aq"]), capture_output=True, text=True).stdout.split())
