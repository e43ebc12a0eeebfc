"""What the sources of a COPY become, as far as the build context, or the RUN that deletes them, tells."""
from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from posixpath import basename

from rewriter.budget import spend
from rewriter.graph.before import overlaid
from rewriter.graph.context import Context
from rewriter.graph.copies import ARCHIVES, Copy, archived, kind, literal, own_name
from rewriter.graph.model import Graph, Stage, script
from rewriter.graph.presence import stands
from rewriter.graph.removers import seen
from rewriter.pattern import Pattern
from rewriter.record import dataclass, replace
from rewriter.shell.certainty import decides, proves_file
from rewriter.shell.effects import Step, deletes
from rewriter.shell.filling import unbraced
from rewriter.shell.model import Script
from rewriter.shell.paths import STANDING, absolute, covers, parents, within
from rewriter.shell.tools.removal import DELETERS, forced, only_tells, takes_folders
from rewriter.source.model import Instruction

# Where most bases have a folder.
_FOLDERS = Pattern(
    r"/(?:boot|home|lib\d*|media|mnt|opt|run|sbin|srv)|/etc/(?:[\w-]+\.d|cron\.\w+|apt|default|nginx|ssl|sysconfig|systemd)"
    r"|/usr/(?:local/)?(?:bin|etc|include|lib\d*|libexec|local|sbin|share|src)|/var/(?:cache|lib|local|log|opt|run|spool|www)"
)
_TOLERANT = frozenset({"rm", "test", "[", "[[", "echo", "printf", "mkdir", "touch"})  # they do without the file


@dataclass(frozen=True)
class Landing:
    """What one source becomes: the file at `path`, or with `tree` the folder at `path` and all of it.

    Where neither text nor context tells a name, `path` has a wildcard for it, and `said` is the path by which the RUN
    knows it, with `$NAME` for a variable. known: the source surely is what `tree` says. sure: nor can there be a folder
    at `path`, in which a file would land.
    """

    source: str
    path: str
    tree: bool
    known: bool
    sure: bool
    said: str = ""

    @property
    def whole(self) -> bool:
        """Whether there may be something below `path`."""
        return self.tree or not self.known

    @property
    def name(self) -> str:
        """The path by which the RUN knows it."""
        return self.said or self.path


@dataclass(frozen=True)
class _User:
    """The RUN that may delete them, as it is read. steps: its commands, and those of the RUNs before that may use them, each with its body."""

    body: Script
    found: tuple[Step, ...]
    steps: tuple[tuple[Script, Step], ...]


def landings(graph: Graph, stage: Stage, copy: Copy, run: Instruction, context: Context | None) -> tuple[Landing, ...]:
    """Where the sources land, if `run` is the one that deletes them; () where nothing tells, or it leaves some of them."""
    body, found = script(run), seen(graph, copy, run)
    if not isinstance(body, Script) or not found:
        return ()
    user = _User(body, found, tuple(_steps(graph, stage, copy, run)))
    landed = [_landing(copy, source, user, context) for source in copy.sources]
    flat = [each for some in landed for each in some] if all(landed) else []
    left = any(taken(found, each) is None for each in flat)
    plain = flat and not left and all(each.known and not each.tree for each in flat)
    if not plain and copy.into and copy.target not in STANDING and any(_clears(step, copy.target) for step in found):
        return (Landing(copy.sources[0], copy.target, True, True, True),)
    if left:
        emptied = any(_empties(step, copy.target) for step in found)
        return (Landing(copy.sources[0], f"{copy.target.rstrip('/')}/*", True, False, False),) if emptied else ()
    return tuple(replace(each, sure=each.sure and not overlaid(graph, stage, copy.instruction, each.path, context)) for each in flat)


def entering(graph: Graph, stage: Stage, copy: Copy, run: Instruction, landed: tuple[Landing, ...], context: Context | None) -> Copy | str:
    """The copy, as one into a folder where its target is one before it, which `cp` has to be told; why that can't be told."""
    clear = all(each.sure or each.known and tells_name(copy, each.source) for each in landed)
    if clear or copy.blind or copy.into or len(copy.sources) > 1 or copy.sources[0].endswith("/") or kind(copy, copy.sources[0], context) == "folder":
        return copy
    body, found = script(run), seen(graph, copy, run)
    paths = {step: [each.path for each in step.deletions if within(each.path, copy.target) or within(copy.target, each.path)] for step in found}
    below = any(paths.values()) and all(within(path, copy.target) and path != copy.target for some in paths.values() for path in some)
    needs = below and isinstance(body, Script) and any(some and not forced(step.command) and decides(body, step.command) for step, some in paths.items())
    if needs and not _alike(copy) or enters(graph, stage, copy) and stands(graph, stage, copy.instruction, copy.target):
        return replace(copy, into=True)
    told = not _FOLDERS.fullmatch(copy.target) and not (below and _extended(copy.sources[0]))
    return copy if told else f"the text does not tell whether {copy.target} is a folder before, in which a file comes to lie: with a slash at its end it would"


def _alike(copy: Copy) -> bool:
    """Whether the target has the name of the source: then it is a folder only if that is one."""
    return own_name(copy.sources[0]) == basename(copy.target)


def tells_name(copy: Copy, source: str) -> bool:
    """Whether the text tells the name of a source: what a URL asks for does not count."""
    return literal(source if copy.local else source.partition("?")[0])


def enters(graph: Graph, stage: Stage, copy: Copy) -> bool:
    """Whether the target may be a folder already, though it does not say so, in which a file comes to lie by a name of its own."""
    if copy.into or len(copy.sources) > 1:
        return False
    return bool(_FOLDERS.fullmatch(copy.target)) or not _alike(copy) and stands(graph, stage, copy.instruction, copy.target)


