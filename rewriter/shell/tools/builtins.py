"""What shells do themselves, and programs that only print: their words name no files."""
from __future__ import annotations

from rewriter.shell.model import Command, Word
from rewriter.shell.tools.call import Act, Call, Effect, Tool, options

# Any shell does these itself.
OWN = frozenset(": true false echo printf export unset readonly local read shift umask ulimit exit return break continue wait times set test [ [[ cd".split())
_FILE_TESTS = frozenset("-b -c -d -e -f -g -h -k -p -r -s -u -w -x -L -O -G -S -N".split())
_COMPARISONS = frozenset({"-nt", "-ot", "-ef"})
_DECLARING = frozenset({"export", "readonly", "declare", "typeset", "local"})
# Folders in which a program may be found lie at most so deep.
_PATH_DEPTH = 5

_WORDY = (
    ": true false echo printf sleep sync export unset readonly local declare typeset read shift umask ulimit exit return "
    "break continue wait times set shopt let getopts expr seq yes nproc arch uname whoami id basename dirname getent tr"
).split()


def lists_variables(command: Command) -> bool:
    """Whether it shows someone all variables of the shell, or all of a kind."""
    said = [word.raw for word in command.words[1:]]
    output = next((each for each in reversed(command.redirects) if each.fd in (None, 1) and each.operator.startswith(">")), None)
    if output and output.target and output.target.value == "/dev/null":
        return False
    return command.name == "set" and not said or command.name in _DECLARING and all(word.startswith("-") for word in said)


def _said(call: Call) -> list[Effect] | None:
    """Nothing, but the shell looks for the files that a pattern matches."""
    patterns = tuple(word for word in call.operands if word.glob and not quoted(word))
    return call.acts(Act.READ, patterns)


def quoted(word: Word) -> bool:
    """Whether double quotes go around the whole word, so that no pattern in it is one."""
    inner = word.raw[1:-1]
    return len(word.raw) > 1 and word.raw[0] == word.raw[-1] == '"' and '"' not in inner.replace('\\"', "")


def _test(call: Call) -> list[Effect] | None:
    words = call.operands
    if any(word.value in _COMPARISONS for word in words):
        return None
    named = tuple(words[at + 1] for at, word in enumerate(words[:-1]) if word.value in _FILE_TESTS and words[at + 1].value != "]")
    patterns = tuple(word for word in words if word.glob and not quoted(word))
    return call.acts(Act.READ, named + patterns)


def _lookup(call: Call) -> list[Effect] | None:
    """`which`, `type`, `command -v`: whether a program is there."""
    names = [word.value for word in call.operands]
    return None if None in names or not names else [effect for name in names for effect in _found_as(name or "")]


def _found_as(name: str) -> list[Effect]:
    """Reading of the places where a program of that name would be found."""
    last = name.rsplit("/", 1)[-1]
    return [Effect(Act.READ, "/*" * depth + "/" + last) for depth in range(_PATH_DEPTH)]


def _command(call: Call) -> list[Effect] | None:
    return _lookup(Call((), call.operands[1:], call.cwd)) if call.verb in ("-v", "-V") else None


def _here(call: Call) -> list[Effect] | None:
    return None if call.cwd is None else [Effect(Act.READ, call.cwd)]


def _nothing(call: Call) -> list[Effect]:
    return []


TOOLS = {
    **dict.fromkeys(_WORDY, Tool(effects=_said, wordy=True)),
    **dict.fromkeys(("test", "[", "[["), Tool(effects=_test, unparsed=True)),
    **dict.fromkeys(("which", "type", "hash"), Tool(flags=options("aptrs"), effects=_lookup)),
    "command": Tool(effects=_command, unparsed=True),
    "pwd": Tool(flags=options("LP"), effects=_here),
    "date": Tool(options("d", "date"), options("uR", "utc universal iso-8601 rfc-3339 rfc-email"), _nothing, attached=options("I")),
}
