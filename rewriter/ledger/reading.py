"""Dockerfile to `Ledger`: each event with the shell, the user, the folder and the variables that it meets."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rewriter.ledger.model import SOMEWHERE, Entry, Ledger, Stage, State
from rewriter.ledger.pairs import pairs
from rewriter.ledger.places import NAMES, below, expanded, goes_to, resolved
from rewriter.ledger.removing import removes
from rewriter.pattern import Pattern
from rewriter.record import replace
from rewriter.shell.shells import DEFAULT, read_shell
from rewriter.source.bases import other_shell, other_user
from rewriter.source.flags import mounted
from rewriter.source.model import Dockerfile, Instruction
from rewriter.source.words import words

_WINDOWS = ("windows", "nanoserver", "servercore")
_BUILDER = frozenset("BUILDARCH BUILDOS BUILDPLATFORM BUILDVARIANT TARGETARCH TARGETOS TARGETPLATFORM TARGETVARIANT".split())
_FILLED = Pattern(r"\$(?:\w+|\{[^}]*\})")
_BASE = State(DEFAULT, "", SOMEWHERE, {})


def read_ledger(dockerfile: Dockerfile) -> Ledger:
    """What the Dockerfile does. What stands before the first FROM is a stage of its own, without a name."""
    if "ledger" not in dockerfile.answers:
        dockerfile.answers["ledger"] = Ledger(_stages(dockerfile))
    return dockerfile.answers["ledger"]


def _stages(dockerfile: Dockerfile) -> tuple[Stage, ...]:
    stages: list[Stage] = []
    ends: list[State] = []
    found: list[Instruction] = []
    for each in dockerfile.instructions:
        if each.keyword == "FROM":
            _close(dockerfile, stages, ends, found)
            found = []
        found.append(each)
    _close(dockerfile, stages, ends, found)
    return tuple(stages)


def _close(dockerfile: Dockerfile, stages: list[Stage], ends: list[State], found: list[Instruction]) -> None:
    """Make a stage of the instructions found since the last."""
    start = found[0] if found and found[0].keyword == "FROM" else None
    said = [word.text for word in words(start.arguments)] if start else []
    image = said[0] if said else ""
    parent = next((at for at in reversed(range(len(stages))) if start and stages[at].name == image.lower() != ""), None)
    state = _BASE if parent is None else ends[parent]
    triggers = stages[parent].triggers if parent is not None else ()
    if maybe := [_born(ends[at], stage.triggers, dockerfile.escape) for at, stage in enumerate(stages) if _may_mean(image, stage.name)]:
        plain = dockerfile.escape != "`" and all(end.shell == DEFAULT for end in maybe)
        user = "" if all(end.root for end in maybe) else "?"
        state = State(DEFAULT if plain else None, user, None, dict.fromkeys(name for end in maybe for name in end.values), "/", base=max(end.base for end in maybe))
    elif parent is None and (dockerfile.escape == "`" or start and any(name in start.arguments.text.lower() for name in _WINDOWS)):
        state = replace(_BASE, shell=None)
    elif image == "scratch":
        state = replace(_BASE, workdir="/", base=image)
    if parent is None and "busybox" in image.rsplit("/", 1)[-1]:
        state = replace(state, base=state.base or "busybox")
    if start and parent is None and not maybe and other_user(start, dockerfile.instructions):
        state = replace(state, user="?")
    if start and parent is None and not maybe and (shell := other_shell(start)):
        state = replace(state, shell=read_shell(shell))
    entries: list[Entry] = []
    times: Counter[str] = Counter()
    for each in (*triggers, *(found[1:] if start else found)):
        if not _again(each, state, entries):
            entries += _entries(each, state, dockerfile.escape, times)
        state = _after(state, each, dockerfile.escape)
    name = said[2].lower() if len(said) > 2 else ""
    text = " ".join([*(flag.text for flag in start.flags), start.arguments.text]) if start else ""
    named = [used for each in (*triggers, *found) for used in _named(each.trigger or each)]
    uses = frozenset(at for used in named if (at := stage_of(used, stages)) is not None)
    below = (*stages[parent].below, *stages[parent].entries) if parent is not None else ()
    left = tuple(each.trigger for each in found if each.trigger)
    outside = stages[0].entries if stages and not stages[0].text else ()
    told = _BUILDER | {each.text.partition("=")[0] for each in outside if each.keyword == "ARG" and "=" in each.text}
    stages.append(Stage(text, name, parent, uses, bool(maybe) or any("$" in used for used in named), tuple(entries), below, left, told))
    ends.append(state)


def _born(state: State, triggers: tuple[Instruction, ...], escape: str) -> State:
    """How a stage begins whose parent has left it something to do."""
    for each in triggers:
        state = _after(state, each, escape)
    return state


def _may_mean(image: str, name: str) -> bool:
    """Whether the variables in a FROM may make the name of it: all that is said in it besides has to be in that, too."""
    rest = _FILLED.sub("", image.lower())
    return "$" in image and bool(name) and (bool(set(rest) & set("${}")) or name.startswith(image.lower().partition("$")[0]) and set(rest) <= set(name))


def _named(instruction: Instruction) -> Iterator[str]:
    """What --from, and from= of mounts, name."""
    for flag in instruction.flags:
        if flag.name == "from":
            yield flag.value or ""
        if flag.name == "mount":
            yield (mounted(flag) or {"from": "$"}).get("from", "")  # one in quotes may name any


def stage_of(name: str, stages: list[Stage]) -> int | None:
    """The stage, among those before, that a name or number means. The first of them is what stands before the first FROM, if any."""
    if name.isdigit():
        numbered = [at for at, stage in enumerate(stages) if stage.text]
        return next((at for number, at in enumerate(numbered) if str(number) == (name.lstrip("0") or "0")), None)
    return next((at for at in reversed(range(len(stages))) if stages[at].name == name.lower() != ""), None)


def _entries(each: Instruction, state: State, escape: str, times: Counter[str]) -> Iterator[Entry]:
    if each.keyword in ("ENV", "LABEL"):
        said = pairs(each, escape)
        for pair in said:
            yield Entry(each.keyword, f"{pair} {[times[name] for name in NAMES.findall(pair)]}", each, state)
        if each.keyword == "ENV":
            times.update(pair.partition("=")[0] for pair in said)
        return
    yield Entry(each.keyword, _text(each), each, state)


def _again(each: Instruction, state: State, entries: list[Entry]) -> bool:
    """Whether it is a WORKDIR that names to the letter the one before, which no RUN between can have removed: it does nothing."""
    if each.keyword != "WORKDIR":
        return False
    last = next((at for at in reversed(range(len(entries))) if entries[at].keyword == "WORKDIR"), None)
    said = expanded(each.arguments.text, state.values)
    if last is None or said is None or not said.startswith("/") or said != expanded(entries[last].instruction.arguments.text, entries[last].state.values):
        return False
    return not any(entry.keyword == "RUN" and removes(entry, resolved(said, None) or "/", wary=True) for entry in entries[last:])


def _text(each: Instruction) -> str:
    """All that the instruction says. White space between what only parts words counts nowhere."""
    heredocs = [f"{found.name}\n{found.content}" for found in each.heredocs]
    flags = [flag.text for flag in each.flags]
    if each.keyword in ("COPY", "ADD"):
        return "\n".join([*flags, *(each.json or [word.text for word in words(each.arguments)]), *heredocs])
    return "\n".join([*flags, each.arguments.text, *heredocs])


def _after(state: State, each: Instruction, escape: str) -> State:
    """What the event after it meets."""
    match each.keyword:
        case "SHELL":
            return replace(state, shell=read_shell(each.json) if each.json else None)
        case "USER":
            return replace(state, user=expanded(each.arguments.text, state.values) or "?")
        case "WORKDIR":
            folder = goes_to(each, state)
            return replace(state, workdir=folder, below=below(each, state) if folder is None else "")
        case "ENV":
            said = [pair.partition("=")[::2] for pair in pairs(each, escape)]
            return replace(state, values={**state.values, **{name: expanded(value, state.values) if "$" in value else value for name, value in said}})
        case "ARG":
            names = [word.text.partition("=")[0] for word in words(each.arguments)]
            return replace(state, values={**state.values, **dict.fromkeys(names)}, arguments=f"{state.arguments} {each.arguments.text}")
    return state
