"""Instructions of one kind that stand side by side, as the rules that make one of them see them."""
from __future__ import annotations

from collections.abc import Callable, Iterator

from rewriter.graph.model import Stage
from rewriter.rule import Scene
from rewriter.source.model import Blank, Comment, Dockerfile, Instruction


def blocks(scene: Scene, stage: Stage, keyword: str, starts: Callable[[Dockerfile, Instruction], bool]) -> Iterator[list[Instruction]]:
    """Neighbours of a keyword; what `starts` a block of its own parts them, and so does what is to be left alone."""
    block: list[Instruction] = []
    for each in stage.instructions:
        joins = each.keyword == keyword and scene.free(each)
        if block and not (joins and each.index == block[-1].index + 1 and not starts(scene.graph.dockerfile, each)):
            yield block
            block = []
        if joins:
            block.append(each)
    yield block


def spaced(dockerfile: Dockerfile, each: Instruction) -> bool:
    """Whether a blank line stands above."""
    return any(isinstance(piece, Blank) for piece in dockerfile.lead(each))


def commented(dockerfile: Dockerfile, each: Instruction) -> bool:
    """Whether a comment stands above."""
    return any(isinstance(piece, Comment) for piece in dockerfile.lead(each))


def headed(dockerfile: Dockerfile, each: Instruction) -> bool:
    """Whether a blank line and a comment stand above."""
    return spaced(dockerfile, each) and commented(dockerfile, each)
