"""Tools on files: coreutils as POSIX, GNU and busybox agree on them."""
from __future__ import annotations

from rewriter.shell.paths import absolute
from rewriter.shell.tools.call import Act, Call, Effect, Tool

SYSTEM_FILES = ("/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf", "/bin/sh")


def _rm(call: Call) -> list[Effect] | None:
    return call.acts(Act.DELETE, call.operands, tree=call.has("-r", "-R", "--recursive"))


def _arrive(call: Call, act: Act, tree: bool) -> list[Effect] | None:
    """cp, mv, install: `act` on the sources, and a write at the target, which may be a folder, so on its tree."""
    folder = call.value("-t", "--target-directory")
    if folder is None and (call.has("-t", "--target-directory") or len(call.operands) < 2):
        return None
    sources = call.operands if folder else call.operands[:-1]
    target = absolute(folder or call.operands[-1].value or "", call.cwd)
    read = call.acts(act, sources, tree)
    return None if target is None or read is None else [*read, Effect(Act.WRITE, target, tree=True)]


def _cp(call: Call) -> list[Effect] | None:
    return _arrive(call, Act.READ, tree=call.has("-r", "-R", "-a", "--recursive", "--archive"))


def _mv(call: Call) -> list[Effect] | None:
    return _arrive(call, Act.DELETE, tree=True)


def _ln(call: Call) -> list[Effect] | None:
    return _arrive(call, Act.READ, tree=False)


def _install(call: Call) -> list[Effect] | None:
    if call.has("-d", "--directory"):
        return call.acts(Act.WRITE, call.operands)
    return _arrive(call, Act.READ, tree=False)


def _make(call: Call) -> list[Effect] | None:
    return call.acts(Act.WRITE, call.operands)


def _change(call: Call) -> list[Effect] | None:
    named = call.operands if call.has("--reference") else call.operands[1:]
    return call.acts(Act.WRITE, named, tree=call.has("-R", "--recursive"))


def _read(call: Call) -> list[Effect] | None:
    return call.acts(Act.READ, call.operands, tree=True)


def _silent(call: Call) -> list[Effect]:
    return []


def _relinks(call: Call) -> str:
    """ln, cp, mv, install: a hard link, or a path that every RUN reads anew."""
    named = [call.path(word) for word in call.operands]
    touched = next((path for path in named if path in SYSTEM_FILES), None)
    return f"it changes {touched}, which every RUN reads anew" if touched else ""


def _links(call: Call) -> str:
    return _relinks(call) or ("" if call.has("-s", "--symbolic") else "it makes a hard link, which a later layer would break")


def _copies(call: Call) -> str:
    return _links(call) if call.has("-l", "--link") else _relinks(call)


_MODE = frozenset({"-m", "--mode"})
_TARGET = frozenset({"-t", "--target-directory", "-S", "--suffix"})

TOOLS = {
    "rm": Tool(effects=_rm, lasting=_relinks),
    "rmdir": Tool(effects=_rm),
    "cp": Tool(_TARGET, _cp, _copies),
    "mv": Tool(_TARGET, _mv, _relinks),
    "ln": Tool(_TARGET, _ln, _links),
    "link": Tool(lasting=lambda call: "it makes a hard link, which a later layer would break"),
    "install": Tool(_TARGET | _MODE | {"-o", "-g", "--owner", "--group"}, _install, _relinks),
    "mkdir": Tool(_MODE, _make),
    "touch": Tool(frozenset({"-d", "-t", "-r", "--date", "--reference"}), _make),
    "chmod": Tool(effects=_change),
    "chown": Tool(effects=_change),
    "chgrp": Tool(effects=_change),
    "cat": Tool(effects=_read),
    "ls": Tool(effects=_read),
    "sync": Tool(effects=_silent),
    "echo": Tool(effects=_silent),
    "printf": Tool(effects=_silent),
    "true": Tool(effects=_silent),
    "false": Tool(effects=_silent),
    ":": Tool(effects=_silent),
    "sleep": Tool(effects=_silent),
    "set": Tool(effects=_silent),
}
