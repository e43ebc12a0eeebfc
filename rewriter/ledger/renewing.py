"""Programs that may have come to lie elsewhere since they were run: a shell goes on where it found the first."""
from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename

from rewriter.ledger.bodies import Body
from rewriter.ledger.matching import REHASH, Block
from rewriter.ledger.meeting import fits
from rewriter.ledger.model import Entry
from rewriter.ledger.places import resolved
from rewriter.ledger.removing import run_by
from rewriter.ledger.touching import BUILT_IN, walked
from rewriter.pattern import Pattern
from rewriter.shell.model import Command

_REPLACES = frozenset({"rm", "mv", "cp", "ln", "install", "unlink", "tee", "ed", "truncate", "dd", "patch", "vi"})
_TEXTS = frozenset({"perl", "python", "python2", "python3", "ruby"})
_BINS = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
# They may put themselves elsewhere, by the names that they have as packages.
_INSTALLERS = {**dict.fromkeys(("pip", "pip2", "pip3"), frozenset({"pip", "pip2", "pip3"})), **dict.fromkeys(("npm", "yarn"), frozenset({"npm", "npx", "yarn"})), "gem": frozenset({"bundler", "bundle"})}
_VERSIONS = {"n": frozenset({"node", "npm", "npx"}), "corepack": frozenset({"yarn", "pnpm"})}  # they put other programs there
_WHOLE = frozenset("/ /usr /usr/ /usr/local /usr/local/".split())  # what is unpacked there may have programs in it
# Names that a variable or a substitution may stand for.
_SAID = Pattern(r"(?:(?<!\w)(?:which|type|command\s+-v)\s+|(?<!\w)\w+=[\"']?)([^\s;&|\"')`$(]+)|(?<!\w)in\s([^;\n]+)")


def renewed(found: tuple[Block, ...], at: int, entries: list[Entry]) -> str:
    """A program that the shell has run before the body at `at` or in it, that is put elsewhere there, and run after it."""
    start = next((number for number in range(at, 0, -1) if _forgotten(found, number)), 0)
    end = next((number for number in range(at + 1, len(found)) if _forgotten(found, number)), len(found))
    known = {name for block in found[start:at] if block.outside for name in _run(block.outside)}
    body, own = found[at].body, found[at].outside is not None
    later = {name for block in found[at + 1 : end] for name in _run(block.body)}
    ran, itself = set(known), set()
    for command, folder in walked(body, entries[at].state.workdir):
        moved = set(_moved(command, folder, ran, body))
        after = {each.name for each in body.commands or () if each.span.start > command.span.start}
        for name in sorted(moved & (ran | {command.name})):
            if name in later and (own or name in known) or name in known - itself and name in after:
                return f"{name} may have come to lie elsewhere, where the shell would not look"
        if command.name and "/" not in command.name:
            ran.add(command.name)
            itself.add(command.name)
    return ""


def _forgotten(found: tuple[Block, ...], number: int) -> bool:
    """Whether the shell forgets right before a body where programs lie: by what was added, or what its author ends the one before with."""
    before = found[number - 1]
    *others, last = before.body.parts or (None,)
    own = last and last.text == REHASH and all(part.operator in ("&&", ";") for part in others[-1:])
    return bool(own) and before.wrap != "(" or any(part.text == REHASH for part in found[number].added)


def _run(body: Body) -> Iterator[str]:
    """The programs that a body has the shell look up."""
    yield from (command.name for command in body.commands or () if command.name and "/" not in command.name)


def _moved(command: Command, folder: str | None, ran: set[str], body: Body) -> Iterator[str]:
    """Those of the programs run that a command may put elsewhere, or others in the place of, and itself."""
    for said in run_by(command, _REPLACES):
        operands = [resolved(word, folder) or word for word in said[1:] if not word.startswith("-")]
        for path in operands:
            below = path != "/" and path in (operands if said[0] == "rm" else operands[:-1] if said[0] == "mv" else ()) and any(f"{place}/".startswith(f"{path}/") for place in _BINS)
            if below:
                yield from ran - BUILT_IN
            yield from _named(path, ran, body)
    for redirect in command.redirects:
        if redirect.target and ">" in redirect.operator:
            yield from _named(redirect.target.value or redirect.target.raw, ran, body)
    for said in run_by(command, _INSTALLERS.keys()):
        if {"install", "add", "update"} & set(said) and any(re.split("[=@]", word)[0] in _INSTALLERS[said[0]] for word in said[1:]):
            yield from _INSTALLERS[said[0]]
    for said in run_by(command, _VERSIONS.keys()):
        yield from _VERSIONS[said[0]]
    for said in run_by(command, {"tar", "bsdtar", "unzip"}):
        if any(word.removeprefix("-C").removeprefix("--directory=") in _WHOLE for word in said[1:]):
            yield from (name for name in ran if re.search(rf"[ /\"']{re.escape('node' if name in _VERSIONS['n'] else name)}-[v\d$]", body.text))
    if basename(command.name or "") in _TEXTS:
        yield from (name for name in ran if any(f"bin/{name}" in word.raw for word in command.words))


def _named(path: str, ran: set[str], body: Body) -> Iterator[str]:
    """The programs that may lie at a path: at one that is not told those of which the body speaks besides."""
    name = basename(path)
    if "$" in path or "`" in path:
        said = [word for match in _SAID.finditer(body.text) for word in (match[1] or match[2]).split()]
        yield from ran & {basename(word.strip("\"'")) for word in said}
    elif "bin/" in path and any(char in name for char in "*?["):
        yield from (each for each in ran if name.strip("*?") and fits(each, name))
    if "bin/" in path or path.startswith("./"):
        yield name
