"""What must hold of every result, whatever the rules did: asked of the texts alone.

The ledger is imported here only once something changes: it is a sixth of all that dfopt is made of.
"""
from __future__ import annotations

from collections import Counter

from rewriter.source.model import Comment, Dockerfile, Unreadable


def fault(before: Dockerfile, after: Dockerfile | Unreadable) -> str:
    """Why a result must not be handed out, whatever the rules were meant to do; "" where nothing speaks against it."""
    reason = _lost(before, after)
    return reason or ("" if settings(before) == settings(after) else "the settings of the image changed")


def doubt(before: Dockerfile, after: Dockerfile | Unreadable) -> str:
    """Why it can't be confirmed that a change leaves the image as it is, and fails where it failed; "" where it is."""
    from rewriter.ledger.confirming import unconfirmed

    return _lost(before, after) or unconfirmed(before, after)


def _lost(before: Dockerfile, after: Dockerfile | Unreadable) -> str:
    if isinstance(after, Unreadable):
        return f"the result can't be read: {after.reason}"
    lost = _comments(before) - _comments(after)
    return f"a comment got lost: {next(iter(lost))}" if lost else ""


def settings(dockerfile: Dockerfile) -> list[tuple[str, str]]:
    """Keyword and text of all that sets anything, in order, but for stages that rules have added, and those not used.

    ENV and LABEL count pair by pair, each with how often the variables in it were set before that instruction.
    """
    from rewriter.ledger.confirming import needed
    from rewriter.ledger.copies import OWN_STAGES
    from rewriter.ledger.model import BUILDING
    from rewriter.ledger.reading import read_ledger

    ledger = read_ledger(dockerfile)
    found: list[tuple[str, str]] = []
    for at, stage in enumerate(ledger.stages):
        if at in needed(ledger) and not stage.name.startswith(OWN_STAGES):
            found += [("FROM", stage.text), *((each.keyword, each.text) for each in stage.entries if each.keyword not in BUILDING)]
    return found


def _comments(dockerfile: Dockerfile) -> Counter[str]:
    if "comments" not in dockerfile.answers:
        dockerfile.answers["comments"] = _counted(dockerfile)
    return dockerfile.answers["comments"]


def _counted(dockerfile: Dockerfile) -> Counter[str]:
    outside = [piece.text for piece in dockerfile.pieces if isinstance(piece, Comment)]
    inside = [comment.text for each in dockerfile.instructions for comment in each.comments]
    lines = [line for each in dockerfile.instructions for heredoc in each.heredocs for line in heredoc.content.splitlines()]
    return Counter(text.strip() for text in outside + inside + lines if text.strip().startswith("#"))
