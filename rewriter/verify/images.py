"""An image, read from a stream: what `docker save`, `podman save` and OCI layouts in a tar contain.

The members come in any order and the stream is read once, so every layer is listed as it passes, and stacked when
the manifest has told their order.
Source: the OCI image specification (image-layout.md, manifest.md, config.md); moby's `docker save`.
"""
from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass
from typing import BinaryIO

from rewriter.verify.layers import GZIP, ZSTD, Entry, Forward, Layer, Unreadable, members, read_layer, reading
from rewriter.verify.stack import stacked

MAX_JSON = 1 << 23


@dataclass(frozen=True)
class Image:
    """files: by path from the root, `/etc/passwd`. config: the image's configuration, as its engine wrote it."""

    config: dict
    layers: tuple[Layer, ...]
    files: dict[str, Entry]

    @property
    def size(self) -> int:
        """Bytes of all layers, uncompressed."""
        return sum(layer.size for layer in self.layers)


def read_image(stream: BinaryIO, known: dict[str, Layer] | None = None) -> Image:
    """Read the one image of an archive. `known`: layers by digest, which are not read again; it is added to.

    Raises Unreadable.
    """
    archive, forward = _Archive({} if known is None else known), Forward(stream)
    with reading():
        for info, content in members(forward):
            archive.take(posixpath.normpath(info.name), info, content)
        forward.drain()  # to the last byte: who writes it would take a closed pipe for a failure
    try:
        config, names = archive.manifest()
        layers = tuple(archive.layer(name) for name in names)
        return Image(archive.json(config), layers, stacked(layers))
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise Unreadable(f"no image in the archive ({error})") from error


class _Archive:
    """The members of one archive, by name."""

    def __init__(self, known: dict[str, Layer]) -> None:
        self.known = known
        self.layers: dict[str, Layer] = {}
        self.texts: dict[str, bytes] = {}
        self.links: dict[str, str] = {}

    def take(self, name: str, info, content: BinaryIO | None) -> None:
        """One member, as it passes."""
        if info.issym():  # how older Dockers say that two layers are equal
            self.links[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), info.linkname))
        elif info.islnk():
            self.links[name] = posixpath.normpath(info.linkname)
        elif content and name in self.known and name.startswith("blobs/"):
            self.layers[name] = self.known[name]
        elif content and _is_layer(content.peek(512)):
            self.layers[name] = self.known[name] = read_layer(content)
        elif content and info.size <= MAX_JSON:
            self.texts[name] = content.read()

    def json(self, name: str):
        """What a member says that is JSON."""
        return json.loads(self.texts[name])

    def layer(self, name: str) -> Layer:
        """The layer of that name, or that a link of that name leads to. Raises Unreadable."""
        seen: set[str] = set()
        while name in self.links and name not in seen:
            seen.add(name)
            name = self.links[name]
        if name not in self.layers:
            raise Unreadable(f"layer {name} is not in the archive")
        return self.layers[name]

    def manifest(self) -> tuple[str, list[str]]:
        """The names of the configuration and of the layers, lowest first."""
        if "manifest.json" in self.texts:
            (image,) = self.json("manifest.json")
            return posixpath.normpath(image["Config"]), [posixpath.normpath(name) for name in image["Layers"] or ()]
        found = self.json("index.json")
        for _ in range(8):
            if "manifests" not in found:
                break
            # an attestation is listed beside the image that it speaks of
            images = [each for each in found["manifests"] if each.get("platform", {}).get("os") != "unknown"]
            if len(images) != 1:
                raise Unreadable(f"an archive of {len(images)} images")
            found = self.json(_blob(images[0]))
        return _blob(found["config"]), [_blob(layer) for layer in found["layers"]]


def _blob(descriptor: dict) -> str:
    return "blobs/" + descriptor["digest"].replace(":", "/")


def _is_layer(start: bytes) -> bool:
    compressed = start.startswith((GZIP, ZSTD))
    return compressed or start[257:262] == b"ustar" or len(start) >= 512 and not any(start[:512])
