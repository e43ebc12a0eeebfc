"""Copies that are not where they were: put into place within the RUN that deletes them, or gone with their delete.

What the build context alone tells (whether a source is a file or a folder, and is there) is not asked here.
"""
from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from posixpath import basename

from rewriter.budget import spend
from rewriter.ledger.bodies import Body, forced, takes_folders
from rewriter.ledger.crossing import archived
from rewriter.ledger.links import earlier, leads_on, renames
from rewriter.ledger.meeting import meet, mounted_over
from rewriter.ledger.model import OWN_MOUNTS, SOMEWHERE, TARS, Copied, Entry, Ledger, Stage
from rewriter.ledger.offers import ALL, Mount, Offer, Put
from rewriter.ledger.places import NAMES, copied, resolved
from rewriter.ledger.removing import made, standing
from rewriter.ledger.through import looks_through
from rewriter.record import dataclass, replace
from rewriter.shell.model import Command

OWN_STAGES = "dfopt-"
_TOP = frozenset("boot home lib lib32 lib64 media mnt opt run sbin srv".split())
_HELD = frozenset("bin cache etc include lib lib64 libexec local log opt run sbin share spool src www".split())
_UNLIKE = frozenset("bin dev home lib lib32 lib64 proc root run sbin sys tmp usr var".split())
_DELETES = frozenset({"rm", "mv", "unlink", "rmdir", "find"})


@dataclass(frozen=True)
class Placed:
    """Where a copy has come to be done: the RUN after, the body in it, the paths that it puts there, and which of the commands before the body do."""

    run: int
    number: int
    landings: tuple[str, ...]
    order: tuple[int, ...]


def placed(copy: Entry, before: Stage, after: Stage, offered: list[Offer], ledgers: tuple[Ledger, Ledger]) -> tuple[Placed, ...] | str:
    """Where the copy is done by `cp`, in order, or what is wrong with how it is."""
    said, places = copied(copy), []
    if not said.target:
        return f"{copy} can't be followed"
    spend(len(offered))
    for each in offered:
        for way in _ways(said, each):
            alone = _direct(copy, way, each, ledgers[0])
            if landings := alone or _staged(copy, way, each, before, ledgers[1]):
                break
        if landings:
            stands = standing(before, each.entry) | made(before, before.entries.index(copy), folders(landings))
            stands |= {way.target} if way is not said else set()
            reason = leads_on(copy, landings, before) or _relinked(copy, landings, before)
            reason = reason or _misplaced(copy, each, landings, stands, bool(places) or _beside(copy, before)) or _kept(each, landings) or _passed_on(copy, each, landings) or (_unpacked(copy, each.bodies) if alone else "")
            reason = reason or next((seen for body in each.bodies if (seen := _unseen(after.entries[each.index], each.run, body, landings))), "")
            if reason:
                return f"{each.run}: {reason}"
            points = _points(copy, said, each.mounts, before, ledgers)
            places.append(Placed(each.index, each.number, landings, tuple(at for at, put in enumerate(each.puts) if put.source.startswith(points))))
    return tuple(places)


def _points(copy: Entry, said: Copied, mounts: tuple[Mount, ...], before: Stage, ledgers: tuple[Ledger, Ledger]) -> tuple[str, ...]:
    """The mount points that have what the copy brings."""
    origins = _origins(copy.instruction.flag("from") or "", ledgers[0])
    sources = {resolved(source, "/") for source in said.sources}
    own = {stage.name for stage in ledgers[1].stages if stage.name.startswith(OWN_STAGES) and does_only(stage, copy, before)}
    return tuple(mount.point for mount in mounts if mount.origin in own or mount.origin in origins and mount.source in sources)


def _relinked(copy: Entry, landings: tuple[str, ...], before: Stage) -> str:
    """Whether --link may change a folder, where a store has it: it makes each root's, and 0755."""
    if not any(flag.name == "link" for flag in copy.instruction.flags):
        return ""
    for folder in folders(landings):
        told = any(entry.keyword == "RUN" and folder in entry.text for entry in earlier(copy, before))
        if folder != "/" and told or folder.split("/")[1] in _UNLIKE:
            return f"{copy} may change {folder} by its --link"
    return ""


