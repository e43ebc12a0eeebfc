"""Copies that a RUN of another user than root puts in place: there they are his, whoever they belonged to."""
from __future__ import annotations

from rewriter.ledger.bodies import read_body, text_of
from rewriter.ledger.copies import Placed, folders, within
from rewriter.ledger.crossing import concerns
from rewriter.ledger.model import OWN_MOUNTS, Entry, Stage
from rewriter.ledger.places import path_of
from rewriter.ledger.removing import standing, undisturbed
from rewriter.ledger.shared import spares
from rewriter.ledger.touching import walked
from rewriter.shell.model import Command

# What may see or keep the owner and the group of a file.
_TELLERS = frozenset("stat ls find tar cpio rsync zip getfacl namei test [ [[ mv".split())


def foreign(copy: Entry, run: Entry, places: tuple[Placed, ...], before: Stage) -> str:
    """Why the user of a RUN, who is not root, can't have the files as they were copied; "" where he can."""
    user, landings = run.state.user, places[0].landings
    if len(places) > 1 or not user.replace("-", "").replace("_", "").isalnum() or user.isdigit():
        return f"{run} does not run as root in a POSIX shell"
    if {flag.name for flag in copy.instruction.flags} - {"chown"} or any("*" in landing for landing in landings):
        return f"{run} may not have as {user} what {copy} brought"
    owner = copy.instruction.flag("chown") or ""
    if owner not in ("", user, f"{user}:{user}"):
        return f"{copy} brought it for {owner}, and {run} runs as {user}"
    others = (entry for entry in before.entries[: before.entries.index(copy)] if entry.state.user != user)
    if another := next((entry for entry in others if any(landing in entry.text for landing in landings)), None):
        return f"{another} may have put there what {user} can't write to"
    body = read_body(text_of(run.instruction))
    deletes = [part for number, part in enumerate(body.parts) if part.simple and part.first == "rm" and undisturbed(body, part) and all(each.operator in ("&&", "") for each in body.parts[number:])]
    gone = {path_of(word, run) for part in deletes for word in part.text.split()[1:]}
    if not set(landings) <= gone:
        return f"{run} may not be able to write where {copy} did"
    if any(command.name in _TELLERS or command.name == "cp" and _keeping(command) for command in body.commands or ()):
        return f"{run} may tell whose it is what {copy} brought"
    if owner:
        missing = next((folder for folder in folders(landings) if not _stands(copy, folder, before)), "")
        return f"{missing} may not be there for {user}" if missing else ""
    if any(within(landing, shared) for landing in landings for shared in ("/tmp", "/var/tmp")):
        return f"{run} can't delete what {copy} brought for root"
    starts = {part.start for part in deletes}
    others = [(command, folder) for command, folder in walked(body, run.state.workdir) if command.span.start not in starts]
    return "" if body.commands and all(spares(command, folder, landings) for command, folder in others) else f"{run} may write to what {copy} brought for root"


def _keeping(copying: Command) -> bool:
    said = [word.raw for word in copying.words[1:]]
    return not any(word.startswith(OWN_MOUNTS) for word in said) and any(word.startswith("-") and {"p", "a"} & set(word) for word in said)


def _stands(copy: Entry, folder: str, before: Stage) -> bool:
    """Whether a folder is in any base, or is, or is above, what something before makes."""
    earlier = before.entries[: before.entries.index(copy)]
    made = any(entry.keyword == "RUN" and concerns(entry, (folder,)) and folder in entry.text for entry in earlier)
    return folder in standing(before, len(earlier)) or made or bool(copy.state.workdir) and within(copy.state.workdir or "", folder)
