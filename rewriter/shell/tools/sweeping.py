"""`find` as one that deletes: whether a folder may be among what it takes away."""
from __future__ import annotations

from fnmatch import fnmatchcase
from posixpath import basename

from rewriter.shell.model import Command, Word
from rewriter.shell.paths import absolute, covers, parents, wild
from rewriter.shell.tools.search import TESTS, parts
from rewriter.shell.tools.wrappers import plain_words

_OR = frozenset({"-o", "-or", ","})
_RUNS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_ALWAYS = frozenset({"-a", "-and", "-print", "-print0", "-ls", "-depth", "-xdev", "-mount", "-follow", "-true", "-prune", "-mindepth"})
_UNTOLD = frozenset("$`*?[](){}")


def may_sweep(command: Command, cwd: str | None, path: str) -> bool:
    """Whether a `find`, run in `cwd`, may delete the folder at `path`, or one above: it gets there, and nothing that it asks for speaks against it."""
    starts, told = parts(command.words[1:])
    if not _takes_folders([word.raw for word in told]):
        return False
    words = [word.value for word in told]
    names = {name for start in starts or (None,) for name in _met(start, cwd, path)[: -1 if "-mindepth" in words else None]}
    return any(_Look(words, name).takes() for name in names)


def _takes_folders(words: list[str]) -> bool:
    """Whether one of them deletes folders, too, or has a shell do so."""
    names = [basename(word) for word in plain_words(" ".join(words))]
    deep = any(word.startswith("-") and set(word) & set("rRd") for word in names[names.index("rm") :]) if "rm" in names else False
    return deep or not {"-delete", "rmdir", "mv"}.isdisjoint(names)


def _met(start: Word | None, cwd: str | None, path: str) -> list[str]:
    """The names of the folders that it meets on its way to `path`, from there up to where it starts, which is called as it is told."""
    folders, said = [path, *parents(path)], start.raw if start else "."
    place = cwd if start is None else absolute(start.value or "", cwd)
    names = [basename(folder) for folder in folders]
    if place is None:
        told = {part for part in said.split("/") if part not in ("", ".", "..") and not _UNTOLD & set(part)}
        return names if told <= set(names) else []
    top = next((at for at, folder in enumerate(folders) if covers(place, folder)), None)
    return [] if top is None else [*names[:top], names[top] if wild(said) else basename(said.rstrip("/"))]


class _Look:
    """What it does with a folder of this name. The methods but `takes` give whether a part of it may hold, and whether it may not.

    reached: whether it may come to that part. A word that is not known is None.
    """

    def __init__(self, words: list[str | None], name: str) -> None:
        self._words, self._name, self._taken = words[::-1], name, False

    def takes(self) -> bool:
        """Whether it may come to where it deletes."""
        while self._words:
            self._any(True)
            self._after(")")
        return self._taken

    def _after(self, *ends: str) -> list[str]:
        """Get over all up to one of these words, and that; what was before it."""
        found = []
        while self._words and (word := self._words.pop()) not in ends:
            found.append(word or "$")
        return found

    def _any(self, reached: bool) -> tuple[bool, bool]:
        holds, fails = self._all(reached)
        while self._words and self._words[-1] in _OR:
            self._words.pop()
            more, less = self._all(reached and fails)
            holds, fails = holds or more, fails and less
        return holds, fails

    def _all(self, reached: bool) -> tuple[bool, bool]:
        holds, fails = True, False
        while self._words and self._words[-1] not in _OR and self._words[-1] != ")":
            more, less = self._one(reached and holds)
            holds, fails = holds and more, fails or less
        return holds, fails

    def _one(self, reached: bool) -> tuple[bool, bool]:
        word = self._words.pop()
        if word in ("!", "-not"):
            holds, fails = self._one(reached) if self._words else (True, True)
            return fails, holds
        if word == "(":
            found = self._any(reached)
            self._after(")")
            return found
        if word == "-delete" or word in _RUNS and _takes_folders(self._after(";", "+")):
            self._taken |= reached
            return True, True
        values = [self._words.pop() for _ in range(min(TESTS.get(word or "", 0), len(self._words)))]
        return (True, False) if word in _ALWAYS else self._test(word, values[0] if values else None)

    def _test(self, word: str | None, value: str | None) -> tuple[bool, bool]:
        if value is None or word not in ("-type", "-name", "-iname"):
            return True, True
        name, wanted = (self._name.lower(), value.lower()) if word == "-iname" else (self._name, value)
        fits = "d" in value if word == "-type" else fnmatchcase(name, wanted)
        return fits, not fits
