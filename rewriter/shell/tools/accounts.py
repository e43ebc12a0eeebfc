"""Programs that edit /etc/passwd and /etc/group.

HOME and the supplementary groups of a RUN come from there when it starts. They are those of its USER, so
only an edit of that user's own entry reaches the next RUN: a new entry, or another's that is literally named, not.
"""
from __future__ import annotations

from rewriter.shell.tools.call import Act, Call, Effect, Tool, options

ANEW = "it may change its own user's entry in /etc/passwd or /etc/group, which every RUN reads anew"
_VALUED = options(
    "ugGdhscpkKefbl",
    "uid gid groups home home-dir shell comment gecos password ingroup skel key expiredate inactive base-dir login users firstuid lastuid firstgid "
    "lastgid append-users",
)
_FLAGS = options("mMrNoUDSHa", "create-home no-create-home system no-user-group user-group non-unique disabled-login disabled-password group "
                 "badname force-badname allow-bad-names allow-all-names quiet no-log-init append")


def _others_only(call: Call) -> str:
    """Quiet where every operand is literal and none is root, by name or number."""
    named = [word.value for word in call.operands]
    users = call.values("-U", "--users", "-l", "--login", "-A", "-M")
    plain = named and all(word is not None and word not in ("root", "0") for word in [*named, *users])
    return "" if plain else ANEW


def _added(call: Call) -> str:
    """Adding makes a new entry, whatever its name; but a group may get members, and an id may be root's, or of a group that root is in."""
    if call.has("-U", "--users") and not all(value and "root" not in value for value in call.values("-U", "--users")):
        return ANEW
    return "" if len(call.operands) == 1 else _others_only(call)


def _edits(call: Call) -> list[Effect] | None:
    """With a home, if one is made: a copy of /etc/skel."""
    homes = call.values("-d", "-h", "--home", "--home-dir", "-b", "--base-dir")
    if not all(home and home.startswith("/") for home in homes) or call.has("-k", "--skel"):
        return None
    trees = ["/etc", "/home", "/var", *(home for home in homes if home)]
    return [Effect(Act.WRITE, path, tree=True) for path in trees]


def _settings(call: Call) -> list[Effect] | None:
    return None if call.has("-d", "--home", "-m", "--move-home", "-R", "--root") else [Effect(Act.WRITE, "/etc", tree=True)]


ADDING = frozenset({"useradd", "adduser", "groupadd", "addgroup"})
_ADDS = Tool(_VALUED, _FLAGS, _edits, _added)
_CHANGES = Tool(_VALUED, options("aLUom", "append lock unlock"), _settings, _others_only)
_REMOVES = Tool(options("R"), options("rf", "remove remove-home force quiet"), None, _others_only)

TOOLS = {
    **dict.fromkeys(ADDING, _ADDS),
    **dict.fromkeys(("usermod", "groupmod"), _CHANGES),
    **dict.fromkeys(("userdel", "deluser", "groupdel", "delgroup"), _REMOVES),
    "gpasswd": Tool(options("AMQ", "root"), options("adr", "add delete remove-password"), None, _others_only),
    **dict.fromkeys(("chsh", "vipw", "vigr", "pwconv", "newusers"), Tool(lasting=lambda call: ANEW)),
    **dict.fromkeys(("chpasswd", "passwd"), Tool(flags=options("dluqe", "delete lock stdin encrypted"), effects=_settings)),
}
