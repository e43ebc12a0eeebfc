"""COPY and ADD as the graph sees them: from where, to where, and what of it the text and the context tell."""
from __future__ import annotations

import re
from posixpath import basename

from rewriter.budget import spend
from rewriter.glob import wild
from rewriter.graph.context import Context
from rewriter.graph.expand import bare, expand, named
from rewriter.graph.model import Graph
from rewriter.pattern import Pattern
from rewriter.record import dataclass
from rewriter.shell.model import Opaque
from rewriter.shell.paths import absolute, within
from rewriter.shell.filling import INERT, unbraced
from rewriter.source.model import Instruction
from rewriter.source.words import words

OWN = "dfopt-"  # with which the name of each stage of ours begins
POINT = f"/.{OWN}"  # the same of mount points: one name in `/`
SOMEWHERE = "/<workdir>"  # stands for a folder that the text does not tell
_KNOWN_FLAGS = frozenset({"from", "chown", "chmod", "checksum", "exclude"})
# ADD looks into a file for an archive to unpack; these kinds of files are none that it knows.
PLAIN = (".sh", ".py", ".pl", ".txt", ".sql", ".json", ".xml", ".yml", ".yaml", ".conf", ".cfg", ".ini", ".csv", ".md",
         ".deb", ".rpm", ".zip", ".jar", ".war", ".whl", ".list", ".repo", ".key", ".asc", ".gpg", ".pub", ".pem", ".crt", ".cer", ".rsp", ".patch", ".rb", ".R",
          ".js", ".c", ".h", ".toml", ".lock", ".properties", ".env", ".service", ".html", ".css")
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz", ".tar.zst")
_URL = Pattern(r"\Ahttps?://[^/]+/", cues=("://",))
_REPOSITORY = Pattern(r"git@|git://|ssh://|https?://[^#]*\.git(#|\Z)")


@dataclass(frozen=True)
class Copy:
    """A COPY or ADD.

    sources: as written, known variables replaced, and `$` left where one is not known. target: absolute, no slash at its
    end; below `SOMEWHERE`, or with `$NAME` in it, where the text does not tell. into: what it copies surely lands in the
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
    def blind(self) -> bool:
        """Whether the text does not tell where it copies to, so that nothing else can be told apart from that."""
        return untold(self.target)

    @property
    def unpacks(self) -> bool:
        """Whether ADD may unpack a source instead of copying it."""
        return self.instruction.keyword == "ADD" and not self.fetched and not self.cloned and not all(source.endswith(PLAIN) for source in self.sources)

    @property
    def fetched(self) -> bool:
        """Whether it gets files by their URLs: as files, whatever they hold, with mode 0600."""
        return self.instruction.keyword == "ADD" and bool(_URL.found(self.sources[0])) and not self.cloned

    @property
    def cloned(self) -> bool:
        """Whether it gets the content of a repository, as that of a folder."""
        return self.instruction.keyword == "ADD" and bool(_REPOSITORY.match(self.sources[0]))

    @property
    def local(self) -> bool:
        """Whether its sources are paths, here or in another stage."""
        return not (self.fetched or self.cloned or self.instruction.heredocs)

    @property
    def unflagged(self) -> bool:
        """Whether it has no flag but --from and --link, so that all is as it is where it comes from."""
        return all(flag.name in ("from", "link") for flag in self.instruction.flags)

    def lands(self, source: str) -> str:
        """The path of what a source that is one file becomes; a pattern, where the name is not known."""
        return absolute(own_name(source), self.target) or self.target if self.into else self.target


def copy_of(graph: Graph, instruction: Instruction) -> Copy | Opaque:
    """What a COPY or ADD copies, or why that can't be told."""
    spend()
    question = "copy", instruction.span
    if question not in graph.answers:
        found = any_copy_of(graph, instruction)
        odd = sorted({flag.name for flag in instruction.flags} - _KNOWN_FLAGS)
        odd = ["heredoc"] if instruction.heredocs else odd
        reason = f"it has the flag --{odd[0]}" if odd else "it fetches a repository" if isinstance(found, Copy) and found.cloned else ""
        graph.answers[question] = Opaque(reason) if reason else found
    return graph.answers[question]


def any_copy_of(graph: Graph, instruction: Instruction) -> Copy | Opaque:
    """The same of heredocs, repositories and linked copies, too, which are like others once they are in place."""
    question = "any copy", instruction.span
    if question not in graph.answers:
        graph.answers[question] = text_of(graph, instruction) if instruction.heredocs else _copy(graph, instruction)
    return graph.answers[question]


def _copy(graph: Graph, instruction: Instruction) -> Copy | Opaque:
    if odd := sorted({flag.name for flag in instruction.flags} - _KNOWN_FLAGS - {"link", "keep-git-dir"}):
        return Opaque(f"it has the flag --{odd[0]}")
    state = graph.state(instruction)
    raw = written(instruction)
    if len(raw) < 2 or not all(map(bare, raw)):
        return Opaque("its paths are not literal")
    last = expand(raw[-1], state.values) or unbraced(raw[-1])
    sources = tuple(expand(word, state.values) or word for word in raw[:-1])
    target = absolute(last, SOMEWHERE if last.startswith("$") else state.workdir or SOMEWHERE) or ""
    if instruction.keyword == "ADD" and (reason := _unknown_fetch(sources)):
        return Opaque(reason)
    flags = {flag.name: flag.value for flag in instruction.flags}
    if any("$" in (value or "") for value in flags.values()):
        return Opaque("its flags hold variables")
    stands = target in state.standing or state.workdir is not None and not state.workdir.startswith(SOMEWHERE) and within(state.workdir, target)
    folder = last.endswith(("/", "/.")) or last == "." or stands
    return Copy(instruction, sources, target, folder, flags.get("from"), flags.get("chown"), flags.get("chmod"))