def _beside(copy: Entry, before: Stage) -> bool:
    """Whether it is a part of a COPY of which another stays."""
    return sum(entry.instruction is copy.instruction for entry in before.entries) > 1


def _direct(copy: Entry, said: Copied, offer: Offer, before: Ledger) -> tuple[str, ...]:
    """The landings of single files that are mounted from where they were copied from: what is not put there by root, is that user's."""
    flags = {flag.name: flag.value or "" for flag in copy.instruction.flags}
    if flags.keys() - ({"from", "link"} if offer.run.state.root else {"chown"}) or copy.instruction.heredocs or copy.keyword == "ADD" and said.remote:
        return ()
    found: list[str] = []
    for source in said.sources:
        origins = _origins(flags.get("from", ""), before)
        points = [mount.point for mount in offer.mounts if mount.origin in origins and mount.source == resolved(source, "/")]
        landing = said.landing(source)
        if not any((put.option, put.source, put.target, put.into) == (_option(copy), point, landing, False) for put in offer.puts for point in points) or _wild(source):
            return ()
        found.append(landing)
    return tuple(found)


def _wild(source: str) -> bool:
    return any(char in source for char in "*?[$")


def _origins(name: str, before: Ledger) -> set[str]:
    """The names by which a mount may mean what --from names."""
    numbered = [stage for stage in before.stages if stage.text]
    if not name.isdigit():
        return {name}
    stage = next((stage.name for at, stage in enumerate(numbered) if str(at) == name), "")
    return {stage} if stage and [each.name for each in numbered].count(stage) == 1 else set()


def _staged(copy: Entry, said: Copied, offer: Offer, before: Stage, after: Ledger) -> tuple[str, ...]:
    """The landings of what is copied in a stage of its own, and mounted from there."""
    for mount in offer.mounts:
        stage = next((stage for stage in after.stages if stage.name == mount.origin and stage.name.startswith(OWN_STAGES)), None)
        folder = "/" + mount.origin.removeprefix(OWN_STAGES)
        if stage is None or mount.source != folder or not does_only(stage, copy, before):
            continue
        theirs = copied(stage.entries[-1])
        puts = tuple(put for put in offer.puts if not put.source.endswith("/*") or offer.globs)
        if theirs.target == folder and theirs.written and (found := _poured(copy, said, mount.point, puts)):
            return found
        name = said.target.rsplit("/", 1)[-1]
        if theirs.target == f"{folder}/{name}" and not said.folder and any(_named(copy, put, f"{mount.point}/{name}", said.target) for put in offer.puts):
            return () if _may_be_folder(copy, said, before) and not _gone_as_file(offer, said.target) else (said.target,)
    return ()


def _ways(said: Copied, offer: Offer) -> Iterator[Copied]:
    """The copy as it is told; and as one into a folder, where the body fails unless its only file lies in there by its own name: nothing may make that folder."""
    yield said
    inside = f"{said.target}/{basename(said.sources[0].rstrip('/'))}"
    making = any(put.option == "mkdir" and within(put.target, said.target) for put in offer.puts)
    if not said.folder and not making and len(said.sources) == 1 and not _wild(inside) and any(_fails_without(body, inside) for body in offer.bodies[:1]):
        yield replace(said, folder=True)


def _fails_without(body: Body, path: str) -> bool:
    """Whether it is a chain in which an `rm` without -f names the path."""
    chain = all(part.operator in ("&&", "") for part in body.parts)
    removing = [[word.raw for word in command.words[1:]] for command in body.commands or () if command.name == "rm" and not command.place] if chain else []
    return any(path in words and not forced(words) and not any(word.startswith("--") for word in words) for words in removing)


def _may_be_folder(copy: Entry, said: Copied, before: Stage) -> bool:
    """Whether there may be a folder at the target, in which a file would come to lie by its own name."""
    *above, name = said.target.split("/")[1:]
    if [source.rstrip("/").rsplit("/", 1)[-1] for source in said.sources] == [name]:
        return False
    usual = name in _HELD if above in (["usr"], ["usr", "local"], ["var"]) else name.endswith(".d") if above == ["etc"] else not above and name in _TOP
    return usual or any(entry.keyword != "RUN" and _puts_below(entry, said.target) for entry in earlier(copy, before)) or bool(made(before, before.entries.index(copy), {said.target}))


