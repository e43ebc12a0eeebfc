"""find: where it looks, and what it does to what it finds."""
from __future__ import annotations

from rewriter.shell.model import Word
from rewriter.shell.tools.call import Act, Call, Effect, Tool

# Each with the number of words that follow it.
TESTS = {
    **dict.fromkeys("-print -print0 -o -a -or -and -not -prune -empty -depth -xdev -mount -follow -nouser -nogroup -true -ls -quit -executable "
                    "-delete ! ( ) ,".split(), 0),
    **dict.fromkeys("-name -iname -path -ipath -wholename -regex -iregex -regextype -type -xtype -size -mtime -mmin -atime -ctime -cmin -perm "
                    "-user -group -uid -gid -links -maxdepth -mindepth -lname -printf".split(), 1),
}  # fmt: skip
_DOES = {
    **dict.fromkeys(("rm", "rmdir", "chmod", "chown", "chgrp", "strip", "touch", "gzip", "dos2unix"), Act.WRITE),
    **dict.fromkeys(("ls", "cat", "echo", "grep", "stat", "file", "du", "test", "sha256sum", "md5sum"), Act.READ),
}


def parts(words: tuple[Word, ...]) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """Of the words behind `find`, those that say where it starts, and what it is to do from there."""
    found = tuple(word for word in words if word.value not in ("-L", "-P", "-H"))
    count = next((at for at, word in enumerate(found) if word.raw.startswith(("-", "!", "(", "\\", "'(", '"('))), len(found))
    return found[:count], found[count:]


def _find(call: Call) -> list[Effect] | None:
    """It may delete what it finds, but what that is the text does not tell: never said to be sure."""
    starts, told = parts(call.operands)
    acts = _acts(told)
    where = call.acts(Act.READ, starts) if starts else None
    if acts is None or where is None:
        return None
    return [Effect(act, effect.path, tree=True) for effect in where for act in sorted(acts | {Act.READ})]


def _acts(words: tuple[Word, ...]) -> set[str] | None:
    """What it does besides looking, None where that can't be told."""
    acts: set[str] = set()
    at = 0
    while at < len(words):
        word = words[at].value or ""
        if word in ("-exec", "-execdir"):
            ran = words[at + 1].value if at + 1 < len(words) else None
            end = next((later for later in range(at, len(words)) if words[later].value in (";", "+")), None)
            if ran not in _DOES or end is None or _elsewhere(words[at + 2 : end]):
                return None
            acts.add(_DOES[ran])
            at = end + 1
        elif word in TESTS:
            acts |= {Act.WRITE} if word == "-delete" else set()
            at += 1 + TESTS[word]
        else:
            return None
    return acts


def _elsewhere(words: tuple[Word, ...]) -> bool:
    """Whether a command names something besides what is found; a file that it is told of by an option counts."""
    named = [word.value for word in words if word.value != "{}"]
    return any(value is None or "/" in value or value.startswith("--") and "=" in value for value in named)


TOOLS = {"find": Tool(effects=_find, unparsed=True)}
