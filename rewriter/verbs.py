"""The ways in which rules change a Dockerfile: each gives edits, in the manner of the file's author.

`prefixing.py`, `scripts.py`, `removing.py` and `moving.py` have the larger ones; no other module knows what a change looks like in the text.
"""
from __future__ import annotations

from itertools import pairwise

from rewriter.graph.bodies import body
from rewriter.graph.flags import missing
from rewriter.graph.model import script
from rewriter.shell.joining import Joint, Plan, listed
from rewriter.shell.model import Script
from rewriter.source.manner import Manner, list_indent, manner
from rewriter.source.model import Blank, Comment, Dockerfile, Instruction, Piece
from rewriter.text import Edit, Span, delete, insert

_PRAGMAS = ("hadolint ", "shellcheck ", "checkov:", "trivy:", "kics-scan", "nosemgrep", "noqa", "dfopt ")
_COMES_TO_LIFE = ("RUN", "COPY", "ADD", "ENV", "ARG", "LABEL", "WORKDIR", "USER")


def join(dockerfile: Dockerfile, runs: tuple[Instruction, ...], plan: Plan) -> tuple[Edit, ...]:
    """Make one RUN of neighbouring ones, each body as it is; comments between them go along, blank lines don't."""
    style = manner(dockerfile, runs)
    edits = given_flags(dockerfile, runs)
    for at, run in enumerate(runs):
        wrap = plan.wraps[at]
        edits += _as_command(run)
        if wrap[0] and (at == 0 or plan.openings[at]):
            edits.append(insert(run.arguments.at(plan.openings[at]), wrap[0]))
        if at == len(runs) - 1:
            edits.append(insert(_end(run), _closing(run, wrap)))
            break
        gap = Span(_stop(run, wrap), runs[at + 1].arguments.at(0))
        comments = _behind(run, wrap) + outside(dockerfile, run, runs[at + 1]) + ahead(runs[at + 1])
        edits.append(Edit(gap, _closing(run, wrap) + seam(style, plan.joints[at], comments) + ("" if plan.openings[at + 1] else plan.wraps[at + 1][0])))
    return tuple(edits)


def gather(dockerfile: Dockerfile, runs: tuple[Instruction, ...], plan: Plan, commands: tuple[str, ...] = (), raised: tuple[Instruction, ...] = ()) -> tuple[Edit, ...]:
    """Make one RUN of several, where the first stands; the comments right above the others go along.

    commands: they run before the last body, and end the RUN if they fail. raised: what stands between, and is to stand above.
    """
    style = manner(dockerfile, runs)
    first, *others = runs
    text, edits, gone = _closing(first, plan.wraps[0]), given_flags(dockerfile, runs) + _as_command(first), []
    if plan.wraps[0][0]:
        edits.append(insert(first.arguments.at(plan.openings[0]), plan.wraps[0][0]))
    for at, run in enumerate(others, 1):
        wrap, own = plan.wraps[at], own_comments(dockerfile, run)
        followed = below(dockerfile, runs[at - 1])
        comments = _behind(runs[at - 1], plan.wraps[at - 1]) + [piece.text for piece in (*followed, *own)] + ahead(run)
        end = _end(run) if run is others[-1] else _stop(run, wrap)
        opened = run.arguments.at(plan.openings[at])
        said = next((edit.text for edit in _as_command(run)), Span(opened, end).of(dockerfile.text))
        opening = Span(run.arguments.at(0), opened).of(dockerfile.text) + wrap[0]
        fed = Span(_end(run), run.span.end).of(dockerfile.text).rstrip("\r\n") if run.heredocs else ""
        text += seam(style, plan.joints[at - 1], comments) + opening + _begun(style, run, commands if run is others[-1] else ()) + said + _closing(run, wrap) + fed
        gone += [*followed, *own, run]
    last = below(dockerfile, others[-1])
    gone += last
    moved, lines = [], ""
    for each in raised:
        pieces, followed = (*own_comments(dockerfile, each), each), below(dockerfile, each)
        lines += "".join(piece.span.of(dockerfile.text) for piece in (*pieces, *followed)) + style.newline * bool(followed)
        moved += [*pieces, *followed]
    edits += [delete(piece.span) for piece in (*gone, *moved)] + ([insert(above(dockerfile, first), lines)] if lines else [])
    edits += under(dockerfile, first, last, (*gone, *moved))
    return (*edits, Edit(Span(_stop(first, plan.wraps[0]), _end(first) + _space_behind(dockerfile, first)), text), *tidied(dockerfile, (*gone, *moved), whole=True))


def under(dockerfile: Dockerfile, run: Instruction, comments: tuple[Comment, ...], gone: tuple[Piece, ...]) -> list[Edit]:
    """Put comments right below a RUN, and a blank line behind them where none is left. gone: what goes from behind it."""
    if not comments:
        return []
    left = next((piece for piece in dockerfile.pieces[dockerfile.pieces.index(run) + 1 :] if piece not in gone), None)
    text = "".join(comment.span.of(dockerfile.text) for comment in comments)
    return [insert(run.span.end, text + manner(dockerfile).newline * (left is not None and not isinstance(left, Blank)))]


