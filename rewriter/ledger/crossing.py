"""Whether two events may change places: neither sees what the other does."""
from __future__ import annotations

from rewriter.ledger.bodies import Body, read_body, takes_folders, text_of
from rewriter.ledger.meeting import any_meet, folder_alone, mounted_over
from rewriter.ledger.model import ARCHIVES, NEUTRAL, Entry
from rewriter.ledger.places import copied, goes_to, resolved
from rewriter.ledger.touching import BUILT_IN, looped, paths, walked
from rewriter.ledger.removing import goes_on
from rewriter.ledger.through import goes_over
from rewriter.pattern import Pattern
from rewriter.shell.model import Command

_CONSULTED = frozenset("/etc /etc/passwd /etc/group /etc/nsswitch.conf /etc/hosts /etc/resolv.conf /etc/localtime".split())  # by the C library
_PROFILES = ("/etc/profile", "/etc/profile.d", "/etc/bash.bashrc", "/root", "/home")
STEERING = ("PATH", "LD_", "HOME", "POSIXLY_CORRECT")
CACHES = ("/var/cache", "/var/lib/apt", "/root/.cache")  # in which no one works
_LISTS = ("/var/lib/apt/lists", "/var/cache/apt", "/var/cache/apk", "/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5")
_INSTALLS = Pattern(r"\bapt\b(?!-)|\bapt-(?!key )|\bapk\b|\byum\b|dnf|\brpm\b|zypper|dpkg|aptitude|tasksel|/var/(?:lib|cache)\b|\.sh\b|\./(?!configure|[\s;&|)]|\Z)|(?:^|[\s;&|/])(?:ba|da|a)?sh\b")
_SUPPORTING = frozenset("/bin /sbin /lib /lib64 /usr /usr/bin /usr/sbin /usr/lib /usr/lib64 /usr/local /usr/local/bin /usr/local/lib /lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu".split())
_QUIET = NEUTRAL | {"ENV", "ARG", "USER", "SHELL", "VOLUME"}


def clash(first: Entry, second: Entry, gone_to: Entry | None = None) -> str:
    """Why `first` can't come after `second`; "" where it can. gone_to: the event that the one which is a RUN is now at."""
    run, other = (second, first) if second.keyword == "RUN" else (first, second)
    if first.keyword in NEUTRAL or second.keyword in NEUTRAL:
        return ""
    if run.keyword != "RUN":
        return "" if _apart(first, second) else f"{first} and {second} have changed places"
    if other.keyword in ("COPY", "ADD") and not _named_owner(other) and (wanted := brought(other)) and not concerns(run, wanted):
        return ""
    if other.keyword in ("USER", "SHELL"):
        at = gone_to.state if gone_to else other.state
        alike = at.user == run.state.user or at.root and run.state.root
        return "" if alike and at.shell == run.state.shell else f"{run} has come from behind {other}"
    if other.keyword == "WORKDIR" and _anywhere(run, other):
        return ""
    deleted = deletes(run)
    moved = gone_to is None or gone_to.state.workdir != run.state.workdir
    if not deleted:
        return f"{run} has come from behind {other}"
    return passed(run, other, deleted) or (f"{run} deletes what {other} means" if other.keyword == "WORKDIR" and moved and _relative(run) else "")


def _apart(first: Entry, second: Entry) -> bool:
    """Whether two copies bring different paths."""
    ours, theirs = (brought(each) if each.keyword in ("COPY", "ADD") else () for each in (first, second))
    return bool(ours and theirs) and not any_meet(ours, theirs)


