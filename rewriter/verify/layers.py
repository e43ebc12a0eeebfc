"""A layer archive, read as a stream: what it adds, and what it takes away from the layers below.

Nothing is unpacked: contents are hashed as they pass, so memory grows with the number of paths, not with their
sizes. The archive is not trusted: what can't be a layer raises `Unreadable`.
Source: the OCI image specification, layer.md; pax headers as POSIX and GNU tar write them.
"""
from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import tarfile
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

BLOCK = 1 << 20
MAX_READ = BLOCK + tarfile.BLOCKSIZE  # also of one long name or pax header: xattrs are at most 64 KiB each
MAX_PATHS = 4_000_000
MAX_BYTES = 1 << 38  # of one layer, unpacked, or of one sparse file
XATTR = "SCHILY.xattr."

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"

KINDS = {
    tarfile.DIRTYPE: "folder",
    tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hard link",
    tarfile.CHRTYPE: "character device",
    tarfile.BLKTYPE: "block device",
    tarfile.FIFOTYPE: "fifo",
}


class Unreadable(Exception):
    """An archive that is broken, hostile, or of a kind that can't be read here; the text says which."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One file, folder, link or device. Hard links are one entry under several paths.

    mode: the lower 12 bits. size, mtime: bytes, seconds since 1970. sha256: of a file's content.
    link: a symlink's target; for a hard link within its layer, the path that it names.
    """

    kind: str
    mode: int = 0o755
    uid: int = 0
    gid: int = 0
    size: int = 0
    sha256: bytes = b""
    link: str = ""
    device: tuple[int, int] | None = None
    xattrs: tuple[tuple[str, bytes], ...] = ()
    mtime: float = 0


@dataclass(frozen=True)
class Layer:
    """What one layer does. Paths have no slash at either end.

    added: in the archive's order. gone: paths deleted below it. emptied: folders whose lower content is hidden.
    size: bytes of the layer as an uncompressed archive.
    """

    added: dict[str, Entry]
    gone: tuple[str, ...]
    emptied: tuple[str, ...]
    size: int


class Forward:
    """A stream that counts what was read, and can seek forward, which is all that `tarfile` asks of it.

    `tarfile` reads contents in blocks as it is told, but a long name or a pax header at once: that is refused here.
    last: what was read last.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.at, self.last = stream, 0, b""

    def read(self, size: int) -> bytes:
        if not 0 <= size <= MAX_READ:
            raise Unreadable(f"a header of {size} bytes")
        self.last = self.stream.read(size)
        self.at += len(self.last)
        if self.at > MAX_BYTES:
            raise Unreadable(f"a layer of more than {MAX_BYTES} bytes")
        return self.last

    def tell(self) -> int:
        return self.at

    def seek(self, to: int) -> None:
        while self.at < to and self.read(min(BLOCK, to - self.at)):
            pass

    def drain(self) -> None:
        """Read on to the end."""
        while self.read(BLOCK):
            pass


@contextmanager
def reading() -> Iterator[None]:
    """Turns whatever a broken archive makes the libraries raise into Unreadable."""
    try:
        yield
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError, RecursionError) as error:
        raise Unreadable(f"a broken archive: {error}") from error


def members(stream: Forward) -> Iterator[tuple[tarfile.TarInfo, BinaryIO | None]]:
    """Each member of a tar stream, and its content where it has one, to be read before the next is asked for."""
    with tarfile.open(fileobj=stream, mode="r:", encoding="utf-8", errors="surrogateescape") as tar:
        while info := tar.next():
            if info.size < 0:
                raise Unreadable(f"a file of {info.size} bytes: {info.name!r}")
            tar.members.clear()  # it would keep them all
            yield info, tar.extractfile(info) if info.isreg() else None
    if stream.last.strip(b"\0") or len(stream.last) % tarfile.BLOCKSIZE:
        raise Unreadable("a broken archive: a header that is none")  # which `tarfile` takes for the end


def clean(name: str) -> str:
    """A member's name as a path within the image."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Unreadable(f"a path that leaves the image: {name!r}")
    return "/".join(parts)


def read_layer(stream: BinaryIO) -> Layer:
    """Read a layer from a stream that can `peek`: a tar, plain or compressed with gzip or zstd."""
    added: dict[str, Entry] = {}
    gone, emptied = [], []
    with reading(), _decompressed(stream) as plain:
        archive = Forward(plain)
        for info, content in members(archive):
            path = clean(info.name)
            folder, _, name = path.rpartition("/")
            if name == ".wh..wh..opq":
                emptied.append(folder)
            elif name.startswith(".wh..wh."):
                continue  # a union filesystem's own bookkeeping
            elif name.startswith(".wh."):
                gone.append(f"{folder}/{name[4:]}" if folder else name[4:])
            else:
                added.pop(path, None)  # the last of a name counts, and stands where it stands
                added[path] = _entry(info, content)
            if len(added) + len(gone) > MAX_PATHS:
                raise Unreadable(f"a layer with more than {MAX_PATHS} paths")
        archive.drain()
    return Layer(added, tuple(gone), tuple(emptied), archive.at)


def _entry(info: tarfile.TarInfo, content: BinaryIO | None) -> Entry:
    kind = KINDS.get(info.type, "file")
    xattrs = tuple(sorted(
        (key.removeprefix(XATTR), value.encode("utf-8", "surrogateescape"))
        for key, value in info.pax_headers.items() if key.startswith(XATTR)
    ))
    return Entry(
        kind,
        mode=0o777 if kind == "symlink" else info.mode & 0o7777,
        uid=info.uid,
        gid=info.gid,
        size=info.size if kind == "file" else 0,
        sha256=_sha256(info, content) if content else b"",
        link=clean(info.linkname) if kind == "hard link" else info.linkname,
        device=(info.devmajor, info.devminor) if kind.endswith("device") else None,
        xattrs=xattrs,
        mtime=float(info.mtime),
    )


def _sha256(info: tarfile.TarInfo, content: BinaryIO) -> bytes:
    if info.size > MAX_BYTES:
        raise Unreadable(f"a file of {info.size} bytes: {info.name!r}")
    digest = hashlib.sha256()
    while block := content.read(BLOCK):
        digest.update(block)
    return digest.digest()


@contextmanager
def _decompressed(stream: BinaryIO) -> Iterator[BinaryIO]:
    start = stream.peek(4)[:4]
    if start.startswith(GZIP):
        with gzip.GzipFile(fileobj=stream) as plain:
            yield plain
    elif start == ZSTD:
        with _zstd(stream) as plain:
            yield plain
    else:
        yield stream


@contextmanager
def _zstd(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Through the `zstd` program: Python has had a module for it only since 3.14."""
    program = shutil.which("zstd")
    if not program:
        raise Unreadable("a layer compressed with zstd, and no `zstd` program to read it with")
    process = subprocess.Popen([program, "-dcq"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def feed() -> None:
        try:
            shutil.copyfileobj(stream, process.stdin, BLOCK)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it stopped reading; the tar's end, or the exit status, says why

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    try:
        yield process.stdout
    finally:
        process.stdout.close()
        feeder.join()
        if process.wait() > 0:
            raise Unreadable("a broken zstd layer")
