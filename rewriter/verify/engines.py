"""The engines that can build a Dockerfile, each asked through its own command.

Every image is built with the label `dfopt.verify`, whose value names this run: so its id is its own, nothing that was
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
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from rewriter.verify.compare import OWN_LABEL
from rewriter.verify.layers import Unreadable

ASK_SECONDS = 30
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
    made: tuple[str, ...] = ()


@dataclass(frozen=True)
class Engine:
    """One way to build. The fields are command lines, to which an image or a file is appended."""

    name: str
    build_words: tuple[str, ...]
    save_words: tuple[str, ...]
    remove_words: tuple[str, ...]
    list_words: tuple[str, ...]
    label_words: tuple[str, ...]
    ask_words: tuple[tuple[str, ...], ...]
    save_after: str = ""
    env: dict[str, str] = field(default_factory=dict)
    keeps_steps: bool = False  # every step is an image of its own, which is left behind
    to_file: bool = False  # the build writes an archive, as a builder does that has no images of its own

    def missing(self) -> str:
        """Why this engine can't be used, empty where it can."""
        program = self.build_words[0]
        if not shutil.which(program):
            return f"no `{program}` command"
        for words in self.ask_words:
            done = self._run(words)
            if done.returncode:
                return _last_line(done.stderr) or f"`{' '.join(words)}` failed"
        return ""

    def build(self, dockerfile: Path, request: Request, run: str, progress: Progress = silent) -> Built:
        """Build; a build that fails is a value. Interrupted, it stops the engine's command before it goes."""
        before = self._images() if self.keeps_steps else frozenset()
        id_file = dockerfile.with_suffix(".id")
        id_file.unlink(missing_ok=True)
        words = [*self.build_words, f"--iidfile={id_file}", f"--label={OWN_LABEL}={run}", f"--file={dockerfile}"]
        archive = dockerfile.with_suffix(".tar")
        words += [f"--output=type=oci,compression=uncompressed,dest={archive}"] * self.to_file
        words += ["--no-cache"] * request.no_cache + [*request.options, str(request.context)]
        start = time.monotonic()
        status, log = self._watched(words, progress)
        image = id_file.read_text().strip().removeprefix("sha256:") if status == 0 else ""
        image = str(archive) if image and self.to_file else image
        steps = {each for each in INTERMEDIATE.findall(log) if not any(old.startswith(each) for old in before)}
        return Built(image, log, time.monotonic() - start, tuple(sorted(steps)) if self.keeps_steps else ())

    @contextmanager
    def saved(self, image: str) -> Iterator[BinaryIO]:
        """The archive of an image, as a stream."""
        if self.to_file:
            with open(image, "rb") as archive:
                yield archive
            return
        words = [*self.save_words, image] + [self.save_after] * bool(self.save_after)
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(words, env=self._env(), stdout=subprocess.PIPE, stderr=said, bufsize=1 << 20)
            try:
                yield process.stdout
            except Unreadable as error:
                process.stdout.close()
                process.wait()
                raise Unreadable(": ".join(filter(None, (str(error), _said(said))))) from error
            finally:
                process.stdout.close()
                status = process.wait()
            if status:
                raise Unreadable(_said(said) or f"`{words[0]}` ended with status {status}")

    def remove(self, built: Built) -> None:
        """Remove a built image, and nothing else: no image that other builds may still use as their cache."""
        if self.to_file:
            Path(built.image).unlink(missing_ok=True)
        elif built.image:
            self._run((*self.remove_words, built.image))
        left = set(built.made)
        while left:  # a step goes when no other is built on it
            gone = {each for each in left if self._run((*self.remove_words, each)).returncode == 0}
            left -= gone
            if not gone:
                return

    def sweep(self, is_left: Callable[[str], bool]) -> int:
        """Remove what earlier runs left; `is_left` says it of a label's value. Returns how many images."""
        found = self._run((*self.list_words, f"--filter=label={OWN_LABEL}")).stdout.split()
        count = 0
        for image in set(found):
            if is_left(self._run((*self.label_words, image)).stdout.strip()):
                count += self._run((*self.remove_words, image)).returncode == 0
        return count

    def _images(self) -> frozenset[str]:
        listed = self._run((*self.list_words, "--all")).stdout.split()
        return frozenset(each.removeprefix("sha256:") for each in listed)

    def _env(self) -> dict[str, str]:
        return os.environ | self.env

    def _run(self, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                words, env=self._env(), capture_output=True, text=True, errors="replace",
                stdin=subprocess.DEVNULL, timeout=ASK_SECONDS,
            )
        except (subprocess.TimeoutExpired, OSError) as error:
            return subprocess.CompletedProcess(words, 1, "", f"`{words[0]}`: {error}")

    def _watched(self, words: list[str], progress: Progress) -> tuple[int, str]:
        """Run a build to its end; exit status and log. Its output is read by a thread, so that time goes on passing."""
        start, lines, step = time.monotonic(), [], [""]
        process = subprocess.Popen(
            words, env=self._env(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, encoding="utf-8", errors="replace",
        )

        def read() -> None:
            for line in process.stdout:
                lines.append(line)
                if found := STEP.match(line):
                    step[0] = found["step"].strip()

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            while reader.is_alive():
                reader.join(0.2)
                progress(step[0], time.monotonic() - start)
            return process.wait(), "".join(lines)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()


DOCKER = {
    "save_words": ("docker", "image", "save"),
    "remove_words": ("docker", "image", "rm", "--no-prune"),
    "list_words": ("docker", "image", "ls", "--quiet", "--no-trunc"),
    "label_words": ("docker", "image", "inspect", f'--format={{{{index .Config.Labels "{OWN_LABEL}"}}}}'),
}
VERSION = ("docker", "version", "--format={{.Server.Version}}")

ENGINES = {
    engine.name: engine for engine in (
        Engine(
            "docker",
            build_words=("docker", "buildx", "build", "--load", "--progress=plain"),
            ask_words=(VERSION, ("docker", "buildx", "version")),
            env={"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"},
            **DOCKER,
        ),
        Engine(
            "classic",
            build_words=("docker", "build", "--force-rm"),
            ask_words=(VERSION,),
            env={"DOCKER_BUILDKIT": "0"},
            keeps_steps=True,
            **DOCKER,
        ),
        Engine(
            "podman",
            build_words=("podman", "build", "--format=docker", "--layers"),
            save_words=("podman", "image", "save", "--quiet", "--format=docker-archive"),
            remove_words=("podman", "image", "rm", "--no-prune"),
            list_words=("podman", "image", "ls", "--quiet", "--no-trunc"),
            label_words=("podman", "image", "inspect", f'--format={{{{index .Labels "{OWN_LABEL}"}}}}'),
            ask_words=(("podman", "info"),),
            keeps_steps=True,
        ),
        Engine(
            "buildah",
            build_words=("buildah", "build", "--format=docker", "--layers"),
            save_words=("buildah", "push", "--quiet"),
            save_after="docker-archive:/dev/stdout",
            remove_words=("buildah", "rmi"),
            list_words=("buildah", "images", "--quiet", "--no-trunc"),
            label_words=("buildah", "inspect", "--type=image", f'--format={{{{index .OCIv1.Config.Labels "{OWN_LABEL}"}}}}'),
            ask_words=(("buildah", "info"),),
            keeps_steps=True,
        ),
    )
}


# those that are tried where none is named; the classic builder is for who asks for it
PREFERRED = ("docker", "podman", "buildah")


def find_engine(name: str = "") -> Engine:
    """The engine of that name; without one, the first that can be used, or else the first."""
    if name:
        return ENGINES[name]
    return next((ENGINES[each] for each in PREFERRED if not ENGINES[each].missing()), ENGINES[PREFERRED[0]])


def with_builder(builder: str) -> Engine:
    """BuildKit through `docker buildx`'s builder of that name, wherever it runs.

    A builder apart from an engine hands back an archive; that of an engine is named as its context, and loads.
    """
    docker = ENGINES["docker"]
    inspect = ("docker", "buildx", "inspect", builder)
    told = docker._run(inspect).stdout
    if re.search(r"^Driver:\s+docker$", told, re.M):
        other = {"DOCKER_CONTEXT": builder, "DOCKER_HOST": ""} if builder != "default" else {}
        return replace(docker, env=docker.env | other)
    words = ("docker", "buildx", "build", "--progress=plain", f"--builder={builder}")
    return replace(docker, build_words=words, to_file=True, ask_words=(inspect,))


def _said(stream: BinaryIO) -> str:
    stream.seek(0)
    return _last_line(stream.read().decode(errors="replace"))


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
