"""Whether a text does what another does: event by event, all that differs being one of the changes known to be right."""
from __future__ import annotations

from rewriter.ledger.bodies import Part, read_body, text_of
from rewriter.ledger.copies import OWN_STAGES, Placed, above, folders, is_bare, placed, within
from rewriter.ledger.crossing import clash, concerns, deletes
from rewriter.ledger.given import folder_of, given, misgiven
from rewriter.ledger.joined import unlike
from rewriter.ledger.links import linked
from rewriter.ledger.matching import REHASH, Block, body_of, may_go
from rewriter.ledger.model import USUAL, Entry, Ledger, Stage
from rewriter.ledger.moved import misplaced
from rewriter.ledger.offers import offers, put_by
from rewriter.ledger.parting import parted
from rewriter.ledger.pairing import Pairing, paired
from rewriter.ledger.places import goes_to
from rewriter.ledger.reading import read_ledger
from rewriter.ledger.shared import End, disordered, unshared
from rewriter.ledger.substitutes import substituted
from rewriter.pattern import Pattern
from rewriter.source.model import Dockerfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rewriter.ledger.deletes import Dead

_OWN_NAME = Pattern(rf"from=({OWN_STAGES}[^,\s]+)")


def unconfirmed(before: Dockerfile, after: Dockerfile) -> str:
    """Why it can't be confirmed that the two make the same image, and fail alike; "" where it is."""
    if before.directives != after.directives:
        return "a parser directive is another, or is not read as one any more"
    ledgers = read_ledger(before), read_ledger(after)
    twins = _twins(*ledgers)
    if isinstance(twins, str):
        return twins
    for old, new in twins.items():
        ours, theirs = _whole(ledgers[0], old), _whole(ledgers[1], new)
        if isinstance(ours, str) or isinstance(theirs, str):
            return theirs if isinstance(theirs, str) else f"{ours}"
        if [(each.keyword, each.text) for each in ours.entries] == [(each.keyword, each.text) for each in theirs.entries]:
            continue
        if reason := _differs(ours, theirs, ledgers):
            return reason
    return ""


def _whole(ledger: Ledger, at: int) -> Stage | str:
    """A stage, with what others of ours do for it; or why that is not the same there."""
    if all(is_bare(stage) for stage in ledger.stages if stage.name.startswith(OWN_STAGES)):
        return ledger.stages[at]
    from rewriter.ledger.handed import inlined  # few files have stages of ours that do more than a copy

    return inlined(ledger.stages[at], ledger)


def _twins(before: Ledger, after: Ledger) -> dict[int, int] | str:
    """Which stage after is which before; or what is wrong with the stages."""
    old, new = ([at for at, stage in enumerate(ledger.stages) if not stage.name.startswith(OWN_STAGES)] for ledger in (before, after))
    kept = old
    if len(old) != len(new):
        kept = [at for at in old if at in needed(before)]
    if [before.stages[at].text for at in kept] != [after.stages[at].text for at in new]:
        return "a stage that may be needed is gone, or another has come"
    if any(before.stages[at].open and (set(old) - set(kept)) & set(range(at)) for at in kept):
        return "a variable may name a stage that is gone"
    twins = dict(zip(kept, new))
    for at in kept:
        uses, others = _uses(before, at), _uses(after, twins[at])
        if {twins.get(each) for each in uses} != others or twins.get(before.stages[at].parent) != after.stages[twins[at]].parent:
            return f"the stage {before.stages[at].text} refers to another than before"
    if twins.get(len(before.stages) - 1) != len(after.stages) - 1:
        return "another stage has come to be the last"
    return _own(before, after) or twins


def _uses(ledger: Ledger, at: int) -> set[int]:
    """The stages that one refers to, by itself or through one of ours."""
    own = {each for each in ledger.stages[at].uses if ledger.stages[each].name.startswith(OWN_STAGES)}
    return (ledger.stages[at].uses - own) | {each for one in own for each in ledger.stages[one].uses}


