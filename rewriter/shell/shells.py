"""Which shell runs a RUN: what SHELL names, as far as joining bodies depends on it."""
from __future__ import annotations

from dataclasses import dataclass

_POSIX = frozenset({"sh", "ash", "dash", "bash", "ksh"})


@dataclass(frozen=True)
class Shell:
    """A POSIX shell called with `-c`.

    errexit: it is started with -e. login: it reads a profile anew at each RUN.
    """

    name: str
    errexit: bool
    login: bool


DEFAULT = Shell("sh", errexit=False, login=False)


def read_shell(words: tuple[str, ...]) -> Shell | None:
    """The shell that `SHELL [words…]` names; None where it is none that we know, or isn't called with -c."""
    name = words[0].rsplit("/", 1)[-1] if words else ""
    options, login, errexit = list(words[1:]), False, False
    if name not in _POSIX or not options or not options[-1].startswith("-") or not options[-1].endswith("c"):
        return None
    while options:
        option = options.pop(0)
        if option == "--login":
            login = True
        elif option.startswith("--") or not option.startswith("-") or len(option) < 2:
            return None
        elif option.endswith("o"):
            if not options:
                return None
            errexit |= options.pop(0) == "errexit"
        login |= option.startswith("-") and not option.startswith("--") and "l" in option
        errexit |= option.startswith("-") and not option.startswith("--") and "e" in option
    return Shell(name, errexit, login)
