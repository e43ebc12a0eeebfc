"""The command `dfopt`: finds the command that is meant, runs it, and turns what goes wrong into one line.

Exit codes: 0 done; 1 `--check` or `--diff` found changes; 2 usage, files, what can't be parsed; 130 interrupted.
"""
from __future__ import annotations

import sys
from importlib import import_module

import click

from rewriter.cli import terminal
from rewriter.cli.commands import COMMANDS, DEFAULT


def main(words: list[str] | None = None) -> None:
    """Run `dfopt` with the words of the command line, and exit."""
    sys.exit(_run(sys.argv[1:] if words is None else words))


def _run(words: list[str]) -> int:
    named = bool(words) and words[0] in COMMANDS
    name, shown = (words[0], f"dfopt {words[0]}") if named else (DEFAULT, "dfopt")
    try:
        command: click.Command = import_module(COMMANDS[name][0]).command
        return command.main(words[named:], prog_name=shown, standalone_mode=False) or 0
    except click.ClickException as failure:
        return _failed(words, f"{failure.format_message()} ({shown} -h shows the usage)")
    except (click.Abort, KeyboardInterrupt):
        return 130
    except terminal.OutputFailed as failure:
        terminal.tell(f"dfopt: standard output: {failure}\n" if str(failure) else "")
        return 2
    except Exception as failure:
        return _failed(words, terminal.bug(failure))


def _failed(words: list[str], message: str) -> int:
    """Say what is wrong. An editor puts into its buffer what it gets: it gets back what it gave."""
    terminal.tell(f"dfopt: {message}\n")
    if "-" in words and {"--check", "--diff", "-o", "--output"}.isdisjoint(words) and not sys.stdin.isatty():
        terminal.give_back()
    return 2