def _own(before: Ledger, after: Ledger) -> str:
    """Whether a stage of ours that was there is another now."""
    ours, theirs = ({stage.name: [stage.text, *((each.keyword, each.text) for each in stage.entries)] for stage in ledger.stages
                     if stage.name.startswith(OWN_STAGES)} for ledger in (before, after))
    named = {name for stage in after.stages for each in stage.entries for name in (_OWN_NAME.findall(each.text) if OWN_STAGES in each.text else ())}
    if lost := sorted(named - set(theirs)):
        return f"the stage {lost[0]} is not there"
    strange = next((name for name in ours if theirs.get(name, ours[name]) != ours[name]), "")
    return f"the stage {strange} is another than before" if strange else ""


def needed(ledger: Ledger) -> set[int]:
    """The stages that the last one is made of, or may copy from."""
    found, asked = set(), [len(ledger.stages) - 1]
    while asked:
        at = asked.pop()
        if at not in found:
            found.add(at)
            asked += range(at) if ledger.stages[at].open else ()
            asked += [*ledger.stages[at].uses, *([ledger.stages[at].parent] if ledger.stages[at].parent is not None else [])]
    return found | {at for at, stage in enumerate(ledger.stages) if not stage.text}


def _differs(before: Stage, after: Stage, ledgers: tuple[Ledger, Ledger]) -> str:
    if strange := next((entry for stage in (before, after) for entry in stage.entries if _twice(entry)), None):
        return f"{strange} has a flag twice"
    before = parted(before, after)
    pairing = paired(before, after)
    if isinstance(pairing, str):
        return pairing
    unequal = (unlike(after.entries[index], found, before) or misgiven(found, before) for index, found in pairing.runs.items())
    if reason := substituted(before, pairing) or next(filter(None, unequal), ""):
        return reason
    puts = _put(before, after, pairing, ledgers)
    if isinstance(puts, str):
        return puts
    buried, explained = _buried(before, pairing, puts)
    ends = {at: unshared(at, places, before, after, pairing) for at, places in puts.items()}
    explained = explained or next((end for end in ends.values() if isinstance(end, str)), "")
    pairing.dropped |= {(end.run, end.part, "") for end in ends.values() if isinstance(end, End)}
    reason = explained or _owned(before, after, pairing) or misplaced(before, after, pairing, puts) or _unexplained(before, pairing, puts, buried)
    return reason or _crossed(before, after, pairing, puts) or before.unfurnished(after)


def _owned(before: Stage, after: Stage, pairing: Pairing) -> str:
    """Why a flag is not what is gone, or what is gone not in a flag; "" where all is, or where there is none."""
    changed = {block.entry for found in pairing.runs.values() for block in found if block.gone or block.fewer}
    if not pairing.flagged and not any(word in before.entries[at].text for at in (*pairing.gone, *changed) for word in ("chown", "chmod")):
        return ""
    from rewriter.ledger.flags import owned  # few files change an owner or a mode

    return owned(before, after, pairing)


def _twice(entry: Entry) -> bool:
    """Whether it has a flag twice that may be there but once: the build fails then."""
    names = [flag.name for flag in entry.instruction.flags if flag.name not in ("mount", "exclude")]
    return len(set(names)) < len(names)


def _put(before: Stage, after: Stage, pairing: Pairing, ledgers: tuple[Ledger, Ledger]) -> dict[int, tuple[Placed, ...]] | str:
    """Where copies are done by `cp`, by index."""
    puts: dict[int, tuple[Placed, ...]] = {}
    offered = offers(before, after, pairing.runs)
    for at in pairing.gone:
        if before.entries[at].keyword in ("COPY", "ADD"):
            found = placed(before.entries[at], before, after, offered, ledgers)
            if isinstance(found, str):
                return found
            if found:
                puts[at] = found
                runs = [before.entries[pairing.runs[put.run][put.number].entry] for put in found]
                for run in runs:
                    if not run.state.root:
                        from rewriter.ledger.foreign import foreign  # few are not root's

                        if reason := foreign(before.entries[at], run, found, before):
                            return reason
    return puts


