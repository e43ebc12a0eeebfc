"""Whether a body, or a program that it runs, could read a variable that another left in the shell they share."""
from __future__ import annotations

from posixpath import basename

from rewriter.shell.effects import steps
from rewriter.shell.leaks import OS_RELEASE
from rewriter.shell.model import Command, Script
from rewriter.shell.tools import languages, packages
from rewriter.shell.tools.builtins import OWN, lists_variables
from rewriter.shell.tools.wrappers import unwrapped

# Variables by which the shell and the C library decide what to do, and which file to take.
_READ_BY_ALL = (
    "PATH HOME LD_ LC_ LANG TZ IFS ENV BASH POSIX TMP TEMP TIME OPT PS PWD OLD CDPATH GLOB SHELL COLUMNS LINES TERM USER LOGNAME MALLOC GCONV LOCPATH "
    "NLSPATH TAR GZIP BZIP XZ ZSTD GREP LS_ BLOCK DU_ VERSION_CONTROL SIMPLE_ SED AWK FIND"
).split()
# The same for other programs that we know.
_READ = (
    "DEB APT APACHE DPKG CURL WGET SYSTEM_ GIT SSL SSH PIP PYTHON PY VIRTUAL XDG UNZIP ZIP MAIL UCF ACCEPT YUM DNF RPM APK PYENV RBENV NODENV GOENV JENV "
    "PLENV ASDF DATABASE NEEDRESTART RSYNC FTP PERL OPENSSL GNUPG GPG"
).split()
# Programs that are given no other variable than those of the first list, and run no other program.
_PLAIN = OWN | frozenset(
    "basename cat chgrp chmod chown cksum cmp comm cp cut date dd diff dirname du egrep expr fgrep file getent grep groups head hostname id install "
    "join ldconfig ln ls md5sum mkdir mkfifo mknod mktemp mv nl nproc od paste pwd readlink realpath rm rmdir seq sha1sum sha224sum sha256sum "
    "sha384sum sha512sum sleep stat sync tac tail tee touch tr truncate tty uname uniq unlink wc which whoami yes".split()
)
# How scripts name what is theirs.
_OWN_ENDS = ("_VERSION", "_URL", "_SHA", "_SHA1", "_SHA256", "_SHA256SUM", "_SHA512", "_MD5", "_CHECKSUM", "_SUM", "_TAR", "_ZIP", "_ARCHIVE", "_TARBALL",
             "_DEB", "_RPM", "_GPGKEY", "_COMMIT", "_RELEASE", "_TAG")
_OWN_NAMES = frozenset({"VERSION", "URL", "ARCH", "TAR", "FILE", "FILENAME", "ARCHIVE", "DEB", "RPM", "SHA256", "TAG", "COMMIT"})
_ANNOUNCED = frozenset({"http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"})
# Package scripts may look for a variable of their own; what is built, for any.
_SCRIPTED = frozenset(packages.TOOLS)
_BUILDING = frozenset(languages.TOOLS)


def reads(body: Script, name: str, exported: bool, environment: frozenset[str]) -> bool:
    """Whether the body, or a program that it runs, could read the variable, or call the function.

    exported: it was given to programs, too. environment: names of variables that are known to be.
    """
    if not body.commands or None in body.names or any(map(lists_variables, body.commands)):
        return True
    sets = _setting(body, name)
    if sets is None and _speaks_of(name, body.text):
        return True
    if not exported and name not in environment and name not in _ANNOUNCED and name != name.upper():
        return False  # no image has such a name in its environment, so no program gets it
    if not exported and name not in environment and name in OS_RELEASE:
        return False  # some begin as names of others do
    given = [each for each in body.commands if sets is None or exported and sets.name != "export" or each.span.start < sets.span.end and each is not sets]
    if name.upper().startswith(tuple(_READ_BY_ALL)) or name.lower().endswith("_proxy"):
        return True
    if all(not each.words or each.name in _PLAIN or each.name in body.functions for each in given):
        return False
    if name.upper().startswith(tuple(_READ)):
        return True
    if not exported and name not in environment and (name.endswith(_OWN_ENDS) or name in _OWN_NAMES):
        return False  # a base may have it in its environment, but programs don't go by it
    known = {step.command.span for step in steps(body, "/") if step.effects is not None}
    called = {basename(unwrapped(each).name or "") for each in given}
    if called & _BUILDING or any(each.span not in known for each in given):
        return True
    return bool(called & _SCRIPTED) and (exported or name in environment)


def _setting(body: Script, name: str) -> Command | None:
    """The command with which the body gives the variable a value of its own, before anything in it speaks of it."""
    at = next((at for at, each in enumerate(body.segments) if _speaks_of(name, each.span.of(body.text))), None)
    before = [each.operator for each in body.segments[:at]]
    if at is None or not body.segments[at].simple or before and before[-1] != ";":
        return None
    start = body.segments[at].span.start
    command = next(each for each in body.commands or () if each.span.start == start)
    values = {each.name: each.word.raw for each in command.assignments} if not command.words else {}
    if command.name == "export" and len(command.words) == 2:
        own, _, value = command.words[1].raw.partition("=")
        values = {own: value} if value else {}
    return command if name in values and not any(_speaks_of(name, value) for value in values.values()) else None


def _speaks_of(name: str, text: str) -> bool:
    """Whether a name stands in a text as more than a part of a path, of an option or of a file's name."""
    if name not in text:
        return False
    counts = "((" in text or "$[" in text or "let " in text
    ends = [at for at in range(len(text)) if text.startswith(name, at)]
    around = [(text[at - 1 : at] if at else "", text[at + len(name) : at + len(name) + 1]) for at in ends]
    return any(not any(_in_name(char) for char in sides) and (counts or sides[0] not in ("/", ".", "-")) for sides in around)


def _in_name(char: str) -> bool:
    return char.isalnum() or char == "_"
