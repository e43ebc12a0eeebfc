"""Which shell runs a RUN: what SHELL names, as far as joining bodies depends on it."""
from __future__ import annotations

from rewriter.record import dataclass


# ksh is left out: it runs the last command of a pipeline in the shell itself.
_POSIX = frozenset({"sh", "ash", "dash", "bash"})
_LETTERS = frozenset("ceuxvfolEi")
_NAMES = {"e": "errexit", "u": "nounset", "x": "xtrace", "v": "verbose", "f": "noglob", "E": "errtrace"}
_OPTIONS = frozenset({*_NAMES.values(), "pipefail"})


@dataclass(frozen=True)
class Shell:
    """A POSIX shell called with `-c`.

    options: by their long names, that it is started with. login: it reads a profile (or, interactive, an rc file) anew
    at each RUN.
    """

    name: str
    options: frozenset[str] = frozenset()
    login: bool = False

    @property
    def errexit(self) -> bool:
        """Whether it is started with -e."""
        return "errexit" in self.options


DEFAULT = Shell("sh")


def read_shell(words: tuple[str, ...]) -> Shell | None:
    """The shell that `SHELL [words…]` names; None where it is none that we know, or isn't called with -c."""
    name = words[0].rsplit("/", 1)[-1] if words else ""
    if name not in _POSIX:
        return None
    said: set[str] = set()
    options = list(words[1:])
    while options:
        option = options.pop(0)
        if option == "--login":
            said.add("l")
            continue
        letters = option[1:]
        if not option.startswith("-") or not letters or not set(letters) <= _LETTERS or "o" in letters[:-1]:
            return None
        said |= set(letters)
        if letters.endswith("o"):
            if not options or options[0] not in _OPTIONS:
                return None
            said.add(options.pop(0))
    chosen = frozenset(_NAMES.get(each, each) for each in said) & _OPTIONS
    return Shell(name, chosen, bool(said & {"l", "i"})) if "c" in said else None
