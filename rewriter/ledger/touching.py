"""Which paths a command may touch, by its own words: for programs that go by these and nothing else.

Simpler than what the rules know of tools, and meant to be: a program that is not listed may touch anything.
"""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.ledger.bodies import Body
from rewriter.ledger.meeting import folder_alone
from rewriter.ledger.model import OWN_MOUNTS, USUAL
from rewriter.ledger.places import path_named, resolved
from rewriter.ledger.scripts import in_options, of_script
from rewriter.pattern import Pattern
from rewriter.record import replace
from rewriter.shell.model import LOST, Command, Word

# By name, how many of the first operands are no paths.
_BY_WORDS = {
    **dict.fromkeys("basename cat cd cmp cp dirname du file head install less ls md5sum mkdir mktemp more mv pushd readlink realpath rm rmdir sha1sum sha256sum "
                    "sha512sum shred sort stat tail tee touch truncate uniq unlink wc gunzip gzip bunzip2 bzip2 xz unxz unzip strip dos2unix".split(), 0),
    **dict.fromkeys("chmod chown chgrp grep egrep fgrep sed awk gawk setcap".split(), 1),
    "cut": 0, "ln": 0, "find": 0, "git": 1, "npm": 1, "yarn": 1, "gem": 1, "test": 0, "[": 0, "[[": 0, "tar": 0, "curl": 0, "wget": 0,
}
_SCRIPTED = frozenset({"sed", "grep", "egrep", "fgrep", "awk", "gawk"})  # their first operand is none if a script or a pattern is in an option
_CONFIGURED = frozenset({"git", "npm", "yarn", "gem", "curl", "wget"})  # by files in the home of root, too
_PACKAGERS = frozenset({"npm", "yarn", "gem"})
_WORDLESS = frozenset(
    ": true false echo printf sleep sync export unset readonly local shift exit return break continue wait times set test [ [[ nproc arch uname whoami id "
    "date getent tr seq yes expr dpkg-architecture type which hash command umask ulimit read".split()
)
BUILT_IN = frozenset(": true false echo printf cd export unset test [ set exit read shift umask wait local return break continue command type hash times ulimit trap eval . source".split()) | {"", None}
# They change what the system keeps for itself, and take their operands for names.
SYSTEM = frozenset(
    "apt apt-get apt-mark apt-key apt-cache add-apt-repository aptitude apk yum dnf microdnf tdnf zypper rpm dpkg debconf-set-selections update-alternatives "
    "update-rc.d a2enmod a2dismod a2ensite a2dissite a2enconf a2disconf update-ca-certificates ldconfig locale-gen localedef update-locale dpkg-divert dpkg-reconfigure groupadd useradd adduser addgroup "
    "usermod groupmod userdel groupdel deluser delgroup chpasswd passwd pacman emerge rpmkeys yum-config-manager alternatives".split()
)
# They read no variables but those by which the C library goes.
LOCAL = frozenset(_WORDLESS) | frozenset(_BY_WORDS) - {"git", "npm", "yarn", "gem", "curl", "wget", "less", "more", "find", "awk", "sed"}
_PIP_FILES = frozenset({"-r", "-c", "-e", "-t", "-d", "-f", "--requirement", "--constraint", "--editable", "--target", "--dest", "--find-links"})
_PROGRAMS = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/")
_PLACES = ("/usr", "/etc", "/var", "/lib", "/lib64", "/bin", "/sbin", "/run", "/root", "/home", "/opt", "/boot", "/srv")
# They touch a folder that they name, and nothing in it, unless they are told to.
_SHALLOW = frozenset("cd mkdir touch chmod chown chgrp stat cat tee truncate dirname basename readlink realpath head tail wc".split())
_COPYING = ("cp", "mv", "install", "ln")
_PACKING = ("gunzip", "gzip", "bunzip2", "bzip2", "xz", "unxz")  # each puts a file with another ending in the place of one
_COMPARE = ("-nt", "-ot", "-ef")
_SETTINGS = {"wget": ("/etc/wgetrc",), "git": ("/etc/gitconfig",), "gem": ("/etc/gemrc",), "npm": ("/etc/npmrc", "/usr/local/etc/npmrc"), "yarn": ("/etc/npmrc", "/usr/local/etc/npmrc")}
_PACKED = (".deb", ".rpm", ".apk", ".dsc", ".whl", ".tar.gz", ".zip", ".key", ".gpg", ".asc", ".seed")
_READING = frozenset({"debconf-set-selections", "apt-key"})  # their operands are files
_ADDING = frozenset({"useradd", "adduser"})
_HOMES = frozenset({"-k", "-d", "-h", "-b", "--skel", "--home", "--home-dir", "--base-dir"})
_HERE = frozenset({"download", "source", "changelog", "build-dep", "fetch"})  # they bring files to, or look at, the folder where they are run
_LOOP = Pattern(r"\b(?:for|select)\s+\w+\s+in\s+([^;\n]*)")
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
    if name == "sudo" and len(command.words) > 1 and not command.words[1].raw.startswith("-") and not command.assignments:
        yield from ("/etc/sudoers", "/etc/sudoers.d")
        yield from _named(replace(command, words=command.words[1:]), folder)
        return
    if name in ("test", "[", "[["):
        pairs = list(zip(command.words, command.words[1:]))
        yield from (_itself(path_named(after, folder)) for word, after in pairs if word.value in _FILE_TESTS and after.value != "]")
        yield from (path_named(each, folder) for one, other in zip(pairs, pairs[1:]) if one[1].value in _COMPARE for each in (one[0], other[1]))
    elif name in ("which", "type", "hash", "command"):
        lookup = name != "command" or command.words[1:2] and command.words[1].value in ("-v", "-V")
        yield None if not lookup else "/usr"
        yield from (path_named(word, folder) for word in command.words[1:] if "/" in word.raw)
    elif name == "date":
        yield from (path_named(word, folder) for word in in_options(command, name))
        yield from (path_named(word, folder) for before, word in zip(command.words, command.words[1:]) if before.value in ("-r", "-f"))
    elif name in _WORDLESS:
        yield from (path_named(word, folder) for word in command.words[1:] if word.glob and not word.raw.startswith('"'))
    elif name in ("apt", "apt-get") and any(word.value in ("clean", "autoclean") for word in command.words):
        yield from ("/var/cache/apt", "/var/lib/apt")
    elif name in SYSTEM:
        yield from _PLACES
        plain = [word for word in command.words[1:] if not word.raw.startswith("-") and "://" not in word.raw]
        yield from (path_named(word, folder) for word in plain if "/" in word.raw or word.glob or word.raw.strip("\"'").endswith(_PACKED) or name in _READING)
        yield from (path_named(word, folder) for word in (*in_options(command, name), *_behind(command, _HOMES)) if name in _ADDING)
        if any(word.value in _HERE for word in plain[:1]):
            yield resolved(".", folder)
    elif name in ("pip", "pip2", "pip3"):
        yield from _PLACES
        found = [word for word in command.words[1:] if "/" in word.raw or word.raw.startswith(".") or word.raw.endswith(_PACKED)]
        yield from (path_named(word, folder) for word in [*found, *_behind(command, _PIP_FILES), *in_options(command, name)] if "://" not in word.raw)
        verb = [word for word in command.words[1:] if not word.raw.startswith("-")][:1]
        yield from (resolved(".", folder) for word in verb if word.value not in ("install", "uninstall", "cache", "list", "show"))
    elif name in _BY_WORDS:
        yield from _operands(command, name, folder)
    else:
        yield None


