"""The house: imports go one way, and every file is small."""
from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "rewriter"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Each layer may import from itself and from those before it.
LAYERS = [
    ["record", "pattern", "budget", "text", "options", "outcome", "glob", "target"],
    ["source"],
    ["shell"],
    ["ledger"],
    ["graph"],
    ["archives", "dockerignore", "folder", "files"],
    ["rule", "verbs", "prefixing", "suppress", "merging", "neighbours", "pairs", "scripts", "removing", "flagging", "moving", "handing", "folding", "deleting"],
    ["rules"],
    ["order", "admit", "checks"],
    ["optimize"],
    ["batch"],
    ["verify", "report"],
    ["cli"],
    ["__main__", "__init__"],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def _layer(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imported(module: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names


def test_imports_go_down_the_list():
    wrong = [
        f"{module.relative_to(PACKAGE)}: {name}"
        for module in MODULES
        for name in _imported(module)
        if name.startswith("rewriter.") and (target := name.split(".")[1]) in RANK and RANK[target] > RANK[_layer(module)]
    ]
    assert not wrong


def test_no_rule_imports_another():
    for module in (PACKAGE / "rules").glob("*.py"):
        assert not [name for name in _imported(module) if name.startswith("rewriter.rules")], module.name


def test_what_confirms_a_change_shares_nothing_with_what_makes_it():
    """Of the shell it takes what reads a text, and nothing of what the rules conclude from it."""
    readers = {f"rewriter.shell.{name}" for name in ("model", "reading", "scanner", "shells", "splitter")}
    for module in (PACKAGE / "ledger").glob("*.py"):
        taken = {".".join(name.split(".")[:3]) for name in _imported(module) if name.startswith("rewriter.")}
        assert all(name.split(".")[1] in ("record", "pattern", "budget", "ledger", "source") or name in readers for name in taken), module.name
        assert not any(name.split(".")[1:2] == ["ledger"] for other in ("graph", "rules") for file in (PACKAGE / other).rglob("*.py") for name in _imported(file))


def test_each_outside_package_is_met_in_its_place():
    for package, place in {"bashlex": "shell/grammar.py", "dockerfile_parse": "source/meaning.py"}.items():
        users = {str(module.relative_to(PACKAGE)) for module in MODULES if any(name.split(".")[0] == package for name in _imported(module))}
        assert users == {place}
    for module in MODULES:
        assert _layer(module) == "cli" or not any(name.split(".")[0] == "click" for name in _imported(module)), module


def test_files_and_functions_are_small():
    for module in MODULES:
        text = module.read_text()
        assert len(text.splitlines()) <= 300, module
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 40, f"{module.name}: {node.name}"


def test_only_the_edge_reads_and_writes():
    """Files, processes, the environment and the clock are for the edges of the house."""
    outside = {"os", "subprocess", "time", "sys", "pathlib", "shutil", "tempfile", "socket"}
    # sys holds the list of import hooks, too, which is all that grammar.py wants of it.
    free = {PACKAGE / "shell" / "grammar.py": {"sys"}}
    inside = {"record", "pattern", "budget", "text", "target", "source", "shell", "ledger", "graph", "rule", "verbs", "prefixing", "suppress", "merging", "neighbours", "pairs", "scripts", "removing",
              "flagging", "moving", "handing", "folding", "deleting", "rules", "order", "admit", "checks", "optimize"}
    for module in MODULES:
        if _layer(module) in inside:
            assert not (outside - free.get(module, set())) & {name.split(".")[0] for name in _imported(module)}, module
