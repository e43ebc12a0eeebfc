"""Programs that a body may put others in the place of: a shell remembers where it found each, and would not look for the new one."""
from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from posixpath import basename, dirname

from rewriter.budget import spend
from rewriter.pattern import Pattern
from rewriter.shell.leaks import leaks
from rewriter.shell.model import Command, Script, Word
from rewriter.shell.paths import PROGRAMS
from rewriter.shell.reading import read_script
from rewriter.shell.tools.builtins import OWN

# Programs that replace themselves: the shell would go on using the one that it found first.
_SELF_INSTALLING = frozenset("pip pip3 pip2 npm yarn gem bundle conda mamba composer easy_install poetry uv go cargo rustup corepack n".split())
# They bring others, to where they think right.
_BRINGS = {"n": frozenset({"node", "npm", "npx", "corepack"}), "corepack": frozenset({"yarn", "yarnpkg", "pnpm", "pnpx"})}
_UPDATES = frozenset({"self-update", "selfupdate", "self", "--system", "enable"})
_PLACES = frozenset("cp mv ln install rm tee curl wget chmod update-alternatives apk apt-get apt yum dnf microdnf dpkg rpm unzip tar git make".split())
_IN_PLACE = frozenset({"apt-get", "apt", "yum", "dnf", "microdnf", "dpkg", "rpm"})  # what they know of, they put where it was
_UNPACKS, _ROOTS = frozenset({"tar", "bsdtar", "unzip"}), frozenset({"/", "/usr", "/usr/local"})  # below which programs lie
_BUILDS = frozenset({"make", "gmake", "ninja", "cmake", "meson", "sh", "bash", "python", "python3", "perl", "scons", "waf", "ruby", "rake"})
# What a word that is not literal may stand for: what was asked for, gone over, or given to a variable.
_NAMED = Pattern(r"\b(?:command +-[vV]|which|type(?: +-\w+)?|whereis) +([\w.+/-]+)|\bfor +\w+ +in +([^;\n]*)|\b\w+=[\"']?([\w.+/-]+)")


def renewed(bodies: tuple[Script, ...], at: int, known: frozenset[str], *, alone: bool = False) -> bool:
    """Whether a later body, or the next itself, would run a program from where it lay before the body at `at`, or the next.

    known: programs that the shell has looked up before. alone: the body is in a shell of its own, which knows more.
    """
    body, later = bodies[at], bodies[at + 1 :]
    if not alone and _forgets(body):
        return False
    kept = known if alone else known | programs(body)
    soon = kept & _replaced(later[0].text, kept)
    moved = kept & _replaced(body.text, known) | (soon - _settled(later[0]) if soon else soon)
    spend(len(later) if moved else 0)
    return bool(moved) and any(moved & programs(each) for each in later)


def _forgets(body: Script) -> bool:
    """Whether the author has the shell look for all programs again after it."""
    *before, last = body.segments
    return last.span.of(body.text).strip() == "hash -r" and all(each.operator in ("&&", ";") for each in before[-1:])


def _settled(body: Script) -> frozenset[str]:
    """Programs that it replaces, but has the shell look up before: a shell that it may share with those before it."""
    left = leaks(body)
    shares = not (left.state or left.moved or left.on or left.off or left.names or left.errexit)
    return _replaced(body.text, frozenset()) if shares else frozenset()


def programs(script: Script) -> frozenset[str]:
    """The programs that the shell looks up for its commands."""
    return _programs(script.text)


@lru_cache(maxsize=2048)
def _programs(text: str) -> frozenset[str]:
    script = read_script(text)
    return frozenset(name for command in (isinstance(script, Script) and script.commands) or () for name in _ran_by(command) if name) - OWN


@lru_cache(maxsize=2048)
def _replaced(text: str, known: frozenset[str]) -> frozenset[str]:
    """Programs that a shell may know by then, and the body may put others in the place of. known: those that it knows before."""
    script = read_script(text)
    if not isinstance(script, Script):
        return frozenset()
    ran, own, found = _programs(text), set[str](), set[str]()
    built = ""
    for command in script.commands or ():
        name = command.name or ""
        words = [word.value or word.raw for word in command.words[1:]]
        own |= set(_ran_by(command)) & ran
        candidates = own | known
        found |= _brought(name, words, text, candidates)
        if name in _PLACES | _SELF_INSTALLING:
            operands = {_bare(word) for word in words}
            if name in own & _SELF_INSTALLING and operands & (_SELF_INSTALLING | _UPDATES):
                found.add(name)
            found |= ({basename(word) for word in words if "/" in word} | operands) & (own if name in _IN_PLACE else candidates) - {name}
            found |= {name} & {basename(word) for word in words if "bin/" in word}
            found |= _meant(command.words[1:], text, candidates)
        targets = [redirect.target for redirect in command.redirects if redirect.target and ">" in redirect.operator]
        found |= {basename(target.value or "") for target in targets} & candidates | _meant(targets, text, candidates)
        built += " ".join(words) + " "
        if basename(name) in _BUILDS or "/" in name:
            found |= {each for each in candidates - {name} if _mentioned(each, built, " /-" if each in own else "/")}
    return frozenset(found)


def _meant(words: tuple[Word, ...] | list[Word], text: str, candidates: set[str]) -> set[str]:
    """Those of some programs that words which are not literal may name."""
    found = set[str]()
    if any(word.value is None for word in words):
        said = [name for match in _NAMED.finditer(text) for name in " ".join(filter(None, match.groups())).split()]
        found |= candidates & {basename(name.strip("\"'")) for name in said}
    for word in words:
        pattern = basename(word.value or "") if word.glob else ""
        if pattern.strip("*?") or pattern and dirname(word.value or "") in PROGRAMS and word is words[0]:
            found |= {each for each in candidates if fnmatchcase(each, pattern)}
    return found


def _mentioned(name: str, text: str, marks: str) -> bool:
    """Whether a program's sources may be what is built: its name starts a part of a path, as in `/cmake-3.1.tar.gz`."""
    return any(mark + name + end in " " + text for mark in marks for end in " -./\"'")


def _brought(name: str, words: list[str], text: str, candidates: set[str]) -> set[str]:
    """Those of some programs that a command brings, as it always does or from an archive that is unpacked where programs lie."""
    found = _BRINGS.get(name, frozenset()) & candidates
    if name in _UNPACKS and any((word.removeprefix("-C").removeprefix("--directory=").rstrip("/") or "/") in _ROOTS for word in words if "/" in word):
        found |= {each for each in candidates - {name} if _packed(each, text)}
    return found


def _packed(name: str, text: str) -> bool:
    """Whether an archive of which a body speaks may be a program's: it has its name and a version, as in `node-v18.tar.gz`, in which npm is, too."""
    return any(f"{mark}{of}-{first}" in text for of in {name, "node" if name in _BRINGS["n"] else name} for mark in " /\"'" for first in "v0123456789$")


def _ran_by(command: Command) -> Iterator[str]:
    """The programs that the shell looks up for a command."""
    words = [word.value for word in command.words]
    if words[:1] in (["hash"], ["type"], ["command"], ["exec"], ["builtin"]):
        yield from (word for word in words[1:] if word and not word.startswith("-"))
    if words and words[0] and "/" not in words[0]:
        yield words[0]


def _bare(operand: str) -> str:
    """A package's name without its version or extras: `pip` of `pip==9.0`, `pip[x]`, `npm@latest`."""
    for char in "=<>[~@":
        operand = operand.split(char)[0] or operand
    return operand
