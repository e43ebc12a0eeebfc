"""The ENV and ARG lines that a stage of its own needs for the variables of an instruction that is taken into it."""
from __future__ import annotations

from rewriter.graph.expand import named, plain
from rewriter.graph.model import Graph, Stage
from rewriter.source.meaning import Assignments
from rewriter.source.model import Instruction
from rewriter.source.words import quoted_words

# ARGs to which the builder gives a value; any other without one leaves what the base image may have set by its name.
_PLATFORM = frozenset(f"{of}{what}" for of in ("TARGET", "BUILD") for what in ("PLATFORM", "OS", "ARCH", "VARIANT"))


def definitions(graph: Graph, stage: Stage, until: Instruction, words: tuple[str, ...]) -> tuple[str, ...] | None:
    """The lines that give the variables in `words` the values that they have at `until`; None where the text does not tell them all.

    What a base image sets is not known. A line is as its author wrote it, less what else it sets.
    """
    wanted = {name for word in words for name in named(word)}
    if any(each.may_be for each in (stage, *graph.ancestors(stage))) and wanted & set(graph.state(stage.instructions[0]).values):
        return None
    given: set[str] = set()  # by the builder, or what stands before the first FROM
    lines: list[str] = []
    for each in _above(graph, stage, until):
        meaning = graph.meanings[each.index]
        if not isinstance(meaning, Assignments):
            return None
        said = _said(each, meaning)
        mine = [name for name in said if name in wanted]
        if not all(plain(said[name]) for name in mine):
            return None
        if mine:
            lines.insert(0, " ".join([each.keyword, *(said[name] for name in mine)]))
        given |= {name for name in mine if said[name] == name and (name in _PLATFORM or name in _defaults(graph))}
        wanted -= {name for name in mine if said[name] != name}
        wanted |= {inner for name in mine for inner in named(said[name])}
    return tuple(lines) if wanted <= given else None


def _defaults(graph: Graph) -> set[str]:
    """The names to which an ARG before the first FROM gives a value, which an ARG without one takes on."""
    outside = (graph.meanings[each.index] for each in graph.dockerfile.instructions[: graph.stages[0].start.index])
    return {name for meaning in outside if isinstance(meaning, Assignments) for name, value in meaning.pairs if value is not None}


def _said(each: Instruction, meaning: Assignments) -> dict[str, str]:
    """For each name the text that sets it."""
    if meaning.legacy:
        return {meaning.pairs[0][0]: each.arguments.text}
    return {text.partition("=")[0]: text for text in (word.text for word in quoted_words(each.arguments, "\\"))}


def _above(graph: Graph, stage: Stage, until: Instruction) -> list[Instruction]:
    """The ENV and ARG above an instruction, in its stage and those that this is built on, the nearest first."""
    stages = [*graph.ancestors(stage)[::-1], stage]
    every = [each for above in stages for each in above.instructions if above is not stage or each.index < until.index]
    return [each for each in reversed(every) if each.keyword in ("ENV", "ARG")]
