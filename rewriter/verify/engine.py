"""How an engine is asked to build, to hand out an image, and to forget it.

Every image is built with the label `dfopt.verify`, whose value names the run: so its id is its own, nothing that was
there before is ever taken for it, and what a killed run left is found by the next one.
"""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from rewriter.verify import processes
from rewriter.verify.compare import OWN_LABEL
from rewriter.verify.layers import Unreadable

ASK_SECONDS = 60
CONTAINER_SECONDS = 15  # in which an engine gives up a step whose client has gone
STEP = re.compile(r"(?:#\d+ (?=\[)|S(?:tep|TEP) )(?P<step>\[?\d.*|\[[^i].*)")
INTERMEDIATE = re.compile(r"^ ?-+> (?:Using cache )?([0-9a-f]{11,64})$", re.M)

Progress = Callable[[str, float], None]  # the step, and the seconds since the build began


def silent(step: str, seconds: float) -> None:
    """No progress shown."""


@dataclass(frozen=True)
class Request:
    """How to build. options: words for the engine's command, as they are. dockerfile: where the original stands."""

    context: Path
    dockerfile: Path | None = None
    options: tuple[str, ...] = ()
    no_cache: bool = False


@dataclass(frozen=True)
class Built:
    """image: its id, empty where the build failed. log: what the engine said. seconds: how long it took."""

    image: str
    log: str
    seconds: float


