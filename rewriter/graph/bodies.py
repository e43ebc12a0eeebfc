"""What the shell of a RUN is given, in whichever form the RUN is written."""
from __future__ import annotations

from rewriter.graph.model import script
from rewriter.shell.argv import command
from rewriter.shell.model import Opaque, Script
from rewriter.shell.reading import read_script
from rewriter.source.model import Instruction


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
    return Form.HEREDOC if run.scripted else Form.FED


def body(run: Instruction) -> Script | Opaque:
    """The body of a RUN as a shell reads it; of an exec form, as a shell would do the same."""
    if "body" not in run.answers:
        run.answers["body"] = _body(run)
    return run.answers["body"]


def _body(run: Instruction) -> Script | Opaque:
    if run.json is None:
        return script(run)
    text = command(run.json)
    inside = any(comment.span.start > run.arguments.at(0) for comment in run.comments)
    return text if isinstance(text, Opaque) else Opaque("it is in exec form, and holds comments") if inside else read_script(text)
