"""`dfopt [FILE]`: read, optimize, write or print, report.

The result goes to standard output or a file, what is said about it to standard error. Exit 0 means that the
whole result is where it should be, `--check` and `--diff` apart.
"""
from __future__ import annotations

import os
import sys

from rewriter import files
from rewriter.cli import memory, terminal
from rewriter.cli.choices import chosen
from rewriter.cli.terminal import Misused
from rewriter.options import Options
from rewriter.outcome import Outcome
from rewriter.record import dataclass
from rewriter.report import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from rewriter.folder import FolderContext
    from rewriter.graph.context import Context

STDIN = "-"


@dataclass(frozen=True)
class Request:
    """What the command line asks for. output: "" for none; context: None for the folder of the Dockerfile."""

    options: Options
    output: str
    write: bool
    check: bool
    diff: bool
    proves: bool
    no_cache: bool
    stdin_filename: str
    context: str | None
    quiet: bool
    verbose: bool

    @property
    def prints(self) -> bool:
        """Whether standard output gets the optimized text."""
        return not (self.output or self.write or self.check or self.diff)


def run(paths: tuple[str, ...], given: dict) -> int:
    """Do what the command line asks for: `given` has the fields of `words.OPTIONS`. The exit code; raises Misused."""
    options = chosen(given)
    request = Request(options, **given | {"output": given["output"] if given["output"] != STDIN else ""})
    paths = paths or ("Dockerfile",)
    if contradiction := _contradiction(paths, request):
        raise Misused(contradiction)
    return max([_rewrite(path, request) for path in paths])


def _contradiction(paths: tuple[str, ...], request: Request) -> str:
    """What in a request goes not together, in words; "" where all is well."""
    if (request.write or request.output) and (request.check or request.diff):
        return "--check and --diff write nothing: leave out -o and -w, or them"
    if request.write and request.output:
        return "-o or -w, not both"
    if request.write and STDIN in paths:
        return "-w needs a file: standard input can't be written to"
    if request.stdin_filename and STDIN not in paths:
        return "--stdin-filename goes with -, which is standard input"
    if request.proves and (STDIN in paths or not (request.write or request.output)):
        return "--verify goes with -o or -w, and a file"
    if len(paths) > 1 and (request.prints or request.output):
        return "several files need -w, --check or --diff"
    return ""


def _rewrite(path: str, request: Request) -> int:
    """Optimize one file; the exit code."""
    place = request.stdin_filename if path == STDIN else path
    name = place or "<stdin>"
    source = _read(path)
    if isinstance(source, files.Refused):
        terminal.tell(text.line(name, source.line, f"error: {source.reason}"))
    else:
        outcome = _optimize(source, place, request)
        if not outcome.error:
            return _deliver(outcome, name, path, request)
        terminal.tell(text.report(outcome, name))
    if path == STDIN and request.prints:
        terminal.give_back()
    return 2


def _read(path: str) -> str | files.Refused:
    if path != STDIN:
        return files.read(path)
    data = terminal.standard_input()
    return files.decode(data) if isinstance(data, bytes) else data


def _has_context(place: str, request: Request) -> bool:
    """Whether there is a build context: the folder that is named, or the Dockerfile's own."""
    return request.context is not None or bool(place) and os.path.isdir(os.path.dirname(place) or ".")


def _context(place: str, request: Request) -> FolderContext | None:
    if not _has_context(place, request):
        return None
    from rewriter.folder import FolderContext

    if request.context is not None:
        return FolderContext(request.context, place or None)
    return FolderContext(os.path.dirname(place) or ".", place, assumed=True)


def _optimize(source: str, place: str, request: Request) -> Outcome:
    if request.no_cache or request.verbose:
        return _optimized(source, request, _context(place, request))
    known = memory.recall(source, request.options, _has_context(place, request))
    if known:
        return known
    context = _context(place, request)
    watched = context and memory.Watched(context)
    outcome = _optimized(source, request, watched)
    if not (watched and watched.asked):
        memory.remember(outcome, request.options, context is not None)
    return outcome


def _optimized(source: str, request: Request, context: Context | None) -> Outcome:
    from rewriter.optimize import optimize

    try:
        return optimize(source, request.options, context)
    except Exception as failure:
        return Outcome(source, source, error=terminal.bug(failure))


def _proof(outcome: Outcome, path: str, request: Request) -> int:
    """The exit code of `dfopt verify` on the result, whose verdict goes to standard error."""
    from rewriter.cli.verify import prove
    from rewriter.verify.proof import Manner
    from rewriter.verify.verdict import as_text

    manner = Manner(repeat=bool(os.environ.get("CI")), options=request.options, files=_context(path, request))
    verdict = prove(outcome.before, outcome.after, path, request.context or os.path.dirname(path) or ".", manner, quiet=request.quiet)
    if verdict.exit_code or not request.quiet:
        terminal.tell(as_text(verdict))
    return verdict.exit_code


def _deliver(outcome: Outcome, name: str, path: str, request: Request) -> int:
    """Put the result where it belongs, and say what was done; the exit code."""
    said = "" if request.quiet else text.report(outcome, name, request.verbose)
    if request.check or request.diff:
        if request.diff:
            terminal.put(_diff(outcome, name, sys.stdout))
        terminal.tell(said)
        return int(outcome.changed)
    if request.prints:
        terminal.put(outcome.after)
        terminal.tell(said)
        return 0
    target = request.output or path
    stays = not (request.output or outcome.changed)  # and is left to whoever may have written to it since
    if request.proves and outcome.changed and (failed := _proof(outcome, path, request)):
        return failed
    if not stays and (refused := files.write(target, outcome.after)):
        terminal.tell(text.line(target, refused.line, f"error: {refused.reason}"))
        return 2
    terminal.tell(said and _diff(outcome, name, sys.stderr) + said)
    return 0


def _diff(outcome: Outcome, name: str, stream: TextIO) -> str:
    """The diff, coloured where the stream is for eyes. Imported here: most runs need none."""
    from rewriter.report import diff

    return diff.report(outcome, name, terminal.coloured(stream))
