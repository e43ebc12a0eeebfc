"""The commands by name: where each is defined, to be imported when it is asked for, and what it does."""
from __future__ import annotations

DEFAULT = "optimize"

COMMANDS = {
    DEFAULT: ("rewriter.cli.command", "rewrite a Dockerfile; the command when none is named"),
    "batch": ("rewriter.cli.batch", "rewrite many Dockerfiles, each a line of JSON"),
    "verify": ("rewriter.cli.verify", "build two Dockerfiles and compare the images"),
}


def summary() -> str:
    """The commands for a help text, a line each."""
    lines = (f"  {name:<10}{does}" for name, (_, does) in COMMANDS.items())
    return "\n".join(["\b", "Commands (a file of such a name is reached as ./NAME):", *lines])
