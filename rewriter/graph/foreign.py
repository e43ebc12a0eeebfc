"""RUNs of another user than root: what they copy into place is his, and not what he can't write to, or has no folder for."""
from __future__ import annotations

from posixpath import dirname

from rewriter.graph.before import earlier, special
from rewriter.graph.context import Context
from rewriter.graph.copies import POINT, any_copy_of
from rewriter.graph.fates import landed
from rewriter.graph.model import Graph, Stage
from rewriter.graph.presence import stands
from rewriter.graph.uses import Uses, decided, spares
from rewriter.shell.effects import Step
from rewriter.shell.model import Opaque
from rewriter.shell.paths import might_meet, parents, within

# They may tell whose a file is, or pass that on. A new file may have the group of its folder, and not that of its user.
_TELLING = frozenset({"stat", "ls", "find", "tar", "cpio", "rsync", "zip", "getfacl", "namei", "test", "[", "[[", "mv"})


def foreign(graph: Graph, stage: Stage, found: Uses, context: Context | None) -> str:
    """Why the user of the RUN that uses and deletes the files can't have copied them himself; "" where he can."""
    copy, run = found.end.copy, found.end.run
    user, line = graph.state(run).user or "?", graph.line(run)
    if graph.state(run).shell is None or not user.replace("-", "").replace("_", "").isalnum() or user.isdigit():
        return f"the RUN at line {line} does not run as root in a POSIX shell, for all that is known"
    if found.each != (found.end,) or not decided(found.end):
        return f"the RUN at line {line} does not run as root, and is not all that uses and surely deletes it"
    if {flag.name for flag in copy.instruction.flags} - {"chown"} or not all(each.known and each.sure and not each.tree for each in found.end.landings):
        return f"the RUN at line {line} does not run as root, whose files alone it could have as they are copied"
    if copy.owner and copy.owner not in (user, f"{user}:{user}"):
        return f"the RUN at line {line} runs as {user}, and it belongs to {copy.owner}"
    if not copy.owner and any(within(each.path, shared) for each in found.end.landings for shared in ("/tmp", "/var/tmp")):
        return f"the RUN at line {line} runs as {user}, who can't delete there what is root's"
    if reason := _in_the_way(graph, stage, found, user, context):
        return f"the RUN at line {line} runs as {user}, and {reason}"
    if teller := next((step.command.name for step in found.end.found if step.command.name in _TELLING or _passes_on(step)), ""):
        return f"the RUN at line {line} runs as {user}, and its `{teller}` may tell whose it is"
    folder = next((above for each in found.end.landings if not stands(graph, stage, copy.instruction, above := dirname(each.path))), "")
    if copy.owner and folder:
        return f"the RUN at line {line} runs as {user}, for whom it may have to make {folder}"
    return "" if all(_readable(source, context) for source in copy.sources) else f"the RUN at line {line} runs as {user}, who can't read it in the build context, or keep the id that it sets"


def _in_the_way(graph: Graph, stage: Stage, found: Uses, user: str, context: Context | None) -> str:
    """What may be at the path already, which the user can't write to, or why he can't delete there what is root's; "" for nothing."""
    copy, paths = found.end.copy, [each.path for each in found.end.landings]
    sticky = "" if copy.owner else next(filter(None, (special(graph, stage, copy.instruction, dirname(path), sticky=True) for path in paths)), "")
    for each in earlier(graph, stage, copy.instruction):
        if each.keyword in ("COPY", "ADD"):
            other = any_copy_of(graph, each)
            there = () if isinstance(other, Opaque) or other.owner in (user, f"{user}:{user}") else landed(graph, other, context)
            brings = isinstance(other, Opaque) or any(might_meet(one.path, path) and one.path not in parents(path) for one in there for path in paths)
        else:
            brings = each.keyword == "RUN" and graph.state(each).user != user and any(path in each.body.text for path in paths)
        if brings:
            return f"the {each.keyword} at line {graph.line(each)} may have put there what is another's"
    return sticky


def owned(graph: Graph, found: Uses) -> str:
    """What may tell that the files are not root's, but the user's, who can write to them; "" for nothing."""
    end, user = found.end, graph.state(found.end.run).user
    steps = [step for at, step in enumerate(end.found) if at not in end.at]
    strange = next((step for step in steps for landing in end.landings if not spares(step, landing)), None)
    told = strange and (strange.command.name or "a command") or ""
    return f"it would be {user}'s, and it is not known whether `{told}` in the RUN at line {graph.line(end.run)} writes to it" if strange and not end.copy.owner else ""


def _passes_on(step: Step) -> bool:
    """Whether it is a `cp` of the author's that keeps owner and group."""
    said = [word.raw for word in step.command.words[1:]] if step.command.name == "cp" else []
    ours = any(word.startswith(POINT) for word in said)
    return not ours and any(word.startswith("-") and ("p" in word or "a" in word) for word in said)


def _readable(source: str, context: Context | None) -> bool:
    """Whether anyone may read a file, which sets no id; without a context, it is taken to have one of the modes that git keeps."""
    return all(entry.mode & 0o7004 == 0o004 for entry in (context.find(source) or () if context else ()))
