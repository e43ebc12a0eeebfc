"""One run of verify on one engine: what it makes is marked as its own, and gone when it ends.

What a run leaves that was killed is removed by the next: images by their label, folders by their name. Both name the
machine and the process that made them.
"""
from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rewriter.verify.engines import Built, Engine, Progress, Request, silent
from rewriter.verify.images import Image, read_image
from rewriter.verify.layers import Layer

PREFIX = "dfopt-verify-"
STOP_SECONDS = 10  # for a build that is told to end


class Session:
    """Builds and reads images, and keeps none. `known`: layers that were read before, by digest."""

    def __init__(self, engine: Engine, request: Request, folder: Path) -> None:
        self.engine, self.request, self.folder = engine, request, folder
        self.mark = folder.name.removeprefix(PREFIX)
        self.known: dict[str, Layer] = {}

    def build(
        self, text: str, request: Request | None = None, progress: Progress = silent, *, read: bool = True,
    ) -> tuple[Built, Image | None]:
        """Build a Dockerfile from its text and read the image, if there is one; it is removed at once."""
        request = request or self.request
        dockerfile = self.folder / "Dockerfile"
        dockerfile.write_bytes(text.encode("utf-8", "surrogateescape"))
        self._ignore_file(request.context, dockerfile)
        built = self.engine.build(dockerfile, request, self.mark, progress)
        try:
            if not built.image or not read:
                return built, None
            with self.engine.saved(built.image) as stream:
                return built, read_image(stream, self.known)
        finally:
            self.engine.remove(built)

    def _ignore_file(self, context: Path, dockerfile: Path) -> None:
        """BuildKit looks for `Dockerfile.dockerignore` beside the Dockerfile, which stands elsewhere here."""
        own = self.request.dockerfile
        beside = own.with_name(own.name + ".dockerignore") if own else None
        if beside and beside.is_file():
            shutil.copyfile(beside, dockerfile.with_name("Dockerfile.dockerignore"))


@contextmanager
def session(engine: Engine, request: Request) -> Iterator[Session]:
    """A run on `engine`: sweeps what killed runs left, and removes its own when it ends."""
    sweep(engine)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{_host()}.{os.getpid()}."))
    current = Session(engine, request, folder)
    try:
        yield current
    finally:
        engine.sweep(lambda mark: mark == current.mark)
        shutil.rmtree(folder, ignore_errors=True)


def sweep(engine: Engine) -> None:
    """Remove what runs on this machine left that are no more: builds that still go on, images, folders."""
    folders = [each for each in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if _left(each.name.removeprefix(PREFIX))]
    for folder in folders:
        _stop(f"{folder}/")
    engine.sweep(_left)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _stop(word: str) -> None:
    """End the processes with `word` in their command line, as a build has its folder; where /proc tells of them."""
    end = time.monotonic() + STOP_SECONDS
    while running := [each for each in Path("/proc").glob("[0-9]*/cmdline") if word.encode() in _content(each)]:
        for each in running:
            with suppress(OSError):
                os.kill(int(each.parent.name), signal.SIGTERM if time.monotonic() < end else signal.SIGKILL)
        time.sleep(0.2)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it is gone, or not ours to see
        return b""


def _left(mark: str) -> bool:
    """Whether a mark is of this machine, and its process is gone."""
    host, _, rest = mark.rpartition(".")[0].rpartition(".")
    if host != _host() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def _host() -> str:
    return "".join(char if char.isalnum() or char == "-" else "-" for char in socket.gethostname())