def _behind(command: Command, options: frozenset[str]) -> Iterator[Word]:
    """The words that stand right behind one of the options."""
    yield from (word for before, word in zip(command.words, command.words[1:]) if before.raw in options)


def _operands(command: Command, name: str, folder: str | None) -> Iterator[str | None]:
    """The operands, and what follows an option that has a value is one too unless that is known to be no path."""
    said = [word.raw for word in command.words[1:]]
    if name == "tar":
        from rewriter.ledger.archiving import archived  # few bodies have one

        yield from archived(command, folder)
        return
    words = list(_operand_words(command, name))
    yield from (path_named(word, folder) for word in in_options(command, name))
    yield from _besides(command, name, words, folder)
    scripted = any(word.startswith(("-e", "-f", "--expression", "--file", "--regexp")) for word in said)
    if name in ("sed", "awk", "gawk"):
        yield from _scripts(command, name, words[: not scripted], folder)
    itself = name in _SHALLOW and not any(word.startswith("-") and "R" in word for word in said)
    kept = any(word.startswith(("-b", "--backup", "-S", "--suffix", "-i", "--in-place=")) and word != "-i" for word in said) and name in ("cp", "mv", "ln", "install", "sed")
    for word in words[0 if name in _SCRIPTED and scripted else _BY_WORDS[name] :]:
        if name == "ln" and word is not words[-1] and any(each.startswith("-") and "s" in each for each in said):
            yield resolved(word.value, (path_named(words[-1], folder) or "/").rpartition("/")[0] or "/")
        elif word.raw.startswith("file://"):
            yield resolved(word.raw.removeprefix("file://"), None)
        elif "://" not in word.raw and not (name in _PACKAGERS and _package(word.raw)):
            path = path_named(word, folder)
            into = name in _COPYING and word is words[-1] and len(words) > 1 and not _spills(name, said, words, path)
            yield _itself(path) if itself or into else path
            if kept or name in _PACKING:
                yield path and f"{path}*"
            if name in _PACKING and path:
                yield f"{path.rpartition('.')[0]}*"
    if not words and name in ("ls", "du", "find", "rm", "mktemp") or name == "ln" and len(words) == 1:
        yield resolved(".", folder)


