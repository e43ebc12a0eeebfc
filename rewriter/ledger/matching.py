"""Which bodies of the text before a RUN of the text after is made of, and what holds them together.

The author's commands must be there letter for letter. Besides them only this is known: `mkdir -p` and `cp -p` of
what is mounted at /.dfopt-…, `rm` that has become `rm -f`, and deletes or changes of owner and mode that are gone.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence

from rewriter.ledger.bodies import Body, Part, command_of, read_body, text_of, unwrapped, words
from rewriter.ledger.model import OWN_MOUNTS, Entry
from rewriter.pattern import Pattern
from rewriter.record import dataclass, replace

REHASH = "hash -r"  # have the shell look for each program again
_PUTS = (f"cp -p {OWN_MOUNTS}", f"cp -a {OWN_MOUNTS}", f"(cd {OWN_MOUNTS}")
_OURS = ("export ", "cd /", "mkdir -p ", *_PUTS)
_MAY_GO = frozenset({"rm", "rmdir", "unlink", "chown", "chmod", "chgrp"})
CLEANS = frozenset({"yum clean all", "yum -y clean all", "yum clean all -y", "dnf clean all", "dnf -y clean all", "dnf clean all -y", "microdnf clean all"})
_MOST_WAYS = 20_000  # that are tried: what the rules make is found at once
_CONTINUED = Pattern(r"(?<!\\)((?:\\\\)*)\\\n")
_CHECK = ("[ $? -eq 0 ]", "exit 1")


@dataclass(frozen=True)
class Block:
    """One body within a RUN. entry: its index among the events before, -1 for a delete out of another body. wrap: "", "{" or "(".

    opening: where in the text of the body that is opened, what stands before being outside of it.
    joint: what follows: "&&", ";", "exit" for `|| exit 1;`, "checked" for `; [ $? -eq 0 ] || exit 1;`, or "" for nothing. added: commands that
    are not the author's, before the first of the body; guarded: one that fails ends the RUN at once, whatever the body is.
    gone: the author's that are left out; forced: those that have become `rm -f`; fewer: those that have lost operands, and which.
    """

    entry: int
    body: Body
    wrap: str = ""
    opening: int = 0
    joint: str = ""
    added: tuple[Part, ...] = ()
    guarded: bool = False
    gone: tuple[Part, ...] = ()
    forced: tuple[Part, ...] = ()
    fewer: tuple[tuple[Part, tuple[str, ...]], ...] = ()

    @property
    def outside(self) -> Body | None:
        """What of the body runs in the shell itself; None for nothing."""
        if self.wrap != "(":
            return self.body
        return read_body(self.body.text[: [part.end for part in self.body.parts if part.start < self.opening][-1]]) if self.opening else None


@dataclass(frozen=True)
class _Lead:
    """Commands of ours before a body, and where it starts."""

    added: tuple[Part, ...]
    guarded: bool
    at: int


def blocks(run: Entry, before: Sequence[tuple[int, Entry]]) -> tuple[Block, ...]:
    """The blocks that a RUN is made of, out of `before`, RUNs with their indices; () where it is not made of such."""
    text = text_of(run.instruction)
    found = read_body(text).parts
    bodies = [(index, body) for index, each in before if (body := body_of(each)).parts and body.text.partition("<<")[2].strip() in text]  # no part has what it is fed
    chosen: list[Block] = []
    ways = [_ways(found, 0, bodies, frozenset())]
    for _ in range(_MOST_WAYS):
        if not ways or not found:
            break
        way = next(ways[-1], None)
        if way is None:
            ways.pop()
            chosen = chosen[:-1]
            continue
        block, end = way
        chosen.append(block)
        if end == len(found):
            return tuple(chosen) if _fed(text) == sum(_fed(each.body.text) for each in chosen) else ()
        ways.append(_ways(found, end, bodies, frozenset(each.entry for each in chosen if each.entry >= 0)))
    return ()


def _fed(text: str) -> int:
    """How often a command in it is fed, by the look of it: where that differs, a line that was a command may be text for one now."""
    return text.count("<<") - sum(line.count("<<") for line in text.split("\n") if line.lstrip().startswith("#")) if "<<" in text else 0


def body_of(run: Entry) -> Body:
    """The body of a RUN, an exec form as a command of the same words."""
    return read_body(command_of(run.instruction) if run.instruction.json is not None else text_of(run.instruction))


def _ways(found: tuple[Part, ...], at: int, bodies: list[tuple[int, Body]], used: frozenset[int]) -> Iterator[tuple[Block, int]]:
    """All ways to read what starts at `at`, the plainest first, and where each ends. Of equal bodies only the first is tried."""
    leads = list(_leads(found, at))
    free = {body.text: (index, body) for index, body in reversed(bodies) if index not in used}
    for lead in leads:
        for index, body in reversed(free.values()):
            yield from _whole(found, lead, index, body)
    if used and found[at].simple and (found[at].first == "rm" or found[at].text in CLEANS):
        yield from _joined(found, at + 1, Block(-1, read_body(found[at].text)))
    for lead in leads:
        for index, body in reversed(free.values()):
            if changed := _changed(found, lead.at, index, body):
                yield from _joined(found, changed[1], replace(changed[0], added=lead.added + changed[0].added, guarded=lead.guarded))


def _leads(found: tuple[Part, ...], at: int) -> Iterator[_Lead]:
    """None of ours, then those that may be."""
    yield _Lead((), False, at)
    added: tuple[Part, ...] = ()
    guarded = True
    while at < len(found) - 1 and is_ours(found[at]):
        added += (found[at],)
        if found[at].operator == "||" and (found[at + 1].text, found[at + 1].operator) == ("exit 1", ";"):
            at += 2
            if at == len(found):
                return
            yield _Lead(added, guarded, at)
        elif found[at].operator == "&&" or found[at].operator == ";" and found[at].first == "export":
            at += 1
            yield _Lead(added, False, at)
        else:
            return


def is_ours(part: Part) -> bool:
    """Whether a command may be one that dfopt has put there."""
    return part.text.startswith(_OURS) or part.text == REHASH


def _whole(found: tuple[Part, ...], lead: _Lead, index: int, body: Body) -> Iterator[tuple[Block, int]]:
    """The ways in which a body may stand at a place as it was, and where what follows it starts."""
    part = found[lead.at]
    for wrap in ("(", "{"):
        if part.text[0] == wrap and part.text != body.parts[0].text:
            inner = unwrapped(part, wrap)
            own = max(len(inner) - len(body.parts), 0)
            if _same(inner[own:], body.parts) and all(is_ours(each) and (each.operator == "&&" or each.operator == ";" and each.first == "export") for each in inner[:own]):
                yield from _joined(found, lead.at + 1, Block(index, body, wrap, added=lead.added + inner[:own], guarded=lead.guarded))
    end = lead.at + len(body.parts)
    if _same(found[lead.at : end], body.parts):
        yield from _joined(found, end, Block(index, body, added=lead.added, guarded=lead.guarded))
    for count in range(1, len(body.parts) if _chained(body.parts) else 0):
        at = lead.at + count
        if found[at - 1].text != body.parts[count - 1].text or found[at - 1].operator != "&&" or at == len(found):
            break
        if _same(unwrapped(found[at], "("), body.parts[count:]):
            yield from _joined(found, at + 1, Block(index, body, "(", body.parts[count].start, added=lead.added, guarded=lead.guarded))


def _same(ours: Sequence[Part], theirs: Sequence[Part]) -> bool:
    """Whether they are the same but for the operator after the last."""
    if len(ours) != len(theirs) or ours and (ours[-1].operator == "&") != (theirs[-1].operator == "&"):
        return False
    return all(one.text == other.text or _says(one, other) or _on_one_line(one.text) == other.text for one, other in zip(ours, theirs)) and [one.operator for one in ours[:-1]] == [
        one.operator for one in theirs[:-1]]


def _on_one_line(text: str) -> str:
    """A command with what it has on further lines; within quotes, in a comment or behind a backslash a line end is no such thing."""
    return text if "'" in text or "#" in text else _CONTINUED.sub(r"\1", text)


def _says(one: Part, other: Part) -> bool:
    """Whether two simple commands are of the same literal words, quoted in two ways."""
    return one.simple and other.simple and "'" in other.text and words(one) == words(other) != ()


def _joined(found: tuple[Part, ...], end: int, block: Block) -> Iterator[tuple[Block, int]]:
    """The block with its joint, and where the next starts."""
    operator = found[end - 1].operator
    if end == len(found):
        yield replace(block, joint="&" if operator == "&" else ""), end
    elif operator == "||" and (found[end].text, found[end].operator) == (_CHECK[1], ";"):
        yield replace(block, joint="exit"), end + 1
    elif operator in ("&&", ";"):
        check = [(part.text, part.operator) for part in found[end : end + 2]]
        if operator == ";" and len(found) > end + 2 and check == [(_CHECK[0], "||"), (_CHECK[1], ";")]:
            yield replace(block, joint="checked"), end + 2
        yield replace(block, joint=operator), end


def _changed(found: tuple[Part, ...], at: int, index: int, body: Body) -> tuple[Block, int] | None:
    """A body of which commands are gone, forced, short of operands, or preceded by ours, behind a `set -e` or a folder that is made for these."""
    gone: list[Part] = []
    forced: list[Part] = []
    added: list[Part] = []
    fewer: list[tuple[Part, tuple[str, ...]]] = []
    ended = False
    for number, part in enumerate(body.parts):
        above = body.parts[number - 1]
        while number and at < len(found) and _between(above, found[at], part, number):
            added += [above, found[at]] if above.first == "mkdir" else [found[at]]
            at += 1
        lost = _lost(found[at], part) if at < len(found) else None
        if lost is not None:
            if ended or (found[at].operator == "&") != (part.operator == "&"):
                return None
            forced += [part] if _forced(found[at], part) else []
            fewer += [(part, lost)] if lost else []
            ended = found[at].operator != part.operator  # as what follows it is of another body, if of any
            at += 1
        elif part.first in _MAY_GO and part.simple and (_chained(body.parts) or _listed(body)):
            gone.append(part)
        else:
            return None
    block = Block(index, body, added=tuple(added), gone=tuple(gone), forced=tuple(forced), fewer=tuple(fewer))
    return (block, at) if len(gone) < len(body.parts) and (gone or forced or added or fewer) else None


def _between(above: Part, added: Part, part: Part, number: int) -> bool:
    """Whether a command is ours, and behind the `set -e` that a body begins with, or behind the folder made for a copy of ours."""
    made = above.simple and above.text.startswith("mkdir -p ") and part.text.startswith(_PUTS) and added.text.startswith(_PUTS)
    return is_ours(added) and added.text != part.text and (number == 1 and _strict(above) or made and added.operator == above.operator)


def _lost(after: Part, before: Part) -> tuple[str, ...] | None:
    """The operands that a command has lost, None where it is not the same otherwise."""
    if after.text == before.text or _forced(after, before):
        return ()
    if before.first not in _MAY_GO or after.first != before.first or not before.simple:
        return None
    rest, lost = after.text.split(), []
    for word in before.text.split():
        if rest and rest[0] == word:
            rest.pop(0)
        else:
            lost.append(word)
    if lost == ["-R"] and not rest:
        return ("-R",)
    return None if rest or any(word.startswith("-") for word in lost) else tuple(lost)


def _strict(part: Part) -> bool:
    return part.strict and part.operator == ";"


def _chained(body: tuple[Part, ...]) -> bool:
    return all(part.operator == "&&" for part in body[:-1]) and not body[-1].operator


def _listed(body: Body) -> bool:
    """Whether it is a list under `set -e`, of which each command that fails ends the shell."""
    return body.strict and all(part.operator == ";" for part in body.parts[:-1]) and body.parts[-1].operator in ("", ";")


def _forced(after: Part, before: Part) -> bool:
    """Whether it is the `rm` that stood there, with -f."""
    return before.simple and before.text.startswith("rm ") and after.text == "rm -f" + before.text[2:]


def may_go(body: Body) -> bool:
    """Whether a whole body may be gone: nothing but commands that may, behind `set -e` perhaps."""
    if not body.parts:
        return False
    sets = body.parts[0].strict
    found = body.parts[sets:]
    joined = _chained(body.parts) or _listed(body) or _strict(body.parts[0]) and bool(found) and _chained(found)
    return bool(found) and joined and all(part.simple and part.first in _MAY_GO for part in found)
