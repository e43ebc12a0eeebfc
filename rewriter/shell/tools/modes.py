"""What `chmod` makes of the mode of a file, as far as GNU and busybox agree."""
from __future__ import annotations

from collections.abc import Iterator

_CLASSES = {"u": 6, "g": 3, "o": 0}  # how far to the left the three bits of each stand
_BITS = {"r": 4, "w": 2, "x": 1}
_UMASK = 0o022  # of every RUN
_MOST = 0o777  # set-id and sticky bits are left to chmod itself


def changed(said: str, mode: int) -> int | None:
    """The mode of a file with `mode` after `chmod said`; None where it sets more than permissions, may fail, or can't be read."""
    if fixed(said) is not None or mode > _MOST:
        return fixed(said)
    for clause in said.split(","):
        who = clause[: len(clause) - len(clause.lstrip("ugoa"))]
        actions = list(_actions(clause[len(who) :]))
        if not actions:
            return None
        for operator, letters in actions:
            value = _value(letters, mode)
            if value is None or operator == "-" and not who:  # which fails where the umask keeps a bit
                return None
            if operator == "=" and set(letters) - set(_BITS):  # of the mode before it, to GNU, or of none, to busybox
                return None
            mode = _applied(operator, value, who, mode)
    return mode


def fixed(said: str) -> int | None:
    """The mode that `said` gives to any file, None where that depends on the file's own."""
    if said.isdigit() and len(said) <= 4 and all(char in "01234567" for char in said):
        return int(said, 8) if int(said, 8) <= _MOST else None
    return None


def uses_umask(said: str) -> bool:
    """Whether the umask has a say: a part names no one."""
    return not said.isdigit() and any(clause[:1] in ("+", "-", "=") for clause in said.split(","))


def _actions(text: str) -> Iterator[tuple[str, str]]:
    """The operators of a clause with the letters behind each; nothing where it does not start with one."""
    while text[:1] and text[0] in "+-=":
        rest = text[1:].lstrip("rwxXstugo")
        yield text[0], text[1 : len(text) - len(rest)]
        text = rest
    if text:
        yield "?", "?"


def _value(letters: str, mode: int) -> int | None:
    """Three bits."""
    if letters in _CLASSES:
        return mode >> _CLASSES[letters] & 7
    if any(letter not in "rwxX" for letter in letters):
        return None
    bits = sum(_BITS[letter] for letter in set(letters) - {"X"})
    return bits | 1 if "X" in letters and mode & 0o111 else bits


def _applied(operator: str, value: int, who: str, mode: int) -> int:
    shifts = [_CLASSES[each] for each in ("ugo" if not who or "a" in who else set(who))]
    affected = sum(7 << shift for shift in shifts)
    bits = sum(value << shift for shift in shifts) & (_MOST if who else ~_UMASK)
    if operator == "+":
        return mode | bits
    return mode & ~bits if operator == "-" else mode & ~affected | bits
