"""What must hold of every result, whatever the rules did: asked of the texts alone."""
from __future__ import annotations

from collections import Counter

from rewriter.source.model import Comment, Dockerfile, Unreadable
from rewriter.source.reading import read

OWN_STAGES = "dfopt-"  # stages that rules add are named so
_BUILDING = frozenset({"RUN", "COPY", "ADD"})


def fault(before: Dockerfile, after: str) -> str:
    """Why the result must not be handed out; "" where nothing speaks against it."""
    result = read(after)
    if isinstance(result, Unreadable):
        return f"the result can't be read: {result.reason}"
    if lost := _comments(before) - _comments(result):
        return f"a comment got lost: {next(iter(lost))}"
    if settings(before) != settings(result):
        return "the settings of the image changed"
    return ""


def settings(dockerfile: Dockerfile) -> list[tuple[str, str]]:
    """Keyword and text of all that sets anything, in order, but for stages that rules have added."""
    found: list[tuple[str, str]] = []
    own = False
    for each in dockerfile.instructions:
        if each.keyword == "FROM":
            own = each.arguments.text.split()[-1].startswith(OWN_STAGES)
        if not own and each.keyword not in _BUILDING:
            found.append((each.keyword, each.logical.text))
    return found


def _comments(dockerfile: Dockerfile) -> Counter[str]:
    outside = [piece.text for piece in dockerfile.pieces if isinstance(piece, Comment)]
    inside = [comment.text for each in dockerfile.instructions for comment in each.comments]
    return Counter(text.strip() for text in outside + inside)
