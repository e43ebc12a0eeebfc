"""What a rule is: a file of its own whose `find` looks at a scene and yields findings. It changes nothing itself."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from rewriter.graph.context import Context
from rewriter.graph.model import Graph, Stage
from rewriter.options import LEVELS, Options
from rewriter.record import dataclass
from rewriter.source.model import Instruction
from rewriter.target import Target, target
from rewriter.text import Edit, Span


@dataclass(frozen=True)
class Scene:
    """What a rule may look at. `ignored`: instructions (by index) that comments tell this rule to leave alone.

    parted: lines of RUNs that are not to be joined to what is before them, since no group across there was confirmed.
    """

    graph: Graph
    context: Context | None
    options: Options
    ignored: frozenset[int] = frozenset()
    parted: frozenset[int] = frozenset()

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that matter: their layers are in the image, or the user wants all to be looked at."""
        every = self.graph.stages
        return every if self.options.merge == "all" else tuple(stage for stage in every if stage.index in self.graph.final)

    @property
    def target(self) -> Target:
        """What the file is written for."""
        return target(self.options, self.graph.dockerfile.directives)

    def free(self, instruction: Instruction) -> bool:
        """Whether the rule may change the instruction."""
        return instruction.index not in self.ignored


@dataclass(frozen=True)
class Finding:
    """A change to make: where and why, the edits, and the bytes that the image is known to shed (None: some, unknown how many).

    level: the lowest at which it is made; it may be stricter than its rule's, and the reason then says why.
    joins: RUNs that become one, where that is all: how many do, in several steps perhaps, is told before the reason, which may be "".
    """

    at: Instruction
    reason: str
    edits: tuple[Edit, ...]
    saved: int | None = 0
    level: str = LEVELS[0]
    joins: tuple[Instruction, ...] = ()

    @property
    def stage(self) -> str:
        """The text of a stage that it puts above another, "" for none."""
        return next((edit.text for edit in self.edits if not edit.span and edit.text.lstrip().lower().startswith("from ")), "")

    @property
    def reach(self) -> Span:
        """From the first to the last that it changes, without such a stage: several may stand there, if none brings a blank line."""
        above = self.stage if not self.stage[:1].isspace() else ""
        spans = [edit.span for edit in self.edits if not above or edit.text != above]
        return Span(min(span.start for span in spans), max(span.end for span in spans))


@dataclass(frozen=True)
class Still:
    """A candidate that is left as it is, and why, so that its author can act on it."""

    at: Instruction
    reason: str


Find = Callable[[Scene], Iterator[Finding | Still]]


@dataclass(frozen=True)
class Rule:
    """name: as users write it. level: one of `options.LEVELS`. module: whose docstring is its page.

    cues: words without which a file has nothing for it, in lower case; with | between, one of them will do, and one that
    is given twice must be there twice. tools: programs that it has run, or does the work of: they are taken for what they are.
    """

    name: str
    level: str
    find: Find
    module: str
    cues: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()

    @cached_property
    def counted(self) -> tuple[tuple[list[str], int], ...]:
        """The words of each cue, and how many of them must be there."""
        return tuple((cue.split("|"), self.cues.count(cue)) for cue in dict.fromkeys(self.cues))

    def concerns(self, count: Callable[[str], int]) -> bool:
        """Whether it may have something to say of a text, of which `count` tells how often a word stands in it in lower case."""
        return all(sum(map(count, words)) >= least for words, least in self.counted)


def rule(name: str, *cues: str, level: str = LEVELS[0], tools: tuple[str, ...] = ()) -> Rule:
    """The rule whose file is called like it. That is imported when a Dockerfile first has all that the rule looks for."""
    module = f"rewriter.rules.{name.replace('-', '_')}"
    return Rule(name, level, lambda scene: __import__(module, fromlist=["find"]).find(scene), module, cues, tools)
