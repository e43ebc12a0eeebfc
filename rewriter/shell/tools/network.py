"""curl, wget, git: what they bring, and where to."""
from __future__ import annotations

from posixpath import basename

from rewriter.shell.paths import absolute
from rewriter.shell.tools.call import Act, Call, Effect, Tool

_CURL = frozenset({"-o", "--output", "-H", "--header", "-d", "--data", "-u", "--user", "-A", "-e", "-X", "--request",
                   "--retry", "--retry-delay", "-m", "--max-time", "--connect-timeout", "-b", "-c", "-x", "--proxy",
                   "--output-dir", "--cacert", "--tlsv", "--proto", "-w", "-K", "-T", "-F", "-E", "-C"})
_WGET = frozenset({"-O", "--output-document", "-P", "--directory-prefix", "-o", "--output-file", "-a", "-i", "-T",
                   "--timeout", "-t", "--tries", "--header", "-U", "--user-agent", "--user", "--password", "-e"})
_GIT = frozenset({"-b", "--branch", "--depth", "-C", "-c", "--config", "-o", "--origin", "-j", "--jobs"})


def _last(url: str | None) -> str | None:
    """The file name that a URL ends in, where it plainly ends in one."""
    name = basename(url or "")
    return name if name and "?" not in name and "#" not in name and "://" in (url or "") else None


def _written(path: str | None, cwd: str | None) -> list[Effect] | None:
    where = None if path is None else absolute(path, cwd)
    return None if where is None else [Effect(Act.WRITE, where)]


def _curl(call: Call) -> list[Effect] | None:
    if call.has("-K", "-T", "-F", "-E", "--output-dir", "-c", "-b", "-d", "--data"):
        return None
    if call.has("-o", "--output"):
        target = call.value("-o", "--output")
        return [] if target in ("-", "/dev/null") else _written(target, call.cwd)
    if call.has("-O", "--remote-name"):
        return _written(_last(call.operands[0].value), call.cwd) if len(call.operands) == 1 else None
    return []


def _wget(call: Call) -> list[Effect] | None:
    if call.has("-i", "-o", "-a", "-r", "-m", "-x", "--recursive", "--mirror", "-e") or len(call.operands) != 1:
        return None
    if call.has("-O", "--output-document"):
        target = call.value("-O", "--output-document")
        return [] if target in ("-", "/dev/null") else _written(target, call.cwd)
    name, folder = _last(call.operands[0].value), call.value("-P", "--directory-prefix")
    if call.has("-P", "--directory-prefix"):
        name = f"{folder}/{name}" if folder and name else None
    return _written(name, call.cwd)


def _git(call: Call) -> list[Effect] | None:
    words = [word.value for word in call.operands]
    if len(words) < 2 or words[0] != "clone" or call.has("-C", "-c"):
        return None
    target = words[2] if len(words) > 2 else (_last(words[1]) or "").removesuffix(".git")
    where = absolute(target, call.cwd) if target else None
    return None if where is None else [Effect(Act.WRITE, where, tree=True)]


TOOLS = {"curl": Tool(_CURL, _curl), "wget": Tool(_WGET, _wget), "git": Tool(_GIT, _git)}
