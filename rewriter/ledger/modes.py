"""What `chmod` makes of a mode."""
from __future__ import annotations

import re

from rewriter.pattern import Pattern

_CLAUSE = Pattern(r"([ugoa]*)([-+=])([rwxXst]*)")
_BITS = {"r": 4, "w": 2, "x": 1}
_SHIFTS = {"u": 6, "g": 3, "o": 0}


def changed(before: str, given: str, after: str) -> bool:
    """Whether `chmod given` makes `after` of `before`, both in octal; "" for a mode that is not known."""
    if not re.fullmatch("[0-7]{3,4}", after):
        return False
    if given.isdigit():
        return int(given, 8) == int(after, 8) if re.fullmatch("[0-7]{1,4}", given) else False
    wanted = int(after, 8)
    if before:
        return re.fullmatch("[0-7]{1,4}", before) is not None and applied(int(before, 8), given) == wanted
    return any(applied(mode, given) == wanted for mode in range(0o1000))


def applied(mode: int, given: str) -> int | None:
    """The mode after `chmod given`, None where that is not understood. The umask is 022, and does not take away `x` or `r`."""
    for clause in given.split(","):
        match = _CLAUSE.fullmatch(clause)
        if not match or set(match[3]) & set("Xst"):
            return None
        who = "ugo" if not match[1] or "a" in match[1] else match[1]
        bits = sum(_BITS[letter] for letter in set(match[3]))
        mask = 0 if match[1] else 0o022
        for each in who:
            change = bits << _SHIFTS[each] & ~mask
            held = 7 << _SHIFTS[each]
            mode = mode | change if match[2] == "+" else mode & ~change if match[2] == "-" else mode & ~held | change
    return mode
