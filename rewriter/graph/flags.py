"""Flags of RUNs by what they mean, and which of them one RUN may have for several."""
from __future__ import annotations

from posixpath import normpath

from rewriter.budget import spend
from rewriter.graph.bodies import body
from rewriter.graph.copies import POINT
from rewriter.graph.model import Graph
from rewriter.shell.effects import keeps_off, steps
from rewriter.shell.model import Script
from rewriter.shell.paths import absolute, parents
from rewriter.source.flags import mounted
from rewriter.source.model import Flag, Instruction

_DEFAULTS = {"network": "default", "security": "sandbox"}
_USUAL = {"sharing": "shared", "required": "false"}

# A mount's settings, those left out that are as if not given; any other flag's name and value.
Meaning = frozenset[tuple[str, str]]


def meanings(run: Instruction) -> frozenset[Meaning]:
    """What its flags say, whatever their order and spelling."""
    return frozenset(_meaning(flag) for flag in run.flags if flag.value != _DEFAULTS.get(flag.name, ""))


def missing(runs: tuple[Instruction, ...]) -> tuple[Flag, ...]:
    """The flags that the first RUN lacks to have those of all."""
    found: dict[Meaning, Flag] = {}
    ours = meanings(runs[0])
    for run in runs[1:]:
        theirs = meanings(run) - ours
        found |= {meaning: flag for flag in run.flags if (meaning := _meaning(flag)) in theirs}
    return tuple(found.values())


def clash(graph: Graph, runs: tuple[Instruction, ...]) -> str:
    """Why one RUN can't have the flags of all; "" where it can."""
    said = [meanings(run) for run in runs]
    every = frozenset().union(*said)
    spend(len(every) * len(runs) // 10)
    for mount in sorted(every, key=sorted):
        for run, own in zip(runs, said):
            if mount not in own and (reason := _foreign(graph, run, mount)):
                return reason
    targets = [dict(mount).get("target") for mount in every if ("flag", "mount") in mount]
    return "they mount different things at one place" if len(set(targets)) < len(targets) else ""


def _foreign(graph: Graph, run: Instruction, meaning: Meaning) -> str:
    """Why a RUN can't be given a flag of another RUN."""
    question = "foreign", run.index, meaning
    if question not in graph.answers:
        graph.answers[question] = _unfit(graph, run, dict(meaning))
    return graph.answers[question]


def _unfit(graph: Graph, run: Instruction, mount: dict[str, str]) -> str:
    if mount["flag"] != "mount":
        return "their flags differ"
    kind = mount.get("type", "in quotes")
    if kind in ("secret", "ssh"):
        return f"only one of them has the {kind} mount, which the other could then use"
    target = absolute(mount.get("target", ""), graph.state(run).workdir)
    if kind not in ("bind", "cache") or target is None or "$" in target:
        return "their flags differ"
    new = next((folder for folder in (*reversed(parents(target)), target) if folder not in graph.state(run).standing), target)
    found = body(run)
    off = isinstance(found, Script) and found.commands is not None and keeps_off(steps(found, graph.state(run).workdir), new, tree=True)
    if not off and target.startswith(POINT):  # of which the author knows no more than that it is his file
        return "with each change of what is mounted for one of them, the other would be run anew, too"
    return "" if off else f"only one of them has the mount at {target}, where the other may look or write"


def _meaning(flag: Flag) -> Meaning:
    said = mounted(flag)
    if said is None:
        return frozenset({("flag", flag.name), ("value", flag.value or "")})
    if "target" in said:
        said["target"] = normpath(said["target"])
    if said.get("id") == said.get("target"):
        said.pop("id", None)
    return frozenset({("flag", "mount"), *(pair for pair in said.items() if pair[1] != _USUAL.get(pair[0]))})
