"""What a RUN deletes, and which RUN before it made that: where the delete should have been."""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.budget import spend
from rewriter.graph.before import commands, narrow
from rewriter.graph.context import Context
from rewriter.graph.fates import disjoint
from rewriter.graph.landings import Landing
from rewriter.graph.model import Graph, Stage, chained, script
from rewriter.record import dataclass, replace
from rewriter.shell.certainty import decides
from rewriter.shell.effects import Step, keeps_off, touches
from rewriter.shell.model import Script, Word
from rewriter.shell.paths import covers, might_meet, within
from rewriter.shell.tools import Act, call_of
from rewriter.shell.tools.leftovers import APT, DISTRIBUTION, MANAGERS, caches, cleaned, named, strangers
from rewriter.shell.tools.removal import DELETERS
from rewriter.source.model import Instruction

_WILD = str.maketrans("*?", "--")
_LIGHT = frozenset({"echo", "printf", "touch", "tee", "sed", "ln", "cat"})
_LITTLE = frozenset({"mkdir", "chmod", "chown", "chgrp", "mktemp", "cd", "rm", "rmdir"})  # they make nothing that takes room


@dataclass(frozen=True)
class Doomed:
    """What a command of `run` deletes of what `by` made. maker: that, or a RUN after it which becomes one with it.

    before: the commands that stand before it. words: which of its operands are meant, () for all; paths: what they name.
    weighty: it is more than what a shell or an editor writes.
    """

    by: Instruction
    maker: Instruction
    run: Instruction
    before: tuple[Step, ...]
    step: Step
    words: tuple[Word, ...]
    paths: tuple[Landing, ...]
    weighty: bool

    @property
    def stuck(self) -> bool:
        """Whether it can't be taken out of its RUN: it is no plain delete, or the commands before it may need what it deletes."""
        return self.step.command.name not in DELETERS or not all(spares(step, path.path) for step in self.before for path in self.paths)


def doomed(graph: Graph, stage: Stage, run: Instruction) -> list[Doomed]:
    """All that the RUN surely deletes and an earlier one is known to have made, by command and maker, the earliest first."""
    body, found = script(run), commands(graph, run)
    if not isinstance(body, Script):
        return []
    before = stage.before(run)
    sure = [(at, step) for at, step in enumerate(found) if deletion(step) and decides(body, step.command)]
    pairs = [each for at, step in sure for each in _of_step(graph, before, run, found[:at], step)]
    return sorted(pairs, key=lambda each: each.maker.index)


def _of_step(graph: Graph, above: tuple[Instruction, ...], run: Instruction, before: tuple[Step, ...], step: Step) -> Iterator[Doomed]:
    paths, words = deletion(step), _operands(step)
    if step.command.name in APT:  # its clean-up takes away little, and may go along with a delete only
        return
    makers = [_maker(graph, above, path.path, begins(before, path.path)) for path in paths]
    for index in {each.index for each in makers if each}:
        maker = graph.dockerfile.instructions[index]
        mine = [at for at, each in enumerate(makers) if each is maker]
        some = tuple(words[at] for at in mine) if words and len(mine) < len(words) else ()
        heavy = tuple(each for each in commands(graph, maker) if each.command.name not in _LIGHT)
        found = Doomed(maker, maker, run, before, step, some, tuple(paths[at] for at in mine) if some else paths, any(makes(heavy, paths[at].path) for at in mine))
        free = [at for at in mine if words and all(spares(each, paths[at].path) for each in before)]
        yield found
        if found.stuck and free and len(mine) > len(free):
            yield replace(found, words=tuple(words[at] for at in free), paths=tuple(paths[at] for at in free), weighty=any(makes(heavy, paths[at].path) for at in free))


def spares(step: Step, path: str) -> bool:
    """Whether a command is known not to need the path, nor to make it."""
    return keeps_off((step,), path, True) or path.startswith(DISTRIBUTION) and strangers(step.command) and not _comes_upon(step, path)


def _comes_upon(step: Step, path: str) -> bool:
    """Whether a tool that is known by its operands reads the path as a part of what it is given: `du /`, `cp -a / /x`."""
    if step.command.name in MANAGERS or step.command.name == "ls" and not any("R" in word.raw or word.raw == "--recursive" for word in step.command.words if word.raw.startswith("-")):
        return False
    return any(effect.act == Act.READ and touches(effect, path, True) for effect in step.effects or ())


def entirely(graph: Graph, pair: Doomed) -> Doomed | None:
    """All that the RUN does, if that is only to delete by words that mean the same in the maker's place."""
    found = commands(graph, pair.run)
    paths = tuple(path for step in found for path in deletion(step))
    if not all(map(deletion, found)) or not chained(pair.run) or pair.run.flags:
        return None
    same = graph.state(pair.run).workdir == graph.state(pair.maker).workdir
    anywhere = all((word.value or "").startswith("/") for step in found for word in _operands(step))
    return replace(pair, before=(), words=(), paths=paths) if same or anywhere else None


def deletion(step: Step) -> tuple[Landing, ...]:
    """The paths that a command deletes which does nothing else: of `rm`, one for each operand."""
    if step.effects is None or step.command.redirects or step.command.assignments:
        return ()
    paths = [effect.path for effect in step.effects] if step.command.name in DELETERS else cleaned(step.command)
    return tuple(Landing("", path, True, True, True) for path in paths)


