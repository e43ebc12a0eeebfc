"""A build context that is a folder on disk: what a COPY source names there, less what .dockerignore leaves out.

Nothing is read before the first question. Links are followed as BuildKit does, as if the folder were the root:
none leads out of it.
"""
from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain

from rewriter import dockerignore, glob
from rewriter.graph.context import Entry, Member
from rewriter.record import dataclass

MOST = 200_000  # files and folders that one question may look at
MOST_LINKS = 255  # on the way to one file

KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}


class FolderContext:
    """The build context in the folder `root`, for the Dockerfile at the path `dockerfile`.

    What `dockerfile`.dockerignore says counts where that file exists, .dockerignore in `root` else.
    assumed: no one has said that this is the context, so that what is not there may well be elsewhere.
    """

    def __init__(self, root: str, dockerfile: str | None = None, assumed: bool = False) -> None:
        self._root, self._dockerfile, self._assumed = root, dockerfile, assumed
        self._found: dict[str, tuple[Entry, ...] | None] = {}
        self._members: dict[str, tuple[Member, ...] | None] = {}

    def find(self, source: str) -> tuple[Entry, ...] | None:
        """What `source` names, as `rewriter.graph.context.Context` has it."""
        if source not in self._found:
            try:
                found = tuple(self._entries(posixpath.normpath(f"/{source}").strip("/")))
            except (OSError, ValueError):  # BadPattern is a ValueError, as is a path that no system takes
                found = None
            self._found[source] = None if self._assumed and not found else found
        return self._found[source]

    def members(self, source: str) -> tuple[Member, ...] | None:
        """What is in an archive, as `rewriter.graph.context.Context` has it."""
        if source not in self._members:
            from rewriter import archives  # what it imports takes time, and few files need it

            try:
                node = _Tree(self._root, self._ignore).reach(posixpath.normpath(f"/{source}").strip("/"))
                told = node is not None and node.kind == "file" and not node.left_out
                self._members[source] = archives.members(os.path.join(self._root, node.path)) if told else None
            except (OSError, ValueError):  # NoArchive is a ValueError
                self._members[source] = None
        return self._members[source]

    def _entries(self, source: str) -> Iterator[Entry]:
        tree, wild = _Tree(self._root, self._ignore), glob.wild(source)
        for path in tree.match(source) if wild else [source]:
            node = tree.reach(path)
            if node and tree.visible(node):
                size = _size(chain([node], tree.below(node)))
                yield Entry(path or ".", node.kind, size, stat.S_IMODE(node.status.st_mode))
            elif wild:
                raise FileNotFoundError(path)  # a link to nothing: the build fails

    @cached_property
    def _ignore(self) -> dockerignore.Ignore:
        if self._dockerfile is not None:
            folder, name = os.path.split(self._dockerfile)
            text = _read(folder or ".", f"{name}.dockerignore")
            if text is not None:
                return dockerignore.read(text)
        return dockerignore.read(_read(self._root, ".dockerignore") or "")


@dataclass(frozen=True)
class _Node:
    """A file or folder. `path` is relative to the root, "" for the root. `fits`: the patterns that fit it."""

    path: str
    status: os.stat_result
    left_out: bool
    fits: tuple[bool, ...]

    @property
    def kind(self) -> str:
        """"file", "folder", "link" or "other"."""
        return KINDS.get(stat.S_IFMT(self.status.st_mode), "other")


class _Tree:
    """The files below `root`, for one question. The methods raise OSError, also where there are too many files."""

    def __init__(self, root: str, ignore: dockerignore.Ignore) -> None:
        self._root, self._ignore, self._looked = root, ignore, 0

    def reach(self, path: str) -> _Node | None:
        """What `path` comes to when every link is followed; None: nothing."""
        trail, links = [_Node("", os.stat(self._root), False, ())], 0
        todo = path.split("/")[::-1]
        while todo:
            name = todo.pop()
            if name == "..":
                del trail[max(1, len(trail) - 1) :]
            if name in ("", ".", ".."):
                continue
            node = self._child(trail[-1], name) if trail[-1].kind == "folder" else None
            if node is None or (node.kind == "link" and node.left_out):
                return None
            if node.kind != "link":
                trail.append(node)
                continue
            links += 1
            if links > MOST_LINKS:
                raise OSError(errno.ELOOP, "too many links")
            target = os.readlink(self._on_disk(node.path))
            todo += target.split("/")[::-1]
            del trail[1 if target.startswith("/") else len(trail) :]
        return trail[-1]

    def match(self, pattern: str) -> list[str]:
        """The paths that a pattern names. A wildcard takes no slash, so that each part speaks for one folder."""
        parts = pattern.split("/")
        plain = next(at for at, part in enumerate(parts) if glob.wild(part))
        start = self.reach("/".join(parts[:plain]))
        if start is None or start.kind != "folder":
            raise FileNotFoundError(pattern)  # the build fails, as it does not where only the wildcard fits nothing
        found = [start]
        for part in parts[plain:]:
            if any(isinstance(token, glob.One) and token.takes("/") for token in glob.tokens(part)):
                raise glob.BadPattern(pattern)
            found = [node for folder in found for node in self._children(folder) if glob.match(part, _name(node))]
        return [node.path for node in found if self.visible(node)]

    def visible(self, node: _Node) -> bool:
        """Whether the build sees a file or folder: a folder that is left out is there for what is not."""
        return not node.left_out or next(self.below(node), None) is not None

    def below(self, folder: _Node) -> Iterator[_Node]:
        """Everything below a folder that is not left out."""
        todo = [folder]
        while todo:
            children = self._children(todo.pop())
            yield from (child for child in children if not child.left_out)
            todo += (child for child in children if child.kind == "folder")

    def _children(self, folder: _Node) -> list[_Node]:
        """What is in a folder, also what is left out; nothing where no one need look, or where it is no folder."""
        if folder.kind != "folder" or (folder.left_out and not self._ignore.may_return(folder.path)):
            return []
        children = (self._child(folder, name) for name in sorted(os.listdir(self._on_disk(folder.path))))
        return [child for child in children if child]

    def _child(self, folder: _Node, name: str) -> _Node | None:
        self._looked += 1
        if self._looked > MOST:
            raise OSError(errno.E2BIG, "too many files")
        path = f"{folder.path}/{name}" if folder.path else name
        try:
            status = os.lstat(self._on_disk(path))
        except FileNotFoundError:
            return None
        return _Node(path, status, *self._ignore.look(path, folder.fits))

    def _on_disk(self, path: str) -> str:
        return os.path.join(self._root, path)


def _name(node: _Node) -> str:
    return node.path.rpartition("/")[2]


def _size(nodes: Iterable[_Node]) -> int:
    """The bytes of the files among `nodes`, those with several names counted once."""
    total, seen = 0, set()
    for node in nodes:
        status, file = node.status, (node.status.st_dev, node.status.st_ino)
        if node.kind != "file" or file in seen:
            continue
        if status.st_nlink > 1:
            seen.add(file)
        total += status.st_size
    return total


def _read(folder: str, name: str) -> str | None:
    """The text of a file of a context. None: there is none, as where a link leads out of the folder."""
    node = _Tree(folder, dockerignore.Ignore()).reach(name)
    if node is None or node.kind != "file":
        return None
    with open(os.path.join(folder, node.path), encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.read()
