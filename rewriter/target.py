"""What the builder that a file is written for can do: a rule writes nothing that it lacks.

Versions are those of the frontend docker/dockerfile, from its release notes and moby/buildkit's documentation
(frontend/dockerfile/docs/reference.md). BuildKit of Docker 23 has 1.5 built in; 1.4 is what is counted on.
"""
from __future__ import annotations

from collections.abc import Mapping

from rewriter.options import BUILDERS, Options
from rewriter.pattern import Pattern
from rewriter.record import dataclass

_VERSION = Pattern(r"(\d{1,9})(?:\.(\d{1,9}))?")
_IMAGES = ("docker/dockerfile", "docker/dockerfile-upstream")
_DEFAULT, _NEWEST, _OLDEST = (1, 4), (1, 99), (1, 0)


@dataclass(frozen=True)
class _Need:
    """Since which frontend BuildKit has a feature, and which other builders have it."""

    since: tuple[int, int]
    others: frozenset[str] = frozenset()


_BUILDAH = frozenset({"buildah", "podman"})
_FEATURES = {
    "RUN --mount": _Need((1, 2), _BUILDAH),
    # buildah (issues 5400, 6609; tested with 1.28) takes a RUN from its cache though what it mounts has changed.
    "cache that sees mounted files change": _Need((1, 2)),
    "heredocs": _Need((1, 4)),
    "COPY --chown": _Need((1, 0), frozenset(BUILDERS)),
    "COPY --chmod": _Need((1, 2), _BUILDAH),
    "a symbolic --chmod": _Need((1, 14)),
    "skipping of unused stages": _Need((1, 0), _BUILDAH),
}


@dataclass(frozen=True)
class Target:
    """builder: one of `options.BUILDERS`. frontend: (major, minor), which counts for BuildKit alone."""

    builder: str = BUILDERS[0]
    frontend: tuple[int, int] = _DEFAULT

    @property
    def buildkit(self) -> bool:
        """Whether it is built by BuildKit."""
        return self.builder == "buildkit"

    @property
    def commits_each(self) -> bool:
        """Whether it commits every instruction by itself, which takes time whatever the instruction does."""
        return self.builder in ("classic", "podman")

    def lacks(self, feature: str) -> str:
        """Why the feature, one of those in this file, can't be used, in words for a report; "" where it can."""
        need = _FEATURES[feature]
        if not self.buildkit:
            return "" if self.builder in need.others else f"{self.builder}, which it is written for, has no {feature}"
        if self.frontend >= need.since:
            return ""
        return f"{feature} needs the frontend {_shown(need.since)}, and {_shown(self.frontend)} is what it is written for"


def target(options: Options, directives: Mapping[str, str]) -> Target:
    """What a file with these parser directives is built by: `# syntax=` names a frontend, which BuildKit alone fetches."""
    asked = read_frontend(options.frontend) or _DEFAULT
    return Target(options.builder, _frontend(directives["syntax"]) if "syntax" in directives else asked)


def read_frontend(text: str) -> tuple[int, int] | None:
    """`1.4` or `1` as a version, the newest of its kind where only the major one is said; None for anything else."""
    match = _VERSION.match(text)
    if not match or text[match.end() :] and text[match.end()] not in ".-":
        return None
    return int(match[1]), int(match[2]) if match[2] else _NEWEST[1]


def is_known(syntax: str) -> bool:
    """Whether a `# syntax=` line names the frontend of BuildKit's own, of whatever version."""
    return _parts(syntax)[0] in _IMAGES


def _parts(syntax: str) -> tuple[str, str, str]:
    """Image, tag and digest, "" where there is none."""
    named, _, digest = (syntax.split() or [""])[0].partition("@")
    image, _, tag = named.partition(":")
    return image.removeprefix("docker.io/"), tag, digest


def _frontend(syntax: str) -> tuple[int, int]:
    image, tag, digest = _parts(syntax)
    if image not in _IMAGES or digest and not tag or tag.startswith("experimental"):  # a digest may pin any
        return _OLDEST
    return read_frontend(tag or "latest") or _NEWEST


def _shown(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