def _operands(step: Step) -> tuple[Word, ...]:
    """Those that can be deleted elsewhere one by one."""
    call = call_of(step.command, step.cwd) if step.command.name in DELETERS else None
    return call.operands if call else ()


def _maker(graph: Graph, before: tuple[Instruction, ...], path: str, again: bool) -> Instruction | None:
    """The last RUN that is known to make the path, or something below it, unless one after it deletes that.

    again: it is made later, too, so that what is written to a folder above says nothing.
    """
    for each in reversed(before):
        found = commands(graph, each) if each.keyword == "RUN" else ()
        if makes(found, path, again):
            return each
        if any(_gone(step, path) for step in found):
            return None
    return None


def unclaimed(graph: Graph, stage: Stage, run: Instruction, context: Context | None) -> str:
    """A path that a RUN surely deletes, and that an earlier one may have made which can't be looked into; "" for none."""
    body, found = script(run), commands(graph, run)
    before = stage.before(run)
    if not isinstance(body, Script) or not any(step.command.name in DELETERS for step in found):
        return ""
    known = [each for each in before if each.keyword in ("COPY", "ADD") or each.keyword == "RUN" and _known(commands(graph, each))]
    if len(known) == sum(each.keyword in ("RUN", "COPY", "ADD") for each in before):
        return ""
    for at, step in enumerate(found):
        if step.effects is None:  # it may be the one that makes what comes after it
            return ""
        for path in deletion(step) if step.command.name in DELETERS and decides(body, step.command) else ():
            if not makes(found[:at], path.path) and all(disjoint(graph, each, (path,), context) for each in known):
                return path.path
    return ""


def _known(found: tuple[Step, ...]) -> bool:
    return bool(found) and all(step.effects is not None for step in found)


def makes(found: tuple[Step, ...], path: str, just: bool = False) -> bool:
    """Whether some of these commands make the path, or something below, and none after them deletes it again. just: by its name."""
    spend(len(found) // 2)
    made = False
    for step in found:
        made = (made or _makes(step, path, just)) and not _gone(step, path)
    return made


def begins(found: tuple[Step, ...], path: str) -> bool:
    """Whether a command may bring what is at the path, by its name or with a folder above it; caches are never begun, but filled."""
    written = (effect for step in found for effect in step.effects or () if effect.act == Act.WRITE and narrow(effect.path))
    return not path.startswith(DISTRIBUTION) and any(covers(each.path, path) or each.tree and within(path, each.path) for each in written)


def _gone(step: Step, path: str) -> bool:
    """Whether a command deletes all that may be at the path, or what is in it."""
    if step.command.name not in APT and any(within(path, cache) for cache in cleaned(step.command)):
        return True
    return any(covers(each.path, path) or each.path in (f"{path}/*", f"{path}/") or each.tree and within(path, each.path) for each in step.deletions)


def _makes(step: Step, path: str, just: bool) -> bool:
    if any(might_meet(cache, path) for cache in caches(step.command)):
        return True
    if step.effects is None:  # a build, or the like, in a folder that is to go
        return step.cwd is not None and might_meet(step.cwd, path) and step.cwd.count("/") >= path.count("/") and path != "/"
    if step.command.name in _LITTLE | MANAGERS:
        return False
    least = path.removesuffix("/*").count("/") if just else 0
    return any(effect.act == Act.WRITE and narrow(effect.path) and effect.path.count("/") >= least and touches(effect, path, tree=True) for effect in step.effects)


def installers(graph: Graph, stage: Stage, run: Instruction) -> list[Instruction]:
    """The RUNs before that install packages which the RUN removes by the same words, and nothing removes or installs in between."""
    owners: dict[str, Instruction] = {}
    if not any(named(step.command, removed=True) for step in commands(graph, run)):
        return []
    for each in stage.before(run):
        for step in commands(graph, each) if each.keyword == "RUN" else ():
            for name in named(step.command, removed=False):
                owners.setdefault(name, each)
            for name in named(step.command, removed=True):
                owners.pop(name, None)
    found: dict[int, Instruction] = {}
    for step in commands(graph, run):
        for name in named(step.command, removed=False):
            owners.pop(name, None)
        found |= {owners[name].index: owners[name] for name in named(step.command, removed=True) & owners.keys()}
    return list(found.values())


def literal_text(pair: Doomed) -> str:
    """The command with the operands that are meant, absolute so that they are the same everywhere; "" where that can't be written."""
    words, command = pair.words or _operands(pair.step), pair.step.command
    if not words:
        return " ".join(word.raw for word in command.words)
    options = [word.raw for word in command.words[1:] if (word.value or "").startswith("-") and word not in words]
    named = [word.raw if (word.value or "").startswith("/") else path.path for word, path in zip(words, pair.paths)]
    written = all((word.value or "").startswith("/") or plain(path.path.translate(_WILD)) for word, path in zip(words, pair.paths))
    return " ".join([command.words[0].raw, *options, *named]) if written else ""


def plain(path: str) -> bool:
    """Whether a shell reads nothing into it."""
    return all(char.isalnum() or char in "/._-+:" for char in path)
