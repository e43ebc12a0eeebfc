"""Package managers: where they write is known well enough to see what they leave, and that they read no other path."""
from __future__ import annotations

from rewriter.shell.tools.call import Act, Call, Effect, Tool

# Package scripts may write anywhere a package may, so `/usr` and the like; never into these (Debian policy 9.1).
_SYSTEM = ("/bin", "/boot", "/etc", "/lib", "/lib64", "/opt", "/sbin", "/usr", "/var")
APT_LISTS = "/var/lib/apt/lists"


def _system(*more: Effect) -> list[Effect]:
    return [Effect(Act.WRITE, path, tree=True) for path in _SYSTEM] + list(more)


def _apt(call: Call) -> list[Effect] | None:
    verb = call.operands[0].value if call.operands else None
    if verb == "update":
        return [Effect(Act.READ, "/etc/apt", tree=True), Effect(Act.WRITE, APT_LISTS, tree=True), Effect(Act.WRITE, "/var/cache/apt", tree=True)]
    if verb in ("clean", "autoclean"):
        return [Effect(Act.DELETE, "/var/cache/apt", tree=True)]
    if verb is None:
        return None
    local = [word for word in call.operands[1:] if word.value is None or "/" in word.value]
    read = call.acts(Act.READ, tuple(local))
    return None if read is None else _system(*read)


def _dpkg(call: Call) -> list[Effect] | None:
    read = call.acts(Act.READ, call.operands, tree=True)
    return None if read is None else _system(*read)


def _reconfigures(call: Call) -> str:
    named = any(word.value in ("dash", None) for word in call.operands)
    return "it may change /bin/sh, which every RUN reads anew" if named else ""


_APT_VALUED = frozenset({"-o", "--option", "-t", "--target-release", "-c", "--config-file", "-a"})
_APT = Tool(_APT_VALUED, _apt)

TOOLS = {
    "apt-get": _APT,
    "apt": _APT,
    "dpkg": Tool(frozenset({"--root", "--admindir"}), _dpkg),
    "dpkg-reconfigure": Tool(frozenset({"-f", "-p", "--frontend", "--priority"}), lasting=_reconfigures),
}