def _puts_below(entry: Entry, folder: str) -> bool:
    """Whether a WORKDIR is the folder or lies in it, or a COPY brings something into it."""
    if entry.keyword in ("COPY", "ADD"):
        return within(copied(entry).target, folder) and (copied(entry).folder or copied(entry).target != folder)
    return entry.state.workdir is not None and within(entry.state.workdir, folder)


def _gone_as_file(offer: Offer, target: str) -> bool:
    """Whether a delete that takes no folder names just that path: so it is a file."""
    deletes = [command for body in offer.bodies for command in body.commands or () if command.name == "rm" and not takes_folders(word.raw for word in command.words)]
    name = target.rsplit("/", 1)[-1]
    return any(word.raw.strip("\"'") in (target, name) or word.raw.endswith(f"/{name}") for command in deletes for word in command.words[1:])


def _option(copy: Entry) -> str:
    """How one file keeps what it has: from a stage it may bring extended attributes."""
    return "-p" if copy.instruction.flag("from") is None else "-a"


def _poured(copy: Entry, said: Copied, point: str, puts: tuple[Put, ...]) -> tuple[str, ...]:
    """The landings where all that is in the stage's folder goes to the target, or the one file that is."""
    for put in puts:
        if put.target == said.target and put.into and put.source in (f"{point}/.", f"{point}/{ALL}") and put.option == "-a":
            return (f"{said.target.rstrip('/')}/*",)
        shown = not any(source.rstrip("/").rsplit("/", 1)[-1].startswith(".") for source in said.sources)  # no `*` finds what is hidden
        if put.target == said.target and put.into and said.folder and shown and (put.option, put.source) == (_option(copy), f"{point}/*"):
            return tuple(map(said.landing, said.sources))
        name = said.sources[0].rstrip("/").rsplit("/", 1)[-1]
        if len(said.sources) == 1 and (said.folder or not put.into) and not _wild(name) and (put.option, put.source, put.target) == (_option(copy), f"{point}/{name}", said.target):
            return (said.landing(name),)
    return ()


def _named(copy: Entry, put: Put, source: str, target: str) -> bool:
    """Whether it copies what is there to the target, which has the same last name."""
    if put.source != source:
        return False
    return put.option == _option(copy) and put.target == target and not put.into or put.option == "-a" and put.into and put.target == above(target)


def does_only(stage: Stage, copy: Entry, before: Stage) -> bool:
    """Whether a stage does nothing but the copy, to a folder of its own, with what sets the variables of its sources."""
    owners = [flag.value or "" for flag in copy.instruction.flags if flag.name == "chown"]
    if not is_bare(stage) or not stage.entries or not all(owner.replace(":", "").isdigit() for owner in owners):
        return False
    *settings, theirs = stage.entries
    ours = [_but_target(each) for each in (copy, theirs)]
    earlier = [(each.keyword, each.text.partition(" [")[0]) for each in before.entries[: before.entries.index(copy)]]
    given = [(each.keyword, each.text.partition(" [")[0]) for each in settings]
    fixed = [line for each in copy.instruction.heredocs if not each.expand for line in each.content.split("\n")]
    names = {name for word in ours[0] if word not in fixed for name in NAMES.findall(word)}
    wanted = [each for each in earlier if each[0] in ("ENV", "ARG") and each[1].partition("=")[0] in names]
    return theirs.keyword == copy.keyword and ours[0] == ours[1] and all(each in earlier for each in given) and [
        each for each in given if each in wanted] == wanted and names <= {text.partition("=")[0] for _, text in given if "=" in text or text in stage.told}


def is_bare(stage: Stage) -> bool:
    """Whether a stage of ours is built on nothing."""
    words = stage.text.split()
    return len(words) == 3 and words[0] == "scratch"


