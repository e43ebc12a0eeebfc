"""Filters: programs that read files, or their input, and print."""
from __future__ import annotations

from rewriter.shell.model import Word
from rewriter.shell.tools.call import Act, Call, Effect, Tool, options, reads, writes

_SED_LETTERS = frozenset("dpqDGghHnNPx=}{")
_SED_FLAGS = frozenset("gpiIm0123456789")


def _after_first(call: Call) -> list[Effect] | None:
    """Tools whose first operand is a program or a pattern."""
    return call.acts(Act.READ, call.operands[1:], tree=True)


def _grep(call: Call) -> list[Effect] | None:
    files = call.operands if call.has("-e", "--regexp") else call.operands[1:]
    if not files and call.has("-r", "-R", "--recursive"):
        return None
    return call.acts(Act.READ, files, tree=True)


def _uniq(call: Call) -> list[Effect] | None:
    return reads(call) if len(call.operands) < 2 else None


def _awk(call: Call) -> list[Effect] | None:
    program = call.verb
    harmless = program and not any(sign in program for sign in (">", "|", "getline", "system", "@", "close"))
    return _after_first(call) if harmless else None


def _sed(call: Call) -> list[Effect] | None:
    given = call.values("-e", "--expression")
    scripts = given or [_source(word) for word in call.operands[:1]]
    files = call.operands if given else call.operands[1:]
    if not scripts or not all(script is not None and harmless(script) for script in scripts):
        return None
    found = call.acts(Act.READ, files)
    if found is None or not call.has("-i", "--in-place"):
        return found
    suffix = call.value("-i", "--in-place") or ""
    if "/" in suffix or "*" in suffix:
        return None
    return found + [Effect(Act.WRITE, effect.path + extra) for effect in found for extra in {"", suffix}]


def _source(word: Word) -> str | None:
    """A sed script in double quotes may hold variables: what they hold is taken to be text."""
    if word.value is None and word.raw[:1] == word.raw[-1:] == '"' and "`" not in word.raw:
        return word.raw[1:-1]
    return word.value


def harmless(script: str) -> bool:
    """Whether a sed script has none of the commands that read, write or run something: it is `s`, `y`, `d` and the like."""
    at = 0
    while at < len(script):
        at = _address(script, at)
        if at < 0:
            return False
        if at == len(script):
            return True
        letter = script[at]
        if letter in "aic":
            end = script.find("\n", at)
            at = len(script) if end < 0 else end + 1
        elif letter in "sy":
            at = _substitution(script, at + 1, letter == "s")
            if at < 0:
                return False
        elif letter in _SED_LETTERS:
            at += 1
        else:
            return False
    return True


def _address(script: str, at: int) -> int:
    """Where the command starts, after its address; -1 where that can't be told."""
    while at < len(script) and (script[at] in " \t\n;,!$~+I" or script[at].isdigit() or script[at] in "/\\"):
        if script[at] == "\\":
            at = _closed(script, at + 2, script[at + 1 : at + 2])
        elif script[at] == "/":
            at = _closed(script, at + 1, "/")
        else:
            at += 1
        if at < 0:
            return -1
    return at


def _closed(script: str, at: int, mark: str) -> int:
    """Just behind the next `mark` that no backslash precedes and that is in no `[ ]`; -1 where there is none."""
    while mark and at < len(script):
        if script[at] == "\\":
            at += 1
        elif script[at] == mark:
            return at + 1
        at += 1
    return -1


def _substitution(script: str, at: int, flagged: bool) -> int:
    mark = script[at : at + 1]
    middle = _closed(script, at + 1, mark)
    end = _closed(script, middle, mark) if middle >= 0 else -1
    while flagged and 0 <= end < len(script) and script[end] in _SED_FLAGS:
        end += 1
    return end if end < 0 or end == len(script) or script[end] in " \t\n;}" else -1


_GREP = Tool(
    options("emABC", "regexp max-count include exclude exclude-dir"),
    options("qivEFPGoncswxlLrRhHaz", "quiet silent ignore-case invert-match extended-regexp fixed-strings perl-regexp only-matching count recursive color text"),
    _grep,
)
_AWK = Tool(options("Fv"), frozenset(), _awk)

TOOLS = {
    "cat": Tool(flags=options("AbeEnstTuv"), effects=reads),
    "tac": Tool(effects=reads),
    "head": Tool(options("nc", "lines bytes"), options("qvz0123456789"), reads),
    "tail": Tool(options("nc", "lines bytes"), options("qvz0123456789"), reads),
    "wc": Tool(flags=options("cmlwL"), effects=reads),
    "sort": Tool(options("kt", "key field-separator"), options("unrfbdhVzsgMRc"), reads),
    "uniq": Tool(options("fsw"), options("cdui"), _uniq),
    "cut": Tool(options("dfcb", "delimiter fields"), options("s"), reads),
    "nl": Tool(effects=reads),
    "rev": Tool(effects=reads),
    "base64": Tool(options("w", "wrap"), options("di", "decode"), reads),
    "zcat": Tool(effects=reads),
    "cmp": Tool(flags=options("s"), effects=reads),
    "diff": Tool(flags=options("qruNbBw"), effects=reads),
    "tee": Tool(flags=options("aip", "append"), effects=writes),
    **dict.fromkeys(("grep", "egrep", "fgrep"), _GREP),
    **dict.fromkeys(("awk", "gawk", "mawk"), _AWK),
    "sed": Tool(
        options("e", "expression"), options("nrEsuz", "quiet silent regexp-extended null-data separate posix in-place"), _sed, attached=options("i")
    ),
    "jq": Tool(flags=options("rceSjsnM", "raw-output compact-output exit-status"), effects=_after_first),
    **dict.fromkeys(("sha1sum", "sha256sum", "sha512sum", "md5sum", "b2sum"), Tool(flags=options("bt"), effects=reads)),
}