def _steps(graph: Graph, stage: Stage, copy: Copy, run: Instruction) -> Iterator[tuple[Script, Step]]:
    for each in (*stage.between(copy.instruction, run), run):
        if each.keyword == "RUN" and isinstance(body := script(each), Script):
            yield from ((body, step) for step in seen(graph, copy, each))


def _clears(step: Step, folder: str) -> bool:
    """Whether it deletes the folder, or one above it, with all that is in it, whatever else."""
    named = step.command.name == "rm" and _recursive(step) and any(within(folder, each) for each in step.named[1:] if each)
    return named or any(effect.tree and within(folder, effect.path) for effect in step.deletions)


def _empties(step: Step, folder: str) -> bool:
    """Whether it deletes all that is in the folder, or what there has some kind of name."""
    emptied = any(effect.tree and effect.path == f"{folder.rstrip('/')}/*" for effect in step.deletions)
    return emptied or folder not in STANDING and _finds(step, folder)


def _landing(copy: Copy, source: str, user: _User, context: Context | None) -> tuple[Landing, ...]:
    spend(8 + 2 * len(user.found))
    known = kind(copy, source, context)
    if known == "folder" and (literal(source) or not copy.unpacks):  # archives in a folder stay as they are
        return (Landing(source, copy.target, True, True, True),)
    known = "" if copy.unpacks else known
    if copy.into and known and not literal(source) and not copy.fetched:
        return tuple(Landing(source, copy.lands(entry.path), False, True, True) for entry in (context.find(source) if context else ()) or ())
    if not copy.into:
        return (_at_target(copy, source, user, known == "file"),)
    return (_in_target(copy, source, user, known == "file"),)


def _at_target(copy: Copy, source: str, user: _User, known: bool) -> Landing:
    """What is copied to a path that may be a folder already: if the RUN deletes it in there, it is."""
    landing = Landing(source, copy.target, False, known, False)
    nested = replace(landing, path=absolute(own_name(source), copy.target) or copy.target)
    if literal(source) and not copy.unpacks and taken(user.found, landing) is None and taken(user.found, nested) is not None:
        return replace(nested, known=known or _used_as_file(user, nested))
    proved = bool(_proofs(copy, source, user, landing))
    return replace(landing, tree=not known and not proved, known=known or proved, sure=proved)


def _in_target(copy: Copy, source: str, user: _User, known: bool) -> Landing:
    """What is copied into a folder. Of a folder the content would land there, hardly a file of the folder's own name and extension."""
    said = absolute(unbraced(basename(source.rstrip("/"))), copy.target) or copy.target
    landing = Landing(source, copy.lands(source), False, True, literal(source), said)
    proved = any(not forced(step.command) for step in _proofs(copy, source, user, landing)) or not copy.unpacks and _used_as_file(user, landing)
    if known or proved and _extended(source):
        return landing
    folder = f"{copy.target.rstrip('/')}/*"
    unpacked = next((said.removesuffix(end) for end in ARCHIVES if copy.unpacks and said.endswith(end)), said)
    return replace(landing, path=folder, tree=unpacked != said, known=False, sure=False, said=unpacked)


def _proofs(copy: Copy, source: str, user: _User, landing: Landing) -> list[Step]:
    """The commands by which it is known to be a file; none for what ADD may unpack, on which they fail."""
    return [] if archived(copy, source) else [step for body, step in user.steps if _proves_file(body, step, landing)]


def _extended(source: str) -> bool:
    return "." in basename(source.rstrip("/")).strip(".")


def _used_as_file(user: _User, landing: Landing) -> bool:
    """Whether a command that the RUN surely does, and that would fail without the file, names it."""
    users = (each for each in user.steps if each[1].command.name not in _TOLERANT and landing.name in each[1].named)
    return _extended(landing.name) and any(decides(body, step.command) for body, step in users)


def _proves_file(body: Script, step: Step, landing: Landing) -> bool:
    """Whether the RUN only succeeds where a file is at the path: `rm` without -r, for one, deletes no folder."""
    if step.command.name == "rm" and (deletes(step, landing.name) or landing.name in step.named) and not _recursive(step):
        return decides(body, step.command)
    return proves_file(body, step.command, landing.name, step.cwd)


def _recursive(step: Step) -> bool:
    return takes_folders(step.command) or any(effect.tree for effect in step.effects or ())


def taken(found: tuple[Step, ...], landing: Landing) -> int | None:
    """The index of the command that takes it away, wherever that stands."""
    for at, step in enumerate(found):
        if _finds(step, landing.name.removesuffix("/*")) or _takes(step, landing.name) and (_recursive(step) or not landing.tree or not landing.known):
            return at
    return None


def _takes(step: Step, path: str) -> bool:
    """Whether it names the path, or a folder that holds it, as what is to go: also where other words can't be told."""
    if only_tells(step.command):
        return False
    away = slice(1, None) if step.command.name in DELETERS else slice(1, -1) if step.command.name == "mv" else slice(0)
    return deletes(step, path) or any(covers(each, path) for each in step.named[away] if each)


def _finds(step: Step, path: str) -> bool:
    """Whether it is a `find` that deletes what has such a name."""
    words = [word.value or "" for word in step.command.words]
    if step.command.name != "find" or not {"-delete", "rm"} & set(words):
        return False
    wanted = [words[at + 1] for at, word in enumerate(words[:-1]) if word in ("-name", "-iname")]
    fits = any(fnmatchcase(basename(path), name) for name in wanted or ["*"])
    return any(effect.path == path or fits and effect.path in parents(path) for effect in step.effects or ())
