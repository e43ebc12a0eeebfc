"""Dockerfiles on disk and on standard input: read without loss, written whole or not at all.

What can't be read or written comes back as a `Refused`. Text is UTF-8 with `surrogateescape`, line ends and byte
order mark as they are, so that what is written back has the bytes that were read.
"""
from __future__ import annotations

import errno
import os
import stat

from rewriter.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

LARGEST = 64 * 2**20  # bytes; /dev/zero has no end

_REASONS = {
    errno.ENOENT: "no such file",
    errno.EISDIR: "is a folder, not a file",
    errno.ENOTDIR: "no such file: a part of its path is no folder",
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
    errno.EROFS: "is on a read-only file system",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be too large",
    errno.ELOOP: "too many links",
}
_NOT_HERE = {errno.EACCES, errno.EPERM, errno.EBUSY, errno.EXDEV, errno.EROFS}  # where a new file can't take its place


@dataclass(frozen=True)
class Refused:
    """Why a file was not read or written. `line` is 0 where no line is to blame."""

    reason: str
    line: int = 0


def read(path: str) -> str | Refused:
    """The text of the file at `path`."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except IsADirectoryError as failure:
        inside = os.path.join(path, "Dockerfile")
        return Refused(reason(failure) + f": its Dockerfile is {inside}" * os.path.isfile(inside))
    except (OSError, ValueError) as failure:
        return Refused(reason(failure))
    return decode(data)


def take(stream: BinaryIO) -> bytes | Refused:
    """What a stream has to give, as it is: all, or more than `decode` takes."""
    try:
        return stream.read(LARGEST + 1)
    except OSError as failure:
        return Refused(reason(failure))


def decode(data: bytes) -> str | Refused:
    """The bytes of a Dockerfile as text."""
    if len(data) > LARGEST:
        return Refused(f"larger than {LARGEST // 2**20} MB, which is no Dockerfile")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Refused("is UTF-16 text: save it as UTF-8", 1)
    if b"\0" in data:
        return Refused("is binary or UTF-16: it has a NUL byte", data.count(b"\n", 0, data.index(b"\0")) + 1)
    return data.decode("utf-8", "surrogateescape")


def write(path: str, text: str) -> Refused | None:
    """Have the file at `path` hold `text`: at once and whole, through a link, with the mode and owner it had.

    A file that holds it already is not touched; what is no plain file (/dev/stdout, a pipe) is written to.
    """
    if path.endswith("/"):
        return Refused(_REASONS[errno.EISDIR])
    path, data = os.path.realpath(path), text.encode("utf-8", "surrogateescape")
    try:
        old = os.stat(path) if os.path.exists(path) else None
        if old and not stat.S_ISREG(old.st_mode):
            _write_into(path, data)
        elif old is None or not _holds(path, data):
            _replace(path, data, old)
    except (OSError, ValueError) as failure:
        return Refused(_about_folder(path, failure) or reason(failure))
    return None


def reason(failure: Exception) -> str:
    """A failure in the words of a user."""
    known = _REASONS.get(failure.errno) if isinstance(failure, OSError) else None
    return known or getattr(failure, "strerror", None) or str(failure)


def _about_folder(path: str, failure: Exception) -> str:
    folder = os.path.dirname(path)
    missing = isinstance(failure, FileNotFoundError) and not os.path.isdir(folder)
    return f"the folder {folder} does not exist" if missing else ""


def _holds(path: str, data: bytes) -> bool:
    with open(path, "rb") as file:
        return file.read(len(data) + 1) == data


def _replace(path: str, data: bytes, old: os.stat_result | None) -> None:
    """Write a new file beside the one at `path`, and put it in its place."""
    if old and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "no permission")
    folder, name = os.path.split(path)
    beside = os.path.join(folder, f".{name[:200]}.{os.getpid()}.tmp")
    try:
        with open(beside, "xb") as file:
            try:
                file.write(data)
                file.flush()
                if old:
                    os.fchown(file.fileno(), old.st_uid, old.st_gid)
                    os.fchmod(file.fileno(), stat.S_IMODE(old.st_mode))
                os.fsync(file.fileno())
                os.replace(beside, path)
            except BaseException:
                _tried(os.unlink, beside)
                raise
    except OSError as failure:
        if not old or failure.errno not in _NOT_HERE:
            raise
        _overwrite(path, data)


def _overwrite(path: str, data: bytes) -> None:
    """Write in place, for a file that can't be replaced: mounted by itself, someone else's, in a folder closed to us.

    What it held is put back where that fails.
    """
    with open(path, "r+b", buffering=0) as file:
        held = file.read()
        try:
            _fill(file, data)
        except BaseException:
            _tried(_fill, file, held)
            raise


def _tried(act: Callable[..., object], *given: object) -> None:
    """Do it, unless it fails too."""
    try:
        act(*given)
    except OSError:
        return


def _fill(file: BinaryIO, data: bytes) -> None:
    """Have an open, unbuffered file hold `data`."""
    file.seek(0)
    _write_all(file, data)
    file.truncate(len(data))
    os.fsync(file.fileno())


def _write_into(path: str, data: bytes) -> None:
    with open(path, "wb", buffering=0) as file:
        _write_all(file, data)


def _write_all(file: BinaryIO, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