def text_of(graph: Graph, instruction: Instruction) -> Copy | Opaque:
    """What a COPY of heredocs alone writes, as a Copy whose sources are their names."""
    state, count = graph.state(instruction), len(instruction.heredocs)
    *sources, last = written(instruction) or ("",)
    target = absolute(expand(last, state.values) or "", state.workdir)
    flags = {flag.name: flag.value for flag in instruction.flags}
    plain = len(sources) == count and all(source.startswith("<<") for source in sources) and not flags.keys() - {"chown", "chmod"}
    if not plain or target is None or any("$" in (value or "") for value in flags.values()):
        return Opaque("it is not of heredocs alone")
    folder = last.endswith("/") or count > 1 or target in state.standing
    return Copy(instruction, tuple(each.name for each in instruction.heredocs), target, folder, None, flags.get("chown"), flags.get("chmod"))


def shell_text(graph: Graph, copy: Copy, run: Instruction) -> str:
    """The target as the shell of the RUN is told of it: by the author's variables where they are the same there, else absolute."""
    raw, ours, theirs = written(copy.instruction)[-1], graph.state(copy.instruction).values, graph.state(run).values
    same = all(ours.get(name) == theirs.get(name) and INERT.fullmatch(ours.get(name) or "x") for name in named(raw))
    same = same and not any("/" in (ours.get(name) or "") for name in named(basename(raw)))  # its folder would not be above it in the text
    if copy.blind or "$" in raw and raw.startswith(("/", "$")) and same:
        return raw.rstrip("/") if raw.strip("/.") else "."
    return copy.target


def written(instruction: Instruction) -> tuple[str, ...]:
    """The words of a COPY or ADD as they stand in the text: the sources, then the target."""
    return instruction.json or tuple(word.text for word in words(instruction.arguments))


def kind(copy: Copy, source: str, context: Context | None) -> str:
    """"file" or "folder" where the build context tells, for every match of a pattern; "" where nothing does."""
    if copy.cloned or copy.fetched or copy.instruction.heredocs:
        return "folder" if copy.cloned else "file"
    if copy.origin is not None or context is None or "$" in source:
        return "folder" if source.rstrip("/").rsplit("/", 1)[-1] in ("", ".", "..") else ""
    kinds = {entry.kind for entry in context.find(source) or ()}
    return kinds.pop() if len(kinds) == 1 and kinds <= {"file", "folder"} else ""


def filed(copy: Copy, source: str, context: Context | None) -> bool:
    """Whether a source is known to be one file, or has the name of one."""
    return literal(source) and (kind(copy, source, context) or ("file" if source.endswith(PLAIN + ARCHIVES) else "")) == "file"


def packed(copy: Copy, context: Context | None) -> bool:
    """Whether what it brings may come out of an archive: archives in a folder stay as they are."""
    return copy.unpacks and not all(source.endswith("/") or kind(copy, source, context) == "folder" for source in copy.sources)


def archived(copy: Copy, source: str) -> bool:
    """Whether it has the name of an archive that ADD unpacks: what only a file can be done with fails then, and with it the build."""
    return copy.unpacks and source.endswith(ARCHIVES)


def size(copy: Copy, context: Context | None) -> int | None:
    """The bytes that the COPY adds; None where the context does not tell."""
    if copy.instruction.heredocs:
        return sum(len(each.content.encode("utf-8", "surrogateescape")) for each in copy.instruction.heredocs)
    if copy.origin is not None or context is None or not copy.local or not all(map(told, copy.sources)):
        return None
    found = [context.find(source) for source in copy.sources]
    return None if not all(found) else sum(entry.size for entries in found for entry in entries or ())


def missing(copy: Copy, context: Context | None) -> bool:
    """Whether the build context lacks a source."""
    return context is not None and copy.origin is None and copy.local and any(told(source) and context.find(source) == () for source in copy.sources)


def literal(source: str) -> bool:
    """Whether a source names one path, without wildcards."""
    return not wild(source) and "$" not in source


def untold(path: str) -> bool:
    """Whether a path is one of which the text does not tell where it is."""
    return path.startswith(SOMEWHERE) or "$" in path


def told(source: str) -> bool:
    """Whether all variables in a source are known."""
    return "$" not in source


def own_name(source: str) -> str:
    """The name under which a file lands: of a URL what its path ends in."""
    path = source.partition("?")[0].partition("#")[0] if _URL.found(source) else source.rstrip("/")
    name = basename(path)
    return name if "$" not in name else "*" + re.split(r"\$\w+|\$\{\w+\}", name)[-1]


def _unknown_fetch(sources: tuple[str, ...]) -> str:
    """Why what ADD fetches, if it does, can't be told; "" where it can."""
    urls = [source for source in sources if "://" in source or source.startswith("git@")]
    if not urls:
        return "its source may be a URL" if any(source.startswith("$") for source in sources) else ""
    if len(sources) == 1 and _REPOSITORY.match(urls[0]):
        return ""
    if len(urls) < len(sources) or not all(_URL.found(url) for url in urls):
        return "it fetches from outside"
    return "the URL does not tell the name of the file" if any("%" in url or not own_name(url) for url in urls) else ""
