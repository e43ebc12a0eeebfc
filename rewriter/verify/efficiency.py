"""Wasted bytes and efficiency of an image, as dive counts them, so that the numbers can be set side by side.

Source: dive, `Efficiency` in dive/filetree/efficiency.go. Of every path, the sizes in all layers are added up; what
deletes a file counts nothing, what deletes a folder counts what was in it. A path in two layers or more is waste, as
a whole; efficiency is the least size of each path, added up, over all sizes.
"""
from __future__ import annotations

from rewriter.verify.images import Image
from rewriter.verify.layers import Layer
from rewriter.verify.stack import Node, Tree


def efficiency(image: Image) -> tuple[int, float]:
    """Wasted bytes, and efficiency from 0 to 1."""
    sizes: dict[str, list[int]] = {}
    below = Tree()
    for layer in image.layers:
        for path in _leaves(layer):
            sizes.setdefault(path, []).append(layer.added[path].size)
        for path in layer.gone:
            node = below.find(path, follow=False)
            sizes.setdefault(path, []).append(_weight(node) if node else 0)
        below.put(layer)
    total = sum(map(sum, sizes.values()))
    wasted = sum(sum(each) for each in sizes.values() if len(each) > 1)
    return wasted, sum(map(min, sizes.values())) / total if total else 1.0


def _leaves(layer: Layer) -> set[str]:
    """What a layer adds and has nothing below itself in that layer."""
    parents = {path.rpartition("/")[0] for path in [*layer.added, *layer.gone]}
    return layer.added.keys() - parents - {""}


def _weight(node: Node) -> int:
    """Bytes in a folder and all below it; a file's own are none of a deletion's."""
    sizes, left = {}, list(node.below.values())
    while left:
        child = left.pop()
        sizes[id(child.entry)] = child.entry.size  # hard links count once
        left += child.below.values()
    return sum(sizes.values())