def _buried(before: Stage, pairing: Pairing, puts: dict[int, tuple[Placed, ...]]) -> tuple[list[Dead], str]:
    """The copies that are gone with their deletes; or what is wrong with one."""
    bodies = {block.entry: block for found in pairing.runs.values() for block in found if block.entry >= 0}
    kept = {at: bodies.get(at) or Block(at, read_body(text_of(before.entries[at].instruction))) for at in pairing.places if before.entries[at].keyword == "RUN"}
    found: list[Dead] = []
    for at in pairing.gone:
        if before.entries[at].keyword in ("COPY", "ADD") and at not in puts:
            from rewriter.ledger.deletes import dead  # few copies are gone for nothing

            each = dead(at, before, kept)
            if isinstance(each, str):
                return [], each
            found.append(each)
    return found, ""


def _unexplained(before: Stage, pairing: Pairing, puts: dict[int, tuple[Placed, ...]], buried: list[Dead]) -> str:
    """What is gone, forced or made without a copy that is gone with it."""
    parts = {(each.run, each.part) for each in buried} | {(at, part) for at, part, _ in pairing.dropped}
    for at in pairing.gone:
        if before.entries[at].keyword == "RUN":
            from rewriter.ledger.deletes import makes_again, renews  # few RUNs are gone

            if renews(before, at):
                return f"{before.entries[at]} makes its WORKDIR again, which was removed"
            if not makes_again(before, at) and any((at, part) not in parts or _unsaid(at, part, pairing, buried) for part in lost(before.entries[at])):
                return f"{before.entries[at]} is not there any more"
    kept = {block.entry for found in pairing.runs.values() for block in found}
    if bare := next((each.folder for each in buried if each.run not in kept and each.folder and (each.folder not in USUAL or before.bare)), ""):
        return f"nothing makes {bare}"
    for index, found in pairing.runs.items():
        for number, block in enumerate(found):
            changed = [*block.gone, *block.forced, *(part for part, _ in block.fewer)]
            if strange := next((part for part in changed if (block.entry, part) not in parts), None):
                return f"{before.entries[block.entry]} has lost or changed `{strange.text}`"
            for part, words in [*((part, None) for part in block.gone), *block.fewer]:
                if word := _unsaid(block.entry, part, pairing, buried, words):
                    return f"{before.entries[block.entry]} has lost {word} of `{part.text}`"
            if reason := _wanted(before, index, number, block, puts, buried):
                return reason
    return ""


def _unsaid(at: int, part: Part, pairing: Pairing, buried: list[Dead], words: tuple[str, ...] | None = None) -> str:
    """An operand that a command has lost, and nothing else does the work of; "" for none. words: None for all of them."""
    said = [word for word in part.text.split()[1:] if not word.startswith("-")]
    operands = said[1:] if part.first in ("chown", "chmod", "chgrp") else said
    if words and len([word for word in words if not word.startswith("-")]) == len(operands):
        return "all"
    done = {word for run, command, word in pairing.dropped if (run, command) == (at, part)}
    if "" in done or any((each.run, each.part) == (at, part) for each in buried):
        return ""
    return next((word for word in words or operands if word not in done and not word.startswith("-")), "")


def lost(run: Entry) -> tuple[Part, ...]:
    """The commands of a RUN that is gone; one that stands for all, where it is not of commands that may go."""
    body = body_of(run)
    plain = may_go(body) and not run.instruction.flags
    return tuple(part for part in body.parts if part.first != "set") if plain else (Part(run.text, "", False, False, False, 0, 0),)


