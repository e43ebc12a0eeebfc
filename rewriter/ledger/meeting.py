"""Whether two paths may be the same, or one lies in the other; and what lies over paths."""
from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from rewriter.ledger.model import OWN_MOUNTS, SOMEWHERE, Entry
from rewriter.ledger.places import resolved
from rewriter.source.flags import mounted

_OF_RUNS = ("/dev/", "/proc/", "/sys/", "/etc/hosts/", "/etc/hostname/", "/etc/resolv.conf/")  # each RUN has its own


def folder_alone(folder: str) -> str:
    """A folder of which nothing below is touched: its path with a slash more."""
    return folder.rstrip("/") + "/" if folder != "/" else "//"


def meet(one: str, other: str) -> bool:
    """Whether two paths are, or may be, the same, or one lies below the other and is touched with it."""
    if one.startswith(SOMEWHERE) != other.startswith(SOMEWHERE):
        return True
    one, other = plain_path(one), plain_path(other)
    for above, below in ((one, other), (other, one)):
        if above.endswith("/") and above != "/" and above.count("/") <= below.rstrip("/").count("/"):
            return False
    pairs = zip(one.strip("/").split("/"), other.strip("/").split("/"))
    return "/" in (one, other) or all(fits(ours, theirs) or fits(theirs, ours) or _wild(ours) and _wild(theirs) for ours, theirs in pairs)


def mounted_over(run: Entry, wanted: tuple[str, ...]) -> bool:
    """Whether a mount of the author's, or of any RUN, may lie over one of the paths, or one of his below: what the RUN does there, it does elsewhere."""
    if of_runs(wanted):
        return True
    for flag in run.instruction.flags:
        said = mounted(flag)
        if flag.name == "mount" and said is None:
            return True
        target = (said or {}).get("target", "")
        if target and not target.startswith(OWN_MOUNTS) and ("$" in target or any_meet([resolved(target, run.state.workdir) or "/"], wanted)):
            return True
    return False


def of_runs(found: Iterable[str | None]) -> bool:
    """Whether one of the paths is, or lies in, what each RUN has of its own."""
    return any(f"{path}/".startswith(_OF_RUNS) for path in found)


def any_meet(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    """Whether a path of the one lot may be, or lie in, one of the other."""
    return any(meet(one, other) for one in ours for other in theirs)


def fits(name: str, pattern: str) -> bool:
    """As fnmatch has it, which compiles a regular expression also for a pattern that has nothing wild in it."""
    return fnmatchcase(name, pattern) if _wild(pattern) else name == pattern


def _wild(name: str) -> bool:
    return any(char in name for char in "*?[")


def plain_path(path: str) -> str:
    """One name for folders that are links to each other in most bases."""
    first = path.split("/")[1] if path.startswith("/") else ""
    if first in ("bin", "sbin") or first.startswith("lib"):
        return "/usr" + path
    return "/run" + path.removeprefix("/var/run") if path.startswith("/var/run") else path
