"""Copies that have come to say an owner or a mode, which a `chown` or `chmod` that is gone gave them.

The mode that a file has in the build context is taken from the rules: here the flag must be what `chmod` makes of some mode.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import splitext

from rewriter.ledger.bodies import Body, Part, read_body, text_of, words
from rewriter.ledger.copies import above, within
from rewriter.ledger.crossing import concerns, spreads, variables_say
from rewriter.ledger.matching import Block, body_of
from rewriter.ledger.meeting import fits, meet, mounted_over
from rewriter.ledger.model import USUAL, Copied, Entry, Stage
from rewriter.ledger.modes import changed
from rewriter.ledger.pairing import Pairing
from rewriter.ledger.places import astray, copied, expanded, resolved
from rewriter.ledger.removing import standing, undisturbed
from rewriter.ledger.touching import SYSTEM, paths, walked
from rewriter.pattern import Pattern
from rewriter.record import dataclass, replace
from rewriter.shell.model import Command

_OPTIONS = Pattern(r"-[Rvcf]+|--(?:recursive|verbose|changes|silent|quiet)")
_MAKING = ("useradd", "adduser", "groupadd", "addgroup")


@dataclass(frozen=True)
class Gone:
    """A `chown` or `chmod` that is gone, or has lost operands: the RUN before, the command, what it gives, and to what."""

    run: int
    part: Part
    name: str
    given: str
    operands: tuple[tuple[str, str | None], ...]  # as written, and as paths
    whole: bool
    within: bool  # the folder itself is still given it
    known: bool  # it has no other options than -R, -v, -c and -f, and nothing has changed the umask


def owned(before: Stage, after: Stage, pairing: Pairing) -> str:
    """Why a flag is not what is gone, or what is gone not in a flag; "" where all is."""
    work: dict[int, list[tuple[Gone, str]]] = {at: [] for at in pairing.flagged.values()}
    for gone in _gone(before, pairing):
        for word, path in gone.operands:
            at = _brought(before, pairing, gone, path)
            if path is None or at is None:
                return f"{before.entries[gone.run]} has lost `{gone.name}` of {word}"
            if not gone.known or mounted_over(before.entries[gone.run], (path,)):
                return f"{before.entries[gone.run]} may fail with `{gone.part.text}`, or do more"
            if gone.name == "chown" and _whole(before, gone):
                return f"{before.entries[gone.run]} may give it to a user with a dot in his name"
            if gone.name == "chown" and (name := _unknown(before, after, pairing, at, gone.given)):
                return f"nothing tells that {name} is known to {before.entries[at]}, which would take it for root in silence"
            work.setdefault(at, []).append((gone, path))
            pairing.dropped.add((gone.run, gone.part, word))
    twins = {at: index for index, at in pairing.flagged.items()}
    for at, found in work.items():
        twin = after.entries[twins.get(at, pairing.places[at][0])]
        if reason := _unlike(before, at, twin, found):
            return reason
    return ""


def _whole(before: Stage, gone: Gone) -> bool:
    """Whether a user may be called as what is given is written, with a dot: a command that is no `chown` speaks of him."""
    said = next((word.strip("\"'") for word in gone.part.text.split()[1:] if not word.startswith("-")), "")
    lines = [part.text for entry in before.entries if entry.keyword == "RUN" for part in body_of(entry).parts if part.first != "chown"]
    return "." in said and any(said in line for line in (*lines, *(entry.text for entry in before.entries if entry.keyword == "USER")))


def _unknown(before: Stage, after: Stage, pairing: Pairing, at: int, given: str) -> str:
    """A name in an owner of which neither what comes before the copy nor what is left after it speaks; "" for none."""
    names = [name for name in given.split(":") if name and name != "root" and not name.isdigit()]
    left = [entry for entry in after.entries[pairing.places[at][0] + 1 :] if entry.keyword in ("RUN", "USER")]
    told = {word for entry in (*before.entries[:at], *left) for word in re.split(r"[^\w-]+", entry.text)}
    return next((name for name in names if name not in told and before.parent is None), "")


def _gone(before: Stage, pairing: Pairing) -> Iterator[Gone]:
    blocks = {block.entry: block for found in pairing.runs.values() for block in found if block.entry >= 0}
    for index, entry in enumerate(before.entries):
        if entry.keyword != "RUN" or index in pairing.places and index not in blocks:
            continue
        block = blocks.get(index) or Block(index, body_of(entry), gone=body_of(entry).parts)
        lost = [(part, None) for part in block.gone] + list(block.fewer)
        for part, fewer in sorted(lost, key=lambda each: each[0].start):
            if part.first in ("chown", "chmod"):
                found = _read(index, entry, part, fewer, _folder(block.body, part, entry))
                told = undisturbed(block.body, part) or "$" not in part.text  # in which folder it is, is looked at by itself
                yield found if told else replace(found, known=False)


def _folder(body: Body, part: Part, entry: Entry) -> str | None:
    """The folder in which a command of a RUN is run."""
    return next((folder for command, folder in walked(body, entry.state.workdir) if command.span.start >= part.start), entry.state.workdir)


def _read(index: int, entry: Entry, part: Part, lost: tuple[str, ...] | None, folder: str | None) -> Gone:
    said = [word for word in part.text.split()[1:] if not word.startswith("-")]
    options = [word for word in part.text.split()[1:] if word.startswith("-")]
    operands = said[1:] if lost in (None, ("-R",)) else list(lost or ())
    deep = any("R" in option for option in options)
    named = tuple((word, None if astray(word, deep) else resolved(expanded(word.strip('"'), entry.state.values), folder)) for word in operands)
    known = all(_OPTIONS.fullmatch(option) for option in options) and "umask" not in entry.text
    given = said[0].strip("\"'") if said else ""
    given = given.replace(".", ":") if given.count(".") == 1 and ":" not in given else given  # the old form, unless a user is called so
    return Gone(index, part, part.first, given, named, deep, lost == ("-R",), known)


def _brought(before: Stage, pairing: Pairing, gone: Gone, path: str | None) -> int | None:
    """The copy that brought what is at the path, as far as names tell; for a folder, all that is in it."""
    for at in reversed(range(gone.run)):
        entry = before.entries[at]
        if path and gone.within and entry.keyword in ("COPY", "ADD") and at in pairing.places:
            return at if copied(entry).target == path and _only_in(before, at, gone.run, path) else None
        if path and entry.keyword in ("COPY", "ADD") and at in pairing.places and any(_matches(landing, path) for landing in _landings(before, at)):
            return at
    return None


def _only_in(before: Stage, at: int, run: int, folder: str) -> bool:
    """Whether the folder is new, and nothing but the copy brings anything to it."""
    from rewriter.ledger.deletes import new_folder  # few give a folder

    made = new_folder(at, before, (f"{folder}/*",))
    return made == folder and not any(concerns(each, (f"{folder}/*",)) for each in before.entries[at + 1 : run])


def _landings(before: Stage, at: int) -> tuple[str, ...]:
    entry, said = before.entries[at], copied(before.entries[at])
    if entry.instruction.heredocs:
        target = next((word for word in entry.text.split("\n") if word.startswith("/")), "")
        return (target,) if target and not target.endswith("/") else ()
    there = replace(said, folder=said.folder or said.target != "" and _is_folder(before, at, said.target))
    if not there.folder and any(each.keyword in ("COPY", "ADD") and _puts_folder(copied(each), said.target) for each in (*before.below, *before.entries[:at])):
        return ()
    return tuple(there.landing(source) for source in said.sources if not spreads(entry, source)) if said.target else ()


def _puts_folder(other: Copied, path: str) -> bool:
    """Whether a copy may put a folder at a path: all but a file of that kind, by the end of its name."""
    end = splitext(path)[1]
    return other.target == path and not (end and all(source.endswith(end) for source in other.sources))


def _is_folder(before: Stage, at: int, path: str) -> bool:
    """Whether a target is a folder without saying so: one of any base, above the WORKDIR, or made by a RUN before."""
    runs = [body_of(entry).parts for entry in before.entries[:at] if entry.keyword == "RUN" and path in entry.text]
    made = (word for parts in runs if all(part.operator != "||" for part in parts) for part in parts if part.first == "mkdir" for word in words(part))
    workdir = before.entries[at].state.workdir
    return path in USUAL and not before.bare or bool(workdir) and within(workdir, path) or any(word.rstrip("/") == path for word in made)


def _matches(landing: str, path: str) -> bool:
    return landing == path or landing.count("/") == path.count("/") and fits(path, landing)


def _unlike(before: Stage, at: int, twin: Entry, found: list[tuple[Gone, str]]) -> str:
    """Whether the flags of a copy are what is gone made of those that it had."""
    copy = before.entries[at]
    ours, theirs = ({flag.name: flag.value or "" for flag in each.instruction.flags} for each in (copy, twin))
    if len(theirs) != len(twin.instruction.flags):
        return f"{copy} says a flag twice"
    covered = {path for _, path in found}
    for gone in dict.fromkeys(gone for gone, _ in found):
        if reason := _seen(before, at, gone, covered):
            return reason
    for path in covered or {""}:
        if reason := _otherwise(copy, ours, theirs, [gone for gone, each in found if each == path]):
            return reason
    owner, mode = theirs.get("chown", ""), theirs.get("chmod", "")
    everything = not found or all(any(_matches(landing, path) for path in covered) or any(char in landing for char in "*?[") for landing in _landings(before, at))
    if not everything and not (_plain(owner) == _plain(ours.get("chown", "")) and mode in ("755", "0755")):
        return f"{copy} has an owner or a mode for more than what it was given to"
    alike = ours == theirs or ours.get("chown") == theirs.get("chown") and mode in ("755", "0755")  # as folders are made anyway
    return "" if alike or all(_stands(before, at, above(path)) for path in covered) else f"a folder that {copy} makes would have its owner or mode"


def _otherwise(copy: Entry, ours: dict[str, str], theirs: dict[str, str], found: list[Gone]) -> str:
    """Whether the flags say another owner or mode for a path than what is gone makes of those that were there."""
    owner, mode = ours.get("chown", ""), ours.get("chmod", "")
    for gone in found:
        if gone.name == "chown" and re.fullmatch("0*[1-7][0-7]{3}", mode):
            return f"`{gone.part.text}` takes a set-id bit off that {copy} gives"
        if gone.name == "chown":
            owner = given(owner, gone.given)
        elif not changed(mode, gone.given, theirs.get("chmod", "")):
            return f"{copy} has another mode than `{gone.part.text}` gives"
        else:
            mode = theirs["chmod"]
    if _plain(owner) != _plain(theirs.get("chown", "")):
        return f"{copy} has another owner than before"
    return f"{copy} has a mode that nothing gave" if mode != theirs.get("chmod", "") else ""


def given(owner: str, spec: str) -> str:
    """What `chown` makes of an owner, in the words of --chown: there a user alone has his own group."""
    user, colon, group = spec.partition(":")
    before = owner or "0:0"
    if colon and user and not group:
        return user
    held = before.partition(":")
    group = group or (held[2] if held[1] else held[0])
    return f"{user or held[0]}:{group}"


def _plain(owner: str) -> str:
    """root by his number, and none for it at all."""
    found = ":".join("0" if each == "root" else each for each in owner.split(":"))
    return "" if found in ("0:0", "0") else found


def _seen(before: Stage, at: int, gone: Gone, covered: set[str]) -> str:
    """Whether something between the copy and what is gone may see the owner and the mode, or make the name that is given."""
    run = before.entries[gone.run]
    if not run.state.root:
        return f"{run} does not run as root"
    names = [name for name in gone.given.split(":") if gone.name == "chown" and name and not name.isdigit()]
    if gone.whole and not gone.within and any(_stands(before, at, path) for path in covered):
        return f"{before.entries[at]} may find a folder there, which `{gone.part.text}` goes through"
    if gone.whole and not gone.within and not all(path in {copied(before.entries[at]).target, *_landings(before, at)} for path in covered):
        return f"`{gone.part.text}` is of more than what {before.entries[at]} brought"
    for index in range(at + 1, gone.run + 1):
        entry = before.entries[index]
        body = read_body(text_of(entry.instruction)) if entry.keyword == "RUN" else Body("", ())
        until = gone.part.start if index == gone.run else len(body.text)
        found = [(command, folder) for command, folder in walked(body, entry.state.workdir) if command.span.start < until]
        if entry.keyword == "RUN" and body.parts and body.commands is None and index < gone.run or any(_looks(each, entry, folder, covered, gone, body.text if "<<" in body.text else "") for each, folder in found):
            return f"{entry} may look at what {before.entries[at]} brought"
        edited = names and any(file in entry.text for file in ("/etc/passwd", "/etc/group"))
        if edited or any(command.name in _MAKING and any(word.value in names for word in command.words) for command, _ in found):
            return f"{entry} makes the name that {before.entries[at]} would need before"
        if entry.keyword in ("COPY", "ADD") and (said := copied(entry)).target and any(_over(said, path) for path in covered):
            return f"{entry} may bring the same path"
    return ""


def _over(said: Copied, path: str) -> bool:
    return any(meet(said.landing(source), path) for source in said.sources if "*" not in said.landing(source))


def _looks(command: Command, entry: Entry, folder: str | None, covered: set[str], gone: Gone, fed: str) -> bool:
    """Whether a command of an event, run in a folder, may see the mode or owner of what is at a path.

    One that is not known, and is run neither in the folder of the file nor above it, has to name it, or a folder above. fed: the text
    of which a heredoc may be its input.
    """
    if command.name in ("chown", "chmod") and command.name != gone.name:
        return False
    touched = None if command.name in SYSTEM else paths(command, folder)
    if touched is None and command.name not in SYSTEM and any(above(path) != "/" and (folder is None or folder != "/" and within(path, folder)) for path in covered):
        return True
    if touched is not None and any(meet(each, path) for each in touched for path in covered):
        return command.name not in ("chown", "chmod")
    if touched is not None:
        return False
    raw, said = " ".join([*(word.raw for word in command.words), fed]), variables_say(entry)
    return any(path in said or path.rsplit("/", 1)[-1] in raw or above(path) != "/" and above(path) in raw for path in covered)


def _stands(before: Stage, at: int, folder: str) -> bool:
    """Whether a folder is surely there: of any base, a WORKDIR, or named by what comes before."""
    state = before.entries[at].state
    if folder in standing(before, at) or folder in USUAL and not before.bare or state.workdir and within(state.workdir, folder):
        return True
    for entry in before.entries[:at]:
        if entry.keyword == "RUN" and folder in entry.text or entry.keyword in ("COPY", "ADD") and within(copied(entry).target, folder):
            return True
    return False
