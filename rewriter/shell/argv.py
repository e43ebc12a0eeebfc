"""An exec form as a shell command that runs the same program with the same words."""
from __future__ import annotations

from rewriter.shell.model import Opaque
from rewriter.shell.tools import tool_of
from rewriter.shell.tools.builtins import OWN
from rewriter.shell.tools.wrappers import plain_words
from rewriter.shell.words import PLAIN

# To a program that a shell runs, the shell gives PWD, SHLVL and `_`: these make nothing of them, nor do they pass on all they are given.
_INDIFFERENT = frozenset(
    "apk bundle cargo composer conda dnf dotnet gem git go gradle mamba microdnf mvn npm pip pip2 pip3 pipenv pnpm poetry uv yarn yum".split()
)
_SHELLS = frozenset({"sh", "bash", "dash", "ash"})
_TELL = frozenset({"env", "printenv", "set", "export", "declare", "typeset", "SHLVL"})


def command(words: tuple[str, ...]) -> str | Opaque:
    """The text for a shell, each word quoted where it needs to be; or why the program could tell the difference."""
    if not words or any(char in word for word in words for char in "\0\n\r") or any("<<" in word for word in words) or "=" in words[0]:
        return Opaque("it is in exec form, with words that a shell can't be given")
    name = words[0].rsplit("/", 1)[-1]
    told = name in _SHELLS and not _TELL & set(plain_words(" ".join(words)))
    tool = tool_of(name)
    if name not in _INDIFFERENT and not told and not (tool and tool.effects and not tool.unparsed) or words[0] in OWN | {"pwd", "type", "hash", "kill"}:
        return Opaque(f"it is in exec form: a shell would give `{words[0]}` more variables, or run one of its own")
    return " ".join(map(quoted, words))


def quoted(word: str) -> str:
    """The word as a shell has to be given it, as it is where that is enough."""
    return word if PLAIN.fullmatch(word) else "'" + word.replace("'", "'\\''") + "'"
