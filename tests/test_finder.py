"""The package is imported as Python would import it, only sooner: `rewriter/finder.py`."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import pytest
from test_layers import PACKAGE

from rewriter.finder import _Finder

FIELDS = ("name", "origin", "cached", "has_location", "parent", "submodule_search_locations")
SEEN = "from rewriter import word; print(type(word.__loader__).__name__, word.SAID)"


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder with the package and one more module in it, its bytecode made."""
    shutil.copytree(PACKAGE, tmp_path / "rewriter", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "rewriter/word.py").write_text("SAID = 1\n")
    assert imported(tmp_path) == "SourceFileLoader 1"
    return tmp_path


def imported(folder: Path, *options: str, **variables: str) -> str:
    """What another Python sees of that module: what has loaded it, and what it says."""
    run = subprocess.run([sys.executable, "-S", *options, "-c", SEEN], capture_output=True, text=True, timeout=60, cwd=os.sep,
                         env={"PYTHONPATH": str(folder)} | variables)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_modules_are_those_that_python_finds(folder):
    subprocess.run([sys.executable, "-m", "compileall", "-q", folder], check=True, timeout=60)
    modules = [module for module in folder.rglob("*.py") if module.stem != "__init__"]
    assert len(modules) > 150
    for module in modules:
        name, path = ".".join(module.relative_to(folder).with_suffix("").parts), [str(module.parent)]
        ours, theirs = _Finder.find_spec(name, path), PathFinder.find_spec(name, path)
        assert [getattr(ours, field) for field in FIELDS] == [getattr(theirs, field) for field in FIELDS]
        assert ours.loader.get_source(name) == theirs.loader.get_source(name) and ours.loader.get_code(name) == theirs.loader.get_code(name)


def test_bytecode_is_used(folder):
    assert imported(folder) == "_Loader 1"


@pytest.mark.parametrize("text, later", [("SAID = 12\n", 0), ("SAID = 12\n", 5), ("SAID = 9\n", 5)])
def test_a_source_that_changed_is_read(folder, text, later):
    source = folder / "rewriter/word.py"
    before = source.stat()
    source.write_text(text)
    os.utime(source, (before.st_atime, before.st_mtime + later))
    said = text.split()[-1]
    assert [imported(folder), imported(folder)] == [f"SourceFileLoader {said}", f"_Loader {said}"]


@pytest.mark.parametrize("options, variables", [(["-O"], {}), (["-B"], {"PYTHONPYCACHEPREFIX": "/nowhere"})])
def test_other_places_of_bytecode_are_left_to_python(folder, options, variables):
    assert imported(folder, *options, **variables) == "SourceFileLoader 1"


def test_bytecode_that_is_checked_by_content_is_left_to_python(folder):
    subprocess.run([sys.executable, "-m", "compileall", "-qf", "--invalidation-mode", "checked-hash", folder], check=True, timeout=60)
    assert imported(folder) == "SourceFileLoader 1"


def test_without_bytecode_and_in_an_archive(folder):
    for place in folder.rglob("__pycache__"):
        shutil.rmtree(place)
    assert imported(folder, "-B") == "SourceFileLoader 1"
    archive = shutil.make_archive(str(folder / "all"), "zip", folder, "rewriter")
    assert imported(Path(archive)) == "zipimporter 1"
