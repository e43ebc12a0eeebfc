"""Layers on top of each other: the files that a container would see.

Source: the OCI image specification, layer.md, "Applying Changesets"; where a layer names a path through a symlink of
a lower one, it is followed within the image, as containerd and Docker do.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from rewriter.verify.layers import Entry, Layer, Unreadable

MAX_LINKS = 40  # as Linux has it
IMPLIED = Entry("folder")  # a folder that no layer lists, as an engine makes it


class Node:
    """A path of the stacked files; `below` is for folders."""

    __slots__ = ("entry", "below")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.below: dict[str, Node] = {}


class Tree:
    """The files of the layers put on so far."""

    def __init__(self) -> None:
        self.root = Node(IMPLIED)

    def put(self, layer: Layer) -> None:
        """Put a layer on top. What it takes away is below it, whatever the order in its archive."""
        for path in layer.emptied:
            if node := self.find(path, follow=False):
                node.below.clear()
        for path in layer.gone:
            folder, _, name = path.rpartition("/")
            if node := self.find(folder):
                node.below.pop(name, None)
        for path, entry in layer.added.items():
            self._add(path, entry)

    def find(self, path: str, *, make: bool = False, follow: bool = True) -> Node | None:
        """The node at `path`, symlinks followed, the last only with `follow`; with `make`, missing folders are made."""
        trail, parts, links = [self.root], path.split("/")[::-1] if path else [], 0
        while parts:
            name = parts.pop()
            if name == "..":
                trail = trail[:-1] or trail
                continue
            if name in ("", "."):
                continue
            node = trail[-1].below.get(name)
            if node and node.entry.kind == "symlink" and (parts or follow):
                links += 1
                if links > MAX_LINKS:
                    raise Unreadable(f"a loop of symlinks at {path!r}")
                if node.entry.link.startswith("/"):
                    trail = [self.root]
                parts += node.entry.link.split("/")[::-1]
                continue
            if not node or make and node.entry.kind != "folder":
                if not make:
                    return None
                node = trail[-1].below[name] = Node(IMPLIED)
            trail.append(node)
        return trail[-1]

    def _add(self, path: str, entry: Entry) -> None:
        folder, _, name = path.rpartition("/")
        if not name:
            self.root.entry = entry
            return
        below = self.find(folder, make=True).below
        if entry.kind == "hard link":
            entry = self._linked(path, entry)
        old = below.get(name)
        if old and old.entry.kind == entry.kind == "folder":
            old.entry = entry
        else:
            below[name] = Node(entry)

    def _linked(self, path: str, entry: Entry) -> Entry:
        """The very entry that a hard link names."""
        folder, _, name = entry.link.rpartition("/")
        parent = self.find(folder)
        if not parent or name not in parent.below:
            raise Unreadable(f"hard link {path!r} names {entry.link!r}, which is not there")
        return parent.below[name].entry

    def files(self) -> Iterator[tuple[str, Entry]]:
        """Every path, from the root, and what is there."""
        left = [("", self.root)]
        while left:
            path, node = left.pop()
            yield path or "/", node.entry
            left += [(f"{path}/{name}", child) for name, child in node.below.items()]


def stacked(layers: Iterable[Layer]) -> dict[str, Entry]:
    """The files of an image, by path from the root."""
    tree = Tree()
    for layer in layers:
        tree.put(layer)
    return dict(tree.files())
