"""Deletes that have come out of one RUN into another: nothing on the way may use what they delete."""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.ledger.bodies import Part, read_body, text_of
from rewriter.ledger.copies import Placed
from rewriter.ledger.crossing import passed, spared, uses
from rewriter.ledger.matching import Block
from rewriter.ledger.meeting import mounted_over
from rewriter.ledger.model import Entry, Stage
from rewriter.ledger.pairing import Pairing
from rewriter.ledger.places import path_of
from rewriter.ledger.removing import undisturbed
from rewriter.ledger.shared import own_delete
from rewriter.record import dataclass


@dataclass(frozen=True)
class _Taken:
    """An operand of an `rm`, as written and as a path, its options, and the RUN and the command that it is gone from."""

    run: int
    part: Part
    word: str
    path: str
    options: frozenset[str]


def misplaced(before: Stage, after: Stage, pairing: Pairing, puts: dict[int, tuple[Placed, ...]]) -> str:
    """Why a delete may not be where it has come to be; "" where all may. puts: copies that are done within RUNs."""
    taken = list(_taken(before, pairing))
    for index, found in pairing.runs.items():
        for number, block in enumerate(found):
            landings = tuple(path for places in puts.values() for put in places if put.run == index and put.number < number for path in put.landings)
            if block.entry < 0 and not own_delete(block.body, after.entries[index], landings) and (reason := _moved(before, after, pairing, (index, number), found, taken)):
                return reason
    return ""


def _moved(before: Stage, after: Stage, pairing: Pairing, at: tuple[int, int], found: tuple[Block, ...], taken: list[_Taken]) -> str:
    index, number = at
    run, part = after.entries[index], found[number].body.parts[0]
    options, words = _split(part.text)
    paths = [path_of(word, run) for word in words]
    came: list[_Taken | None] = []
    for path in paths:
        came.append(next((each for each in taken if each.path == path and each.options == options and each not in came), None))
    if not words or None in came:
        from rewriter.ledger.again import said_again  # few deletes are in two RUNs now

        return said_again(before, pairing, at, run, part)
    for each in came:
        if each and (reason := _on_the_way(before, pairing, at, run, each)):
            return reason
        if each:
            taken.remove(each)
            pairing.dropped.add((each.run, each.part, each.word))
    return ""


def _taken(before: Stage, pairing: Pairing) -> Iterator[_Taken]:
    blocks = {block.entry: block for found in pairing.runs.values() for block in found if block.entry >= 0}
    for index, entry in enumerate(before.entries):
        if entry.keyword == "RUN" and (index in blocks or index in pairing.gone):
            block = blocks.get(index)
            gone = block.gone if block else read_body(text_of(entry.instruction)).parts
            body = block.body if block else read_body(text_of(entry.instruction))
            for part, words in [*((part, tuple(_split(part.text)[1])) for part in gone), *(block.fewer if block else ())]:
                if part.first == "rm" and not undisturbed(body, part):
                    continue
                for word in words if part.first == "rm" else ():
                    if (path := path_of(word, entry)) and not mounted_over(entry, (path,)):
                        yield _Taken(index, part, word, path, _split(part.text)[0])


def _split(text: str) -> tuple[frozenset[str], list[str]]:
    words = text.split()[1:]
    return frozenset(word for word in words if word.startswith("-")), [word for word in words if not word.startswith("-")]


def _on_the_way(before: Stage, pairing: Pairing, at: tuple[int, int], run: Entry, each: _Taken) -> str:
    """Whether what is run between the new place and the old one may use the path."""
    source = before.entries[each.run]
    if (run.state.user, run.state.shell) != (source.state.user, source.state.shell):
        return f"{source} does not run as the RUN that its delete has come to"
    for other, place in pairing.places.items():
        crossed = other < each.run and place > at or other > each.run and place < at
        if crossed and (reason := passed(source, before.entries[other], (each.path,))):
            return reason
    body = read_body(text_of(source.instruction))
    later = pairing.places.get(each.run, at) < at
    first = [part for part in body.parts if (part.start > each.part.start if later else part.start < each.part.start)]
    if any(uses(read_body(part.text), source.state.workdir, (each.path,)) for part in first if part.first != "set" and not spared(part.text, (each.path,), source.state.workdir)):
        return f"{source} may use what its delete takes away before"
    return ""
