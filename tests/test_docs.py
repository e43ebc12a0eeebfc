"""The documentation says what is so. `DFOPT_BLESS=1 pytest tests/test_docs.py` writes the pages of the rules anew."""
from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from pages import markdown, page
from rewriter.optimize import optimize
from rewriter.options import Options
from rewriter.order import RULES
from rewriter.rule import Rule

ROOT = Path(__file__).parent.parent
HEADINGS = ["What it does", "Before", "After", "Why it is safe", "When it keeps still"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_has_its_page(rule: Rule):
    assert [heading for heading, _ in page(rule).sections] == HEADINGS
    written = ROOT / "docs" / "rules" / f"{rule.name}.md"
    if os.environ.get("DFOPT_BLESS"):
        written.write_text(markdown(rule))
    assert written.read_text() == markdown(rule)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_page_shows_what_the_rule_does(rule: Rule):
    before, after = page(rule).section("Before"), page(rule).section("After")
    assert optimize(before, Options(select=(rule.name,))).after == after


def test_every_rule_is_in_the_readme_and_the_change_log():
    for name in ("README.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text()
        assert not [rule.name for rule in RULES if f"`{rule.name}`" not in text and f"[{rule.name}]" not in text], name


def test_where_to_find_what_names_every_module():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert not [path.name for path in (ROOT / "rewriter").glob("*.py") if not path.name.startswith("__") and f"`{path.name}`" not in text]


def test_links_lead_somewhere():
    for path in [*ROOT.glob("*.md"), *(path for folder in ("docs", "examples", "benchmarks", "corpus") for path in ROOT.glob(f"{folder}/**/*.md"))]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
