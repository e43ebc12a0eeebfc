"""Regular expressions that are compiled when they are first used: of a hundred, a run of dfopt uses a third."""
from __future__ import annotations

import re


class Pattern:
    """What `re.compile` gives, as far as its methods go. cues: texts of which whatever matches has one."""

    def __init__(self, expression: str, flags: int = 0, *, cues: tuple[str, ...] = ("",)) -> None:
        self.expression, self.flags, self.cues = expression, flags, cues

    def __getattr__(self, name: str):
        """A method, which is a field of this from its first use on."""
        vars(self)[name] = method = getattr(re.compile(self.expression, self.flags), name)
        return method

    def found(self, text: str) -> re.Match[str] | None:
        """The first match in a text; for one without any cue nothing is compiled."""
        return self.search(text) if any(cue in text for cue in self.cues) else None