def extended(dockerfile: Dockerfile, run: Instruction, plan: Plan, text: str, comments: list[str]) -> tuple[Edit, ...]:
    """Put a command, with comments above it, at the end of a RUN."""
    start, style = plan.wraps[0][0], manner(dockerfile, (run,))
    added = _closing(run, plan.wraps[0]) + seam(style, plan.joints[0], _behind(run, plan.wraps[0]) + comments) + text
    opening = (insert(run.arguments.at(plan.openings[0]), start),) if start else ()
    return (*opening, Edit(Span(_stop(run, plan.wraps[0]), _end(run)), added))


def _begun(style: Manner, run: Instruction, commands: tuple[str, ...]) -> str:
    """The commands, joined to a body by `&&`, or by `;` if that has one itself: none of these can fail."""
    found = body(run)
    end = seam(style, Joint.LIST if isinstance(found, Script) and listed(found) else Joint.AND, [])
    return "".join(command + end for command in commands)


def given_flags(dockerfile: Dockerfile, runs: tuple[Instruction, ...]) -> list[Edit]:
    """Give the first RUN the flags that others have and it has not, each set off as it was."""
    text = ""
    for flag in missing(runs):
        owner = next(run for run in runs if flag in run.flags)
        behind = owner.arguments.at(0) if flag is owner.flags[-1] else owner.flags[owner.flags.index(flag) + 1].span.start
        gap = Span(flag.span.end, behind).of(dockerfile.text)
        text += flag.span.of(dockerfile.text) + (" " if "#" in gap else gap)
    return [insert(runs[0].arguments.at(0), text)] if text else []


def _as_command(run: Instruction) -> list[Edit]:
    """An exec form made a command of a shell."""
    found = body(run) if run.json is not None else None
    return [Edit(Span(run.arguments.at(0), _end(run)), found.text)] if isinstance(found, Script) else []


def seam(style: Manner, joint: str, comments: list[str]) -> str:
    """The text between two bodies: the joint, a continuation, the comments, and the next line's start."""
    leads = joint == Joint.AND and style.lead is not None
    end = ("" if leads else joint) + style.gap + style.escape + style.newline
    start, margin = (style.lead, style.margin) if leads else (style.indent, style.indent)
    return end + "".join(margin + comment + style.newline for comment in comments) + start


def _end(run: Instruction) -> int:
    """Where a body ends in the file."""
    return run.arguments.at(len(run.arguments.text) - 1) + 1


def _space_behind(dockerfile: Dockerfile, run: Instruction) -> int:
    """How much white space follows a body in its line, with nothing behind that."""
    line = Span(_end(run), run.span.end).of(dockerfile.text).partition("\n")[0].rstrip("\r")
    return 0 if line.strip() else len(line)


def _stop(run: Instruction, wrap: tuple[str, str]) -> int:
    """Where a body ends, if something follows it: one that is not enclosed, without the `;` that may be its last operator."""
    body = script(run)
    if wrap[0] or not isinstance(body, Script) or body.segments[-1].operator != ";":
        return _end(run)
    return run.arguments.at(body.segments[-1].span.end - 1) + 1


def _behind(run: Instruction, wrap: tuple[str, str]) -> list[str]:
    """The comments that stand before the `;` which is left out."""
    return [comment.text for comment in run.comments if comment.span.start >= _stop(run, wrap)]


def _closing(run: Instruction, wrap: tuple[str, str]) -> str:
    """What closes a wrap: braces want a `;` before them, and no second one."""
    body = script(run)
    ended = isinstance(body, Script) and body.segments[-1].operator == ";"
    return wrap[1].removeprefix(";") if ended else wrap[1]


def outside(dockerfile: Dockerfile, first: Instruction, then: Instruction) -> list[str]:
    """The comments that stand between two instructions."""
    pieces = dockerfile.pieces[dockerfile.pieces.index(first) + 1 : dockerfile.pieces.index(then)]
    return [piece.text for piece in pieces if isinstance(piece, Comment)]


def ahead(run: Instruction) -> list[str]:
    """The comments between its keyword and its body."""
    return [comment.text for comment in run.comments if comment.span.start < run.arguments.at(0)]


