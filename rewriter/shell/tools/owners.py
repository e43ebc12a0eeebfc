"""What `chown` makes of an owner, in the words of a builder's `--chown`, which means something else by some of them.

`chown 5` leaves the group, `--chown=5` is 5:5; `chown u:` takes the login group of u, as `--chown=u` does. `chown u.g` is
an old form of `chown u:g`, which GNU and busybox still take, if no user is called so as a whole.
"""
from __future__ import annotations

import re

from rewriter.pattern import Pattern

_DOTTED = Pattern(r"(?:[A-Za-z_][\w-]*|\d+)\.(?:[A-Za-z_][\w-]*|\d+)\Z", re.ASCII)
_SAID = Pattern(r"(?P<user>[A-Za-z_][\w-]*\$?|\d+)?(?::(?P<group>[A-Za-z_][\w-]*|\d+)?)?\Z", re.ASCII)


def combined(said: str, before: str | None) -> str | None:
    """The `--chown` that gives what `chown said` does to files that have the owner `before`, itself such a value.

    None where no value does, or the owner before is not known but counts.
    """
    said = said.replace(".", ":") if dotted(said) else said
    match = _SAID.match(said)
    if not match or not said or said == ":":
        return None
    user, group = match["user"], match["group"]
    if user and ":" in said and group is None:
        return None if user.isdigit() else user
    if before is not None and ":" not in before and before.isdigit():
        before = f"{before}:{before}"
    old_user, colon, old_group = (before or "").partition(":")
    if user and group is None and user == old_user and not colon:
        return before
    user, group = user or old_user, group or old_group
    return f"{user}:{group}" if user and group else None


def dotted(said: str) -> bool:
    """Whether it is a user and a group with a dot between, or a user with a dot in his name."""
    return bool(_DOTTED.match(said))


def names(value: str) -> tuple[str, str]:
    """User and group of a `--chown`; the group is "" where it is not said."""
    user, _, group = value.partition(":")
    return user, group
