"""Commands that give files of a COPY another owner or mode, before anything that comes between could tell."""
from __future__ import annotations

from posixpath import basename, dirname

from rewriter.budget import spend
from rewriter.graph.before import body_steps, commands, earlier
from rewriter.graph.bodies import body
from rewriter.graph.brought import Brought, File
from rewriter.graph.context import Context
from rewriter.graph.copies import Copy
from rewriter.graph.fates import disjoint, variables_say
from rewriter.graph.landings import Landing
from rewriter.graph.model import Graph, Stage
from rewriter.graph.presence import stands
from rewriter.record import dataclass
from rewriter.shell.certainty import decides
from rewriter.shell.effects import Step, deletes, keeps_off, touches
from rewriter.shell.model import Command, Script, Word
from rewriter.shell.paths import STANDING, covers, wild, within
from rewriter.shell.tools import Act, Call, call_of, tool_of
from rewriter.shell.tools.files import CHANGERS
from rewriter.shell.tools.languages import TOOLS as LANGUAGES
from rewriter.shell.tools.modes import fixed
from rewriter.shell.tools.packages import TOOLS as PACKAGERS
from rewriter.source.model import Instruction

_RECURSIVE = ("-R", "--recursive")
_DEVICES = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr"})
_LINKS = frozenset({"/var/run", "/var/lock", "/usr/tmp"})  # to folders, in most bases
_LINKING = frozenset({"ln", "cp", "mv"})


@dataclass(frozen=True)
class Hit:
    """A command that changes files of a COPY. words: its operands that name them, with each the file.

    folder: the one that it goes through with all that is in it, the files among it; "" where it names just them.
    """

    run: Instruction
    command: Command
    call: Call
    words: tuple[tuple[Word, File], ...]
    folder: str = ""

    @property
    def said(self) -> str:
        """The mode, or the owner, that it gives."""
        return self.call.verb

    @property
    def whole(self) -> bool:
        """Whether it changes nothing but these files."""
        return not self.folder and len(self.words) == len(self.call.operands) - 1

    @property
    def recursive(self) -> bool:
        """Whether it goes through folders."""
        return self.call.has(*_RECURSIVE)


def last_run(graph: Graph, stage: Stage, name: str) -> Instruction | None:
    """The last RUN of a stage that has a command called `name`."""
    question = "last RUN", stage.index, name
    if question not in graph.answers:
        runs = (each for each in stage.instructions[::-1] if each.keyword == "RUN")
        graph.answers[question] = next((each for each in runs if any(step.command.name == name for step in body_steps(graph, each))), None)
    return graph.answers[question]


def _reach(graph: Graph, stage: Stage, copy: Copy, name: str) -> tuple[Instruction, ...]:
    """The instructions after a COPY up to that RUN."""
    last = last_run(graph, stage, name)
    return (*stage.between(copy.instruction, last), last) if last else ()


def hits(graph: Graph, stage: Stage, brought: Brought, name: str, context: Context | None) -> tuple[Hit, ...] | str:
    """The commands called `name` that change the files first, in order; where there are none that can be moved into the COPY, why.

    "" where no command changes any, and where all are deleted in the end.
    """
    found: list[Hit] = []
    left, blocked = list(brought.files), ""
    if _all_deleted(graph, stage.after(brought.copy.instruction), brought.files):
        return ""
    for each in _reach(graph, stage, brought.copy, name):
        if each.keyword != "RUN":
            blocked = blocked or _stands_between(graph, each, left, context)
            continue
        for step in body_steps(graph, each):
            words = _named(step, name, left)
            there = any(file.tree and stands(graph, stage, brought.copy.instruction, file.path) for _, file in words)
            folder = "" if words and not there else _through(graph, stage, each, step, name, brought, context)
            if folder:
                words = tuple((step.command.words[-1], file) for file in left)
            if words:
                reason = blocked or _unsure(each, step)
                if reason:
                    return tuple(found) or reason
                found.append(Hit(each, step.command, _call(step), words, folder))
                left = [file for file in left if file not in [named for _, named in words]]
            elif wider := _wider(step, name, left):
                blocked = blocked or f"`{name}` in the RUN at line {graph.line(each)} {wider}"
                if not found:
                    return blocked
            elif not blocked and not _harmless(step, name) and any(_meets(graph, each, step, file) and not _overlooks(graph, each, step, file) for file in left):
                blocked = f"the RUN at line {graph.line(each)} may use or change it before"
            if not left:
                return tuple(found)
        if not blocked and not body_steps(graph, each) and not all(_overlooks(graph, each, None, file) for file in left):
            blocked = f"the RUN at line {graph.line(each)} may use or change it before"
    return tuple(found)


