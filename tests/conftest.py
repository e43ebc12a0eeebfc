"""Building on a real engine, for the tests that need one.

    engine       the engine's record (rewriter.verify.engines.Engine: Docker with BuildKit). A test that uses it, or
                 `same_image`, is skipped where no engine answers, and fails there when DFOPT_ENGINE=required;
                 it carries the marker `engine` by itself.
    same_image   same_image(before: str, after: str, context: dict[str, bytes | str] | Path | None = None, *,
                            build_args: tuple[str, ...] = (), target: str = "", options: tuple[str, ...] = (),
                            no_cache: bool = False, repeat: bool = False, engine: str = "docker") -> Result
                 builds both texts from one context and compares the images; `str(result)` says it all.
                 A context's names may have folders in them; a name that ends in "/" makes an empty folder; a
                 value that starts with "#!" makes a file that can be run. options: more words for the builder.
                 repeat: what differs between two uncached builds of `before` is not counted (logs, caches).
                 engine: "classic" for Docker's old builder.
    alone        for a test that looks at all there is on an engine: no other that uses one runs beside it.

Dockerfiles in tests are built from `busybox`, `debian:bookworm-slim` or `dfopt-test/sh` (dash, bash, coreutils,
getcap, setcap; users app 1000 and nobody), which `tests/engine` makes; nothing is pulled for them.
"""
from __future__ import annotations

import fcntl
import functools
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import settings

from rewriter.verify.compare import compare
from rewriter.verify.engine import Engine, Request
from rewriter.verify.engines import ENGINES
from rewriter.verify.session import Session, session

LOCAL = {"busybox": "dfopt-test/busybox", "debian:bookworm-slim": "dfopt-test/debian"}
LONG_AGO = 1_000_000_000

# Laws are tested on the same examples each time; with DFOPT_LONG set on many more, other ones each time.
LONG = bool(os.environ.get("DFOPT_LONG"))
settings.register_profile("dfopt", derandomize=not LONG, deadline=None, print_blob=False)
settings.load_profile("dfopt")

# What one test has seen is no other's business, nor the user's.
os.environ["DFOPT_CACHE_DIR"] = ""

# A shell that runs the tests in the background has interrupts ignored, and so would be all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def examples(short: int, *, long: int, **more) -> settings:
    """How many examples of a law to try, in the quick form and in the long one; `more` is for hypothesis."""
    return settings(max_examples=long if LONG else short, **more)


@dataclass(frozen=True)
class Result:
    """verdict: 'same', 'different', 'before fails', 'after fails' or 'both fail'.

    differences: a line each, timestamps left out. sizes: bytes of all layers, before and after, 0 where it failed.
    layers: how many. logs: what the builder said, before and after.
    """

    verdict: str
    differences: tuple[str, ...] = ()
    sizes: tuple[int, int] = (0, 0)
    layers: tuple[int, int] = (0, 0)
    logs: tuple[str, str] = ("", "")

    def __str__(self) -> str:
        logs = [log[-1500:] for log in self.logs] if self.verdict.endswith(("fails", "fail")) else []
        return "\n".join([self.verdict, *self.differences[:20], *logs])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "engine" in getattr(item, "fixturenames", ()):
            item.add_marker("engine")


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Docker with BuildKit, and the images of `tests/engine` on it."""
    docker = ENGINES["docker"]
    missing = docker.missing() or next((f"no image {name}" for name in LOCAL.values() if not _image(name)), "")
    if missing and os.environ.get("DFOPT_ENGINE") == "required":
        pytest.fail(f"no engine ({missing}), and DFOPT_ENGINE=required", pytrace=False)
    if missing:
        pytest.skip(f'no engine: {missing}; eval "$(tests/engine --debian)" makes one ready')
    return docker


@pytest.fixture
def alone() -> None:
    """See the top of this file."""


@pytest.fixture(autouse=True)
def _turn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Has tests that use an engine wait for those that want it for themselves; several workers run side by side."""
    if "engine" not in request.fixturenames or "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    asked = request.node.callspec.params.get("each_engine", "docker") if hasattr(request.node, "callspec") else "docker"
    store = "containers" if asked in ("podman", "buildah") else "docker"  # engines that see the same images
    shared = tmp_path_factory.getbasetemp().parent
    with ExitStack() as held:
        with _locked(shared / f"{store}.next", fcntl.LOCK_EX):  # whoever waits for it is the next to have it
            held.enter_context(_locked(shared / store, fcntl.LOCK_EX if "alone" in request.fixturenames else fcntl.LOCK_SH))
        yield


@contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, how)
        yield


@pytest.fixture(scope="session")
def _sessions(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Session]]:
    with session(engine, Request(tmp_path_factory.mktemp("context"))) as current:
        with session(ENGINES["classic"], Request(tmp_path_factory.mktemp("context"))) as classic:
            yield {"docker": current, "classic": classic}


@pytest.fixture
def same_image(_sessions: dict[str, Session], tmp_path: Path) -> Callable[..., Result]:
    """See the top of this file."""

    def same_image(
        before: str, after: str, context: dict[str, bytes | str] | Path | None = None, *,
        build_args: tuple[str, ...] = (), target: str = "", options: tuple[str, ...] = (), no_cache: bool = False,
        repeat: bool = False, engine: str = "docker",
    ) -> Result:
        folder = context if isinstance(context, Path) else write_context(tmp_path / "context", context or {})
        words = ["--network=host", *_local_images(), *(f"--build-arg={each}" for each in build_args), *options]
        words += [f"--target={target}"] * bool(target)
        request = Request(folder, options=tuple(words), no_cache=no_cache)
        current = _sessions[engine]
        (built, one), (rebuilt, other) = (current.build(text, request) for text in (before, after))
        logs = built.log, rebuilt.log
        if one is None or other is None:
            failing = "both fail" if one is other else "before fails" if one is None else "after fails"
            return Result(failing, logs=logs)
        differences = compare(one, other).differences
        if repeat and differences:
            twice = [current.build(before, replace(request, no_cache=True))[1] for _ in range(2)]
            noise = {(each.aspect, each.where) for each in compare(*twice).differences}
            differences = [each for each in differences if (each.aspect, each.where) not in noise]
        found = tuple(map(str, differences))
        verdict = "different" if found else "same"
        return Result(verdict, found, (one.size, other.size), (len(one.layers), len(other.layers)), logs)

    return same_image


def write_context(folder: Path, files: dict[str, bytes | str]) -> Path:
    """A build context as a folder: files with a fixed mode and time, whatever the umask."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / name
        data = content.encode() if isinstance(content, str) else content
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(data)
            path.chmod(0o755 if data.startswith(b"#!") else 0o644)
    for path in [*folder.rglob("*"), folder]:
        if path.is_dir():
            path.chmod(0o755)
        os.utime(path, (LONG_AGO, LONG_AGO))
    return folder


def _image(name: str) -> str:
    """The id of an image on the engine, empty where there is none."""
    words = ["docker", "image", "inspect", "--format={{.Id}}", name]
    return subprocess.run(words, capture_output=True, text=True).stdout.strip()


@functools.cache
def _local_images() -> tuple[str, ...]:
    """How the builder is told which images are meant, on an engine whose names are its user's."""
    return tuple(
        f"--build-context={name}=docker-image://{ours}" for name, ours in LOCAL.items() if _image(name) != _image(ours)
    )
