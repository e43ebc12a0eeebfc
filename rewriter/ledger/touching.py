"""Which paths a command may touch, by its own words: for programs that go by these and nothing else.

Simpler than what the rules know of tools, and meant to be: a program that is not listed may touch anything.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from rewriter.ledger.bodies import Body
from rewriter.ledger.matching import OWN_MOUNTS
from rewriter.ledger.model import SOMEWHERE, Entry
from rewriter.ledger.places import resolved
from rewriter.record import replace
from rewriter.shell.model import LOST, Command, Word
from rewriter.source.flags import mounted

# By name, how many of the first operands are no paths.
_BY_WORDS = {
    **dict.fromkeys("basename cat cd cmp cp dirname du file head install less ls md5sum mkdir mktemp more mv pushd readlink realpath rm rmdir sha1sum sha256sum "
                    "sha512sum shred sort stat tail tee touch truncate uniq unlink wc gunzip gzip bunzip2 bzip2 xz unxz unzip strip dos2unix".split(), 0),
    **dict.fromkeys("chmod chown chgrp grep egrep fgrep sed awk gawk setcap cut head".split(), 1),
    "ln": 0, "find": 0, "unzip": 0, "git": 1, "npm": 1, "yarn": 1, "gem": 1, "test": 0, "[": 0, "[[": 0, "tar": 0, "curl": 0, "wget": 0,
}
_SCRIPTED = frozenset({"sed", "grep", "egrep", "fgrep", "awk", "gawk"})  # their first operand is none if a script or a pattern is in an option
_CONFIGURED = frozenset({"git", "npm", "yarn", "gem", "curl", "wget"})  # by files in the home of root, too
_PACKAGERS = frozenset({"npm", "yarn", "gem"})
_WORDLESS = frozenset(
    ": true false echo printf sleep sync export unset readonly local shift exit return break continue wait times set test [ [[ nproc arch uname whoami id "
    "date getent tr seq yes expr dpkg-architecture type which hash command umask ulimit read".split()
)
# They change what the system keeps for itself, and take their operands for names.
SYSTEM = frozenset(
    "apt apt-get apt-mark apt-key apt-cache add-apt-repository aptitude apk yum dnf microdnf tdnf zypper rpm dpkg debconf-set-selections update-alternatives "
    "update-rc.d a2enmod a2dismod a2ensite a2dissite a2enconf a2disconf update-ca-certificates ldconfig locale-gen localedef update-locale dpkg-divert dpkg-reconfigure groupadd useradd adduser addgroup "
    "usermod groupmod userdel groupdel deluser delgroup chpasswd passwd pacman emerge rpmkeys yum-config-manager alternatives".split()
)
# They read no variables but those by which the C library goes.
LOCAL = frozenset(_WORDLESS) | frozenset(_BY_WORDS) - {"git", "npm", "yarn", "gem", "curl", "wget", "less", "more", "find", "awk", "sed"}
_WALKS = frozenset({"find", "ls", "du", "chown", "chmod", "chgrp", "grep", "tree", "rm", "mount", "df", "findmnt"})
_PIP_FILES = frozenset({"-r", "-c", "-e", "-t", "-d", "-f", "--requirement", "--constraint", "--editable", "--target", "--dest", "--find-links"})
_PROGRAMS = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/")
_PLACES = ("/usr", "/etc", "/var", "/lib", "/lib64", "/bin", "/sbin", "/run", "/root", "/home", "/opt", "/boot", "/srv")
# They touch a folder that they name, and nothing in it, unless they are told to.
_SHALLOW = frozenset("cd mkdir touch chmod chown chgrp stat cat tee truncate dirname basename readlink realpath head tail wc".split())
_FILE_TESTS = frozenset("-b -c -d -e -f -g -h -k -p -r -s -u -w -x -L -O -G -S -N".split())
_VALUED = frozenset("-m -o -g -t -T -n -d -u -c -name -iname -type -mtime -maxdepth -mindepth -perm -user -group -size -newer -path --mode --owner --group -exec".split())
_DEVICES = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/stdin", "/dev/tty", "/dev/urandom", "/dev/zero", "/dev/random"})


def paths(command: Command, folder: str | None) -> tuple[str, ...] | None:
    """The paths that a command run in `folder` may touch, wildcards among them; None where that can't be told.

    A path that ends in `/` is that of a folder of which nothing below is touched.
    """
    found = [*_redirected(command, folder), *_named(command, folder)]
    return None if None in found else tuple(path for path in found if path not in _DEVICES)


def walked(body: Body, folder: str | None) -> Iterator[tuple[Command, str | None]]:
    """The commands of a body, each with the folder in which it runs; a subshell leaves that of the shell as it is."""
    shell, ends = folder, [part.end for part in body.parts]
    for command in body.commands or ():
        while ends and command.span.start >= ends[0]:
            folder, ends = shell, ends[1:]
        yield command, folder
        if command.name in ("cd", "pushd", "popd"):
            folder = resolved(command.words[1].value, folder) if len(command.words) == 2 and command.name != "popd" else None
            shell = shell if command.place & LOST else folder


def _redirected(command: Command, folder: str | None) -> Iterator[str | None]:
    for redirect in command.redirects:
        value = redirect.target.value if redirect.target else None
        if redirect.target is None or redirect.operator == "<<<":
            continue
        if redirect.operator in (">&", "<&") and value and (value == "-" or value.rstrip("-").isdigit()):
            continue
        yield resolved(value, folder)


def _named(command: Command, folder: str | None) -> Iterator[str | None]:
    said = (command.name or "") if command.words else ":"
    name = said.rsplit("/", 1)[-1] if said.startswith(_PROGRAMS) else said
    if name in ("test", "[", "[["):
        named = (after for word, after in zip(command.words, command.words[1:]) if word.value in _FILE_TESTS and after.value != "]")
        yield from (_itself(_path(word, folder)) for word in named)
    elif name in ("which", "type", "hash", "command"):
        lookup = name != "command" or command.words[1:2] and command.words[1].value in ("-v", "-V")
        yield None if not lookup else "/usr"
    elif name in _WORDLESS:
        yield from (_path(word, folder) for word in command.words[1:] if word.glob and not word.raw.startswith('"'))
    elif name in ("apt", "apt-get") and any(word.value in ("clean", "autoclean") for word in command.words):
        yield from ("/var/cache/apt", "/var/lib/apt")
    elif name in SYSTEM:
        yield from _PLACES
        yield from (_path(word, folder) for word in command.words[1:] if "/" in word.raw and not word.raw.startswith("-") and "://" not in word.raw)
    elif name in ("pip", "pip2", "pip3"):
        yield from _PLACES
        found = [word for before, word in zip(command.words, command.words[1:]) if "/" in word.raw or before.raw in _PIP_FILES or word.raw.startswith(".")]
        yield from (_path(word, folder) for word in found if "://" not in word.raw)
        verb = [word for word in command.words[1:] if not word.raw.startswith("-")][:1]
        yield from (resolved(".", folder) for word in verb if word.value not in ("install", "uninstall", "cache", "list", "show"))
    elif name in _BY_WORDS:
        yield from _operands(command, name, folder)
    else:
        yield None


def _operands(command: Command, name: str, folder: str | None) -> Iterator[str | None]:
    """The operands, and what follows an option that has a value is one too unless that is known to be no path."""
    said = [word.raw for word in command.words[1:]]
    if name == "tar":
        yield from _archived(command, folder)
        return
    if name == "wget" and "-P" not in said and not any(word.startswith("-") and not word.startswith("--") and "O" in word for word in said) or name == "curl" and any(
            word.startswith("-") and not word.startswith("--") and "O" in word or word.startswith("--remote") for word in said):
        yield resolved(".", folder)
    if name == "unzip" and "-d" not in said:
        yield resolved(".", folder)
    if name in ("git", "npm", "yarn") and not {"clone", "config", "--version", "-g", "--global"} & set(said) or "sum" in name and any(word in ("--check", "-c") for word in said):
        yield resolved(".", folder)
    if name in _CONFIGURED:
        yield "/root/.*"
    if name == "curl":
        yield from (_path(replace(word, raw=word.raw.partition("@")[2], value=word.value.partition("@")[2]), folder) for word in command.words[1:] if word.value and "@" in word.value and "://" not in word.value)
    words = list(_operand_words(command, name))
    scripted = any(word.startswith(("-e", "-f", "--expression", "--file", "--regexp")) for word in said)
    itself = name in _SHALLOW and not any(word.startswith("-") and "R" in word for word in said)
    if name in ("cp", "mv", "install", "ln") and words:
        into = _path(words[-1], folder)
        yield from (into and f"{into.rstrip('/')}/{word.raw.rstrip('/').rsplit('/', 1)[-1]}" for word in words[:-1])
    for word in words[0 if name in _SCRIPTED and scripted else _BY_WORDS[name] :]:
        if name == "ln" and word is not words[-1] and any(each.startswith("-") and "s" in each for each in said):
            yield resolved(word.value, (_path(words[-1], folder) or "/").rpartition("/")[0] or "/")
        elif word.raw.startswith("file://"):
            yield resolved(word.raw.removeprefix("file://"), None)
        elif "://" not in word.raw and not (name in _PACKAGERS and _package(word.raw)):
            path = _path(word, folder)
            yield _itself(path) if itself or name in ("cp", "mv", "install", "ln") and word is words[-1] and len(words) > 1 else path
    if not words and name in ("ls", "du", "find", "rm", "mktemp") or name == "ln" and len(words) == 1:
        yield resolved(".", folder)


def _package(raw: str) -> bool:
    """Whether it is a package's name and no file's, to pip and the like: it has neither a slash nor a dot, or a version."""
    return "/" not in raw and ("." not in raw or "==" in raw)


def _archived(command: Command, folder: str | None) -> Iterator[str | None]:
    """The paths of a `tar`: the archive, and what is packed from or unpacked to the folders that -C names."""
    words = list(command.words[1:])
    letters = words[0].raw.lstrip("-") if words and not words[0].raw.startswith("--") else ""
    unpacks = "x" in letters or any(word.raw in ("--extract", "-x") for word in words)
    at, inside, named = folder, False, 0
    for number, word in enumerate(words[1:] if letters else words):
        before = words[number].raw if letters else words[number - 1].raw if number else ""
        if before in ("-C", "--directory"):
            at, inside = _path(word, at), True
            if unpacks:
                yield at
        elif word.raw.startswith("-"):
            continue
        elif before.startswith("-") and before.endswith("f") or number == 0 and letters.endswith("f"):
            yield _path(word, folder)
        elif not unpacks:
            named += 1
            yield _path(word, at)
    if unpacks and not inside:
        yield resolved(".", folder)


def _operand_words(command: Command, name: str) -> Iterator[Word]:
    skip = False
    for word in command.words[1:]:
        if skip:
            skip = False
        elif word.raw.startswith("-") and len(word.raw) > 1:
            skip = name in ("sed", "grep") and word.raw == "-e" or name == "git" and word.raw in ("--depth", "-b", "--branch", "-j", "--jobs") or word.raw in _VALUED and name in ("install", "mkdir", "head", "tail", "cut", "find", "touch", "truncate", "sort") and not (
                name == "install" and word.raw in ("-d", "-t", "-T", "-c"))
        else:
            yield word


def _itself(path: str | None) -> str | None:
    return path and folder_alone(path)


def folder_alone(folder: str) -> str:
    """A folder of which nothing below is touched: its path with a slash more."""
    return folder.rstrip("/") + "/" if folder != "/" else "//"


def _path(word: Word, folder: str | None) -> str | None:
    """The path that a word names: where a variable ends it, with any rest."""
    if word.value is not None:
        return resolved(word.value, folder)
    bare = word.raw.strip("\"'")
    known = bare.split("$")[0].split("`")[0]
    return resolved(known.rpartition("/")[0] + "/*", None) if known.startswith("/") and known.count("/") > 1 else None


def meet(one: str, other: str) -> bool:
    """Whether two paths are, or may be, the same, or one lies below the other and is touched with it."""
    if one.startswith(SOMEWHERE) != other.startswith(SOMEWHERE):
        return True
    one, other = _plain(one), _plain(other)
    for above, below in ((one, other), (other, one)):
        if above.endswith("/") and above != "/" and above.count("/") <= below.rstrip("/").count("/"):
            return False
    pairs = zip(one.strip("/").split("/"), other.strip("/").split("/"))
    return "/" in (one, other) or all(fits(ours, theirs) or fits(theirs, ours) or _wild(ours) and _wild(theirs) for ours, theirs in pairs)


def looks_through(body: Body, mounts: str) -> str:
    """Whether a mount point right in `/`, whose name begins as `mounts` does, may be met by who does not name it."""
    for command in body.commands or ():
        found = [text for word in command.words[1:] if not (text := word.value or word.raw).startswith(mounts)]
        names = [word.strip("/").partition("/")[0] for word in found if word.startswith("/")]
        wild = [name for name in names if name[:1] in ("*", "?", "[") or name.startswith(".") and _wild(name)]
        if wild or command.name in _WALKS and any(name in ("", ".", "..") for name in names):
            return "it may go through `/`, and meet the mount"
        if command.name in ("mount", "df", "findmnt") or any(word.startswith("/proc") for word in found):
            return "it may see the mount"
    return ""


def mounted_over(run: Entry, wanted: tuple[str, ...]) -> bool:
    """Whether a mount of the author's may lie over one of the paths, or below: what the RUN does there, it does elsewhere."""
    for flag in run.instruction.flags:
        said = mounted(flag)
        if flag.name == "mount" and said is None:
            return True
        target = (said or {}).get("target", "")
        if target and not target.startswith(OWN_MOUNTS) and any_meet([resolved(target, run.state.workdir) or "/"], wanted):
            return True
    return False


def any_meet(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    return any(meet(one, other) for one in ours for other in theirs)


def fits(name: str, pattern: str) -> bool:
    """As fnmatch has it, which compiles a regular expression also for a pattern that has nothing wild in it."""
    return fnmatchcase(name, pattern) if _wild(pattern) else name == pattern


def _wild(name: str) -> bool:
    return any(char in name for char in "*?[")


def _plain(path: str) -> str:
    """One name for folders that are links to each other in most bases."""
    first = path.split("/")[1] if path.startswith("/") else ""
    if first in ("bin", "sbin") or first.startswith("lib"):
        return "/usr" + path
    return "/run" + path.removeprefix("/var/run") if path.startswith("/var/run") else path
