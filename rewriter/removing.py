"""Ways to take commands out of RUNs, and to have a COPY do their work."""
from __future__ import annotations

from rewriter.graph.model import chained, script
from rewriter.shell.certainty import strict
from rewriter.shell.model import Opaque, Script
from rewriter.source.model import Dockerfile, Instruction
from rewriter.source.words import words
from rewriter.text import Edit, Span, delete, insert
from rewriter.verbs import below, drop, drop_for, own_comments, tidied


def without(dockerfile: Dockerfile, run: Instruction, command: Span, gone: Instruction) -> tuple[Edit, ...]:
    """Take a command out of a plain chain; a RUN without any command left goes.

    `gone`, before the RUN, is dropped with it. () where the body is not such a chain.
    """
    found = cuts(run, (command,)) if chained(run) else None
    if found is None:
        return ()
    if emptied(run, (command,)):
        return drop(dockerfile, (gone, run))
    return (*drop_for(dockerfile, gone, run), *map(delete, found))


def emptied(run: Instruction, commands: tuple[Span, ...]) -> bool:
    """Whether a RUN without these commands does nothing any more."""
    body, starts = script(run), {command.start for command in commands}
    if not starts or isinstance(body, Opaque):
        return bool(starts) and run.json is not None
    return all(segment.span.start in starts or segment.span.of(body.text).startswith("set ") for segment in body.segments)


def cuts(run: Instruction, commands: tuple[Span, ...]) -> tuple[Span, ...] | None:
    """What to cut out of the file so that a RUN is without these commands, each failing it if it fails; () if that empties it.

    None where the others would not fail as they do: only what is joined by `&&` alone, or by `;` under `set -e`, may go.
    """
    body, starts = script(run), {command.start for command in commands}
    if run.heredocs and isinstance(body, Script) and (body.comment or body.heredoc):
        return None  # what stays would be about something that is gone
    if emptied(run, commands) or not commands:
        return ()
    segments, found = () if isinstance(body, Opaque) else body.segments, []
    gone = [segment.span.start in starts and segment.simple for segment in segments]
    if gone.count(True) < len(starts):
        return None
    allowed = {"&&", ";"} if strict(body) else {"&&"}
    for first in (at for at, out in enumerate(gone) if out and not (at and gone[at - 1])):
        after = next((at for at in range(first, len(gone)) if not gone[at]), len(gone))
        joints = {segment.operator for segment in segments[max(first - 1, 0) : min(after, len(gone) - 1)]}
        if len(joints) > 1 or not joints <= allowed:
            return None
        start = segments[first].span.start if after < len(gone) else segments[first - 1].span.end
        end = segments[after].span.start if after < len(gone) else segments[-1].span.end
        found.append(run.body.span(start, end))
    return None if any(span.overlaps(comment.span) for span in found for comment in run.comments) else tuple(found)


def without_sources(copy: Instruction, places: tuple[int, ...]) -> tuple[Edit, ...]:
    """A COPY without some of its sources, told by their places among its words. () for none."""
    found = words(copy.arguments)
    return tuple(delete(Span(found[at].at(0), found[at + 1].at(0))) for at in places)


def flagged(copy: Instruction, name: str, value: str) -> Edit:
    """Give a COPY or ADD a flag, in place of one of that name."""
    text = f"--{name}={value}"
    old = [flag.span for flag in copy.flags if flag.name == name]
    return Edit(old[0], text) if old else insert(copy.arguments.at(0), text + " ")


def drop_into(dockerfile: Dockerfile, gone: tuple[Instruction, ...], heir: Instruction) -> tuple[Edit, ...]:
    """Take instructions out; their comments go to stand above the one before them that does their work now."""
    around = [(own_comments(dockerfile, each), each.comments, below(dockerfile, each)) for each in gone]
    above = [piece for own, _, under in around for piece in (*own, *under)]
    text = "".join(piece.span.of(dockerfile.text) for pieces in around for each in pieces for piece in each)
    moved = (insert(heir.span.start, text),) if text else ()
    return (*moved, *(delete(piece.span) for piece in (*above, *gone)), *tidied(dockerfile, (*above, *gone), whole=True))
