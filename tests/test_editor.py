"""The snippets for editors, run as the editors would: their command, the buffer on standard input."""
from __future__ import annotations

import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
from command_line import AFTER, BEFORE, COMMAND, ROOT, environment

PAGE = ROOT / "docs/editors.md"
README = ROOT / "README.md"
FILE_NAMES = ("$FILENAME", "${file}", "%{buffer_name}", "{buffer_path}", "$file")


def fences(path: Path, language: str) -> list[str]:
    """The code of a Markdown page that is fenced as `language`."""
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(), re.DOTALL | re.MULTILINE)


def of_conform(path: Path) -> list[str]:
    """Command and arguments of the only snippet in Lua; conform.nvim gives it the buffer on standard input."""
    (snippet,) = fences(path, "lua")
    command = re.search(r'command = "([^"]*)"', snippet)[1]
    return [command, *re.findall(r'"([^"]*)"', re.search(r"args = \{(.*?)\}", snippet)[1])]


def others() -> list[list[str]]:
    """Commands of the snippets in TOML and JSON."""
    (helix,) = (tomllib.loads(snippet)["language"][0]["formatter"] for snippet in fences(PAGE, "toml"))
    code, zed, sublime = map(json.loads, fences(PAGE, "json"))
    zed = zed["languages"]["Dockerfile"]["formatter"]["external"]
    return [
        [helix["command"], *helix["args"]],
        shlex.split(code["customLocalFormatters.formatters"][0]["command"]),
        [zed["command"], *zed["arguments"]],
        sublime["rules"][0]["cmd"],
    ]


@pytest.fixture
def save(tmp_path):
    """Save a buffer in an editor: `dfopt` is on its path, and the file's name is put where the snippet has it."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "dfopt").write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
    (programs / "dfopt").chmod(0o755)
    folder = tmp_path / "a project"
    folder.mkdir()

    def save(words: list[str], text: str) -> subprocess.CompletedProcess[str]:
        name = str(folder / "Dockerfile")
        words = [name if word in FILE_NAMES else word for word in words]
        env = environment()
        path = f"{programs}:{env['PATH']}"
        return subprocess.run(words, input=text, cwd=folder, env=env | {"PATH": path}, capture_output=True, text=True)

    return save


@pytest.mark.parametrize("page", [PAGE, README], ids=lambda page: page.name)
def test_conform_formats_on_save(page, save):
    run = save(of_conform(page), BEFORE)
    assert (run.returncode, run.stdout) == (0, AFTER)
    again = save(of_conform(page), run.stdout)
    assert (again.returncode, again.stdout, again.stderr) == (0, AFTER, "")


def test_readme_and_page_show_the_same_snippet():
    assert fences(README, "lua") == fences(PAGE, "lua")


@pytest.mark.parametrize("words", others(), ids=["helix", "vscode", "zed", "sublime"])
def test_other_editors_format_on_save(words, save):
    run = save(words, BEFORE)
    assert (run.returncode, run.stdout) == (0, AFTER)


@pytest.mark.parametrize("text", ["RUN a\nRUN b\n", "FROM a\nRUN b", "", "FROM {{ x }}\n"])
def test_a_buffer_that_stays_comes_back(text, save):
    run = save(of_conform(PAGE), text)
    assert (run.returncode, run.stdout) == (0, text)


@pytest.mark.parametrize("text", ["FROM a\nRUN <<EOF\n", "FROM a\nRUN \0\n"])
def test_a_buffer_that_can_not_be_read_comes_back_too(text, save):
    run = save(of_conform(PAGE), text)
    assert (run.returncode, run.stdout) == (2, text) and run.stderr
