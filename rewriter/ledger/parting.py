"""A COPY that has lost some of its sources, which are copied elsewhere now: read as several that stand side by side."""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.ledger.copies import said
from rewriter.ledger.model import Entry, Stage
from rewriter.ledger.places import copied
from rewriter.record import replace


def parted(before: Stage, after: Stage) -> Stage:
    """The stage before, with each COPY parted in what is left of it and one for each source that is not: of files by names of their own, into a folder."""
    theirs, ours = ([(each.keyword, each.text) for each in stage.entries] for stage in (before, after))
    new = [each for each in after.entries if each.keyword in ("COPY", "ADD") and (each.keyword, each.text) not in theirs]
    entries: list[Entry] = []
    for each in before.entries:
        left = next((entry for entry in new if (each.keyword, each.text) not in ours and _is_part(entry, each)), None)
        entries += [*_rest(each, left), replace(each, text=left.text)] if left else [each]
        new = [entry for entry in new if entry is not left]
    return replace(before, entries=tuple(entries)) if len(entries) > len(before.entries) else before


def _is_part(part: Entry, whole: Entry) -> bool:
    """Whether a COPY is another with some sources less, the others in their order."""
    ours, theirs = _words(part), _words(whole)
    names = [source.rsplit("/", 1)[-1] for source in copied(whole).sources]
    plain = copied(whole).folder and len(set(names)) == len(names) and not any(char in name for name in names for char in "*?[$<")
    flags = [[flag.text for flag in each.instruction.flags] for each in (part, whole)]
    rest = iter(theirs[:-1])
    return plain and part.keyword == whole.keyword and flags[0] == flags[1] and ours[-1] == theirs[-1] and len(ours) < len(theirs) and all(word in rest for word in ours[:-1])


def _rest(whole: Entry, part: Entry) -> Iterator[Entry]:
    """What a COPY brings but for a part of it, source by source."""
    flags = said(whole)[: len(whole.instruction.flags)]
    ours, target = _words(part)[:-1], _words(whole)[-1]
    for word in _words(whole)[:-1]:
        if word not in ours:
            yield replace(whole, text="\n".join([*flags, word, target]))


def _words(copy: Entry) -> list[str]:
    return said(copy)[len(copy.instruction.flags) :]
