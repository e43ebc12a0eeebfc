"""The paths of a `tar`: the archive, and what is packed from or unpacked to the folders that -C names."""
from __future__ import annotations

from collections.abc import Iterator

from rewriter.ledger.places import path_named, resolved
from rewriter.record import replace
from rewriter.shell.model import Command, Word

_VALUED = "fCTXIFbgKHLNV"  # letters of options that have a value
_LONG = {"file": "f", "directory": "C", "files-from": "T", "exclude-from": "X", "use-compress-program": "I", "to-command": "I", "checkpoint-action": "I", "info-script": "I", "new-volume-script": "I",
         "rsh-command": "I", "extract": "x", "get": "x", "create": "c", "list": "t", "append": "r", "update": "u", "transform": "V", "owner": "V", "group": "V", "mode": "V", "exclude": "V", "strip-components": "V"}
_PACKERS = frozenset("gzip pigz bzip2 pbzip2 lbzip2 xz pixz zstd lz4 lzip lzma".split())


def archived(command: Command, folder: str | None) -> Iterator[str | None]:
    """None among them where it may run another program, or packs what a file lists."""
    said = list(_said(command))
    letters = {letter for letter, _ in said}
    unpacks = "x" in letters
    at, inside = folder, False
    for letter, word in said:
        if word is None:
            continue
        if letter == "C":
            at, inside = path_named(word, at), True
            if unpacks or at is None:
                yield at
        elif letter == "I":
            yield "/usr" if word.raw.strip("\"'").split(None, 1)[0] in _PACKERS else None
        elif letter == "T" and not unpacks:
            yield None
        elif letter in ("f", "T", "X", "g"):
            yield path_named(word, folder) if word.raw != "-" else "/dev/stdin"
        elif not letter and not unpacks and "t" not in letters:
            yield path_named(word, at)
    if unpacks and not inside:
        yield resolved(".", folder)


def _said(command: Command) -> Iterator[tuple[str, Word | None]]:
    """Options by their letters, with their values, and operands by none; in the first word they go without a dash."""
    wanted: list[str] = []
    for number, word in enumerate(command.words[1:]):
        if wanted:
            yield wanted.pop(0), word
        elif word.raw.startswith("--"):
            name, equals, value = word.raw[2:].partition("=")
            letter = _LONG.get(name, "")
            if equals and letter:
                yield letter, replace(word, raw=value, value=word.value and word.value.partition("=")[2])
            elif letter in tuple(_VALUED):
                wanted.append(letter)
            elif letter:
                yield letter, None
        elif word.raw.startswith("-") and len(word.raw) > 1:
            for at, letter in enumerate(word.raw[1:], 2):
                if letter in _VALUED:
                    rest = word.raw[at:]
                    if rest:
                        yield letter, replace(word, raw=rest, value=word.value and rest)
                    else:
                        wanted.append(letter)
                    break
                yield letter, None
        elif number == 0:
            for letter in word.raw:
                if letter in _VALUED:
                    wanted.append(letter)
                else:
                    yield letter, None
        else:
            yield "", word
