"""COPY and ADD as the graph sees them: from where, to where, and what of it the text and the context tell."""
from __future__ import annotations

from dataclasses import dataclass
from posixpath import basename

from rewriter.glob import wild
from rewriter.graph.context import Context
from rewriter.graph.expand import expand
from rewriter.graph.model import Graph
from rewriter.shell.model import Opaque
from rewriter.shell.paths import STANDING, absolute
from rewriter.source.model import Instruction
from rewriter.source.words import words

_KNOWN_FLAGS = frozenset({"from", "chown", "chmod"})
# ADD looks into a file for an archive to unpack; these kinds of files are none that it knows.
_PLAIN = (".sh", ".py", ".pl", ".txt", ".sql", ".json", ".xml", ".yml", ".yaml", ".conf", ".cfg", ".ini", ".csv", ".md",
          ".deb", ".rpm", ".zip", ".jar", ".war", ".whl", ".list", ".repo", ".key", ".pem", ".crt", ".rsp", ".patch")


@dataclass(frozen=True)
class Copy:
    """A COPY or ADD of local files.

    sources: as written, variables replaced. target: absolute, no slash at its end. into: what it copies lands in the
    folder `target`, under its own name, if it is a file. origin, owner, mode: the values of --from, --chown, --chmod.
    """

    instruction: Instruction
    sources: tuple[str, ...]
    target: str
    into: bool
    origin: str | None
    owner: str | None
    mode: str | None

    @property
    def unpacks(self) -> bool:
        """Whether ADD may unpack a source instead of copying it."""
        return self.instruction.keyword == "ADD" and not all(source.endswith(_PLAIN) for source in self.sources)

    def lands(self, source: str) -> str:
        """The path of what a source that is one file, and no pattern, becomes."""
        return absolute(basename(source.rstrip("/")), self.target) or self.target if self.into else self.target


def copy_of(graph: Graph, instruction: Instruction) -> Copy | Opaque:
    """What a COPY or ADD copies, or why that can't be told."""
    if instruction.heredocs:
        return Opaque("it has a heredoc")
    if odd := sorted({flag.name for flag in instruction.flags} - _KNOWN_FLAGS):
        return Opaque(f"it has the flag --{odd[0]}")
    state = graph.state(instruction)
    raw = instruction.json or [word.text for word in words(instruction.arguments)]
    said = [expand(word, state.values) for word in raw]
    if len(said) < 2 or None in said:
        return Opaque("its paths are not literal")
    *sources, last = [word for word in said if word is not None]
    target = absolute(last, state.workdir)
    if target is None:
        return Opaque("its target is relative to a WORKDIR that is not known")
    if instruction.keyword == "ADD" and any("://" in source or source.startswith("git@") for source in sources):
        return Opaque("it fetches from outside")
    flags = {flag.name: flag.value for flag in instruction.flags}
    if any("$" in (value or "") for value in flags.values()):
        return Opaque("its flags hold variables")
    folder = last.endswith(("/", "/.")) or last == "." or len(sources) > 1 or target in STANDING
    return Copy(instruction, tuple(sources), target, folder, flags.get("from"), flags.get("chown"), flags.get("chmod"))


def kind(copy: Copy, source: str, context: Context | None) -> str:
    """"file" or "folder" where the build context tells, for every match of a pattern; "" where nothing does."""
    if copy.origin is not None or context is None:
        return "folder" if source.rstrip("/").rsplit("/", 1)[-1] in ("", ".", "..") else ""
    kinds = {entry.kind for entry in context.find(source) or ()}
    return kinds.pop() if len(kinds) == 1 and kinds <= {"file", "folder"} else ""


def size(copy: Copy, context: Context | None) -> int | None:
    """The bytes that the COPY adds; None where the context does not tell."""
    if copy.origin is not None or context is None:
        return None
    found = [context.find(source) for source in copy.sources]
    return None if not all(found) else sum(entry.size for entries in found for entry in entries or ())


def literal(source: str) -> bool:
    """Whether a source names one path, without wildcards."""
    return not wild(source)
