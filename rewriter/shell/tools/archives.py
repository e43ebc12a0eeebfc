"""tar and unzip."""
from __future__ import annotations

from rewriter.shell.model import Command, Word
from rewriter.shell.paths import absolute
from rewriter.shell.tools.call import Act, Call, Effect, Tool

_TAR = frozenset({"-f", "--file", "-C", "--directory", "--exclude", "-X", "-T", "--transform", "-I", "-b", "-H"})
_UNZIP = frozenset({"-d", "-x", "-P"})


def bundled(command: Command) -> Command:
    """`tar xzf FILE` as `tar -xzf FILE`: the old style, which the first word may have."""
    first = command.words[1] if len(command.words) > 1 else None
    if first is None or not first.value or first.value.startswith("-"):
        return command
    dashed = Word(first.span, "-" + first.raw, "-" + first.value, False)
    return Command(command.span, (command.words[0], dashed, *command.words[2:]), command.assignments, command.redirects, command.place)


def _tar(call: Call) -> list[Effect] | None:
    archive, folder = call.value("-f", "--file"), call.value("-C", "--directory")
    if not archive or (call.has("-C", "--directory") and folder is None):
        return None
    where = absolute(folder, call.cwd) if folder else call.cwd
    path = absolute(archive, call.cwd)
    if where is None or path is None:
        return None
    if call.has("-x", "--extract", "--get"):
        # An archive member may have any name, but GNU and busybox tar keep it below the folder.
        return ([] if archive == "-" else [Effect(Act.READ, path)]) + [Effect(Act.WRITE, where, tree=True)]
    if call.has("-c", "--create"):
        members = Call((), call.operands, where).acts(Act.READ, call.operands, tree=True)
        return None if members is None else [*members, Effect(Act.WRITE, path)]
    return [Effect(Act.READ, path)] if call.has("-t", "--list") else None


def _unzip(call: Call) -> list[Effect] | None:
    folder = call.value("-d")
    where = absolute(folder, call.cwd) if folder else call.cwd
    if where is None or not call.operands or (call.has("-d") and folder is None):
        return None
    read = call.acts(Act.READ, call.operands[:1])
    return None if read is None else [*read, Effect(Act.WRITE, where, tree=True)]


TOOLS = {"tar": Tool(_TAR, _tar), "unzip": Tool(_UNZIP, _unzip)}
