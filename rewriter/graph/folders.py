"""COPYs side by side that put what they copy into one folder, as they are written: variables need not be known for it."""
from __future__ import annotations

from posixpath import basename

from rewriter.glob import wild
from rewriter.graph.absence import new_folder, untouched
from rewriter.graph.before import body_steps, earlier, overlaid
from rewriter.graph.context import Context, Entry
from rewriter.graph.copies import copy_of, kind
from rewriter.graph.expand import expand
from rewriter.graph.landings import Landing
from rewriter.graph.model import Graph, Stage
from rewriter.record import dataclass
from rewriter.shell.effects import may_delete
from rewriter.shell.model import Opaque
from rewriter.shell.paths import absolute, within
from rewriter.source.model import Instruction, Logical
from rewriter.source.words import words
from rewriter.text import Span

_FLAGS = ("from", "chown", "chmod")


@dataclass(frozen=True)
class Filling:
    """A COPY or ADD whose sources keep their names in a folder.

    sources, target: where they stand in the file. folder: the target as a word that ends in a slash. place: what it
    comes to, or where a variable is not known, its text: the same for the same folder. named: the target holds the
    file's name, so that a link or a folder which is there already would make a difference.
    """

    instruction: Instruction
    sources: Span
    target: Span
    folder: str
    place: str
    named: bool


def filling(graph: Graph, stage: Stage, each: Instruction, context: Context | None) -> Filling | None:
    """How a COPY or ADD fills a folder; None where it does something else, or something more."""
    if each.heredocs or each.json is not None or any(flag.name not in _FLAGS for flag in each.flags):
        return None
    *sources, target = words(each.arguments)
    if not sources or any("://" in source.text or source.text.startswith("git@") for source in sources):
        return None
    place = _place(target.text, graph, each)
    into = target.text.endswith("/") or target.text == "." or place is not None and _stands(graph, stage, each, place)
    folder = target.text.removesuffix("/") + "/"
    if not into:
        if len(sources) > 1 or not _keeps_its_name(graph, each, sources, target, context):
            return None
        folder = target.text.removesuffix(basename(target.text)) or "./"
        place = _place(folder, graph, each)
    named = not into and not _free(graph, stage, each, context)
    if named and place and overlaid(graph, stage, each, absolute(basename(target.text), place) or place, context):
        return None
    return Filling(
        each, Span(sources[0].at(0), _end(sources[-1])), Span(target.at(0), _end(target)), folder,
        place or folder.removeprefix("./"), named,
    )


def entries(graph: Graph, each: Instruction, context: Context | None) -> tuple[Entry, ...] | None:
    """What a COPY or ADD takes from the build context; None where that can't be told."""
    if context is None or each.flag("from") is not None:
        return None
    sources = [expand(word.text, graph.state(each).values) for word in words(each.arguments)[:-1]]
    found = [context.find(source) if source else None for source in sources]
    return None if not all(found) else tuple(entry for one in found for entry in one or ())


def patterned(each: Instruction) -> bool:
    """Whether a source is a pattern, or may be one."""
    return any(wild(word.text) or "$" in word.text for word in words(each.arguments)[:-1])


def _place(word: str, graph: Graph, each: Instruction) -> str | None:
    said = expand(word, graph.state(each).values)
    return absolute(said, graph.state(each).workdir) if said else None


def _stands(graph: Graph, stage: Stage, each: Instruction, place: str) -> bool:
    """Whether the folder is there, so that a file lands in it: in any base, or as the WORKDIR that no RUN removes."""
    if place in graph.state(each).standing:
        return True
    workdir = graph.state(each).workdir
    runs = [run for run in earlier(graph, stage, each) if run.keyword == "RUN"]
    return workdir is not None and within(workdir, place) and not any(may_delete(step, place) for run in runs for step in body_steps(graph, run))


def _end(word: Logical) -> int:
    return word.at(len(word.text) - 1) + 1


def _keeps_its_name(graph: Graph, each: Instruction, sources: list[Logical], target: Logical, context: Context | None) -> bool:
    """Whether it copies one file to a path that ends in the file's name. A new folder above would get its mode, too."""
    copy = copy_of(graph, each)
    if isinstance(copy, Opaque) or copy.unpacks or copy.fetched or copy.blind or copy.mode or basename(sources[0].text) != basename(target.text):
        return False
    return not patterned(each) and kind(copy, copy.sources[0], context) == "file"


def _free(graph: Graph, stage: Stage, each: Instruction, context: Context | None) -> bool:
    """Whether nothing can be where the file will be."""
    copy = copy_of(graph, each)
    assert not isinstance(copy, Opaque)
    landing = Landing(copy.sources[0], copy.target, False, True, True)
    new = stage.scratch and untouched(graph, stage, each, (landing,), context)
    return new or bool(new_folder(graph, stage, each, landing, context))
