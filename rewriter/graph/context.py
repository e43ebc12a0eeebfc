"""The build context as the rules see it: what a COPY source names, and how large it is. No I/O here."""
from __future__ import annotations

from rewriter.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


@dataclass(frozen=True)
class Entry:
    """One file or folder of the build context. `size` is in bytes; a folder's is that of all files below."""

    path: str  # relative to the context, with slashes, "." for the context itself
    kind: str  # "file", "folder", "link" or "other"
    size: int
    mode: int  # permission bits, 0 to 0o7777


@dataclass(frozen=True)
class Member:
    """One member of an archive. root: it belongs to root and root's group. link: what a link, or a hard link, leads to."""

    name: str  # as it is in the archive
    kind: str  # "file", "folder", "link", "hard link" or "other"
    mode: int
    root: bool
    link: str


class Context(Protocol):
    """A build context, less what .dockerignore leaves out."""

    def find(self, source: str) -> tuple[Entry, ...] | None:
        """What a COPY or ADD source names, wildcards matched as Go's filepath.Match does.

        `source` is as after quotes, escapes and variables. () where nothing is there: with a wildcard BuildKit
        then copies nothing, without one the build fails. None where it can't be told (no permission, too many
        files, a .dockerignore that Docker refuses). A link is followed inside the context, as BuildKit does:
        `path` is then the link's, the rest is what it leads to.
        """
        ...

    def members(self, source: str) -> tuple[Member, ...] | None:
        """What is in the archive (tar, zip) that a source without wildcards names; None where that can't be told."""
        ...
