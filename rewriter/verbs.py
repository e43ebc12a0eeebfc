"""The ways in which rules change a Dockerfile: each gives edits, in the manner of the file's author.

No other module knows what a change looks like in the text.
"""
from __future__ import annotations

from rewriter.shell.joining import Joint, Plan, Wrap
from rewriter.source.lines import SPACE
from rewriter.source.manner import Manner, manner
from rewriter.source.model import Blank, Comment, Dockerfile, Instruction
from rewriter.text import Edit, Span, insert


def join(dockerfile: Dockerfile, runs: tuple[Instruction, ...], plan: Plan) -> tuple[Edit, ...]:
    """Make one RUN of neighbouring ones, each body as it is; comments between them go along, blank lines don't."""
    style = manner(dockerfile)
    edits: list[Edit] = []
    for at, run in enumerate(runs):
        opening, closing = plan.wraps[at].value
        if at == 0 and opening:
            edits.append(insert(run.arguments.at(0), opening))
        if at == len(runs) - 1:
            if closing:
                edits.append(insert(_end(run), closing))
            break
        gap = Span(_end(run, trim=plan.wraps[at] is Wrap.BARE), runs[at + 1].arguments.at(0))
        comments = _between(dockerfile, run, runs[at + 1])
        edits.append(Edit(gap, closing + _seam(style, plan.joints[at], comments) + plan.wraps[at + 1].value[0]))
    return tuple(edits)


def _seam(style: Manner, joint: Joint, comments: list[str]) -> str:
    """The text between two bodies: the joint, a continuation, the comments, and the next line's start."""
    leads = joint is Joint.AND and style.lead is not None
    end = ("" if leads else joint.value) + style.gap + style.escape + style.newline
    start = style.lead if leads else style.indent
    return end + "".join(style.indent + comment + style.newline for comment in comments) + start


def _end(run: Instruction, trim: bool = False) -> int:
    """Where a body ends in the file: `trim` takes off a last `;`, which an operator could not follow."""
    text = run.arguments.text
    if trim:
        bare = text.rstrip(SPACE)
        text = bare.removesuffix(";").rstrip(SPACE) if bare.endswith(";") else bare
    return run.arguments.at(len(text) - 1) + 1


def _between(dockerfile: Dockerfile, first: Instruction, then: Instruction) -> list[str]:
    pieces = dockerfile.pieces[dockerfile.pieces.index(first) + 1 : dockerfile.pieces.index(then)]
    return [piece.text for piece in pieces if isinstance(piece, Comment)]


def drop(dockerfile: Dockerfile, gone: tuple[Instruction, ...]) -> tuple[Edit, ...]:
    """Take instructions out. Comments stay, those inside of them on lines of their own; no second blank line does."""
    edits = [Edit(each.span, "".join(comment.span.of(dockerfile.text) for comment in each.comments)) for each in gone]
    return (*edits, *_tidied(dockerfile, gone))


def _tidied(dockerfile: Dockerfile, gone: tuple[Instruction, ...]) -> list[Edit]:
    """Edits for the blank lines which would meet another blank line, or the end of the file, that they did not meet."""
    edits, blank, dropped = [], False, False
    trailing: list[Blank] = []
    for piece in dockerfile.pieces:
        if piece in gone and not piece.comments:
            dropped = True
            continue
        if isinstance(piece, Blank):
            if blank and dropped:
                edits.append(Edit(piece.span, ""))
            else:
                trailing.append(piece)
            blank = True
            continue
        blank, dropped = False, False
        trailing = []
    if dropped:
        edits += [Edit(piece.span, "") for piece in trailing]
    return edits
