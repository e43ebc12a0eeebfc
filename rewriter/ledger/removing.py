"""Folders that a RUN may remove, as far as its words tell."""
from __future__ import annotations

import re
from collections.abc import Container, Iterator
from posixpath import basename

from rewriter.ledger.bodies import Body, Part, read_body, takes_folders, text_of
from rewriter.ledger.meeting import fits, plain_path
from rewriter.ledger.model import STANDING, Entry, Stage
from rewriter.ledger.places import NAMES, VARIABLE, expanded, resolved
from rewriter.ledger.touching import walked
from rewriter.pattern import Pattern
from rewriter.shell.model import Command

_RUNNERS = frozenset("sh bash dash ash sudo env exec command nice time timeout eatmydata su gosu su-exec xargs busybox doas find nohup chroot".split())
_REMOVERS = frozenset({"rm", "rmdir", "mv", "unlink", "find", "ls", "rsync"})
_PATH = Pattern(r"(?:\A|[=\":])\$(?:PATH\b|\{PATH\})", re.ASCII)
_SUBSTITUTED = Pattern(r"\$\(.*?(?:\)|\Z)|\$\{[^}]*\}?|`.*?(?:`|\Z)|\$")
_FRESH = Pattern(r"[$`(\"]\s*mktemp\b")  # no folder that was there before
_QUOTES = str.maketrans({char: " " for char in "\"'`(){}"})


def run_by(command: Command, names: Container[str]) -> Iterator[list[str]]:
    """The words of a command whose program has one of the names, and of those that another is to run; as they are written where they are not literal."""
    said = [word.raw.strip("\"'") if word.value is None else word.value for word in command.words]
    program = said[0].lstrip("\\").rsplit("/", 1)[-1] if said else ""
    if program in names:
        yield [program, *said[1:]]
    if program in _RUNNERS:
        for words in (each.split() for each in re.split(r"&&|\|\||[;|&]", " ".join(word.raw for word in command.words[1:]).translate(_QUOTES))):
            start = next((at for at, word in enumerate(words) if word.rsplit("/", 1)[-1] in names), None)
            if start is not None:
                yield [words[start].rsplit("/", 1)[-1], *words[start + 1 :]]


def undisturbed(body: Body, part: Part) -> bool:
    """Whether the words of a command mean what they do at the start of its body: nothing before it changes the folder, a variable, where programs are or how patterns are read."""
    words = part.text.split()[1:]
    relative = any(not word.strip("\"'").startswith(("/", "-")) for word in words)
    for command in body.commands or ():
        if command.span.start >= part.start:
            break
        changes = [each.name for each in command.assignments] + [word.raw.partition("=")[0] for word in command.words[1:] if command.name in ("export", "read", "unset", "local", "declare")]
        if relative and command.name in ("cd", "pushd", "popd") or any("$" in word and name in word for name in changes for word in words):
            return False
        if any(each.name == "PATH" and not goes_on(each.word.raw) for each in command.assignments) or any(word.raw.startswith("PATH=") and not goes_on(word.raw) for word in command.words[1:]):
            return False
        if command.name in (".", "source", "eval") and "$" in part.text or command.name in ("shopt", "alias") or command.name == "set" and any("f" in word.raw for word in command.words[1:]) and "*" in part.text:
            return False
    return not any(f"for {name}" in body.text[: part.start] for word in words for name in re.findall(r"\$\{?(\w+)", word))


def goes_on(value: str) -> bool:
    """Whether what is given to PATH has in it what that was."""
    return _PATH.found(value) is not None


def removes(run: Entry, folder: str, wary: bool = False) -> bool:
    """Whether a RUN may remove a folder, or one above it. wary: what is named by a variable that is not known may be any."""
    body = read_body(text_of(run.instruction))
    return run.instruction.json is not None and wary or removed_by(body, run, folder, wary)


def removed_by(body: Body, run: Entry, folder: str, wary: bool = False) -> bool:
    """The same of a body, in the state of a RUN."""
    if body.commands is None:
        return bool(set(re.findall(r"[\w-]+", body.text)) & (_REMOVERS - {"ls", "find"} | {"-delete"})) and (wary or folder in body.text)
    if not any(word in body.text for word in ("rm", "mv", "unlink", "-delete", "rsync")):
        return False
    fed = set(re.findall(r"[\w-]+", body.text.partition("<<")[2]))
    if fed & _REMOVERS - {"ls", "find"} and folder.rpartition("/")[2] in fed and any(basename(command.name or "") in _RUNNERS for command in body.commands):
        return True  # what is fed to it may be commands
    listed = any(command.name == "xargs" for command in body.commands)
    inside: str | None = run.state.workdir
    for command, at in walked(body, run.state.workdir):
        finds = basename(command.name or "") == "find"  # which says itself what is removed of what it finds
        for said in run_by(command, _REMOVERS):
            if finds and said[0] != "find":
                continue
            inner = "cd" in [word.raw.strip("\"'") for word in command.words[1:]] or any("cd " in word.raw for word in command.words[1:])
            inside = None if inner else at
            deep = said[0] != "rm" or takes_folders(said[1:]) or any(word.startswith("-d") for word in said[1:])
            if any(_covers(word, inside, run, folder) or said[0] == "find" and word == "/" or wary and deep and _may_mean(word, body, run, folder) for word in _gone(said, folder, listed)):
                return True
    return False


