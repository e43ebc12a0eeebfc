"""COPYs that can do at once what a later RUN does to their files: what the rules that give them a flag have in common."""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.graph.attributes import Hit, changer, hits, last_run
from rewriter.graph.before import body_steps, renews
from rewriter.graph.brought import Brought, File, brought
from rewriter.graph.copies import copy_of, text_of
from rewriter.graph.model import Stage
from rewriter.graph.mounts import covered
from rewriter.graph.presence import furnished
from rewriter.options import LEVELS
from rewriter.record import dataclass
from rewriter.removing import cuts, drop_into, emptied, flagged
from rewriter.rule import Finding, Scene, Still
from rewriter.shell.model import Opaque, Word
from rewriter.shell.paths import covers, within
from rewriter.shell.tools import Act
from rewriter.shell.tools.files import CHANGERS
from rewriter.source.model import Instruction
from rewriter.text import Span, delete


@dataclass(frozen=True)
class Candidate:
    """A COPY, and the commands that change what it brings."""

    stage: Stage
    brought: Brought
    hits: tuple[Hit, ...]

    @property
    def at(self) -> Instruction:
        """The COPY."""
        return self.brought.copy.instruction

    @property
    def runs(self) -> tuple[Instruction, ...]:
        """The RUNs that the commands stand in, each once."""
        return tuple({hit.run.index: hit.run for hit in self.hits}.values())

    @property
    def changed(self) -> tuple[File, ...]:
        """The files that the commands change."""
        return tuple(file for hit in self.hits for _, file in hit.words)

    @property
    def vanishing(self) -> tuple[Instruction, ...]:
        """The RUNs in which nothing is left."""
        return tuple(run for run in self.runs if emptied(run, self.whole(run)))

    def whole(self, run: Instruction) -> tuple[Span, ...]:
        """The commands in the RUN that change nothing else."""
        return tuple(hit.command.span for hit in self.hits if hit.run is run and hit.whole)

    def operands(self, run: Instruction) -> tuple[Span, ...]:
        """The words in the RUN that are the files, among others in a command, each with the gap before it; spans in the file.

        Of a command that goes through a folder, it is the option to do so.
        """
        hits = [hit for hit in self.hits if hit.run is run and not hit.whole]
        words = [(hit, word) for hit in hits for word in (_recursive(hit) if hit.folder else [word for word, _ in hit.words])]
        return tuple(run.body.span(_before(hit, word), word.span.end) for hit, word in words)


def candidates(scene: Scene, command: str) -> Iterator[Candidate | Still]:
    """The COPYs of all stages that matter whose files a later `command` changes."""
    for stage in scene.stages:
        last = last_run(scene.graph, stage, command)
        for each in stage.before(last) if last else ():
            if each.keyword not in ("COPY", "ADD") or not scene.free(each):
                continue
            copy = text_of(scene.graph, each) if each.heredocs else copy_of(scene.graph, each)
            if isinstance(copy, Opaque):
                continue
            files = brought(scene.graph, stage, copy, scene.context)
            if isinstance(files, Brought):
                found = hits(scene.graph, stage, files, command, scene.context)
                yield from _judged(scene, stage, files, found, command)
            elif run := changer(scene.graph, stage, copy, command):
                yield Still(each, f"it can't do what `{command}` in the RUN at line {scene.graph.line(run)} does, since {files}")


def _judged(scene: Scene, stage: Stage, files: Brought, found: tuple[Hit, ...] | str, command: str) -> Iterator[Candidate | Still]:
    if not found:
        return
    candidate = Candidate(stage, files, () if isinstance(found, str) else found)
    reason = found if isinstance(found, str) else _obstacle(scene, candidate) or _idle(scene, candidate, command)
    yield Still(files.copy.instruction, reason) if reason else candidate


