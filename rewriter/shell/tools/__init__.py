"""What is known of the programs that RUN bodies call: one file per family, all in one table."""
from __future__ import annotations

from rewriter.shell.model import Command
from rewriter.shell.tools import accounts, archives, daemons, files, network, packages
from rewriter.shell.tools.call import Act, Call, Effect, Tool, parse

__all__ = ["Act", "Call", "Effect", "Tool", "call_of", "tool_of"]

_TOOLS: dict[str, Tool] = {
    **files.TOOLS, **archives.TOOLS, **packages.TOOLS, **network.TOOLS, **accounts.TOOLS, **daemons.TOOLS,
}


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
    plain = archives.bundled(command) if command.name and command.name.endswith("tar") else command
    return parse(plain, cwd, tool.valued, loosely)
