"""What is known of the programs that RUN bodies call: one file per family, all in one table."""
from __future__ import annotations

from rewriter.shell.model import Command
from rewriter.shell.tools import accounts, archives, builtins, daemons, files, languages, network, packages, search, system, texts
from rewriter.shell.tools.call import Act, Call, Effect, Tool, parse

__all__ = ["Act", "Call", "Effect", "Tool", "call_of", "tool_of"]

_FAMILIES = (builtins, files, texts, search, archives, packages, languages, network, accounts, system, daemons)
_TOOLS: dict[str, Tool] = {name: tool for family in _FAMILIES for name, tool in family.TOOLS.items()}


def tool_of(name: str | None) -> Tool | None:
    """The tool that a literal command word names, by path or alone; None for one that we don't know."""
    return _TOOLS.get(name.rsplit("/", 1)[-1]) if name else None


def call_of(command: Command, cwd: str | None, loosely: bool = False) -> Call | None:
    """The command as a call of its tool; None where there is no such tool or a word can't be told.

    loosely: a word that may expand to anything is taken for one operand.
    """
    tool = tool_of(command.name)
    if tool is None:
        return None
    question = "call", cwd, loosely
    if question not in command.answers:
        command.answers[question] = _call(command, tool, cwd, loosely)
    return command.answers[question]


def _call(command: Command, tool: Tool, cwd: str | None, loosely: bool) -> Call | None:
    if cwd is not None:  # which is for the call to know: its words are the same in any folder
        found = call_of(command, None, loosely)
        return found and Call(found.options, found.operands, cwd)
    return loosely and call_of(command, None) or parse(archives.unbundled(command), None, tool, loosely)