def _obstacle(scene: Scene, found: Candidate) -> str:
    """What forbids to take the commands out of their RUNs."""
    graph, paths = scene.graph, tuple(file.path for file in found.brought.files)
    if len(set(paths)) < len(paths):
        return "several files come to one path"
    for run in found.runs:
        place = f"the RUN at line {graph.line(run)}"
        if not scene.free(run):
            return f"a comment keeps this rule off {place}"
        if not graph.state(run).root or graph.state(run).shell is None and run.json is None:
            return f"{place} does not run as root in a POSIX shell"
        if covered(run, paths):
            return f"{place} has a mount that may lie over it"
        if run in found.vanishing and run.flags:
            return f"{place} has a flag"
        operands = found.operands(run)
        commented = any(span.overlaps(comment.span) for span in operands for comment in run.comments)
        if cuts(run, found.whole(run)) is None or operands and run.json or commented:
            return f"in {place} its command is not one of a plain chain, or has a comment of its own"
    for run in found.vanishing:
        if reason := renews(graph, found.stage, run):
            return f"the RUN at line {graph.line(run)} makes its WORKDIR again: {reason}"
    if found.vanishing and not furnished(graph, found.stage, found.vanishing):
        return "its RUN, the only one, makes /dev, /proc and /sys, too"
    return ""


def _idle(scene: Scene, found: Candidate, command: str) -> str:
    """Whether nothing would be saved: no RUN is gone, and each has the files in its layer all the same."""
    goes = hits(scene.graph, found.stage, found.brought, "chmod", scene.context) if command == "chown" else ()
    soon = () if isinstance(goes, str) else tuple(hit for hit in goes if hit.said.isdigit() or all(file.mode is not None for _, file in hit.words))
    held = [_held(scene, found, hit.run, file, soon) for hit in found.hits for _, file in hit.words]
    idle = not found.vanishing and all(held)
    return f"the RUN at line {scene.graph.line(found.runs[0])} changes it in other ways, too, so that nothing would be saved" if idle else ""


def finding(scene: Scene, found: Candidate, flags: tuple[tuple[str, str], ...], does: str, doubts: tuple[str, ...]) -> Finding:
    """The COPY with these flags, and the RUNs without the commands. does: what they do. doubts: what more is taken for granted."""
    saved = _shed(scene, found)
    gain = f"the {found.at.keyword} can do that{', and no layer has it twice' * (saved != 0)}"
    gain = gain if flags else "without that, no layer has it twice" if saved != 0 else "that is not needed"
    reason = f"the RUN at line {scene.graph.line(found.runs[0])} {does}: {gain}"
    edits = [flagged(found.at, name, value) for name, value in flags]
    edits += [delete(span) for run in found.runs for span in (*(cuts(run, found.whole(run)) or ()), *found.operands(run))]
    edits += drop_into(scene.graph.dockerfile, found.vanishing, found.at) if found.vanishing else ()
    taken = tuple(dict.fromkeys((*found.brought.doubts, *doubts)))
    if taken:
        return Finding(found.at, f"{reason}, if {'; if '.join(taken)}", tuple(edits), saved, LEVELS[-1])
    return Finding(found.at, reason, tuple(edits), saved)


def _shed(scene: Scene, found: Candidate) -> int | None:
    """The bytes that are in a layer less."""
    sizes = [file.size for hit in found.hits for _, file in hit.words if not _held(scene, found, hit.run, file)]
    return None if None in sizes else sum(size for size in sizes if size)


def _held(scene: Scene, found: Candidate, run: Instruction, file: File, soon: tuple[Hit, ...] = ()) -> bool:
    """Whether something else in the RUN surely writes to the file, or gives it an owner or a mode. soon: what is to go from there, too.

    What another program does to a tree, it may do to any file in there, not to this one.
    """
    gone = [hit.command.span for hit in (*found.hits, *soon) if hit.run is run]
    for step in body_steps(scene.graph, run):
        paths = [effect for effect in step.effects or () if effect.act == Act.WRITE] if step.command.span not in gone else []
        wide = step.command.name in CHANGERS
        if any(each.path == file.path or wide and (covers(each.path, file.path) or each.tree and within(file.path, each.path)) for each in paths):
            return True
    return False


def _recursive(hit: Hit) -> list[Word]:
    return [word for word in hit.command.words if word.value == "-R"]


def _before(hit: Hit, word: Word) -> int:
    """Where the word before an operand ends."""
    words = hit.command.words
    return words[words.index(word) - 1].span.end
