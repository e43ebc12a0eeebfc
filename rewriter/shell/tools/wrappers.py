"""Programs that run a command which they are given as words, or as a text for a shell."""
from __future__ import annotations

from rewriter.record import replace
from rewriter.shell.model import Command

# Without options, the rest of their words is the command.
_PLAIN = frozenset({"sudo", "exec", "nice", "eatmydata", "builtin", "command"})
# A command stands somewhere among their words.
_ANYHOW = frozenset(
    "sudo env nice ionice timeout time stdbuf exec command builtin xargs find su runuser gosu su-exec chroot setpriv flock parallel unbuffer "
    "sh bash dash ash ksh zsh busybox eval eatmydata expect script ssh trap watch doas fakeroot proot catchsegv entr".split()
)
_SEPARATORS = str.maketrans({char: " " for char in "\"'`;|(){}\\\n\t$"})


def unwrapped(command: Command) -> Command:
    """What a `sudo` or the like without options runs."""
    while command.name in _PLAIN and len(command.words) > 1 and (command.words[1].value or "-")[0] not in "-+" and "=" not in command.words[1].raw:
        command = replace(command, words=command.words[1:])
    return command


def wrapped_text(command: Command) -> str:
    """The text in which a command stands that is run by another; "" where this is none that does so."""
    name = (command.name or "").rsplit("/", 1)[-1]
    return " ".join(word.raw for word in command.words[1:]) if name in _ANYHOW else ""


def run_text(command: Command) -> str:
    """The same without the words of a `find` that say where it is to look, and for what: these are never run."""
    if (command.name or "").rsplit("/", 1)[-1] != "find":
        return wrapped_text(command)
    said = command.words[1:]
    first = next((at for at, word in enumerate(said) if (word.value or "-exec").startswith(("-exec", "-ok"))), len(said))
    return " ".join(word.raw for word in said[first:])


def names_run(command: Command) -> set[str]:
    """The names of what a command runs, and of whatever stands in the text for another."""
    return {name.rsplit("/", 1)[-1] for name in (unwrapped(command).name or "", *plain_words(run_text(command)))} - {""}


def plain_words(text: str) -> list[str]:
    """The words of a text, whatever quotes and operators stand between."""
    return text.translate(_SEPARATORS).split()
