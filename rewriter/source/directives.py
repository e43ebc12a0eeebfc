"""Parser directives at the top of a file, by BuildKit's rules (moby/buildkit, frontend/dockerfile/parser/directives.go)."""
from __future__ import annotations

from rewriter.pattern import Pattern
from rewriter.source.lines import SPACE, Line, Refused
from rewriter.source.model import Directive

_KNOWN = {"syntax", "escape", "check"}
_DIRECTIVE = Pattern(r"([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.+?)[\t\n\f\r ]*\Z")


def directives(lines: list[Line]) -> tuple[Directive, ...]:
    """The directives in the first lines; the first line that is none ends them.

    Raises Refused where one is repeated or the escape character is neither a backslash nor a backtick.
    """
    found: dict[str, Directive] = {}
    for line in lines:
        comment = line.comment()
        match = comment and _DIRECTIVE.match(comment.text[1:].lstrip(SPACE))
        if not match or match[1].lower() not in _KNOWN:
            break
        name, value = match[1].lower(), match[2]
        if name in found:
            raise Refused(line.number, f"only one {name} parser directive can be used")
        if name == "escape" and value not in ("\\", "`"):
            raise Refused(line.number, f"invalid escape character '{value}': it must be ` or \\")
        found[name] = Directive(line.span, line.number, name, value)
    return tuple(found.values())
