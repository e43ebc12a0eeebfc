"""What a RUN offers to a copy that is done within it: mounts of ours, and commands of ours before one of its bodies."""
from __future__ import annotations

from rewriter.ledger.bodies import Body, Part, words
from rewriter.ledger.matching import Block
from rewriter.ledger.model import OWN_MOUNTS, Entry, Stage
from rewriter.ledger.places import expanded, resolved
from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.source.flags import mounted
from rewriter.source.model import Flag

ALL = "$(ls -A)"
_CD = Pattern(r"\(cd (\S+) && cp (-a) \$\(ls -A\) (\S+)\)")


@dataclass(frozen=True)
class Put:
    """A command of ours: `mkdir -p TARGET`, or a `cp` with its option from a mount to a target, absolute. into: it ends in `/`."""

    option: str
    source: str
    target: str
    into: bool


@dataclass(frozen=True)
class Mount:
    """A mount of ours, and where what is there comes from."""

    point: str
    source: str
    origin: str


@dataclass(frozen=True)
class Offer:
    """That of a body: the RUN after, the number of the body in it and those behind, the RUN before by its place and as it is."""

    index: int
    number: int
    entry: int
    run: Entry
    mounts: tuple[Mount, ...]
    puts: tuple[Put, ...]
    bodies: tuple[Body, ...]

    @property
    def globs(self) -> bool:
        """Whether nothing tells its shell to take patterns for names."""
        said = {word.raw for body in self.bodies for command in body.commands or () if command.name == "set" for word in command.words}
        shell = self.run.state.shell
        return not (shell and "noglob" in shell.options) and not any(word == "noglob" or word.startswith("-") and "f" in word for word in said)


def offers(before: Stage, after: Stage, runs: dict[int, tuple[Block, ...]]) -> list[Offer]:
    """All in order."""
    found = []
    for index, blocks in sorted(runs.items()):
        mounts = tuple(mount for flag in after.entries[index].instruction.flags if (mount := _mount(flag)))
        for number, block in enumerate(blocks if mounts else ()):
            run = before.entries[block.entry]
            puts = tuple(put for part in block.added if (put := put_by(part, run))) if block.entry >= 0 else ()
            if puts:
                found.append(Offer(index, number, block.entry, run, mounts, puts, tuple(each.body for each in blocks[number:])))
    return found


def put_by(part: Part, run: Entry) -> Put | None:
    """What a command of ours does in a RUN; None where it is not understood."""
    match = _CD.fullmatch(part.text) if part.text.startswith("(") else None
    raw = (match[2], f"{match[1]}/{ALL}", match[3].strip('"').replace("$OLDPWD/", "./")) if match else words(part)[1:] or tuple(part.text.split()[1:])
    last = expanded(raw[-1].strip('"'), run.state.values) if raw and raw[-1].count('"') in (0, 2) else None
    if "$" in part.text.replace(ALL, "").replace("$OLDPWD", "") and ("'" in part.text or '"' not in part.text and len((last or "").split()) > 1):
        return None  # the shell takes it as it is, or for several words
    target = resolved(last, run.state.workdir)
    if last is None or target is None:
        return None
    if part.first == "mkdir":  # a profile may set another umask for it
        reads = run.state.shell is not None and run.state.shell.login or "BASH_ENV" in run.state.values
        return Put("mkdir", "", target, True) if len(raw) == 2 and not reads else None
    return Put(raw[0], raw[1], target, last.endswith("/")) if len(raw) == 3 else None


def _mount(flag: Flag) -> Mount | None:
    """A mount of ours."""
    said = mounted(flag) or {}
    plain = said.keys() <= {"type", "from", "source", "target", "rw"} and (said.get("type"), said.get("rw")) == ("bind", "false")
    ours = plain and said.get("target", "").startswith(OWN_MOUNTS)
    return Mount(said["target"], resolved(said.get("source") or "/", "/") or "/", said.get("from", "")) if ours else None