@dataclass(frozen=True)
class Engine:
    """One way to build. `…_words` are command lines, to which an image is appended, or the context of a build.

    ask_words: what must succeed for the engine to be usable. save_after: the last word of saving.
    keeps_steps: every step is an image, which stays. containers: words that remove a container, and those that tell
    where they are kept, of an engine that leaves them; to_file: the build writes an archive, as a builder does that
    has no images of its own.
    """

    name: str
    build_words: tuple[str, ...]
    save_words: tuple[str, ...]
    remove_words: tuple[str, ...]
    list_words: tuple[str, ...]
    label_words: tuple[str, ...]
    ask_words: tuple[tuple[str, ...], ...]
    save_after: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    keeps_steps: bool = False
    containers: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    to_file: bool = False

    def missing(self) -> str:
        """Why this engine can't be used, empty where it can."""
        if not shutil.which(self.build_words[0]):
            return f"no `{self.build_words[0]}` command"
        for words in self.ask_words:
            done = self.run(words)
            if done.returncode:
                return last_line(done.stderr) or f"`{' '.join(words)}` failed"
        return ""

    def build(self, dockerfile: Path, mark: str, request: Request, progress: Progress = silent) -> Built:
        """Build; a build that fails is a value. Interrupted, it ends the engine's command before it goes.

        Beside `dockerfile`, files with its name are written, from which `tidy` knows what there was before.
        """
        if self.keeps_steps:
            dockerfile.with_suffix(".before").write_text("\n".join(self._images()))
        id_file, archive = dockerfile.with_suffix(".id"), dockerfile.with_suffix(".tar")
        id_file.unlink(missing_ok=True)
        words = [*self.build_words, f"--iidfile={id_file}", f"--label={OWN_LABEL}={mark}", f"--file={dockerfile}"]
        words += [f"--output=type=oci,compression=uncompressed,dest={archive}"] * self.to_file
        # a container that is left can be told by a secret that no step asks for
        words += [f"--secret=id={OWN_LABEL}.{mark},src={os.devnull}"] * bool(self.containers)
        words += ["--no-cache"] * request.no_cache + [*request.options, str(request.context)]
        start = time.monotonic()
        status, log = self._watched(words, dockerfile.with_suffix(".log"), progress)
        image = id_file.read_text().strip().removeprefix("sha256:") if status == 0 else ""
        return Built(str(archive) if image and self.to_file else image, log, time.monotonic() - start)

    @contextmanager
    def saved(self, image: str) -> Iterator[BinaryIO]:
        """The archive of an image, as a stream. Raises Unreadable where the engine does not give it."""
        if self.to_file:
            with open(image, "rb") as archive:
                yield archive
            return
        with tempfile.TemporaryFile() as said:
            words = [*self.save_words, image, *self.save_after]
            process = subprocess.Popen(words, env=self._env(), stdout=subprocess.PIPE, stderr=said, bufsize=1 << 20)
            try:
                yield process.stdout
            except Unreadable as error:
                process.stdout.close()
                process.wait()
                raise Unreadable(": ".join(filter(None, (str(error), _all_said(said))))) from error
            finally:
                process.stdout.close()
                status = process.wait()
            if status:
                raise Unreadable(_all_said(said) or f"`{words[0]}` ended with status {status}")

    def remove(self, image: str) -> None:
        """Remove a built image, and nothing else: no image that other builds may still use as their cache."""
        if self.to_file:
            Path(image).unlink(missing_ok=True)
        else:
            self.run((*self.remove_words, image))

    def tidy(self, dockerfile: Path) -> None:
        """Remove the images of the steps of the build of `dockerfile`, other than those that there were before it."""
        if not self.keeps_steps:
            return
        with suppress(OSError):
            before = dockerfile.with_suffix(".before").read_text().split()
            log = dockerfile.with_suffix(".log").read_text("utf-8", "replace")
            self._remove_steps({each for each in INTERMEDIATE.findall(log) if not any(old.startswith(each) for old in before)})

    def _remove_steps(self, left: set[str]) -> None:
        """Remove images, each when no other is built on it, and the container of a build that was ended has gone."""
        end = time.monotonic() + CONTAINER_SECONDS
        while left:
            done = {each: self.run((*self.remove_words, each)) for each in left}
            gone = {each for each in left if done[each].returncode == 0}
            left -= gone
            if not gone:
                if time.monotonic() > end or not any("container" in done[each].stderr for each in left):
                    return
                time.sleep(0.2)

    def sweep(self, ours: Callable[[str], bool]) -> None:
        """Remove the containers and images of runs of which `ours` is true, by their mark."""
        for container, mark in self._containers():
            if ours(mark):
                self.run((*self.containers[0], container))
        for image in set(self.run((*self.list_words, f"--filter=label={OWN_LABEL}")).stdout.split()):
            if ours(self.run((*self.label_words, image)).stdout.strip()):
                self.run((*self.remove_words, image))

    def _containers(self) -> Iterator[tuple[str, str]]:
        """The containers that builds of verify are in, or were left in, and the mark of each."""
        root = self.run(self.containers[1]).stdout.strip() if self.containers else ""
        for state in Path(root).glob("*-containers/*/userdata/buildah.json") if root else ():
            with suppress(OSError):
                if found := re.search(rf"id={re.escape(OWN_LABEL)}\.([^,\"]+)", state.read_text("utf-8", "replace")):
                    yield state.parts[-3], found[1]

    def _images(self) -> list[str]:
        listed = self.run((*self.list_words, "--all")).stdout.split()
        return [each.removeprefix("sha256:") for each in listed]

    def _env(self) -> dict[str, str]:
        return os.environ | self.env

    def run(self, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        """Run a short command of the engine's to its end; where that can't be, its error output says why."""
        try:
            return subprocess.run(
                words, env=self._env(), capture_output=True, text=True, errors="replace",
                stdin=subprocess.DEVNULL, timeout=ASK_SECONDS,
            )
        except (subprocess.TimeoutExpired, OSError) as error:
            return subprocess.CompletedProcess(words, 1, "", f"`{words[0]}`: {error}")

    def _watched(self, words: list[str], log: Path, progress: Progress) -> tuple[int, str]:
        """Run a build to its end; exit status and log. A thread reads what it says, so that time is seen to pass."""
        start, step = time.monotonic(), [""]
        process = subprocess.Popen(
            words, env=self._env(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, encoding="utf-8", errors="replace",
        )

        def read() -> None:
            with open(log, "w", encoding="utf-8", buffering=1) as copy:
                for line in process.stdout:
                    copy.write(line)
                    if found := STEP.match(line):
                        step[0] = found["step"].strip()

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            while reader.is_alive():
                reader.join(0.1)
                progress(step[0], time.monotonic() - start)
            return process.wait(), log.read_text("utf-8")
        finally:
            if process.poll() is None:
                processes.stop(process.pid)
                process.wait()
                reader.join(1)  # `tidy` needs its last words; what outlives the command may hold the pipe open


def last_line(text: str) -> str:
    """The last line of a text that is not empty."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _all_said(stream: BinaryIO) -> str:
    stream.seek(0)
    return last_line(stream.read().decode(errors="replace"))
