"""Paths as effects name them: absolute, without `.` and `..`, perhaps with shell wildcards."""
from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from posixpath import normpath

from rewriter.budget import spend

# Folders that any base with a POSIX shell in it has, and that no build removes.
STANDING = frozenset({"/", "/bin", "/etc", "/tmp", "/usr", "/var", "/root"})
# Where programs are looked for: no folder lies in these.
PROGRAMS = frozenset(f"{above}/{name}" for above in ("", "/usr", "/usr/local") for name in ("bin", "sbin"))

_LONGEST = 4_096  # Linux takes no longer path (PATH_MAX)


def absolute(path: str, cwd: str | None) -> str | None:
    """`path` seen from `cwd`, normalized; None where it is relative and `cwd` is unknown, or empty, or longer than any can be."""
    if not path or len(path) > _LONGEST or (not path.startswith("/") and cwd is None):
        return None
    whole = path if path.startswith("/") else f"{cwd}/{path}"
    if "//" in whole or "/." in whole or whole.endswith("/"):
        whole = normpath(whole)
        whole = whole[1:] if whole.startswith("//") else whole
    return whole if len(whole) <= _LONGEST else None


def detours(path: str) -> bool:
    """Whether it goes into a folder and out of it again: where that is not there, or is a link, it names something else, or nothing."""
    parts = [part for part in path.split("/") if part not in ("", ".")] if ".." in path else []
    return any(part == ".." and before != ".." for before, part in zip(parts, parts[1:]))


def within(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies below it. Neither has wildcards."""
    return folder == "/" or path == folder or path.startswith(folder + "/")


def parents(path: str) -> list[str]:
    """The folders above `path`, the nearest first, `/` last."""
    parts = path.strip("/").split("/")[:-1]
    return ["/" + "/".join(parts[:count]) for count in range(len(parts), -1, -1)]


def covers(pattern: str, path: str) -> bool:
    """Whether the shell would match `path` itself by `pattern`: a leading dot wants a literal one."""
    spend()
    if not wild(pattern):
        return pattern == path
    ours, theirs = pattern.split("/"), path.split("/")
    if len(ours) != len(theirs):
        return False
    return all(_part(mine, other) for mine, other in zip(ours, theirs))


def might_meet(pattern: str, path: str) -> bool:
    """Whether what `pattern` names can be `path`, lie below it, or above it; wildcards may stand in both."""
    spend()
    pattern, path = unaliased(pattern), unaliased(path)
    if pattern == "/" or path == "/":
        return True
    one, other = pattern.strip("/"), path.strip("/")
    if not wild(one) and not wild(other):
        return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
    return all(map(_overlap, one.split("/"), other.split("/")))


def wild(path: str) -> bool:
    """Whether `path` has wildcards."""
    return "*" in path or "?" in path or "[" in path


@lru_cache(maxsize=4096)
def unaliased(path: str) -> str:
    """One name for folders that are links to each other in most bases."""
    first, second = path.split("/")[1:3] if path.count("/") > 1 else (path[1:], "")
    if first in ("bin", "sbin") or first.startswith("lib"):
        return "/usr" + path
    if first == "var" and second in ("run", "lock"):
        return "/run" + path.removeprefix("/var/run") if second == "run" else "/run" + path.removeprefix("/var")
    return path


@lru_cache(maxsize=4096)
def spellings(path: str) -> tuple[str, ...]:
    """The path, and other names that it has by such links."""
    plain = unaliased(path)
    others = (plain.removeprefix("/usr"), f"/var{plain}", f"/var{plain.removeprefix('/run')}")
    return tuple(dict.fromkeys((path, plain, *(each for each in others if unaliased(each) == plain))))


def _part(pattern: str, name: str) -> bool:
    if name.startswith(".") and not pattern.startswith("."):
        return False
    return _matches(name, pattern.replace("[^", "[!"))


def _overlap(one: str, other: str) -> bool:
    # Two patterns may share a name we can't see: only a literal can be told apart from a pattern.
    if wild(one) and wild(other) or "[" in one + other:
        return True
    return _matches(other, one) if wild(one) else _matches(one, other)


def _matches(name: str, pattern: str) -> bool:
    """As fnmatch has it, which compiles a regular expression for each pattern, even if there is nothing wild in it."""
    return fnmatchcase(name, pattern) if wild(pattern) else name == pattern
