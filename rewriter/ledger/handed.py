"""A stage of ours that does the work of a RUN, and hands on the folders that it makes: read as if it were done in place."""
from __future__ import annotations

from itertools import takewhile

from rewriter.ledger.bodies import Body, read_body, text_of, words
from rewriter.ledger.copies import OWN_STAGES, above, is_bare, within
from rewriter.ledger.crossing import STEERING, concerns
from rewriter.ledger.model import Entry, Ledger, Stage
from rewriter.ledger.places import copied, resolved
from rewriter.ledger.touching import paths
from rewriter.record import replace

# Folders besides those of any base in which a new one is like any other; that they are there, the `mkdir` shows, which is without -p.
_HOLDERS = frozenset({"/opt", "/srv", "/home", "/usr/share", "/usr/lib", "/var/lib"})
_MARKS = frozenset({"chmod", "chown", "chgrp", "rm", "mv", "touch", "setfacl"})


def inlined(stage: Stage, ledger: Ledger) -> Stage | str:
    """The stage with the work of others in place of what they hand on; or why it is not the same there."""
    entries = list(stage.entries)
    for at in reversed(range(len(entries) - 1)):
        own = _source(entries[at + 1], ledger)
        if own is None or _source(entries[at], ledger) is own:
            continue
        handing = list(takewhile(lambda each, own=own: _source(each, ledger) is own, entries[at + 1 :]))
        if reason := _unlike(stage, entries[: at + 1], own, handing):
            return f"the stage {own.name} does not do what was done: {reason}"
        entries[at : at + 1 + len(handing)] = [each for each in own.entries if each.keyword in ("RUN", "COPY", "ADD")]
    return replace(stage, entries=tuple(entries)) if len(entries) != len(stage.entries) or entries != list(stage.entries) else stage


def _source(entry: Entry, ledger: Ledger) -> Stage | None:
    """The stage of ours, with more in it than a copy, that a COPY copies from."""
    name = entry.instruction.flag("from") if entry.keyword == "COPY" else None
    found = next((stage for stage in ledger.stages if name and stage.name == name and name.startswith(OWN_STAGES)), None)
    return found if found and not is_bare(found) else None


def _unlike(stage: Stage, before: list[Entry], own: Stage, handing: list[Entry]) -> str:
    """before: the entries of the stage up to the delete that goes before what is handed on."""
    deleting, earlier, run = before[-1], before[:-1], own.entries[-1]
    if own.text.split()[0] != stage.text.split()[0] or run.keyword != "RUN" or run.instruction.flags:
        return "it is built on another image, or does not end in a RUN"
    said = [(each.keyword, each.text) for each in earlier]
    if any(each.keyword not in ("COPY", "ADD") and (each.keyword, each.text) not in said for each in own.entries[:-1]):
        return "it sets what was not set"
    if (run.state.workdir, run.state.shell) != (deleting.state.workdir, deleting.state.shell) or not run.state.root or not deleting.state.root:
        return "its RUN is not run in the same state"
    landings = [copied(each).landing(source) for each in own.entries[:-1] if each.keyword in ("COPY", "ADD") for source in copied(each).sources]
    stands = lambda path: path in run.state.standing or bool(run.state.workdir) and within(run.state.workdir or "", path)  # noqa: E731
    if not landings or not all(stands(above(path)) for path in landings):
        return "a folder that a copy makes would be missing"
    body = read_body(text_of(run.instruction))
    made = _new_folders(body, run)
    needed = (*landings, *made, *(f"{place}/{command.name}" for command in body.commands or () for place in ("/bin", "/usr/local/bin")))
    given = [(each.keyword, each.text) for each in own.entries]
    if missing := next((each for each in earlier if (each.keyword, each.text) not in given and (concerns(each, needed) or each.keyword in ("ENV", "ARG") and each.text.startswith(STEERING))), None):
        return f"{missing} may matter to it"
    if reason := _strays(body, run, landings, made):
        return reason
    tops = {path for path in made if not any(path != other and within(path, other) for other in made)}
    if any(len(each.instruction.flags) != 1 for each in handing):
        return "it hands on with more than the files have"
    gave = [(copied(each).sources, copied(each).target) for each in handing]
    if sorted(gave) != sorted(((path,), path) for path in tops) or not all(stands(above(path)) or above(path) in _HOLDERS for path in tops):
        return "it hands on something else than what it makes"
    deleted = [words(part) for part in read_body(text_of(deleting.instruction)).parts if part.operator in ("", ";")]
    if deleting.instruction.flags or len(deleted) != 1 or deleted[0][:2] not in (("rm", "-f"), ("rm", "-rf")) or sorted(deleted[0][2:]) != sorted(landings):
        return "what was copied is not deleted"
    return ""


def _new_folders(body: Body, run: Entry) -> list[str]:
    """The folders that its first command makes, which fails where there is one."""
    first = words(body.parts[0]) if body.parts and body.parts[0].operator == "&&" else ()
    return [resolved(word, run.state.workdir) or "" for word in first[1:]] if first[:1] == ("mkdir",) and not any(word.startswith("-") for word in first) else []


def _strays(body: Body, run: Entry, landings: list[str], made: list[str]) -> str:
    """Whether the RUN may touch anything but what is copied and what it makes."""
    if not made or "" in made or body.commands is None or any(part.operator not in ("&&", "") for part in body.parts):
        return "its RUN does not begin by making folders that are new, or is no chain"
    folder = run.state.workdir
    for command in body.commands:
        touched = paths(command, folder)
        if touched is None or not all(any(within(path.rstrip("/"), place) for place in (*landings, *made)) or path == f"{folder}/" for path in touched):
            return "its RUN may touch something else"
        if command.name in _MARKS and {path.rstrip('/') for path in touched} & set(made):
            return "it changes a folder that it makes"
        if command.name == "cd":
            folder = resolved(command.words[1].value, folder) if len(command.words) == 2 else None
    return ""