def _but_target(entry: Entry) -> list[str]:
    """All that a COPY or ADD says, but for where it copies to."""
    words = said(entry)
    target = len(words) - 1 - sum(each.content.count("\n") + 2 for each in entry.instruction.heredocs)
    return words[:target] + words[target + 1 :]


def said(entry: Entry) -> list[str]:
    """Flags and words of a COPY or ADD."""
    return entry.text.split("\n")


def _misplaced(copy: Entry, offer: Offer, landings: tuple[str, ...], standing: frozenset[str], again: bool) -> str:
    """Why what `cp` puts there is not what the copy would have. standing: folders that are there; again: something before has made the others."""
    run, puts = offer.run, offer.puts
    if run.state.shell is None:
        return "it does not run as root in a POSIX shell"
    shells = [f"{place}/{run.state.shell.name}" for place in ("/bin", "/usr/bin")]
    if begun := next((path for path in landings if path in ("/etc/passwd", "/etc/group", *shells)), ""):
        return f"it goes by {begun} from its start on"
    for folder in folders(landings):
        made = [put.target for put in takewhile(lambda put, folder=folder: put.option == "mkdir" or not within(put.target, folder), puts) if put.option == "mkdir"]
        stands = folder in (*standing, SOMEWHERE) or run.state.workdir and within(run.state.workdir, folder)
        if not stands and not again and run.state.root and not any(within(each, folder) for each in made):
            return f"nothing makes {folder}"
        if not stands and run.state.root and {flag.name for flag in copy.instruction.flags} & {"chown", "chmod"}:
            return f"{folder} would have another owner or mode"
    return ""


def folders(landings: tuple[str, ...]) -> set[str]:
    """The folders that a copy makes where they are missing."""
    return set(map(above, landings))


def above(path: str) -> str:
    """The folder that a path lies in."""
    return path.rpartition("/")[0] or "/"


def _kept(offer: Offer, landings: tuple[str, ...]) -> str:
    """Whether what is put there stays: then it is no less than what the copy would leave, but why was it touched?"""
    deleting = [command for body in offer.bodies for command in body.commands or () if (command.words[1].raw if command.name == "sudo" and command.words[1:] else command.name) in _DELETES]
    deleting = [command for command in deleting if not {"--help", "--version"} & {word.value for word in command.words}]
    return "" if any(_names(command, offer.run.state.workdir, landings) for command in deleting) else "it does not delete what is put there"


def _passed_on(copy: Entry, offer: Offer, landings: tuple[str, ...]) -> str:
    """Whether what may have more than owner, mode and times, which not every `cp` keeps, gets another name as it is."""
    said = copied(copy)
    more = copy.instruction.flag("from") is not None or not said.remote and any(archived(copy, source) for source in said.sources)
    renamed = more and any(renames(body, offer.run.state.workdir, landings) for body in offer.bodies)
    return "it may move or link attributes on that `cp` does not keep" if renamed else ""


def _unpacked(copy: Entry, bodies: tuple[Body, ...]) -> str:
    """Whether ADD may have unpacked it: a delete without -r proves that it is a file, but fails on what an archive came to."""
    proved = any(command.name == "rm" and not takes_folders(word.raw for word in command.words) for body in bodies for command in body.commands or ())
    may = any(archived(copy, source, TARS) or archived(copy, source) and not proved for source in copied(copy).sources)
    return "ADD may unpack what it adds" if may else ""


def _names(command: Command, folder: str | None, landings: tuple[str, ...]) -> bool:
    """Whether a word of the command may name one of the landings, or a folder above."""
    found = [resolved(word.value or word.raw.strip("\"'"), folder or "/") or "/" for word in command.words[1:] if not word.raw.startswith("-")]
    named = any(meet(path, landing) for path in found if path != "/" for landing in landings)
    return named or any("$" in path or basename(path) == basename(landing) for path in found for landing in landings)


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder, or lies below it."""
    return folder == "/" or path == folder or path.startswith(folder + "/")


def _unseen(after: Entry, run: Entry, body: Body, landings: tuple[str, ...]) -> str:
    """Whether the mount point may be met, or another mount lies over what is put there."""
    if mounted_over(after, landings):
        return "a mount lies over what is put there"
    return looks_through(body, run.state, OWN_MOUNTS)
