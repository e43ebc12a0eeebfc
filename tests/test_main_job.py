"""The main job, as the README shows it, on the example that it is about."""
from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

CSV = 15_000_000
BLOG = "FROM debian:bookworm-slim\nRUN mkdir /data\nCOPY data_low.csv /data/low.csv\nRUN rm /data/low.csv\n"
ROOT = Path(__file__).parent.parent


def dfopt(*words: str, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "rewriter", *words], cwd=folder, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def test_the_csv_is_in_no_layer(same_image, tmp_path: Path):
    (tmp_path / "data_low.csv").write_bytes(random.Random(20).randbytes(CSV))
    (tmp_path / "Dockerfile").write_text(BLOG)
    done = dfopt("Dockerfile", "-o", "Dockerfile.opt", folder=tmp_path)
    assert done.returncode == 0 and not done.stdout
    assert "-COPY data_low.csv" in done.stderr and "(saves 15.0 MB)" in done.stderr
    after = (tmp_path / "Dockerfile.opt").read_text()
    assert after == "FROM debian:bookworm-slim\nRUN mkdir /data\n"
    result = same_image(BLOG, after, tmp_path)
    assert result.verdict == "same", result
    assert result.sizes[0] - result.sizes[1] > CSV
    assert (tmp_path / "Dockerfile").read_text() == BLOG


def test_only_what_is_proved_is_written(engine, tmp_path: Path):
    (tmp_path / "data_low.csv").write_text("1,2\n")
    text = BLOG.replace("debian:bookworm-slim", "dfopt-test/busybox")
    (tmp_path / "Dockerfile").write_text(text)
    done = dfopt("Dockerfile", "-o", "Dockerfile.opt", "--verify", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "\nsame\n" in "\n" + done.stderr
    assert (tmp_path / "Dockerfile.opt").read_text() == "FROM dfopt-test/busybox\nRUN mkdir /data\n"
    (tmp_path / "Dockerfile").write_text(text + "RUN false\n")
    done = dfopt("Dockerfile", "-w", "--verify", folder=tmp_path)
    assert done.returncode == 2 and "neither builds" in done.stderr
    assert (tmp_path / "Dockerfile").read_text() == text + "RUN false\n"


def test_verify_needs_somewhere_to_write(tmp_path: Path):
    (tmp_path / "Dockerfile").write_text(BLOG)
    assert dfopt("--verify", folder=tmp_path).returncode == 2


def test_the_readmes_first_command_is_that():
    commands = [line.strip() for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("    ")]
    assert commands[0].endswith("dfopt corpus/blog/Dockerfile -o Dockerfile.opt")
    assert commands[1] == "tests/ready" and os.access(ROOT / "tests/ready", os.X_OK)
    assert "tests/ready" in (ROOT / ".ci/run").read_text()
