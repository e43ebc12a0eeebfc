"""What is in an archive of the build context: names, kinds, owners, of a tar or a zip, without unpacking it."""
from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

from rewriter.graph.context import Member

MOST_MEMBERS = 100_000
MOST_BYTES = 1 << 30  # unpacked: a small file may hold any number of zeros
_PACKED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
_KINDS = {tarfile.REGTYPE: "file", tarfile.AREGTYPE: "file", tarfile.DIRTYPE: "folder", tarfile.SYMTYPE: "link", tarfile.LNKTYPE: "hard link"}


class NoArchive(ValueError):
    """It is none that is known, is damaged, or holds too much."""


def members(path: str) -> tuple[Member, ...]:
    """The members of the archive at `path`. Raises NoArchive, or OSError where it can't be read."""
    try:
        with ExitStack() as stack:
            file = stack.enter_context(open(path, "rb"))
            found = tuple(_of_zip(file) if file.read(4) == b"PK\x03\x04" else _of_tar(stack, file))
    except (tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, EOFError, ValueError, NotImplementedError) as error:
        raise NoArchive(str(error)) from error
    return found


def _of_zip(file: BinaryIO) -> Iterator[Member]:
    with zipfile.ZipFile(file) as archive:
        if len(archive.infolist()) > MOST_MEMBERS:
            raise NoArchive("too many members")
        for each in archive.infolist():
            mode = each.external_attr >> 16
            kind = "link" if stat.S_ISLNK(mode) else "folder" if each.is_dir() else "file"
            yield Member(each.filename, kind, stat.S_IMODE(mode) or 0o755, True, "")


def _of_tar(stack: ExitStack, file: BinaryIO) -> Iterator[Member]:
    file.seek(0)
    start = file.read(6)
    file.seek(0)
    unpack = next((each for magic, each in _PACKED.items() if start.startswith(magic)), None)
    plain = _Bounded(stack.enter_context(unpack(file)) if unpack else file)
    archive = stack.enter_context(tarfile.open(fileobj=plain, mode="r|"))
    for count, each in enumerate(archive):
        if count > MOST_MEMBERS:
            raise NoArchive("too many members")
        root = each.uid == each.gid == 0 and {each.uname, each.gname} <= {"", "root"}
        yield Member(each.name, _KINDS.get(each.type, "other"), each.mode & 0o7777, root, each.linkname)


class _Bounded:
    """A stream that ends in an error where there is too much in it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._left = stream, MOST_BYTES

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise NoArchive("too much to unpack")
        return data
