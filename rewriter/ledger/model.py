"""What a Dockerfile does, as a ledger: for each stage, every event in order, with all that decides what it does.

Pure records, made from the text alone by `reading.py`. Nothing here knows what the rules know.
"""
from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from rewriter.record import dataclass
from rewriter.shell.shells import Shell
from rewriter.source.model import Instruction

BUILDING = frozenset({"RUN", "COPY", "ADD"})
# They change settings of the image that nothing which builds it can see.
NEUTRAL = frozenset({"LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "ONBUILD", "MAINTAINER"})
# Stands for a folder of which nothing is known: the WORKDIR of a base.
SOMEWHERE = "/…"
# Folders that any base with a shell has.
STANDING = frozenset({"/", "/bin", "/etc", "/tmp", "/usr", "/var", "/root"})
# Folders that most bases have besides.
USUAL = frozenset(
    "/usr/local /usr/local/bin /usr/local/sbin /usr/local/lib /usr/local/share /usr/local/etc /usr/bin /usr/sbin /usr/lib /usr/share /sbin /lib /opt /srv /home "
    "/var/lib /var/log /var/cache /var/tmp /var/spool /etc/apt /etc/apt/sources.list.d /etc/apt/preferences.d /etc/init.d /etc/cron.d /etc/profile.d /run".split()
)

# How the names of archives end that ADD may unpack.
ARCHIVES = tuple(".tar .gz .tgz .taz .tpz .bz2 .tbz2 .tbz .tz2 .tb2 .xz .txz .lzma .tlz .lz .Z .zst .tzst".split())
TARS = tuple(".tar .tar.gz .tgz .taz .tar.bz2 .tbz2 .tbz .tz2 .tb2 .tar.xz .txz .tar.zst".split())  # of these, those that it surely unpacks
OWN_MOUNTS = "/.dfopt-"


@dataclass(frozen=True)
class State:
    """What an event meets. shell: None where it is no POSIX shell that is known. user: "" for the base's, taken for root.

    workdir: None where it can't be told; so are values of variables. below: then, a folder that it is in for sure, "/" for any.
    arguments: the ARGs as they are written, which may be given so. base: "scratch" or "busybox" where it began, or may have
    begun, with such an image, which has no folders, or few.
    """

    shell: Shell | None
    user: str
    workdir: str | None
    values: Mapping[str, str | None]
    below: str = ""
    arguments: str = ""
    base: str = ""

    @property
    def standing(self) -> frozenset[str]:
        """The folders that are there from the start."""
        return frozenset({"/"}) if self.base == "scratch" else STANDING

    @property
    def root(self) -> bool:
        """Whether commands run as root, with root's group."""
        user, _, group = (self.user or "root").partition(":")
        return user in ("root", "0") and group in ("", "root", "0")


@dataclass(frozen=True)
class Entry:
    """One event. text: two events are the same if their keywords and texts are; ENV and LABEL are an event for each pair."""

    keyword: str
    text: str
    instruction: Instruction
    state: State

    @property
    def line(self) -> int:
        """The line where its instruction starts."""
        return self.instruction.line

    def __str__(self) -> str:
        return f"the {self.keyword} at line {self.line}"


@dataclass(frozen=True)
class Stage:
    """A stage: what its FROM says, its name, the stage it is built on if any, the stages that it refers to otherwise.

    open: a variable may name another of those before it. below: what is done in the stages that it is built on.
    triggers: what it has done at the start of those that are built on it. told: names that an ARG without a value gives one
    from outside of the stage.
    """

    text: str
    name: str
    parent: int | None
    uses: frozenset[int]
    open: bool
    entries: tuple[Entry, ...]
    below: tuple[Entry, ...] = ()
    triggers: tuple[Instruction, ...] = ()
    told: frozenset[str] = frozenset()

    @property
    def bare(self) -> bool:
        """Whether its base may have no more than a shell."""
        return any(each.state.base for each in self.entries[:1])

    def unfurnished(self, after: Stage) -> str:
        """Whether /dev, /proc and /sys, which the first RUN makes where they are not there, are missing after, where no RUN is left; "" if not."""
        had, has = (any(each.keyword == "RUN" for each in entries) for entries in (self.entries, (*self.below, *after.entries)))
        return "nothing makes /dev, /proc and /sys" if self.bare and had and not has else ""

    @cached_property
    def answers(self) -> dict:
        """What has been found out about it, by question: it is asked again for each copy."""
        return {}


@dataclass(frozen=True)
class Ledger:
    """All stages in order."""

    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Copied:
    """A COPY or ADD. sources: variables replaced where they are known; target: absolute; folder: files land in it by their names; written: it says so itself.

    `target` is "" where it can't be told.
    """

    sources: tuple[str, ...]
    target: str
    folder: bool
    written: bool

    @property
    def remote(self) -> bool:
        """Whether a source is a URL or a repository, which ADD fetches."""
        return any("://" in source or source.startswith("git@") for source in self.sources)

    def landing(self, source: str) -> str:
        """Where a source that is a file lands, with wildcards where its name is not known."""
        name = "*" if "$" in source else source.rstrip("/").rsplit("/", 1)[-1]
        return f"{self.target.rstrip('/')}/{name}" if self.folder else self.target
