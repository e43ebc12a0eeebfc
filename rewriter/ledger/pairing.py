"""Which event of a stage after is which of the stage before: settings and copies by their texts, RUNs by their bodies."""
from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator

from rewriter.ledger.bodies import Part
from rewriter.ledger.matching import Block, blocks
from rewriter.ledger.model import BUILDING, Copied, Entry, Stage
from rewriter.ledger.places import copied
from rewriter.record import dataclass, field


@dataclass
class Pairing:
    """places: for events before, by index, that of the event after and, in a RUN, of the body. runs: by index after, what
    RUNs that are not as they were are made of. flagged: copies after which differ in flags alone, from those before.
    merged: copies after that stand for several. gone: events before that are not there any more.
    dropped: commands, with the index of their RUN and their operands that are gone, whose work is done elsewhere now."""

    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    runs: dict[int, tuple[Block, ...]] = field(default_factory=dict)
    flagged: dict[int, int] = field(default_factory=dict)
    merged: dict[int, tuple[int, ...]] = field(default_factory=dict)
    gone: tuple[int, ...] = ()
    dropped: set[tuple[int, Part, str]] = field(default_factory=set)


def paired(before: Stage, after: Stage) -> Pairing | str:
    """The pairing, or what is there that was not before, or is not any more."""
    pairing = Pairing()
    left: dict[tuple[str, str, int], deque[int]] = defaultdict(deque)
    for index, key in enumerate(_keys(before)):
        left[key].append(index)
    changed: list[int] = []
    settings = low = -1
    once = {key: len(found) == 1 for key, found in left.items()}
    high = _bounds(after, left, len(before.entries))
    for index, (entry, key) in enumerate(zip(after.entries, _keys(after))):
        found = left[key]
        if not found:
            changed.append(index)
            continue
        at = next((each for each in found if low < each < high[index]), found[0])
        found.remove(at)
        low = max(low, at) if once[key] else low
        pairing.places[at] = index, 0
        if entry.keyword not in BUILDING:
            if at < settings:
                return f"{before.entries[at]} has changed places with another setting"
            settings = at
    for index in changed:
        if reason := _remade(pairing, before, after, index):
            return reason
    pairing.gone = tuple(index for index in range(len(before.entries)) if index not in pairing.places)
    lost = next((before.entries[at] for at in pairing.gone if before.entries[at].keyword not in BUILDING), None)
    return f"{lost} is not there any more" if lost else pairing


def _bounds(after: Stage, left: dict[tuple[str, str, int], deque[int]], end: int) -> list[int]:
    """For each event after, the index of the next that was there but once before: of several that are equal it is one above that."""
    bounds = [end]
    for key in reversed(list(_keys(after))):
        bounds.append(left[key][0] if len(left.get(key, ())) == 1 else bounds[-1])
    return bounds[-2::-1]


def _keys(stage: Stage) -> Iterator[tuple[str, str, int]]:
    """By what an event is found again: of equal RUNs and copies, by the settings before it, which keep their order."""
    count = 0
    for entry in stage.entries:
        yield entry.keyword, entry.text, count if entry.keyword in BUILDING else 0
        count += entry.keyword not in BUILDING


def _remade(pairing: Pairing, before: Stage, after: Stage, index: int) -> str:
    """Pair an event that was not there as it is now with those that it was made of; why not, "" if so."""
    entry = after.entries[index]
    free = [(at, each) for at, each in enumerate(before.entries) if at not in pairing.places and each.keyword == entry.keyword]
    if entry.keyword == "RUN":
        found = blocks(entry, free)
        if not found:
            return f"{entry} of the result is not made of commands that were there"
        pairing.runs[index] = found
        pairing.places.update({block.entry: (index, number) for number, block in enumerate(found) if block.entry >= 0})
        return ""
    if entry.keyword not in ("COPY", "ADD"):
        return f"{entry} of the result was not there"
    return _recopied(pairing, entry, index, free)


def _recopied(pairing: Pairing, entry: Entry, index: int, free: list[tuple[int, Entry]]) -> str:
    flags, said = _said(entry)
    for at, each in free:
        theirs, words = _said(each)
        if words == said and _unowned(theirs) == _unowned(flags):
            pairing.flagged[index] = at
            pairing.places[at] = index, 0
            return ""
    merged: list[int] = []
    sources: list[str] = []
    for at, each in free:
        theirs, words = _said(each)
        same = words[-1] == said[-1] and said[-1].endswith("/") or _lands_in(each, entry, bool(merged))
        if theirs == flags and same and [*sources, *words[:-1]] == said[: len(sources) + len(words) - 1]:
            merged.append(at)
            sources += words[:-1]
    if not merged or sources != said[:-1] or entry.instruction.heredocs:
        return f"{entry} of the result was not there"
    pairing.merged[index] = tuple(merged)
    pairing.places.update({at: (index, 0) for at in merged})
    return ""


def _lands_in(copy: Entry, merged: Entry, stands: bool) -> bool:
    """Whether what is copied comes to lie in the folder of a merged copy, by the names that it has. stands: the folder is surely there."""
    ours, folder = copied(copy), copied(merged)
    if not ours.target or not _into(merged, folder):
        return False
    name = ours.sources[0].rstrip("/").rsplit("/", 1)[-1]
    by_name = len(ours.sources) == 1 and not ours.folder and ours.target == f"{folder.target.rstrip('/')}/{name}" and not any(char in name for char in "*?[$")
    return by_name or ours.target == folder.target and (stands or _into(copy, ours))


def _into(copy: Entry, said: Copied) -> bool:
    """Whether the target is surely a folder: several sources do not make it one."""
    return said.written or said.target in (*copy.state.standing, copy.state.workdir)


def _unowned(flags: list[str]) -> list[str]:
    return [flag for flag in flags if not flag.startswith(("--chown=", "--chmod="))]


def _said(entry: Entry) -> tuple[list[str], list[str]]:
    """The flags and the words."""
    flags = [flag.text for flag in entry.instruction.flags]
    return sorted(flags), entry.text.split("\n")[len(flags) :]