def changer(graph: Graph, stage: Stage, copy: Copy, name: str) -> Instruction | None:
    """The first RUN after a COPY with a command called `name` for its target, or for something in that, whatever it copies."""
    for run in _reach(graph, stage, copy, name):
        spend()
        for step in body_steps(graph, run) if run.keyword == "RUN" and not copy.blind else ():
            call = _call(step) if step.command.name == name else None
            if call and any((path := call.path(word)) and within(path, copy.target) for word in call.operands[1:]):
                return run
    return None


def _all_deleted(graph: Graph, later: tuple[Instruction, ...], files: tuple[File, ...]) -> bool:
    """Whether a RUN deletes all of them: other rules see to that they are in no layer at all."""
    found = [step for each in later if each.keyword == "RUN" for step in body_steps(graph, each)]
    return all(any(deletes(step, file.path) for step in found) for file in files)


def _call(step: Step) -> Call | None:
    """The command as a call of chmod, chown or the like whose options are all known."""
    tool, call = tool_of(step.command.name), call_of(step.command, step.cwd, loosely=True)
    return call if tool and call and tool.knows(call) and call.operands else None


def _named(step: Step, name: str, files: list[File]) -> tuple[tuple[Word, File], ...]:
    """The operands that are the path of one of the files, which the command changes whole."""
    call = _call(step) if step.command.name == name else None
    if call is None:
        return ()
    paths = [(word, None if word.glob else call.path(word)) for word in call.operands[1:]]
    return tuple((word, file) for word, path in paths for file in files if path == file.path and (call.has(*_RECURSIVE) if file.tree else not _as_folder(word)))


def _as_folder(word: Word) -> bool:
    """Whether it names what has to be a folder: of a file the command fails."""
    return (word.value or word.raw).strip("\"'").endswith(("/", "/."))


def _unsure(run: Instruction, step: Step) -> str:
    """Why the command can't be taken out of its RUN, whatever it stands among; "" where it can."""
    read, command = body(run), step.command
    elsewhere = any(redirect.target is None or redirect.target.value not in (*_DEVICES, "1", "2") for redirect in command.redirects)
    if not isinstance(read, Script) or not decides(read, command) or elsewhere or command.assignments:
        return f"its `{command.name}` is not one of a plain chain"
    return ""


def _through(graph: Graph, stage: Stage, run: Instruction, step: Step, name: str, brought: Brought, context: Context | None) -> str:
    """The folder that a `chown -R` goes through, if it holds all the files, and nothing else that the text puts there; "" for none."""
    call = _call(step) if step.command.name == name == "chown" else None
    if call is None or len(call.operands) != 2 or [word.value for word in step.command.words[1:]].count("-R") != 1:
        return ""
    folder, copy = call.path(call.operands[1]), brought.copy.instruction
    if not folder or wild(folder) or folder in STANDING or folder in _LINKS or not all(within(file.path, folder) for file in brought.files):
        return ""
    inside = Landing("", f"{folder}/*", True, True, True)
    between = stage.between(copy, run)
    before = tuple(each for each in body_steps(graph, run) if each.command.span.start < step.command.span.start and each.command.name not in CHANGERS)
    apart = not any(_in_folder(graph, each, folder) if each.keyword == "WORKDIR" else not disjoint(graph, each, (inside,), context) for each in between)
    return folder if apart and keeps_off(before, inside.path, True) and not _put_there(graph, stage, copy, inside, context) else ""