def passed(run: Entry, other: Entry, deleted: tuple[str, ...]) -> str:
    """Why a delete can't be done on the other side of an event."""
    if other.keyword in ("ENV", "ARG"):
        longer = other.text.startswith("PATH=") and goes_on(other.text)
        return f"{run} may see {other}" if other.text.startswith(STEERING) and not longer else ""
    if other.keyword == "VOLUME" and any("$" in word or any_meet([resolved(word, "/") or "/"], deleted) for word in other.instruction.json or other.text.split()):
        return f"{run} deletes in {other}, where some builders keep nothing that a RUN does"
    if other.keyword == "RUN" and made_again(other, deleted, any(deletes_folders(each) for each in read_body(text_of(run.instruction)).commands or ())):
        return f"{other} makes its WORKDIR again, which {run} deletes"
    if other.keyword == "RUN" and spared(other.text, deleted, other.state.workdir):
        return ""
    return f"{run} deletes what {other} may use" if concerns(other, deleted) else ""


def deletes_folders(command: Command) -> bool:
    """Whether a command takes folders away."""
    return command.name in ("rmdir", "mv") or command.name == "rm" and takes_folders(word.raw for word in command.words)


def made_again(run: Entry, deleted: tuple[str, ...], folders: bool) -> bool:
    """Whether a RUN is, or may be, run in what is deleted: where that is missing, the builder makes it, and it stays. folders: they go, too."""
    if run.state.workdir is None:
        return folders and any_meet([run.state.below or "/"], [path for path in deleted if not path.startswith(CACHES)])
    return any(f"{run.state.workdir}/".startswith(path.removesuffix("*").rstrip("/") + "/") for path in deleted if path != "/")


def spared(text: str, deleted: tuple[str, ...], folder: str | None) -> bool:
    """Whether the paths are for apt alone, and a body that is run in a folder does not run it, nor goes through all of `/`."""
    return all(path.startswith(_LISTS) for path in deleted) and not _INSTALLS.search(text) and not goes_over(read_body(text), folder, "/var/lib/apt")


def brought(copy: Entry) -> tuple[str, ...]:
    """The paths that a copy may bring, or change: its target, and the uppermost folder that it may make."""
    said = copied(copy)
    if not said.target:
        return ()
    above = said.target.split("/")
    folders = ["/".join(above[:count]) for count in range(2, len(above) + said.folder)]
    new = [folder for folder in folders if folder not in copy.state.standing and not (f"{copy.state.workdir}/").startswith(folder + "/")][:1]
    apart = said.folder and not any(spreads(copy, source) for source in said.sources)
    return (*((said.landing(source) for source in said.sources) if apart else [said.target]), *new)


def archived(copy: Entry, source: str, ends: tuple[str, ...] = ARCHIVES) -> bool:
    """Whether ADD may unpack a source, by how its name ends."""
    return copy.keyword == "ADD" and "://" not in source and source.endswith(ends)


def spreads(copy: Entry, source: str) -> bool:
    """Whether a source is surely a folder, or an archive that may be unpacked: what is in it lands by names that are not known."""
    archive = archived(copy, source) or copy.instruction.flag("unpack") is not None
    cloned = copy.keyword == "ADD" and (source.startswith(("git@", "git:", "ssh:")) or source.endswith(".git") or "#" in source)
    return archive or cloned or source.endswith("/") or source.rsplit("/", 1)[-1] in (".", "..")


def _named_owner(copy: Entry) -> bool:
    owner = copy.instruction.flag("chown") or "0"
    return not owner.replace(":", "").isdigit()


def _anywhere(run: Entry, workdir: Entry) -> bool:
    """Whether a RUN does the same in any folder, and neither sees nor makes that of a WORKDIR, which is root's."""
    path, text = goes_to(workdir.instruction, workdir.state), text_of(run.instruction)
    told = path is not None and "PWD" not in text and workdir.state.root
    return told and not uses(read_body(text), None, (path or "",))


def _relative(run: Entry) -> bool:
    """Whether a word of a delete is relative to the WORKDIR."""
    body = read_body(text_of(run.instruction))
    return any(not (word.value or "").startswith(("/", "-")) for command in body.commands or () if not _cleans(command) for word in command.words[1:])


def _cleans(command: Command) -> bool:
    """Whether it is a plain `apt-get clean`, or `yum clean all`."""
    said = [word.value for word in command.words if word.value not in ("-y", "-q")]
    plain = said in (["apt-get", "clean"], ["apt", "clean"], ["yum", "clean", "all"], ["dnf", "clean", "all"], ["microdnf", "clean", "all"])
    return plain and not command.redirects and not command.assignments


