"""A second reader of Dockerfiles: BuildKit's own parser, which the package `dockerfile` has in a wheel. For tests only."""
from __future__ import annotations

import json
import re
from dataclasses import dataclass

import dockerfile as buildkit

from rewriter.source.model import Dockerfile, Instruction

_APART = re.compile(r"<<-?[\t\n\f\r ]")
_SKIPPED = re.compile(r"^[^\S\n]*(?:#[^\n]*)?\n", re.MULTILINE)  # between continued lines
_CONTINUED = re.compile(r"[\\`][^\S\n]*\n")
_EXEC = frozenset({"RUN", "CMD", "ENTRYPOINT", "SHELL", "VOLUME", "COPY", "ADD", "HEALTHCHECK"})


@dataclass(frozen=True)
class Seen:
    """What a reader sees of an instruction: all that two readers of one text must agree on. Keywords are in lower case.

    exec_form: the strings of a JSON array, None for another form. heredocs: name and body of each. Of what
    stands behind ONBUILD neither flags nor heredocs are told, since the package does not hand them out.
    """

    keyword: str
    trigger: str
    line: int
    end_line: int
    flags: tuple[str, ...]
    exec_form: tuple[str, ...] | None
    heredocs: tuple[tuple[str, str], ...]


def theirs(text: str) -> tuple[Seen, ...] | None:
    """What BuildKit sees in a text that is one in UTF-8; None where it refuses it."""
    try:
        found = buildkit.parse_string(text)
    except buildkit.GoParseError:
        return None
    return tuple(
        Seen(
            (each.cmd or "").lower(), (each.sub_cmd or "").lower(), each.start_line, each.end_line, each.flags,
            _strings(each) if each.json else None, tuple((heredoc.name, heredoc.content) for heredoc in each.heredocs),
        )
        for each in found
    )


def ours(dockerfile: Dockerfile) -> tuple[Seen, ...]:
    """What dfopt sees, in the same terms."""
    return tuple(map(_seen, dockerfile.instructions))


def readable(text: str) -> bool:
    """Whether the package can be asked. It brings the whole process down on bytes that are no UTF-8, sees no further than
    a zero byte, and is of before BuildKit 0.22, which took `<< EOF` for no heredoc, and 0.15, which saw none behind an array.
    """
    joined = _CONTINUED.sub("", _SKIPPED.sub("", text)) if "<<" in text else ""
    arrays = any("<<" in line.partition("]")[2] for line in joined.split("\n"))
    return "\0" not in text and not _APART.search(text) and not arrays and not any("\ud800" <= char <= "\udfff" for char in text)


def _strings(command: buildkit.Command) -> tuple[str, ...]:
    """The array that a command holds; that of HEALTHCHECK stands behind its CMD."""
    return command.value[1:] if "healthcheck" in (command.cmd.lower(), (command.sub_cmd or "").lower()) else command.value


def _seen(instruction: Instruction) -> Seen:
    trigger = instruction.trigger
    flags = tuple(flag.text for flag in instruction.flags)
    bodies = tuple((heredoc.name, heredoc.content) for heredoc in instruction.heredocs)
    return Seen(
        instruction.keyword.lower(), trigger.keyword.lower() if trigger else "", instruction.line, instruction.end_line,
        flags, _array(trigger or instruction), () if trigger else bodies,
    )


def _array(part: Instruction) -> tuple[str, ...] | None:
    """The exec form, as BuildKit before 0.15 has it, too, which is the one in the package: text after the `]` was dropped."""
    if part.json is not None or part.keyword not in _EXEC:
        return part.json
    text = re.sub(r"(?i)^cmd[^\S\x1c-\x1f]+", "", part.arguments.text) if part.keyword == "HEALTHCHECK" else part.arguments.text
    try:
        array, _ = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return None
    return tuple(array) if isinstance(array, list) and all(isinstance(item, str) for item in array) else None
