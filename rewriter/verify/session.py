"""One run of verify on one engine: what it makes is marked as its own, and gone when it ends.

A mark names the engine, the machine and the process: what a run left that was killed is removed by the next one on
that engine, on that machine.
"""
from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rewriter.verify import processes
from rewriter.verify.engine import Built, Engine, Progress, Request, silent
from rewriter.verify.images import Image, read_image
from rewriter.verify.layers import Layer

PREFIX = "dfopt-verify-"
DOCKERFILE = "Dockerfile"


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
        dockerfile = self.folder / DOCKERFILE
        dockerfile.write_bytes(text.encode("utf-8", "surrogateescape"))
        self._ignore_file(dockerfile)
        built = None
        try:
            built = self.engine.build(dockerfile, self.mark, request, progress)
            if not built.image or not read:
                return built, None
            with self.engine.saved(built.image) as stream:
                return built, read_image(stream, self.known)
        finally:
            if built and built.image:
                self.engine.remove(built.image)
            self.engine.tidy(dockerfile)

    def _ignore_file(self, dockerfile: Path) -> None:
        """BuildKit looks for `Dockerfile.dockerignore` beside the Dockerfile, which stands elsewhere here."""
        own = self.request.dockerfile
        beside = own.with_name(f"{own.name}.dockerignore") if own else None
        if beside and beside.is_file():
            shutil.copyfile(beside, dockerfile.with_name(f"{DOCKERFILE}.dockerignore"))


@contextmanager
def session(engine: Engine, request: Request) -> Iterator[Session]:
    """A run on `engine`: removes what killed runs left, and its own when it ends."""
    _clear(engine)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{engine.name}.{_host()}.{os.getpid()}."))
    current = Session(engine, request, folder)
    try:
        yield current
    finally:
        engine.sweep(lambda mark: mark == current.mark)
        shutil.rmtree(folder, ignore_errors=True)


def _clear(engine: Engine) -> None:
    """Remove what runs left that are no more: builds that still go on, containers, images, folders."""
    folders = [each for each in Path(tempfile.gettempdir()).glob(f"{PREFIX}{engine.name}.*") if _left(each.name)]
    for folder in folders:
        for process in processes.with_word(f"{folder}/"):
            processes.stop(process)
    engine.sweep(_left)
    for folder in folders:
        engine.tidy(folder / DOCKERFILE)
        shutil.rmtree(folder, ignore_errors=True)


def _left(mark: str) -> bool:
    """Whether a mark is of this machine, and its process is gone."""
    parts = mark.removeprefix(PREFIX).split(".")
    if len(parts) != 4 or parts[1] != _host() or not parts[2].isdigit():
        return False
    try:
        os.kill(int(parts[2]), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        pass
    return False


def _host() -> str:
    return "".join(char if char.isalnum() or char == "-" else "-" for char in socket.gethostname())
