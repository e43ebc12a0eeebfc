"""Files that a program goes by without one among its operands: in the value of an option, or in the script that it runs."""
from __future__ import annotations

import re
from collections.abc import Iterator

from rewriter.pattern import Pattern
from rewriter.record import replace
from rewriter.shell.model import Command, Word

# By name the letters of options whose value is a file or a folder, and of those with any other value.
_LETTERS = {
    "curl": ("oTKEcb", "HdXAuemrwxUCyYzQF"), "wget": ("OPoai", "tTUlQwADIRXe"), "grep": ("f", "emABCdD"), "egrep": ("f", "emABCdD"), "fgrep": ("f", "emABCdD"),
    "sed": ("f", "eil"), "awk": ("f", "vFe"), "gawk": ("f", "vFe"), "sort": ("oT", "ktS"), "unzip": ("d", "P"), "cp": ("t", "S"), "mv": ("t", "S"), "ln": ("t", "S"), "install": ("t", "Smog"),
    "touch": ("r", "dt"), "truncate": ("r", "s"), "date": ("rf", "dsI"), **dict.fromkeys(("useradd", "adduser"), ("kdhb", "ugGscefp")), "pip": ("rcetdf", "i"), "pip2": ("rcetdf", "i"), "pip3": ("rcetdf", "i"),
}
_LONG = (
    "append-output base-dir body-file cacert capath cert config constraint cookie cookie-jar dest directory directory-prefix dump-header editable exclude-from file files-from files0-from "
    "find-links home home-dir input-file key load-cookies netrc-file output output-dir output-document output-file post-file prefix reference requirement root save-cookies skel target target-directory "
    "temporary-directory upload-file".split()
)
_RUNS = Pattern(r"\bsystem\s*\(|\|&?\s*getline|[^|]\|&?\s*\"", cues=("system", "|"))
_FILES = Pattern(r"[<>]\s*\"([^\"]*)\"")
# Of a sed script what goes before a command, and what a command takes the rest of the line for.
_ADDRESS = Pattern(r"(?:[\s;{}!,]|\d+|\$|[+~]\d+|/(?:\\.|\[[^]]*\]|[^/\\])*/[IM]*)*")
_TAKES_LINE = Pattern(r"(?:\\\n|[^\n])*")


def in_options(command: Command, name: str) -> Iterator[Word]:
    """The files that stand in one word with the option which they belong to."""
    files, others = _LETTERS.get(name, ("", ""))
    for word in command.words[1:]:
        said = word.value if word.value is not None else word.raw.replace('"', "").replace("'", "")
        option, _, value = said.partition("=")
        if said.startswith("--"):
            if value and any(long.startswith(option[2:]) for long in _LONG):
                yield _rest(word, value)
        elif said.startswith("-"):
            at = next((at for at, letter in enumerate(said) if at and letter in files + others), 0)
            if at and said[at] in files and said[at + 1 :]:
                yield _rest(word, said[at + 1 :])


def _rest(word: Word, text: str) -> Word:
    return replace(word, raw=text, value=None if word.value is None else text)


def of_script(name: str, script: str) -> list[str] | None:
    """The files that a script of `sed` or `awk` reads or writes by names in it; None where it may run programs."""
    if name in ("awk", "gawk"):
        return None if _RUNS.found(script) else _FILES.findall(script) if '"' in script else []
    found: list[str] = []
    return found if not any(word in script for word in "rRwWe") or _of_sed(script, found) else None


def _of_sed(script: str, found: list[str]) -> bool:
    """Whether the commands are such as run nothing, as far as they are understood; their files go to `found`."""
    at = 0
    while at < len(script):
        match = _ADDRESS.match(script, at)
        at = match.end() if match else at
        command, at = script[at : at + 1], at + 1
        line = _TAKES_LINE.match(script, at)
        text = line[0] if line else ""
        if command == "e":
            return False
        if command in tuple("rRwW"):
            found.append(text.strip())
            at += len(text)
        elif command in tuple("aic#"):
            at += len(text)
        elif command in tuple("btT:"):
            at += len(text.partition(";")[0])
        elif command in tuple("sy"):
            mark = re.escape(script[at : at + 1])
            parts = re.compile(rf"{mark}(?:\\.|[^\\])*?{mark}(?:\\.|[^\\])*?{mark}([gpiIMm0-9e]*)(w[^\n]*)?", re.DOTALL).match(script, at) if mark else None
            if not parts:
                return True  # it is none that can be understood, or no script
            if "e" in parts[1]:
                return False
            found += [parts[2][1:].strip()] if parts[2] else []
            at = parts.end()
    return True
