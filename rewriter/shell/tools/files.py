"""Tools on files: coreutils as POSIX, GNU and busybox agree on them."""
from __future__ import annotations

from posixpath import basename, dirname

from rewriter.shell.paths import absolute
from rewriter.shell.tools.call import Act, Call, Effect, Tool, options, reads, writes

OF_RUNS = ("/dev", "/proc", "/sys", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf")  # mounted for each RUN
# Every RUN reads these anew: its user, its groups, its shell.
RUN_FILES = ("/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/bin/sh", "/usr/bin/sh")
CHANGERS = frozenset({"chmod", "chown", "chgrp"})  # they change what is there, and nothing of its content
_ABOVE = ("/etc", "/bin", "/", "/usr")  # in which one of them has a relative name


def _rm(call: Call) -> list[Effect] | None:
    return call.acts(Act.DELETE, call.operands, tree=call.has("-r", "-R", "--recursive"))


def _target(call: Call) -> str | None:
    """Where cp, mv, ln and install put things; it may be a folder, so all of its tree."""
    if call.has("-t", "--target-directory"):
        return absolute(call.value("-t", "--target-directory") or "", call.cwd)
    return call.path(call.operands[-1]) if len(call.operands) > 1 else None


def _sources(call: Call) -> tuple:
    return call.operands if call.has("-t", "--target-directory") else call.operands[:-1]


def _arrive(call: Call, act: str, tree: bool) -> list[Effect] | None:
    """cp, mv, install: `act` on the sources, and a write at the target."""
    target, found = _target(call), call.acts(act, _sources(call), tree)
    if target is None or found is None:
        return None
    return [*found, *(Effect(Act.WRITE, path, tree=True) for path in [absolute(name, target) or target for name in _names(call)] or [target])]


def _names(call: Call) -> list[str]:
    """By which they arrive in a target that has to be a folder; [] where that can't be told."""
    names = [basename((word.value or "").rstrip("/")) for word in _sources(call)]
    told = not any(word.glob or name in ("", ".", "..") for word, name in zip(_sources(call), names))
    other = call.has("-t", "--target-directory", "-T", "--no-target-directory", "--parents")
    return names if told and not other and (call.operands[-1].value or "").endswith("/") else []


def _cp(call: Call) -> list[Effect] | None:
    return _arrive(call, Act.READ, tree=call.has("-r", "-R", "-a", "--recursive", "--archive"))


def _mv(call: Call) -> list[Effect] | None:
    return _arrive(call, Act.DELETE if not call.has("-n", "-u", "-i", "--no-clobber", "--update") else Act.WRITE, tree=True)


def _ln(call: Call) -> list[Effect] | None:
    """A symbolic link reads nothing, but gives what it names, seen from where it stands, another name."""
    target = _target(call)
    if target is None or not call.has("-s", "--symbolic"):
        return _arrive(call, Act.READ, tree=False)
    named = [word.value for word in _sources(call)]
    if None in named:
        return None
    folders = (dirname(target), target)
    paths = {absolute(name or "/", folder) or "/" for name in named for folder in folders}
    return [*(Effect(Act.READ, path) for path in sorted(paths)), Effect(Act.WRITE, target, tree=True)]


def _install(call: Call) -> list[Effect] | None:
    if call.has("-d", "--directory"):
        return writes(call)
    return _arrive(call, Act.READ, tree=False)


def _change(call: Call) -> list[Effect] | None:
    return call.acts(Act.WRITE, call.operands[1:], tree=call.has("-R", "--recursive"))


def _list(call: Call) -> list[Effect] | None:
    if call.operands:
        return reads(call)
    return None if call.cwd is None else [Effect(Act.READ, call.cwd, tree=True)]


def _temporary(call: Call) -> list[Effect] | None:
    return None if call.operands else [Effect(Act.WRITE, "/tmp/tmp.*", tree=True)]


def anew(path: str) -> str:
    """Why a change of `path` forbids a join."""
    return f"it changes {path}, which every RUN reads anew"


def run_file(path: str, cwd: str | None) -> str:
    """Which of the files that every RUN reads anew a path names, or where the folder is not known, may name; "" for none."""
    return next((found for folder in ([cwd] if cwd else _ABOVE) if (found := absolute(path, folder)) in RUN_FILES), None) or ""


def _relinks(call: Call) -> str:
    """rm, cp, mv, ln, install: a path that every RUN reads anew, gone or made new, whatever the folder where that is unknown."""
    folder = call.value("-t", "--target-directory") or (call.operands[-1].value or "" if call.operands else "")
    named = [f"{folder.rstrip('/')}/{(word.value or '').rsplit('/', 1)[-1]}" for word in call.operands] + [folder]
    touched = next((path for name in named if (path := run_file(name, call.cwd))), "")
    return anew(touched) if touched else ""


def _removes(call: Call) -> str:
    """rm and mv: what they name is gone from there."""
    touched = next((path for word in call.operands if (path := run_file(word.value or "", call.cwd))), "")
    return anew(touched) if touched else _relinks(call)


HARD_LINK = "it makes a hard link, which a later layer would break"


def _links(call: Call) -> str:
    """A link to a file that every RUN has of its own is another name for it."""
    led = next((path for word in call.operands if (path := run_file(word.value or "", call.cwd)) and "bin" not in path), "")
    return _relinks(call) or (anew(led) if led else "" if call.has("-s", "--symbolic") else HARD_LINK)


def _copies(call: Call) -> str:
    return HARD_LINK if call.has("-l", "--link") else _relinks(call)


_TARGET = options("tS", "target-directory suffix")
_MANY = options("fvnuibT", "force verbose no-clobber update interactive backup no-target-directory")
_CP = _MANY | options("arRpdLPHsx", "archive recursive preserve no-preserve dereference no-dereference remove-destination parents sparse reflink")
_CHANGE = options("RvfchHLP", "recursive verbose silent quiet changes dereference no-dereference preserve-root")

TOOLS = {
    "rm": Tool(flags=options("rRfvd", "recursive force verbose dir one-file-system preserve-root no-preserve-root"), effects=_rm, lasting=_removes),
    "unlink": Tool(effects=_rm, lasting=_removes),
    "rmdir": Tool(flags=options("v", "verbose ignore-fail-on-non-empty"), effects=_rm),
    "cp": Tool(_TARGET, _CP, _cp, _copies),
    "mv": Tool(_TARGET, _MANY, _mv, _removes),
    "ln": Tool(_TARGET, _MANY | options("srLP", "symbolic relative logical physical no-dereference"), _ln, _links),
    "link": Tool(lasting=lambda call: HARD_LINK),
    "install": Tool(
        _TARGET | options("mog", "mode owner group"), options("dDvpCscbT", "directory verbose preserve-timestamps compare strip no-target-directory"),
        _install, _relinks,
    ),
    "mkdir": Tool(options("m", "mode"), options("pv", "parents verbose"), writes),
    "touch": Tool(options("dt", "date"), options("amch", "no-create no-dereference"), writes),
    "truncate": Tool(options("s", "size"), options("co", "no-create"), writes),
    "chmod": Tool(flags=_CHANGE, effects=_change),
    "chown": Tool(flags=_CHANGE, effects=_change),
    "chgrp": Tool(flags=_CHANGE, effects=_change),
    "setcap": Tool(effects=_change),
    "mktemp": Tool(flags=options("dq", "directory quiet"), effects=_temporary),
    "ls": Tool(flags=options("lahRrtdFS1ACGi", "all almost-all color recursive"), effects=_list),
    "du": Tool(flags=options("shcaxm", "summarize human-readable"), effects=_list),
    "stat": Tool(options("c", "format"), options("L"), reads),
    "file": Tool(flags=options("bL", "brief"), effects=reads),
    "readlink": Tool(flags=options("femnqsvz", "canonicalize"), effects=reads),
    "realpath": Tool(flags=options("emsqz"), effects=reads),
    "strip": Tool(flags=options("sgx", "strip-all strip-debug strip-unneeded"), effects=writes),
    "dos2unix": Tool(flags=options("q", "quiet"), effects=writes),
}
