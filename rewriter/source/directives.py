"""Parser directives at the top of a file, by BuildKit's rules (moby/buildkit, frontend/dockerfile/parser/directives.go)."""
from __future__ import annotations

from rewriter.source.lines import SPACE, Line, Refused
from rewriter.source.model import Directive

_KNOWN = {"syntax", "escape", "check"}
_BLANKS = "\t\n\f\r "


def directives(lines: list[Line]) -> tuple[Directive, ...]:
    """The directives in the first lines; the first line that is none ends them.

    Raises Refused where one is repeated or the escape character is neither a backslash nor a backtick.
    """
    found: dict[str, Directive] = {}
    for line in lines:
        comment = line.comment()
        before, _, after = comment.text[1:].partition("=") if comment else ("", "", "")
        written = before.lstrip(SPACE).rstrip(_BLANKS)
        name, value = written.lower(), after.strip(_BLANKS) or after[-1:]  # of blanks alone the last is the value
        if name not in _KNOWN or not written.isascii() or not value:
            break
        if name in found:
            raise Refused(line.number, f"only one {name} parser directive can be used")
        if name == "escape" and value not in ("\\", "`"):
            raise Refused(line.number, f"invalid escape character '{value}': it must be ` or \\")
        found[name] = Directive(line.span, line.number, name, value)
    return tuple(found.values())
