"""Regular expressions that are compiled when they are first used: of some eighty, a run of dfopt uses half."""
from __future__ import annotations

import re


class Pattern:
    """What `re.compile` gives, as far as its methods go."""

    def __init__(self, expression: str, flags: int = 0) -> None:
        self.expression, self.flags = expression, flags

    def __getattr__(self, name: str):
        """A method, which is a field of this from its first use on."""
        vars(self)[name] = method = getattr(re.compile(self.expression, self.flags), name)
        return method