def pool(dockerfile: Dockerfile, lists: tuple[tuple[Instruction, Edit], ...], *, flat: bool = False) -> tuple[Edit, ...]:
    """Make one instruction of neighbouring ones of a kind: of parts of them, each as its edit writes it.

    Each part starts a line, or with `flat` none does. Comments between them go along.
    """
    style, indent = manner(dockerfile), list_indent(dockerfile, lists[0][0].keyword)
    edits = [edit for _, edit in lists if edit.text != edit.span.of(dockerfile.text)]
    for (first, ours), (then, theirs) in pairwise(lists):
        gap = Span(ours.span.end, theirs.span.start)
        behind, ahead = ([comment.text for comment in each.comments if gap.overlaps(comment.span)] for each in (first, then))
        comments = behind if first is then else behind + outside(dockerfile, first, then) + ahead
        fold = style.gap + style.escape + style.newline
        between = " " if flat else fold + "".join(indent + comment + style.newline for comment in comments) + indent
        edits.append(Edit(gap, between))
    return tuple(edits)


def drop(dockerfile: Dockerfile, gone: tuple[Instruction, ...]) -> tuple[Edit, ...]:
    """Take instructions out. Comments stay, those inside of them on lines of their own; no second blank line does."""
    edits = [Edit(each.span, "".join(comment.span.of(dockerfile.text) for comment in each.comments)) for each in gone]
    return (*edits, *tidied(dockerfile, gone))


def tidied(dockerfile: Dockerfile, gone: tuple[Piece, ...], whole: bool = False) -> list[Edit]:
    """Edits for the blank lines which would meet another blank line, or an end of the file, that they did not meet.

    whole: nothing stays where what is gone was, not even the comments inside of it.
    """
    edits, blank, dropped = [], True, False
    trailing: list[Blank] = []
    for piece in dockerfile.pieces:
        if piece in gone and (whole or not isinstance(piece, Instruction) or not piece.comments):
            dropped = True
            continue
        if isinstance(piece, Blank):
            if blank and dropped:
                edits.append(delete(piece.span))
            else:
                trailing.append(piece)
            blank = True
            continue
        blank, dropped = False, False
        trailing = []
    if dropped:
        edits += [delete(piece.span) for piece in trailing]
    return edits


def drop_for(dockerfile: Dockerfile, gone: Instruction, heir: Instruction) -> tuple[Edit, ...]:
    """Take an instruction out; the comments right above it go to stand above the one that does its work now."""
    own = (*own_comments(dockerfile, gone), *below(dockerfile, gone))
    between = dockerfile.pieces[dockerfile.pieces.index(gone) + 1 : dockerfile.pieces.index(heir)]
    if not own or not any(isinstance(piece, Instruction) for piece in between):
        return drop(dockerfile, (gone,))
    moved = "".join(piece.span.of(dockerfile.text) for piece in own)
    inside = "".join(comment.span.of(dockerfile.text) for comment in gone.comments)
    edits = (*(delete(piece.span) for piece in own), Edit(gone.span, inside), insert(above(dockerfile, heir), moved))
    return (*edits, *tidied(dockerfile, (*own, gone)))


def drop_done_by(dockerfile: Dockerfile, gone: Instruction, heir: Instruction) -> tuple[Edit, ...]:
    """The same for one that the heir does in its stead: no blank line parts the heir from comments that speak of that."""
    between = dockerfile.pieces[dockerfile.pieces.index(gone) + 1 : dockerfile.pieces.index(heir)]
    parted = own_comments(dockerfile, gone) and all(isinstance(piece, Blank) for piece in between)
    edits = drop_for(dockerfile, gone, heir)
    blank = [piece for piece in between if all(piece.span != edit.span for edit in edits)]
    return (*edits, *(delete(piece.span) for piece in blank if parted))


def own_comments(dockerfile: Dockerfile, instruction: Instruction) -> tuple[Comment, ...]:
    """The comments right above an instruction, with no blank line between, which are taken to be about it."""
    own: list[Comment] = []
    for piece in reversed(dockerfile.lead(instruction)):
        if isinstance(piece, Blank):
            break
        own.insert(0, piece)
    return tuple(own)


def below(dockerfile: Dockerfile, instruction: Instruction) -> tuple[Comment, ...]:
    """The comments right below an instruction, with a blank line or the end of the file behind them: they are about it, too.

    None where one of them is for a tool, or an instruction that is commented out: those stay where they are.
    """
    found: list[Comment] = []
    for piece in dockerfile.pieces[dockerfile.pieces.index(instruction) + 1 :]:
        if not isinstance(piece, Comment):
            return tuple(found) if isinstance(piece, Blank) and not any(map(addressed, found)) else ()
        found.append(piece)
    return () if any(map(addressed, found)) else tuple(found)


def addressed(comment: Comment) -> str:
    """Why a comment has to stay right above what follows it: a linter finds its comments nowhere else, nor can an instruction come to life within a RUN."""
    text = comment.text.lstrip("# ")
    if text.split(" ")[0] in _COMES_TO_LIFE:
        return "an instruction that is commented out stands between"
    return "a comment for a linter stands between" if text.startswith(_PRAGMAS) else ""


def above(dockerfile: Dockerfile, instruction: Instruction) -> int:
    """Where an instruction starts, with its own comments."""
    return (*own_comments(dockerfile, instruction), instruction)[0].span.start