def deletes(run: Entry) -> tuple[str, ...] | None:
    """What a RUN of nothing but `rm` with literal words and `apt-get clean` deletes, wherever it is; None for any other."""
    body = read_body(text_of(run.instruction))
    found: list[str] = []
    for command in body.commands or ():
        if _cleans(command):
            found += _LISTS[:2] if (command.name or "").startswith("apt") else _LISTS[3:]  # apt makes the folder of the lists anew, too
            continue
        if command.name != "rm" or any(word.value is None for word in command.words) or command.redirects:
            return None
        named = [resolved(word.value, None) for word in command.words[1:] if not word.raw.startswith("-")]
        if None in named:
            named = [resolved(word.value, run.state.workdir) for word in command.words[1:] if not word.raw.startswith("-")]
        if None in named:
            return None
        found += [path for path in named if path]
    return tuple(found) or None


def concerns(entry: Entry, wanted: tuple[str, ...]) -> bool:
    """Whether an event may see or change what is at one of the paths, above or below."""
    if entry.keyword in _QUIET:
        return False
    if entry.keyword == "WORKDIR":
        path = goes_to(entry.instruction, entry.state)
        return path is None or any_meet([folder_alone(path)], wanted)
    if entry.keyword in ("COPY", "ADD"):
        return _brings(entry, wanted)
    if entry.keyword != "RUN" or entry.instruction.json is not None or mounted_over(entry, wanted):
        return True
    shell = entry.state.shell
    if shell is None or any(path in (f"{place}/{shell.name}" for place in ("/bin", "/usr/bin", "/usr/local/bin")) for path in wanted) or shell.login and any_meet(_PROFILES, wanted):
        return True
    return any(path in variables_say(entry) for path in wanted) or uses(read_body(text_of(entry.instruction)), entry.state.workdir, wanted)


def variables_say(run: Entry) -> str:
    """What the variables of a RUN hold, and its arguments as they are written."""
    return " ".join([*(value for value in run.state.values.values() if value), run.state.arguments])


def _brings(entry: Entry, wanted: tuple[str, ...]) -> bool:
    copy = copied(entry)
    if not copy.target:
        return True
    if not any_meet([copy.target], wanted):
        return False
    named = [copy.landing(source) for source in copy.sources]
    apart = copy.folder and all("." in source.rsplit("/", 1)[-1].strip(".") and not any(char in source for char in "*?[") and not spreads(entry, source) for source in copy.sources)
    return not apart or any_meet(named, wanted)


def _needed(path: str) -> bool:
    """Whether any program may need what is at the path: a library, or a folder of such or of programs."""
    return path.rstrip("/*") in _SUPPORTING or path.startswith("/etc/ld.so") or path in _CONSULTED or ".so" in path and path.startswith(("/lib", "/usr/lib", "/usr/local/lib"))


def uses(body: Body, folder: str | None, wanted: tuple[str, ...]) -> bool:
    """Whether a body may see or change what is at one of the paths."""
    return body.commands is None or meets(body, folder, wanted, len(body.text))


def meets(body: Body, folder: str | None, wanted: tuple[str, ...], until: int) -> bool:
    """Whether the commands that stand before an offset may see or change what is at one of the paths."""
    needed = any(map(_needed, wanted))
    moves = any(command.name in ("cd", "pushd", "popd") for command in body.commands or ())
    if any(path is None or any_meet([path], wanted) for path in looped(body, None if moves else folder)):
        return True
    for command, where in walked(body, folder):
        if command.span.start >= until:
            break
        if needed and command.name not in BUILT_IN:
            return True
        touched = paths(command, where)
        named = any(path in word.raw for path in wanted for word in command.words) or any(path.rsplit("/", 1)[-1] == command.name for path in wanted)
        if touched is None or any_meet(touched, wanted) or named:
            return True
    return False
