"""The command `dfopt`: finds the command that is meant, runs it, and turns what goes wrong into one line.

Exit codes: 0 done; 1 `--check` or `--diff` found changes, or verify a difference; 2 usage, files, what can't be parsed or
told; 130 interrupted.
"""
from __future__ import annotations

import gc
import os
import sys

from rewriter.cli import optimize, terminal
from rewriter.cli.commands import COMMANDS, DEFAULT
from rewriter.cli.words import read

GARBAGE = 50_000  # objects: to look for cycles more often takes a good part of a short run


def main(words: list[str] | None = None) -> None:
    """Run `dfopt` with the words of the command line, and exit."""
    gc.set_threshold(GARBAGE)
    code = _run(sys.argv[1:] if words is None else words)
    gc.freeze()  # nothing that is left needs to be looked through before the process ends
    sys.exit(code)


def _run(words: list[str]) -> int:
    named = bool(words) and words[0] in COMMANDS
    name, shown = (words[0], f"dfopt {words[0]}") if named else (DEFAULT, "dfopt")
    try:
        plain = None if named or "_DFOPT_COMPLETE" in os.environ else read(words)
        return optimize.run(*plain) if plain else _asked(COMMANDS[name][0], words[named:], shown)
    except terminal.Misused as failure:
        return _failed(words, f"{failure} ({shown} -h shows the usage)")
    except KeyboardInterrupt:
        return 130
    except terminal.OutputFailed as failure:
        terminal.tell(f"dfopt: standard output: {failure}\n" if str(failure) else "")
        return 2
    except Exception as failure:
        return _failed(words, terminal.bug(failure))


def _asked(module: str, words: list[str], shown: str) -> int:
    """What click makes of the words, for the command that a module defines."""
    from importlib import import_module

    import click

    try:
        return import_module(module).command.main(words, prog_name=shown, standalone_mode=False) or 0
    except click.ClickException as failure:
        raise terminal.Misused(failure.format_message()) from failure
    except click.Abort as failure:
        raise KeyboardInterrupt from failure


def _failed(words: list[str], message: str) -> int:
    """Say what is wrong. An editor puts into its buffer what it gets: it gets back what it gave."""
    terminal.tell(f"dfopt: {message}\n")
    if "-" in words and {"--check", "--diff", "-o", "--output"}.isdisjoint(words) and not sys.stdin.isatty():
        terminal.give_back()
    return 2
