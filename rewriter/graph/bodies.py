"""What the shell of a RUN is given, in whichever form the RUN is written."""
from __future__ import annotations

from rewriter.graph.model import script
from rewriter.shell.argv import command
from rewriter.shell.model import Opaque, Script
from rewriter.shell.reading import read_script
from rewriter.source.model import Heredoc, Instruction


class Form:
    """How a RUN is written: on a line; as an array; as a heredoc that is its script; with heredocs that its commands read."""

    LINE = "in shell form"
    EXEC = "in exec form"
    HEREDOC = "a heredoc"
    FED = "a command with a heredoc"


def form(run: Instruction) -> str:
    """One of `Form`."""
    if run.json is not None:
        return Form.EXEC
    if not run.heredocs:
        return Form.LINE
    return Form.HEREDOC if len(run.heredocs) == 1 and run.arguments.text.startswith("<<") and len(run.arguments.text.split()) == 1 else Form.FED


def body(run: Instruction) -> Script | Opaque:
    """The body of a RUN as a shell reads it; of an exec form, as a shell would do the same."""
    if "body" not in run.answers:
        run.answers["body"] = _body(run)
    return run.answers["body"]


def _body(run: Instruction) -> Script | Opaque:
    match form(run):
        case Form.LINE:
            return script(run)
        case Form.EXEC:
            text = command(run.json or ())
            inside = any(comment.span.start > run.arguments.at(0) for comment in run.comments)
            return text if isinstance(text, Opaque) else Opaque("it is in exec form, and holds comments") if inside else read_script(text)
        case Form.HEREDOC:
            return _of_heredoc(run.heredocs[0])
    return read_script("\n".join([run.arguments.text, *(each.content + each.name for each in run.heredocs)]))


def _of_heredoc(heredoc: Heredoc) -> Script | Opaque:
    lines = heredoc.content.split("\n")
    text = "\n".join(line.lstrip("\t") for line in lines) if heredoc.chomp else heredoc.content
    return Opaque("it is a heredoc for a program of its own") if text.startswith("#!") else read_script(text)