def _gone(said: list[str], folder: str, listed: bool) -> Iterator[str]:
    """The operands that a command removes. listed: what is listed may be removed by an xargs."""
    operands = [word for word in said[1:] if not word.startswith("-")]
    if said[0] == "find":
        names, kinds = ([after for word, after in zip(said, said[1:]) if word in options] for options in (("-name", "-iname"), ("-type",)))
        others = said.count("-o") + said.count("-or")  # of which each may do without a name, or a kind
        spared = len(kinds) > others and not any("d" in kind for kind in kinds)
        spared |= len(names) > others and not any(fits(part, pattern) for pattern in names for part in folder.split("/"))
        spared &= not (inverse := {"!", "-not"} & set(said))
        starts = said[1 : next((at for at, word in enumerate(said) if at and word.startswith(("-", "(", "!"))), len(said))] or ["."]
        for start in starts if not spared and (listed or {"-delete", "rm", "rmdir", "mv"} & set(said)) else ():
            inside = "-mindepth" in said or inverse and "." in names and start in (".", "./")
            yield f"{start.rstrip('/')}/*" if inside else start
    elif said[0] == "ls":
        yield from operands if listed and any(word.startswith("-") and "d" in word for word in said) else ()
    elif said[0] == "rsync":
        yield from operands[:-1] if "--remove-source-files" in said else ()
    else:
        yield from (operands[:-1] if said[0] == "mv" else [word for word in operands if word not in ("/", ".", "./", "..")])  # which no `rm` takes


def _covers(word: str, at: str | None, run: Entry, folder: str) -> bool:
    plain = re.sub(r"^\$(?:PWD\b|\{PWD\})", ".", word)
    known = expanded(plain, run.state.values) if plain.replace("\\", "") == plain else plain
    if known is None:
        start = plain.split("$")[0].split("`")[0]
        if "/" in start.lstrip("/"):
            known = start.rpartition("/")[0] + "/*"  # below what is known
        else:
            return False
    path = resolved(known, at)
    if path is None:
        return known.split("/")[0] in folder.split("/")
    ours, theirs = plain_path(folder).split("/"), plain_path(path).split("/")
    return path != "/" and len(theirs) <= len(ours) and all(fits(mine, other) for mine, other in zip(ours, theirs))


def _may_mean(word: str, body: Body, run: Entry, folder: str) -> bool:
    """Whether a word with variables that are not known may name the folder, or one above it: with any text for each."""
    if not set(word) & {"$", "`"} or expanded(word, run.state.values) is not None or _FRESH.found(word):
        return False
    values = {name: _given_to(name, body) for name in NAMES.findall(word)}
    if any(given and all(map(_FRESH.found, given)) for given in values.values()):
        return False
    literal = {name: given[0] for name, given in values.items() if len(given) == 1 and not set(given[0]) & {"$", "`"}}
    pattern = VARIABLE.sub(lambda match: literal.get(match[1] or match[2], "*"), word)
    pattern = _SUBSTITUTED.sub("*", pattern).replace('"', "").replace("'", "")
    parts = folder.split("/")
    return ".." in pattern.split("/") or any(fits("/".join(parts[:count]), pattern.rstrip("/")) for count in range(2, len(parts) + 1))


def _given_to(name: str, body: Body) -> list[str]:
    """What a body gives to a variable, as it is written; [] for nothing."""
    said = [each.word.raw for command in body.commands or () for each in command.assignments if each.name == name]
    return said + [word.raw.partition("=")[2] for command in body.commands or () for word in command.words[1:] if word.raw.startswith(f"{name}=")]


def standing(stage: Stage, index: int) -> frozenset[str]:
    """The folders of any base that are still there before an event of the stage."""
    if "removers" not in stage.answers:
        runs = [(at, each) for at, each in enumerate((*stage.below, *stage.entries), -len(stage.below)) if each.keyword == "RUN"]
        stage.answers["removers"] = {folder: next((at for at, each in runs if removes(each, folder)), len(stage.entries)) for folder in STANDING - {"/"}}
    return frozenset({"/", *(folder for folder, at in stage.answers["removers"].items() if at >= index)}) & stage.entries[index].state.standing


def made(stage: Stage, index: int, folders: set[str]) -> set[str]:
    """Those of these folders that a `mkdir` before an event made, in a chain that fails if it does; no RUN behind that may remove them."""
    runs = [each for each in stage.entries[:index] if each.keyword == "RUN"]
    return {folder for folder in folders if (at := max((at for at, run in enumerate(runs) if _makes(run, folder)), default=-1)) >= 0 and not any(removes(run, folder) for run in runs[at:])}


def _makes(run: Entry, folder: str) -> bool:
    body = read_body(text_of(run.instruction))
    if run.instruction.flags or any(not part.simple or part.operator not in ("&&", "") for part in body.parts):
        return False
    for command, at in walked(body, run.state.workdir):
        said = [resolved(expanded(word.raw.strip('"'), run.state.values), at) for word in command.words[1:] if not word.raw.startswith("-")]
        if command.name == "mkdir" and not command.place and any(path and f"{path}/".startswith(f"{folder}/") for path in said):
            return True
    return False
