"""Copies that are put in place in several RUNs, or deleted before their author does: each event finds what it found before.

Of what stands between, only the RUNs in which the files are put may meet them. All of these but the last leave them as they
are, and delete them; so does the last, unless its author does it there.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.ledger.bodies import Body, Part, forced, read_body, takes_folders, text_of, told
from rewriter.ledger.copies import Placed, within
from rewriter.ledger.crossing import concerns, made_again, meets
from rewriter.ledger.meeting import any_meet, fits, mounted_over
from rewriter.ledger.model import Entry, Stage
from rewriter.ledger.pairing import Pairing
from rewriter.ledger.places import astray, expanded, path_of, resolved
from rewriter.ledger.touching import SYSTEM, paths, walked
from rewriter.record import dataclass
from rewriter.shell.model import Command, Word

_READERS = frozenset(
    "cat cmp file head less ls md5sum more sha1sum sha256sum sha512sum stat tail wc grep egrep fgrep cut test [ readlink realpath basename dirname pip pip2 pip3".split()
)


@dataclass(frozen=True)
class End:
    """The author's delete: the RUN before, and the command of it that does it. forced: it does not mind if there is nothing.

    folders: it deletes the folders above the files, by their names.
    """

    run: int
    part: Part
    forced: bool
    folders: bool


def unshared(at: int, places: tuple[Placed, ...], before: Stage, after: Stage, pairing: Pairing) -> End | str | None:
    """The author's delete, if it has nothing to delete any more, or why an event may find the files otherwise than before.

    None where they are put in one RUN, in which their author deletes them.
    """
    own = [_own(put, after, pairing) for put in places]
    if len(places) == 1 and not own[0]:
        return None
    copy, landings = before.entries[at], places[0].landings
    users = [pairing.runs[put.run][put.number].entry for put in places]
    if any(put.landings != landings for put in places) or sorted(set(users)) != users or users[0] < at:
        return f"{copy} is not done in the same way in each RUN"
    for deleted, user in zip(own[:-1], users):
        if not deleted or any("*" in landing for landing in landings):
            return f"{before.entries[user]} may leave what {copy} brought, or delete more"
        if not _spared(before.entries[user], landings):
            return f"{before.entries[user]} may change what {copy} brought"
    end = _end(before, users[-1], landings) if own[-1] else None
    if own[-1] and (end is None or own[-1] != ("-f" if end.forced or end.folders else "plain")):
        return f"{before.entries[users[-1]]} does not delete what {copy} brought as its author did"
    last = end.run if end else users[-1]
    met = (other for other in range(users[0] + 1, last) if other not in users and concerns(before.entries[other], landings))
    reason = next((f"{before.entries[other]} may use what {copy} brought" for other in met), "")
    return reason or (_left(end, before, pairing, users, landings) if end else "") or end


def disordered(puts: dict[int, tuple[Placed, ...]], before: Stage) -> str:
    """Whether of two copies to the same path, in one RUN, the later is put there first."""
    for at, ours in puts.items():
        for other, theirs in puts.items():
            late = any((one.run, one.number) == (two.run, two.number) and max(one.order, default=0) > min(two.order, default=0) for one in ours for two in theirs)
            if at < other and late and any_meet(ours[0].landings, theirs[0].landings):
                return f"{before.entries[other]} is done before {before.entries[at]}"
    return ""


def own_delete(body: Body, run: Entry, landings: tuple[str, ...]) -> bool:
    """Whether a lone `rm` that has come to a RUN is of nothing but what is put in place there."""
    named = list(_named(body, run))
    return bool(named) and all(any(landing == path or deep and within(landing, path) and landing.startswith(f"{path}/*") for landing in landings) for path, deep in named)


def _named(body: Body, run: Entry) -> Iterator[tuple[str, bool]]:
    """The paths that a lone `rm` names, and whether it takes all that is below."""
    said = body.parts[0].text.split() if body.parts else []
    deep = takes_folders(said)
    for word in said[1:] if said[:1] == ["rm"] and told(said) else ():
        if not word.startswith("-"):
            yield path_of(word, run) or "", deep


def _own(put: Placed, after: Stage, pairing: Pairing) -> str:
    """How the files are deleted behind the body for which they are put: "plain", "-f" or, where they are not, ""."""
    run, blocks = after.entries[put.run], pairing.runs[put.run][put.number + 1 :]
    lone = [block.body for block in blocks if block.entry < 0]
    gone = [(path, deep, body) for body in lone for path, deep in _named(body, run)]
    found = [next((body for path, deep, body in gone if landing == path or deep and within(landing, path)), None) for landing in put.landings]
    ways = {forced(body.parts[0].text.split()) for body in found if body}
    return "" if None in found or len(ways) > 1 else "-f" if True in ways else "plain"


def _spared(run: Entry, landings: tuple[str, ...]) -> bool:
    """Whether a RUN is known to leave the files as they are."""
    body = read_body(text_of(run.instruction))
    return body.commands is not None and all(spares(command, folder, landings) for command, folder in walked(body, run.state.workdir))


def spares(command: Command, folder: str | None, landings: tuple[str, ...]) -> bool:
    """Whether a command, run in a folder, is known to leave what is at these paths as it is."""
    touched = paths(command, folder)
    if touched is None:
        return False
    if not any_meet(touched, landings):
        return True
    written = [resolved(each.target.value, folder) for each in command.redirects if each.target and ">" in each.operator and each.target.value]
    if None in written or any_meet([path for path in written if path], landings):
        return False
    said = [word.raw for word in command.words[1:]]
    if command.name == "sed":
        return not any(word.startswith("-") and ("i" in word or "in-place" in word) for word in said)
    if command.name in ("cp", "install", "tar", "unzip"):
        return _brings_apart(command, folder, landings, touched)
    return command.name in _READERS | SYSTEM


def _brings_apart(command: Command, folder: str | None, landings: tuple[str, ...], touched: tuple[str, ...]) -> bool:
    """Whether what it copies or unpacks lands elsewhere: each file is met only by the word that names it as a source. No archive holds itself."""
    packs = command.name == "tar" and "x" not in (command.words[1].raw if len(command.words) > 1 else "")
    sources = command.words[1:-1] if command.name in ("cp", "install") else command.words[1:]
    named = [path for word in sources if (path := resolved(word.value, folder)) in landings]
    above = [path for path in touched if command.name in ("tar", "unzip") and path not in landings and all(within(landing, path) for landing in landings)]
    alone = not above or set(named) == set(landings)
    return not packs and bool(named) and alone and not any_meet([path for path in touched if path not in (*named, *above)], landings)


def _end(before: Stage, user: int, landings: tuple[str, ...]) -> End | None:
    """The first command after a RUN that surely deletes the files, if its own RUN does not use them before."""
    for index in range(user + 1, len(before.entries)):
        run = before.entries[index]
        body = read_body(text_of(run.instruction)) if run.keyword == "RUN" else Body("", ())
        for number, part in enumerate(body.parts):
            inside = body.within(part) if part.simple else []
            operands = list(_operands(inside[0], run)) if inside and inside[0].name == "rm" else []
            deep = bool(operands) and takes_folders(word.raw for word in inside[0].words)
            covering = [next((path for path in operands if _covers(path, landing, deep)), "") for landing in landings]
            if not operands or "" in covering or not told(word.raw for word in inside[0].words):
                continue
            first = [command for command in body.commands or () if command.span.start < part.start]
            relative = not all(word.raw.startswith(("/", "-")) for word in inside[0].words[1:])
            moved = any(command.name in ("exit", "exec", "return") or relative and command.name in ("cd", "pushd", "popd") for command in first)
            strict = body.strict and all(each.operator in (";", "&&", "") for each in body.parts)
            reached = number == 0 or body.parts[number - 1].operator != "||"
            sure = strict or reached and all(each.operator in ("&&", "") for each in body.parts[number:])
            if not inside[0].silent or moved or not sure or not run.state.root or mounted_over(run, landings) or meets(body, run.state.workdir, landings, part.start):
                return None
            return End(index, part, forced(word.raw for word in inside[0].words), all("*" not in path and path.count("/") < landing.removesuffix("/*").count("/") for path, landing in zip(covering, landings)))
    return None


def _operands(command: Command, run: Entry) -> Iterator[str]:
    for word in command.words[1:]:
        lost = astray(word.raw, deep=True) or word.raw.strip("\"'").endswith("/.")
        if not word.raw.startswith("-") and not lost and (path := resolved(_text(word, run), run.state.workdir)):
            yield path


def _text(word: Word, run: Entry) -> str | None:
    return word.value if word.value is not None else expanded(word.raw.strip('"'), run.state.values)


def _covers(operand: str, landing: str, deep: bool) -> bool:
    """Whether a delete of one path takes the other, or all that has such a name."""
    ours, theirs = operand.strip("/").split("/"), landing.strip("/").split("/")
    if len(ours) > len(theirs) or len(ours) < len(theirs) and not deep or len(ours) == len(theirs) and "*" in landing or operand == "/":
        return False
    return all(fits(other, mine) and (not other.startswith(".") or mine.startswith(".")) for mine, other in zip(ours, theirs))


def _left(end: End, before: Stage, pairing: Pairing, users: list[int], landings: tuple[str, ...]) -> str:
    """Why the author's delete would fail without the files, or what else it does not delete any more."""
    run = before.entries[end.run]
    block = next((block for found in pairing.runs.values() for block in found if block.entry == end.run), None)
    fewer = next((words for part, words in block.fewer if part is end.part), ()) if block else ()
    gone = end.run in pairing.gone or block is not None and end.part in block.gone
    if fewer and len(fewer) == sum(not word.startswith("-") for word in end.part.text.split()[1:]):
        return f"{run} has a delete of nothing"
    lost = [word for word in (end.part.text.split()[1:] if gone else fewer) if not word.startswith("-")]
    brought = {landing.removesuffix("/*") for landing in landings}
    strange = next((word for word in lost if path_of(word, run) not in brought), "")
    if strange:
        return f"{run} does not delete {strange} any more"
    again = range(users[-1] + 1, end.run + (end.run not in pairing.gone)) if lost else ()
    if made := next((before.entries[other] for other in again if before.entries[other].keyword == "RUN" and made_again(before.entries[other], landings, any(landing.endswith("/*") for landing in landings))), None):
        return f"{made} makes its WORKDIR again, which {run} deletes"
    kept = lost or end.forced or end.folders or block is not None and end.part in block.forced
    return "" if kept else f"the delete in {run} finds nothing"
