"""The rules, in the order in which they are applied, and why in that order."""
from __future__ import annotations

from rewriter.rule import Rule
from rewriter.rules.merge_runs import merge_runs

RULES: tuple[Rule, ...] = (merge_runs,)
