"""Builder flags, by BuildKit's rules (moby/buildkit, frontend/dockerfile/parser/split_command.go, instructions/commands_runmount.go)."""
from __future__ import annotations

from rewriter.source.model import Flag, Logical

# BuildKit looks at bytes here: the bytes 85 and A0 count as white space, in the middle of a character, too.
_SPACE = "\t\n\v\f\r \udc85\udca0"
_NAMES = {"dst": "target", "destination": "target", "src": "source", "readonly": "ro", "readwrite": "rw"}
_TRUE, _FALSE = frozenset({"1", "t", "T", "TRUE", "true", "True"}), frozenset({"0", "f", "F", "FALSE", "false", "False"})


def flags(logical: Logical, start: int, escape: str) -> tuple[tuple[Flag, ...], int]:
    """The flags from offset `start` of `logical` on, and the offset where the arguments start.

    Raises ValueError where BuildKit would take a character apart.
    """
    text, found = logical.text, []
    while text.startswith("--", at := _over_space(text, start)):
        word, start = _word(text, at, escape)
        if word == "--":
            return tuple(found), start
        name, equals, value = word[2:].partition("=")
        found.append(Flag(logical.span(at, start), name, value if equals else None, word))
    return tuple(found), at


def _over_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _word(text: str, at: int, escape: str) -> tuple[str, int]:
    """The word that starts at `at`, with quotes and escapes taken out, and the offset after it."""
    word, quote = [], ""
    while at < len(text):
        char = text[at]
        if not quote and char in _SPACE:
            break
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif char == escape:
            at += 1
            word.append(text[at : at + 1])
        else:
            word.append(char)
        at += 1
    return _as_bytes("".join(word)), min(at, len(text))


def _as_bytes(word: str) -> str:
    """The word as BuildKit reads it: each byte taken for one character."""
    read = word.encode("utf-8", "surrogateescape").decode("latin-1")
    if "\x85" in read or "\xa0" in read:
        raise ValueError("a flag holds a character that BuildKit takes apart")
    return read


def mounted(flag: Flag) -> dict[str, str] | None:
    """What a `--mount` says, with one name for each setting; None for one with quotes, which are those of CSV, and for another flag.

    `type` is always there, and so is `rw`: "true" or "false", or what else is written, such as a variable.
    """
    if flag.name != "mount" or '"' in (flag.value or ""):
        return None
    said: dict[str, str] = {}
    for part in (flag.value or "").split(","):
        name, equals, value = part.partition("=")
        name = _NAMES.get(name.lower(), name.lower())
        if name in ("ro", "rw"):
            plain = not equals or value in _TRUE
            said["rw"] = str(plain == (name == "rw")).lower() if plain or value in _FALSE else value
        else:
            said[name] = value.lower() if name in ("type", "sharing") else value if equals else "true"
    kind = said.setdefault("type", "bind")
    said.setdefault("rw", str(kind in ("cache", "tmpfs")).lower())
    return said
