"""What is not imported at the start: each of these takes longer than to optimize a usual file."""
from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from command_line import BEFORE, environment
from test_layers import MODULES, PACKAGE

# Structured bodies are for bashlex, and quoting of a rare kind for dockerfile-parse.
USUAL = (
    'FROM debian:12 AS base\nARG A=1\nENV B="c d" E=$A\nLABEL maintainer="me"\nRUN apt-get update && apt-get install -y "curl" > /dev/null 2>&1\n'
    'RUN rm -rf /x/*\nWORKDIR /app\nCOPY a b /app/\nRUN make -j$(nproc); make install\nCMD ["/app/b", "-c"]\n'
)
HEAVY = {"bashlex", "click", "dataclasses", "dockerfile_parse", "inspect", "json", "difflib", "pathlib", "subprocess", "tempfile", "typing", "logging", "importlib.metadata"}
MAIN = "import sys\nfrom rewriter.cli.main import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"


def imported(*words: str, stdin: str) -> set[str]:
    """The modules that a run of `dfopt` has imported."""
    run = subprocess.run([sys.executable, "-I", "-S", "-c", f"import sys\nsys.path[:0] = {sys.path!r}\n{MAIN}", *words],
                         input=stdin, capture_output=True, text=True, env=environment(), timeout=60)
    assert run.returncode == 0, run.stderr
    return set(run.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("words", [["-"], ["--quiet", "--stdin-filename", "Dockerfile", "-"], ["--level=bold", "--select=merge-runs", "-"]])
@pytest.mark.parametrize("text", [USUAL, BEFORE])
def test_a_usual_run_imports_nothing_heavy(words, text):
    assert not HEAVY & imported(*words, stdin=text)


def test_the_ledger_waits_for_a_change():
    def ledger(text: str) -> set[str]:
        return {name for name in imported("-", stdin=text) if name.startswith("rewriter.ledger")}

    assert not ledger("FROM a\nRUN b\nCOPY c /d\n") and ledger("FROM a\nRUN b\nRUN c\n")


def test_what_is_needed_is_imported():
    assert "bashlex" in imported("-", stdin="FROM a\nRUN if b; then c; fi\nRUN d\n")
    assert "dockerfile_parse" in imported("-", stdin="FROM a\nENV b=${c:-d}\nRUN e\nRUN f\n")


def test_records_are_ours():
    """`rewriter.record`, not `dataclasses`, which writes and compiles functions at every start."""
    for module in MODULES:
        if module.relative_to(PACKAGE).parts[0] in ("verify", "record.py") or module.stem == "verify":
            continue
        names = [node.module for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.ImportFrom)]
        assert "dataclasses" not in names, f"{module}: from rewriter.record import dataclass"