def _wanted(before: Stage, index: int, number: int, block: Block, puts: dict[int, tuple[Placed, ...]], buried: list[Dead]) -> str:
    """Whether each command of ours is for a copy, and does no more than that."""
    run = before.entries[block.entry]
    here = [each for places in puts.values() for each in places if (each.run, each.number) == (index, number)]
    wanted = {folder for each in here for folder in folders(each.landings)} | {each.folder for each in buried if each.run == block.entry}
    made: set[str] = set()
    wanted |= {folder_of(part) for part in block.added if part.first == "cd"}
    for part in block.added:
        if part.first in ("cd", "export") or part.text == REHASH:
            continue
        put = put_by(part, run)
        if put is None:
            return f"{run} does more than to put a copy in place"
        if put.option == "mkdir":
            made.add(put.target)
            if not any(within(folder, put.target) for folder in wanted):
                return f"{run} makes folders that no copy made"
        elif not any(put.target in (path, above(path)) for each in here for path in each.landings):
            return f"{run} puts what no copy put"
    missing = [each.folder for each in buried if each.run == block.entry and each.folder and each.folder not in made]
    return f"nothing makes {missing[0]}" if missing else ""


def _crossed(before: Stage, after: Stage, pairing: Pairing, puts: dict[int, tuple[Placed, ...]]) -> str:
    """Whether what has changed places may: nothing between a copy and where it is now done may see the difference."""
    places = sorted(pairing.places.items())
    order = [place for _, place in places]
    if order != sorted(order):
        for number, (at, place) in enumerate(places):
            for other, earlier in places[number + 1 :]:
                if place <= earlier or _made_up_for(before, pairing, at, other, earlier):
                    continue
                if reason := clash(before.entries[at], before.entries[other], after.entries[earlier[0] if before.entries[other].keyword == "RUN" else place[0]]):
                    return reason
                if before.entries[at].keyword == before.entries[other].keyword == "RUN" and (reason := linked(before.entries[:other], deletes(before.entries[other]) or ())):
                    return reason
    if reason := disordered(puts, before):
        return reason
    for at, (put, *_) in puts.items():
        for other, place in places:
            between = other > at and place < (put.run, put.number) or other < at and place >= (put.run, put.number)
            parts = before.entries[other].instruction is before.entries[at].instruction
            if between and not parts and _meets(before, at, before.entries[other], put):
                return f"{before.entries[other]} may use what {before.entries[at]} brings"
    return ""


def _made_up_for(before: Stage, pairing: Pairing, at: int, run: int, place: tuple[int, int]) -> bool:
    """Whether a body that has passed an ENV or a WORKDIR is given what that gave."""
    found = pairing.runs.get(place[0], ()) if before.entries[run].keyword == "RUN" else ()
    return bool(found) and given(found, place[1]).makes_up_for(before.entries[at], before.entries[run])


def _meets(before: Stage, at: int, other: Entry, put: Placed) -> bool:
    """Whether an event may see that a copy is done later, or earlier. Folders are the same whoever makes them as root."""
    topmost = _topmost(before, at, put.landings)
    if other.keyword == "WORKDIR" and other.state.root:
        path = goes_to(other.instruction, other.state)
        return path is None or not all(within(above(landing), path) or not concerns(other, (landing,)) for landing in put.landings)
    if other.keyword in ("COPY", "ADD") and not {flag.name for flag in other.instruction.flags} & {"chown", "chmod"}:
        topmost = ()
    return concerns(other, (*put.landings, *topmost))


def _topmost(before: Stage, at: int, landings: tuple[str, ...]) -> tuple[str, ...]:
    """The uppermost folders that the copy may have to make."""
    state = before.entries[at].state
    found = set()
    for path in landings:
        parts = path.split("/")
        above = ["/".join(parts[:count]) or "/" for count in range(1, len(parts))]
        new = [folder for folder in above if folder not in state.standing and not ((state.workdir or "") + "/").startswith(folder + "/")]
        found |= set(new[:1])
    return tuple(found)
