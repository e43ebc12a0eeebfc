"""A RUN of several bodies: does each do in it what it did in a RUN of its own?"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rewriter.ledger.bodies import Body, is_script, read_body, text_of, words
from rewriter.ledger.crossing import deletes, uses
from rewriter.ledger.failing import unheard
from rewriter.ledger.lasting import lasting
from rewriter.ledger.leaving import seen, tells_all
from rewriter.ledger.links import shares
from rewriter.ledger.matching import Block, body_of
from rewriter.ledger.meeting import any_meet
from rewriter.ledger.model import OWN_MOUNTS, USUAL, Entry, Stage
from rewriter.ledger.places import resolved
from rewriter.ledger.removing import standing
from rewriter.ledger.renewing import renewed
from rewriter.ledger.through import looks_through
from rewriter.ledger.touching import LOCAL, SYSTEM, walked
from rewriter.pattern import Pattern
from rewriter.shell.model import Place
from rewriter.source.flags import mounted
from rewriter.source.model import Flag, Instruction

_ITSELF = Pattern(r"(?<!\w)(SECONDS|BASHPID|BASH_SUBSHELL|BASH_EXECUTION_STRING)\b|\)T[\"']? +-2|/proc/[^/]+/cmdline|(kill|renice|taskset|prlimit|ionice|chrt) [^;&|\n]*(\$\$|\$\{?PPID| 1\b)|/proc/\$\$", cues=("SECONDS", "BASH", ")T", "/proc/", "kill ", "$$", "PPID"))
_BEFORE = Pattern(r"PIPESTATUS|BASH_CMDS|\$_(?!\w)|\$\{_\W", cues=("PIPESTATUS", "BASH_CMDS", "$_", "${_"))
# They do the same whether PWD, SHLVL and _ are set or not.
_BUILDERS = frozenset("pip pip2 pip3 npm yarn gem bundle mvn gradle composer cargo go make cmake git curl wget".split())
_BY_SHELL = ("BASH_ENV", "SHELLOPTS", "BASHOPTS", "POSIXLY_CORRECT")  # by these bash begins in another way than it says
_LISTING = frozenset({"ps", "pstree", "top"})  # they list what is run, the text that the shell is given among it
_AGES = ("-newer", "-anewer", "-cnewer", "-mmin", "-cmin", "-amin", "-nt", "-ot")  # each RUN has files that have been made for it, such as /etc/hosts
_DEFAULTS = {"secret": "/run/secrets", "ssh": "/run/buildkit"}  # where a mount is that says no more
_NO_BUSYBOX = frozenset({"apt-get", "apt", "dpkg", "dnf", "microdnf", "yum", "rpm"})


def unlike(run: Entry, found: tuple[Block, ...], before: Stage) -> str:
    """What would be otherwise in the RUN than in those that it is made of; "" for nothing."""
    theirs = [before.entries[block.entry] if block.entry >= 0 else run for block in found]
    if reason := _flagged(run, found, [entry for entry in theirs if entry is not run]):
        return f"{run}: {reason}"
    for entry in theirs:
        if flags(run.instruction) != flags(entry.instruction) and not _untouched(run, entry) and not _unseen(run, entry):
            return f"{entry} has other flags"
        if (reason := _meets_ours(run, entry)):
            return f"{entry}: {reason}"
        if entry.instruction.json is not None and not _plainly_run(entry, before):
            return f"{entry} may not be run by a shell as it is without"
    if reason := _cleared(run, found, theirs, before):
        return f"{run}: a mount makes {reason}, and clears it away where it is empty"
    shell = theirs[0].state.shell
    if reason := unheard(found, shell, busybox=shell is None or shell.name in ("sh", "ash") and not _shown(before)):
        return f"{run}: {reason}"
    if len(found) == 1:
        asked = (found[0].added or found[0].gone) and _asks(found[0].body, first=not is_script(run.instruction)) or found[0].added and _asks_before(found[0].body)
        return f"{run}: it asks for the shell itself, which is given another text" if asked else ""
    if shell is None or shell.login or any(name in entry.state.values for entry in theirs for name in _BY_SHELL):
        return f"{run}: its shell may be another for each RUN"
    if any(_anew(flag) for flag in flags(run.instruction)):
        return f"{run}: it has a mount that each RUN gets anew"
    return next((f"{entry}: {reason}" for at, entry in enumerate(theirs) if (reason := _left(found, at, theirs))), "")


def _cleared(run: Entry, found: tuple[Block, ...], theirs: list[Entry], before: Stage) -> str:
    """A folder above a mount that our `mkdir` is to make, or that a later body may leave empty: BuildKit, having made it for the mount, removes it; "" for none."""
    said = [(mounted(flag) or {}).get("target", "") for flag in run.instruction.flags if flag.name == "mount"]
    targets = [resolved(target, "/") or "" for target in said if target and not target.startswith(OWN_MOUNTS)]
    if not targets:
        return ""
    ours = [words(part)[-1] for block in found for part in block.added if part.first == "mkdir"]
    gone = [path for block, entry in list(zip(found, theirs))[1:] for path in _gone(block.body, entry)]
    known = {*run.state.standing, *(() if before.bare else USUAL), *(standing(before, found[0].entry) if found[0].entry >= 0 else ())}
    for target in targets:
        if made := next((folder for folder in ours if f"{target}/".startswith(f"{folder.rstrip('/')}/")), ""):
            return made
        above = [target[:at] for at, char in enumerate(target) if char == "/" and at]
        inside = run.state.workdir or "/"
        for folder in above:
            stands = folder in known or f"{inside}/".startswith(f"{folder}/")
            if not stands and any(path is None or f"{path}/".startswith(f"{folder}/") and not f"{path}/".startswith(f"{target}/") for path in gone):
                return folder
    return ""


def _gone(body: Body, entry: Entry) -> Iterator[str | None]:
    """What a body may delete; None for what is not told."""
    for command, folder in walked(body, entry.state.workdir):
        if command.name in ("rm", "rmdir", "mv", "unlink", "find"):
            yield from (resolved(word.value, folder) for word in command.words[1:] if not word.raw.startswith("-"))


def _flagged(run: Entry, found: tuple[Block, ...], theirs: list[Entry]) -> str:
    """Whether it has a flag that is of none of those that it is made of, or a mount of ours that it has no use for, or lacks one."""
    if set(flags(run.instruction)) - {flag for entry in theirs for flag in flags(entry.instruction)}:
        return "it has other flags than what it is made of"
    if len({flag.text for flag in run.instruction.flags}) < len(run.instruction.flags):
        return "it has a flag twice"
    ours, had = _own_mounts(run), {text for entry in theirs for text in _own_mounts(entry)}
    new = [flag for flag in run.instruction.flags if flag.text in ours - had]
    used = {OWN_MOUNTS + rest.split()[0].partition("/")[0] for block in found for part in block.added for rest in part.text.split(OWN_MOUNTS)[1:]}
    if had - ours or any((mounted(flag) or {}).get("target") not in used for flag in new):
        return "it has a mount that nothing uses, or has lost one"
    return ""


def _own_mounts(run: Entry) -> set[str]:
    """The flags that are mounts of ours, as they are written."""
    return {flag.text for flag in run.instruction.flags if f"target={OWN_MOUNTS}" in flag.text}


def _meets_ours(run: Entry, entry: Entry) -> str:
    """Whether a body that is given a mount of ours may see it."""
    ours, theirs = _own_mounts(run), _own_mounts(entry)
    body = body_of(entry)
    return "" if ours <= theirs else looks_through(body, entry.state, OWN_MOUNTS) if body.commands is not None else "it may see the mount"


def _untouched(run: Entry, entry: Entry) -> bool:
    """Whether it has no flags and deletes nothing that a mount of the RUN lies over, or below."""
    deleted = deletes(entry) if not entry.instruction.flags else None
    mounts = [flag.partition("=")[2] for flag in flags(run.instruction) if flag.startswith("--mount=")]
    targets = [_DEFAULTS.get(mount.partition("type=")[2].partition(",")[0], "") if "target=/," in f"{mount}," else target
               for mount in mounts for target in (part.partition("=")[2] for part in mount.split(",") if part.startswith("target="))]
    return bool(deleted) and all(map(_plain, targets)) and len(mounts) == len(targets) == len(flags(run.instruction)) and not any_meet(targets, deleted or ())


def _plain(target: str) -> bool:
    """Whether a mount point is told in full."""
    return target.startswith("/") and "$" not in target and ".." not in target


def _shown(stage: Stage) -> bool:
    """Whether the stage uses what no base with busybox for its shell has."""
    bodies = (read_body(text_of(entry.instruction)) for entry in stage.entries if entry.keyword == "RUN")
    return any(command.name in _NO_BUSYBOX for body in bodies for command in body.commands or ())


def flags(run: Instruction) -> list[str]:
    """What the flags of a RUN say, but for mounts of ours, in whichever words and order."""
    return sorted(_meant(flag) for flag in run.flags if f"target={OWN_MOUNTS}" not in flag.text)


def _meant(flag: Flag) -> str:
    """A flag in one way of writing: of a mount the options by name, with one name for each."""
    said = mounted(flag)
    if said is None:
        return flag.text
    said["target"] = said.get("target", "").rstrip("/") or "/"
    return "--mount=" + ",".join(f"{name}={value}" for name, value in sorted(said.items()))


def _unseen(run: Entry, entry: Entry) -> bool:
    """Whether the RUN has no more than caches and read-only binds that the body keeps off, at places that it keeps off, too."""
    more = Counter(flags(run.instruction)) - Counter(flags(entry.instruction))
    if not more or Counter(flags(entry.instruction)) - Counter(flags(run.instruction)) or not all(flag.startswith("--mount=") for flag in more):
        return False
    said = [dict(part.partition("=")[::2] for part in flag.partition("=")[2].split(",")) for flag in more]
    if not all((each.get("type") == "cache" or (each.get("type"), each.get("rw")) == ("bind", "false")) and _plain(each["target"]) for each in said):
        return False
    folders = {"/".join(each["target"].split("/")[:count]) for each in said for count in range(2, each["target"].count("/") + 2)}
    return not uses(body_of(entry), entry.state.workdir, tuple(folders - entry.state.standing))


def _plainly_run(entry: Entry, before: Stage) -> bool:
    """Whether a shell has run before it, and does not take its program for one of its own, nor that one mind its variables."""
    at = before.entries.index(entry)
    shown = any(each.keyword == "RUN" and each.instruction.json is None for each in before.entries[:at]) or before.parent is not None
    program = (entry.instruction.json or ("",))[0]
    name = program.rsplit("/", 1)[-1]
    if shown and name in SYSTEM | _BUILDERS:
        return True
    if program.startswith("/") or name in ("sh", "bash"):
        return shown and (name in LOCAL or name in ("sh", "bash"))
    return shown and name in LOCAL and name not in ("echo", "printf", "test", "[", "true", "false", "kill", "time", "cd", "read")


def _anew(flag: str) -> bool:
    """Whether it is a mount that starts empty, or as its source is, and can be written to."""
    said = flag.partition("=")[2].split(",")
    return flag.startswith("--mount=") and ('"' in flag or "type=tmpfs" in said or {"type=bind", "rw=true"} <= set(said))


def _left(found: tuple[Block, ...], at: int, theirs: list[Entry]) -> str:
    """What the body at `at` leaves for those after it."""
    body, later = found[at].body, tuple(each for block in found[at + 1 :] for each in (*(read_body(part.text) for part in block.added), block.body))
    if _asks(body, first=not at):
        return "it asks what the command before it did, or for the shell itself"
    if not later:
        return renewed(found, at, theirs)
    state = theirs[at].state
    outside = found[at].outside
    if (reason := lasting(body, theirs[at]) or shares(body, later) or renewed(found, at, theirs)) or not outside:
        return reason
    return seen(outside, later, state.shell, frozenset(state.values))


def _asks(body: Body, first: bool) -> bool:
    """Whether it asks for what the shell did before, or which shell that is: bash has its own text in a variable."""
    if _ITSELF.found(body.text):
        return True
    if "LINENO" in body.text and not first or any(tells_all(command) and command.name != "export" for command in body.commands or ()):
        return True
    if not first and any(command.name in _LISTING or command.name in ("find", "test", "[", "[[") and any(word.raw.startswith(_AGES) for word in command.words) for command in body.commands or ()):
        return True
    return not first and _asks_before(body)


def _asks_before(body: Body) -> bool:
    """Whether it asks for the last word or end of what was run before, or for the programs that the shell has looked up."""
    kept = [command for command in body.commands or () if command.name in ("type", "hash") and (command.redirects or command.place & Place.PIPELINE)]
    silent = all(redirect.target is None or redirect.target.value == "/dev/null" for command in kept for redirect in command.redirects)
    said = not silent or any(not command.redirects for command in kept)
    return said or _BEFORE.found(body.text) is not None
