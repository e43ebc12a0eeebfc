"""How two images differ: path by path, setting by setting, timestamps apart."""
from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rewriter.verify.images import Image
from rewriter.verify.layers import Entry

# what the configuration may hold, `Env` and `Labels` apart, which are compared name by name
SETTINGS = (
    "Cmd", "Entrypoint", "WorkingDir", "User", "ExposedPorts", "Volumes", "Shell", "OnBuild", "Healthcheck",
    "StopSignal", "StopTimeout",
)
PLATFORM = ("os", "architecture", "variant", "author")
OWN_LABEL = "dfopt.verify"


@dataclass(frozen=True)
class Difference:
    """aspect: missing, extra, type, content, link, device, mode, owner, xattr, hard link, setting or time.

    where: a path, or the name of a setting. before, after: what stands there, for reading.
    """

    aspect: str
    where: str
    before: str
    after: str

    def __str__(self) -> str:
        if self.aspect == "missing":
            return f"{self.where}: missing ({self.before})"
        if self.aspect == "extra":
            return f"{self.where}: extra ({self.after})"
        return f"{self.where}: {self.aspect} {self.before} -> {self.after}"


@dataclass
class Comparison:
    """differences: what makes the images different. times: paths of which only the time of change does."""

    differences: list[Difference] = field(default_factory=list)
    times: list[Difference] = field(default_factory=list)


def compare(before: Image, after: Image) -> Comparison:
    """Compare two images; paths in their order, settings last."""
    result = Comparison()
    links = _linked(before), _linked(after)
    for path in sorted(before.files.keys() | after.files.keys()):
        one, other = before.files.get(path), after.files.get(path)
        if path == "/" or one is other:  # no layer carries what the root itself is
            continue
        if one is None or other is None:
            aspect = "extra" if one is None else "missing"
            result.differences.append(Difference(aspect, path, _brief(one), _brief(other)))
            continue
        result.differences += (Difference(aspect, path, *values) for aspect, *values in _entries(one, other))
        if int(one.mtime) != int(other.mtime):
            result.times.append(Difference("time", path, _time(one.mtime), _time(other.mtime)))
    for path in sorted(links[0].keys() | links[1].keys()):
        ours, theirs = (", ".join(each.get(path, ("none",))) for each in links)
        if ours != theirs and path in before.files and path in after.files:
            result.differences.append(Difference("hard link", path, ours, theirs))
    result.differences += _settings(before.config, after.config)
    return result


def _entries(one: Entry, other: Entry) -> Iterator[tuple[str, str, str]]:
    """What tells two entries at one path apart: aspect, before, after."""
    if one.kind != other.kind:
        yield "type", one.kind, other.kind
        return
    if (one.size, one.sha256) != (other.size, other.sha256):
        yield "content", _content(one), _content(other)
    if one.link != other.link:
        yield "link", one.link, other.link
    if one.device != other.device:
        yield "device", str(one.device), str(other.device)
    if one.mode != other.mode:
        yield "mode", f"{one.mode:04o}", f"{other.mode:04o}"
    if (one.uid, one.gid) != (other.uid, other.gid):
        yield "owner", f"{one.uid}:{one.gid}", f"{other.uid}:{other.gid}"
    if one.xattrs != other.xattrs:
        yield "xattr", _xattrs(one), _xattrs(other)


def _linked(image: Image) -> dict[str, tuple[str, ...]]:
    """For each path that is a hard link, the other paths of the same file, in order."""
    groups: dict[int, list[str]] = {}
    for path, entry in image.files.items():
        if entry.kind != "folder":
            groups.setdefault(id(entry), []).append(path)
    return {
        path: tuple(sorted(each for each in group if each != path))
        for group in groups.values() if len(group) > 1 for path in group
    }


def settings(config: dict) -> dict[str, str]:
    """The settings of an image by name, each as text; what is empty counts as not set."""
    inner = config.get("config") or {}
    found = {name: config.get(name) for name in PLATFORM} | {name: inner.get(name) for name in SETTINGS}
    pairs = [each.partition("=")[::2] for each in inner.get("Env") or ()]
    found["Env, in order"] = [name for name, _ in pairs]
    shown = {name: json.dumps(value, sort_keys=True) for name, value in found.items() if value}
    shown |= {f"Env {name}": json.dumps(value) for name, value in pairs}
    labels = inner.get("Labels") or {}
    return shown | {f"Label {name}": json.dumps(value) for name, value in labels.items() if name != OWN_LABEL}


def _settings(before: dict, after: dict) -> Iterator[Difference]:
    ours, theirs = settings(before), settings(after)
    for name in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(name, "not set"), theirs.get(name, "not set")
        if one != other:
            yield Difference("setting", name, one, other)


def _brief(entry: Entry | None) -> str:
    if entry is None:
        return ""
    size = f", {entry.size} bytes" if entry.kind == "file" else ""
    return f"{entry.kind}, {entry.mode:04o} {entry.uid}:{entry.gid}{size}"


def _content(entry: Entry) -> str:
    return f"{entry.size} bytes {entry.sha256.hex()[:12]}"


def _xattrs(entry: Entry) -> str:
    return " ".join(f"{name}={value.hex()}" for name, value in entry.xattrs) or "none"


def _time(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.0f} s"
