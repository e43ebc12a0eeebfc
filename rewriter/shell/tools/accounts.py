"""Programs that edit /etc/passwd and /etc/group.

HOME and the supplementary groups of a RUN come from there when it starts. They are those of its USER, so
only an edit of that user's own entry reaches the next RUN: of another, new or literally named user, not.
"""
from __future__ import annotations

from rewriter.shell.tools.call import Call, Tool

_ANEW = "it may change its own user's entry in /etc/passwd or /etc/group, which every RUN reads anew"
_ADD = frozenset({"-u", "--uid", "-g", "--gid", "-G", "--groups", "-d", "--home", "--home-dir", "-h", "-s", "--shell",
                  "-c", "--comment", "--gecos", "-p", "--password", "--ingroup", "-k", "--skel", "-K", "-e", "-f",
                  "-b", "-l", "--login", "-U", "--users", "--firstuid", "--lastuid", "--firstgid", "--lastgid"})


def _others_only(call: Call) -> str:
    """Quiet where every operand is literal and none is root, by name or number."""
    named = [word.value for word in call.operands]
    users = [value for name, value in call.options if name in ("-U", "--users", "-l", "--login")]
    plain = named and all(word is not None and word not in ("root", "0") for word in [*named, *users])
    return "" if plain else _ANEW


_EDITS = Tool(_ADD, lasting=_others_only)
_ADDS_SYSTEM = Tool(frozenset({"-a", "-d", "-A", "-M"}), lasting=_others_only)

TOOLS = {
    **dict.fromkeys(("useradd", "adduser", "groupadd", "addgroup", "usermod", "groupmod", "userdel", "deluser",
                     "groupdel", "delgroup"), _EDITS),
    "gpasswd": _ADDS_SYSTEM,
    "chsh": Tool(lasting=lambda call: _ANEW),
    "vipw": Tool(lasting=lambda call: _ANEW),
}