def _put_there(graph: Graph, stage: Stage, copy: Instruction, inside: Landing, context: Context | None) -> bool:
    """Whether something before the COPY may put more into a folder, by what is known of it or as it names the folder."""
    folder = dirname(inside.path)
    for each in earlier(graph, stage, copy):
        if each.keyword in ("COPY", "ADD") and not disjoint(graph, each, (inside,), context) or _in_folder(graph, each, folder):
            return True
        for step in commands(graph, each) if each.keyword == "RUN" else ():
            named = step.effects is None and any(folder in word.raw for word in step.command.words)
            written = [effect for effect in step.effects or () if effect.act == Act.WRITE]
            makes = step.command.name not in _LINKING  # else it may be no folder, but a link to one
            if named or any(not (makes and effect.path == folder) and touches(effect, inside.path, tree=True) for effect in written):
                return True
    return False


def _in_folder(graph: Graph, each: Instruction, folder: str) -> bool:
    """Whether it is a WORKDIR that may make a folder in another."""
    path = graph.state(each).goes_to(each) if each.keyword == "WORKDIR" else folder
    return path is None or path != folder and within(path, folder)


def _wider(step: Step, name: str, files: list[File]) -> str:
    """How a command that names none of the files changes them, among others perhaps."""
    call = _call(step) if step.command.name == name else None
    if call is None:
        return ""
    paths = [call.path(word) for word in call.operands[1:]]
    if any(path and covers(path, file.path) and path != file.path for path in paths for file in files):
        return "names it by a pattern, which may fit other files, too"
    if call.has(*_RECURSIVE) and any(path and within(file.path, path) for path in paths for file in files):
        return "changes a whole folder, not only what is copied"
    return ""


def _harmless(step: Step, name: str) -> bool:
    """Whether a command that changes attributes leaves the one that counts alone; chown takes set-id bits off."""
    if name == "chmod":
        return step.command.name in ("chown", "chgrp")
    call = _call(step) if step.command.name == "chmod" else None
    return call is not None and (fixed(call.verb) is not None or bool(call.verb) and not call.verb[0].isdigit() and not set("st") & set(call.verb))


def _meets(graph: Graph, run: Instruction, step: Step, file: File) -> bool:
    """Whether a command may meet the file. Root may read whatever there is, so what programs load as such does not count."""
    if not graph.state(run).root:
        return not keeps_off((step,), file.path, file.tree)
    names = basename(step.command.name or "")
    mentions = names == basename(file.path) or any(file.path in word.raw for word in step.command.words)
    met = [effect for effect in step.effects or () if not (names in PACKAGERS and _unpackaged(file.path, effect.path))]
    return step.effects is None or mentions or any(touches(effect, file.path, file.tree) for effect in met)


def _unpackaged(path: str, changed: str) -> bool:
    """Whether packages of distributions have no files there, for all that they change: in /usr/local, and right in /opt."""
    return changed == "/usr" and within(path, "/usr/local") or changed == "/opt" == dirname(path)


def _overlooks(graph: Graph, run: Instruction, step: Step | None, file: File) -> bool:
    """Whether what is not known to keep off the file, a command or a whole RUN, has no way to it: neither its name nor a pattern.

    That can be said of a file right in `/`, or of a script among the programs in /usr/local/bin.
    """
    apart = dirname(file.path) == "/" or dirname(file.path) == "/usr/local/bin" and file.path.endswith(".sh")
    explained = step is not None and step.effects is not None and step.command.name not in LANGUAGES
    if file.tree or not apart or explained or not graph.state(run).root:
        return False
    read, text = body(run), run.logical.text + "".join(heredoc.content for heredoc in run.heredocs)
    if isinstance(read, Script) and step is not None and not read.heredoc:  # what comes later, the command looked for among it, does not matter; what one is fed does
        text = read.text[: next(part.span.end for part in read.segments if part.span.end >= step.command.span.end)]
    words = [word.strip("\"';()") for word in text.split()]
    wide = any(word in ("/", ".", "./", "/.") or word.startswith(("*", "./*", "/*", "/?", "/[", dirname(file.path) + "/*")) for word in words)
    return not wide and basename(file.path) not in text + variables_say(graph, run)


def _stands_between(graph: Graph, each: Instruction, files: list[File], context: Context | None) -> str:
    if each.keyword == "WORKDIR" or disjoint(graph, each, tuple(Landing("", file.path, file.tree, True, True) for file in files), context):
        return ""
    return f"the {each.keyword} at line {graph.line(each)} may change it before"