def _besides(command: Command, name: str, words: list[Word], folder: str | None) -> Iterator[str | None]:
    """What a program touches that it does not name: the folder that it is run in, its settings, names below a folder."""
    said = [word.raw for word in command.words[1:]]
    letters = "".join(word[1:] for word in said if word.startswith("-") and not word.startswith("--"))
    if name == "wget" and not {"O", "P"} & set(letters) or name == "curl" and ("O" in letters or any(word.startswith("--remote") for word in said)) or name == "unzip" and "d" not in letters:
        yield resolved(".", folder)
    if name == "git" and not {"clone", "--version", "--global", "--system"} & set(said) or "sum" in name and any(word in ("--check", "-c") for word in said):
        yield resolved(".", folder)
    if name == "npm" and not words[1:]:
        yield resolved(".", folder)
    if name == "npm" and not {"-g", "--global", "--version", "-v"} & set(said):
        yield from (resolved(".npmrc", folder), resolved("package.json", folder))  # settings, of which paths are seen from where it is run
    if name == "git" and "clone" in said and words and any(mark in words[-1].raw for mark in ("://", "@", "$")):
        yield resolved(".", folder)  # in which it makes a folder by the name of the repository
    if name in ("npm", "yarn") and not {"config", "--version", "-v", "-g", "--global", "global", "cache"} & set(said):
        yield None  # it runs what a file in its folder says
    if name in _CONFIGURED:
        yield from ("/root/.*", "/etc/ssl", "/etc/pki", *_SETTINGS.get(name, ()))
    if name == "curl":
        yield from (path_named(replace(word, raw=word.raw.partition("@")[2], value=word.value.partition("@")[2]), folder) for word in command.words[1:] if word.value and "@" in word.value and "://" not in word.value)
    if name in _COPYING and words:
        into = path_named(words[-1], folder)
        yield from (into and f"{into.rstrip('/')}/{word.raw.rstrip('/').rsplit('/', 1)[-1]}" for word in words[:-1])
    if name == "find":
        following = [(before.raw, word) for before, word in zip(command.words, command.words[1:])]
        yield from (None for option, word in following if option in ("-exec", "-execdir", "-ok", "-okdir") and (word.value or "?") not in _BY_WORDS.keys() | _WORDLESS)
        yield from (path_named(word, folder) for option, word in following if option.startswith(("-newer", "-anewer", "-cnewer", "-samefile", "-fprint", "-fls", "-files0")))


def _spills(name: str, said: list[str], words: list[Word], target: str | None) -> bool:
    """Whether what is copied may come to lie right below a target by names that are not said: a folder in place of one that is not there."""
    deep = name == "mv" or name == "cp" and any(word.startswith("--") and not word.startswith(("--pre", "--par")) or word.startswith("-") and set(word) & set("rRaT") for word in said)
    stands = target in USUAL or words[0].raw.startswith(OWN_MOUNTS)  # where ours go there is a folder
    return deep and (not stands or any(word.raw.endswith("/.") for word in words) or any(word in ("-T", "--no-target-directory") for word in said))


def _scripts(command: Command, name: str, first: list[Word], folder: str | None) -> Iterator[str | None]:
    """The files that the scripts of a `sed` or `awk` name."""
    pairs = zip(command.words, command.words[1:])
    said = [*first, *(word for before, word in pairs if before.raw.startswith("-") and not before.raw.startswith("--") and before.raw.endswith("e") or before.raw == "--expression")]
    for word in said:
        found = of_script(name, word.value if word.value is not None else word.raw.strip("\"'"))
        yield from [None] if found is None else (resolved(each, folder) for each in found if each and not each.startswith("/dev/"))


def looped(body: Body, folder: str | None) -> Iterator[str | None]:
    """What the patterns may match that loops go over."""
    for match in _LOOP.finditer(body.text) if "for " in body.text or "select " in body.text else ():
        for raw in match[1].split():
            if any(char in raw for char in "*?["):
                yield path_named(Word(None, raw, None if "$" in raw or "`" in raw else raw, True), folder)


def _package(raw: str) -> bool:
    """Whether it is a package's name and no file's, to pip and the like: it has neither a slash nor a dot, or a version."""
    return "/" not in raw and ("." not in raw or "==" in raw)


def _operand_words(command: Command, name: str) -> Iterator[Word]:
    skip = False
    for word in command.words[1:]:
        if skip:
            skip = False
        elif word.raw.startswith("-") and len(word.raw) > 1:
            skip = name in ("sed", "grep") and word.raw == "-e" or name == "cut" and word.raw == "-f" or name == "git" and word.raw in ("--depth", "-b", "--branch", "-j", "--jobs") or word.raw in _VALUED and name in ("install", "mkdir", "head", "tail", "cut", "find", "touch", "truncate", "sort") and not (
                name == "install" and word.raw in ("-d", "-t", "-T", "-c") or name == "sort" and word.raw in ("-o", "-T"))
        else:
            yield word


def _itself(path: str | None) -> str | None:
    return path and folder_alone(path)
