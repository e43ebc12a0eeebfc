"""How RUNs whose scripts are heredocs become one: a verb like those of `verbs.py`, for text in which line ends count."""
from __future__ import annotations

from rewriter.graph.runs import heredoc, in_script
from rewriter.shell.joining import Joint, Plan, Wrap
from rewriter.source.manner import manner
from rewriter.source.model import Blank, Comment, Dockerfile, Instruction, Piece
from rewriter.text import Edit, delete, insert
from rewriter.verbs import ahead, below, given_flags, own_comments, tidied, under

_CHECK = Joint.CHECKED.strip("; ")


def concatenate(dockerfile: Dockerfile, runs: tuple[Instruction, ...], plan: Plan) -> tuple[Edit, ...]:
    """Make one RUN of several, where the first stands: comments go along, and a blank line keeps bodies apart that one parted."""
    first, *others = runs
    newline, chosen, indent = manner(dockerfile).newline, heredoc(dockerfile, runs), _indent(first)
    text, edits = _closing(plan, 0, newline), [*given_flags(dockerfile, runs), insert(first.heredocs[0].body.start, _opening(plan, 0, newline))]
    gone: list[Piece] = []
    for at, run in enumerate(others, 1):
        pieces = _between(dockerfile, runs[at - 1], run)
        comments = [piece.text for piece in pieces if isinstance(piece, Comment)] + ahead(run)
        blank = any(isinstance(piece, Blank) for piece in dockerfile.lead(run))
        margin = _indent(run) if run.scripted else indent
        text += newline * blank + "".join(margin + comment + newline for comment in comments)
        body = run.heredocs[0].body.of(dockerfile.text) if run.scripted else margin + in_script(dockerfile, run) + newline
        text += _opening(plan, at, newline) + body + _closing(plan, at, newline)
        gone += (*pieces, run)
    apart = others[-1].index - first.index > len(others)
    last = below(dockerfile, others[-1]) if apart else ()
    gone += last
    edits += [*(delete(piece.span) for piece in gone), *under(dockerfile, first, last, tuple(gone))]
    edits.append(insert(first.heredocs[0].terminator.start, text))
    if not isinstance(chosen, str) and chosen != first.heredocs[0]:
        opener = next(run for run in others if chosen in run.heredocs)
        own = first.heredocs[0].terminator
        ending = own.of(dockerfile.text).removeprefix(own.of(dockerfile.text).rstrip("\r\n"))
        edits.append(Edit(first.arguments.span(0, len(first.arguments.text)), opener.arguments.text))
        edits.append(Edit(own, chosen.terminator.of(dockerfile.text).rstrip("\r\n") + ending))
    return (*edits, *tidied(dockerfile, tuple(gone)))


def lengthened(dockerfile: Dockerfile, run: Instruction, plan: Plan, text: str, comments: list[str]) -> tuple[Edit, ...]:
    """Put a command, with comments above it, at the end of a RUN's script, each on a line of its own."""
    newline, heredoc, indent = manner(dockerfile).newline, run.heredocs[0], _indent(run)
    opening, closing = _opening(plan, 0, newline), _closing(plan, 0, newline)
    added = "".join(indent + line + newline for line in (*closing.splitlines(), *comments, text))
    return (*([insert(heredoc.body.start, indent + opening)] if opening else ()), insert(heredoc.terminator.start, added))


def _indent(run: Instruction) -> str:
    """The white space with which its script begins."""
    first = run.heredocs[0].content.partition("\n")[0]
    return first[: len(first) - len(first.lstrip(" \t"))]


def _between(dockerfile: Dockerfile, first: Instruction, then: Instruction) -> tuple[Comment | Blank, ...]:
    """The comments and blank lines that go with the second: all, if nothing else stands between."""
    beside = then.index == first.index + 1
    return dockerfile.lead(then) if beside else (*below(dockerfile, first), *own_comments(dockerfile, then))


def _opening(plan: Plan, at: int, newline: str) -> str:
    return "(" + newline if plan.wraps[at] == Wrap.SUBSHELL else ""


def _closing(plan: Plan, at: int, newline: str) -> str:
    closing = ")" + newline if plan.wraps[at] == Wrap.SUBSHELL else ""
    return closing + (_CHECK + newline if plan.joints[at : at + 1] == (Joint.CHECKED,) else "")
