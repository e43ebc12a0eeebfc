"""ENV and WORKDIR between two RUNs, as commands that give the second in one shell with the first what it saw."""
from __future__ import annotations

import re
from collections.abc import Mapping

from rewriter.graph.expand import expand
from rewriter.graph.model import NEUTRAL, Graph, Stage, script
from rewriter.graph.runs import removes_workdir
from rewriter.pattern import Pattern
from rewriter.shell.argv import quoted
from rewriter.shell.effects import steps
from rewriter.shell.model import Opaque
from rewriter.source.meaning import Assignments
from rewriter.source.model import Instruction

_NAME = Pattern(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
# Set while a shell runs, these do something to it, or it does something to them.
_SHELLS_OWN = frozenset(
    "ENV SHELLOPTS BASHOPTS POSIXLY_CORRECT IFS PWD OLDPWD SHLVL PPID UID EUID GROUPS OPTIND OPTARG OPTERR RANDOM SECONDS LINENO PS1 PS2 PS3 PS4 "
    "PROMPT_COMMAND CDPATH GLOBIGNORE EXECIGNORE FUNCNAME DIRSTACK HOSTNAME MAIL MAILPATH MAILCHECK TIMEFORMAT TMOUT HOME".split()
)
_PATH = Pattern(r"\$\{PATH\}|\$PATH(?!\w)")
_FOLDERS = Pattern(r"[\w./:+-]*", re.ASCII)


def bridged(stage: Stage, then: Instruction) -> tuple[Instruction, tuple[Instruction, ...]] | None:
    """The RUN before this one and what stands between, if that is ENV or WORKDIR, and else only what no RUN sees."""
    before = stage.before(then)
    at = max((at for at, each in enumerate(before) if each.keyword == "RUN"), default=None)
    if at is None or not {each.keyword for each in before[at + 1 :]} & {"ENV", "WORKDIR"}:
        return None
    return (before[at], before[at + 1 :]) if all(each.keyword in NEUTRAL | {"ENV", "WORKDIR"} for each in before[at + 1 :]) else None


def commands(graph: Graph, between: tuple[Instruction, ...], then: Instruction) -> tuple[str, ...] | str:
    """What has to be run before the body of `then`, each a simple command; or why nothing is as good."""
    found: list[str] = []
    values: Mapping[str, str | None] = graph.state(then).values
    for each in between:
        if each.keyword == "ENV":
            meaning = graph.meanings[each.index]
            names = [name for name, _ in meaning.pairs] if isinstance(meaning, Assignments) else [""]
            if not all(_NAME.match(name) and name not in _SHELLS_OWN and not name.startswith("BASH") for name in names):
                return "it has a variable that a shell can't be given while it runs"
            if "PATH" in names and _sought(graph):
                return "it changes PATH, by which the shell itself is found"
            if isinstance(meaning, Assignments) and values.get("PATH") is None and (longer := _longer(graph, each, meaning)):
                found.append(longer)
                names.remove("PATH")
            if any(values.get(name) is None or "<<" in (values.get(name) or "") for name in names):
                return "it has a variable whose value is not known"
            if names:
                found.append("export " + " ".join(f"{name}={quoted(values[name] or '')}" for name in names))
    folders = [each for each in between if each.keyword == "WORKDIR"]
    if folders:
        found += _into(graph, len(folders), then)
    return tuple(found) if "" not in found else "it has a WORKDIR that a shell can't make and go to as the builder does"


def _sought(graph: Graph) -> bool:
    """Whether a shell may be found by PATH: each RUN looks for it anew."""
    shells = [words for each in graph.dockerfile.instructions if (each.trigger or each).keyword == "SHELL" and (words := (each.trigger or each).json)]
    return not all(words[0].startswith("/") for words in shells)


def _longer(graph: Graph, env: Instruction, meaning: Assignments) -> str:
    """The command for an ENV that makes PATH longer, whatever that is before; "" where it does not, or does so in another way."""
    said = [value or "" for name, value in meaning.pairs if name == "PATH"]
    parts = [expand(part, graph.state(env).values) for part in _PATH.split(said[0])] if len(said) == 1 else []
    plain = len(parts) > 1 and all(part is not None and _FOLDERS.fullmatch(part) for part in parts)
    return f'export PATH="{"$PATH".join(part or "" for part in parts)}"' if plain else ""


def _into(graph: Graph, count: int, then: Instruction) -> list[str]:
    """The commands for a WORKDIR; "" where there are none."""
    state, found = graph.state(then), script(then)
    if count > 1 or state.workdir is None or not state.root or isinstance(found, Opaque) or quoted(state.workdir) != state.workdir:
        return [""]
    asks = any(mark in found.text for mark in ("PWD", "pwd", "..")) or "cd" in found.names and "-" in found.text
    if asks or removes_workdir(steps(found, state.workdir), state):
        return [""]
    made = [] if state.workdir in state.standing else [f"mkdir -p {state.workdir}"]
    return [*made, f"cd {state.workdir}"]
