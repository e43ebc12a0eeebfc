"""The cases of `tests/cases/*.md`: each rule's before, after and stays, as text, and built for real.

A case is a heading, a sentence of why, and blocks:

    ```dockerfile [options]     the input; options as on the command line: --merge all, --level bold, --no-context
    ```dockerfile               the output; a case without one stays as it is
    ```file PATH                a file of the build context; what starts with #! can be run; PATH/ is an empty folder

`context: PATH …` names files of the context that hold their own path; `archive: NAME PATH …` a tar of such files.
`kept: TEXT` says that a reason with TEXT is given; `not built: WHY` that a case is for reading only. Cases of a file are run
with the rule alone that the file is named after; those of `together.md` with all.

Every case is also built with failures injected: each command of it in turn is replaced by `false`, and where that
text does not build, neither may what dfopt makes of it.
"""
from __future__ import annotations

import io
import os
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from conftest import write_context
from rewriter.admit import Declined, admit
from rewriter.folder import FolderContext
from rewriter.graph.model import script
from rewriter.optimize import optimize
from rewriter.options import Options
from rewriter.order import RULES
from rewriter.outcome import Outcome
from rewriter.shell.model import Script
from rewriter.source.model import Dockerfile

FOLDER = Path(__file__).parent / "cases"
_BLOCK = re.compile(r"^```(\w+)[ ]?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Case:
    rule: str
    title: str
    before: str
    after: str
    options: Options
    files: dict[str, str | bytes] = field(hash=False)
    context: bool = True
    kept: str = ""
    built: bool = True

    def __str__(self) -> str:
        return f"{self.rule}: {self.title}"

    @property
    def engine(self) -> str:
        """What builds it: the builder that it is written for, where that is at hand."""
        return "classic" if self.options.builder == "classic" else "docker"

    def run(self, text: str, folder: Path):
        """What dfopt makes of `text`, with the case's options and context."""
        context = FolderContext(write_context(folder, self.files)) if self.context else None
        return optimize(text, self.options, context)


def _cases() -> Iterator[Case]:
    for path in sorted(FOLDER.glob("*.md")):
        for part in path.read_text().split("\n## ")[1:]:
            yield _case(path.stem, part)


def _case(rule: str, part: str) -> Case:
    title, _, rest = part.partition("\n")
    blocks = _BLOCK.findall(rest)
    texts = [body for kind, _, body in blocks if kind == "dockerfile"]
    words = next(info for kind, info, _ in blocks if kind == "dockerfile").split()
    prose = _BLOCK.sub("", rest)
    kept = re.search(r"^kept: (.*)$", prose, re.MULTILINE)
    context = re.search(r"^context: (.*)$", prose, re.MULTILINE)
    archives = {name: _archive(paths.split()) for name, paths in re.findall(r"^archive: (\S+) (.*)$", prose, re.MULTILINE)}
    options = Options(select=() if rule == "together" else (rule,))
    for name in ("--merge", "--level", "--builder", "--frontend"):
        if name in words:
            options = replace(options, **{name.removeprefix("--"): words[words.index(name) + 1]})
    return Case(
        rule, title.strip(), texts[0], texts[1] if len(texts) > 1 else texts[0], options,
        {name: f"{name}\n" for name in (context[1].split() if context else ())} | archives
        | {info: body for kind, info, body in blocks if kind == "file"},
        "--no-context" not in words, kept[1].strip() if kept else "", "not built:" not in prose,
    )


def _archive(paths: list[str]) -> bytes:
    """A tar with a file for each path, which holds it, or for one that ends in `/` a folder; all are root's."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for path in paths:
            info = tarfile.TarInfo(path.rstrip("/"))
            content = path.encode()
            info.type, info.mode, info.size = (tarfile.DIRTYPE, 0o755, 0) if path.endswith("/") else (tarfile.REGTYPE, 0o644, len(content))
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


CASES = list(_cases())
BUILT = [case for case in CASES if case.built]


def test_every_rule_has_cases_that_change_and_as_many_that_stay():
    for rule in RULES:
        own = [case for case in CASES if case.rule == rule.name]
        changing = sum(case.before != case.after for case in own)
        assert 3 <= changing <= len(own) - changing, rule.name


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_comes_out_as_written(case: Case, tmp_path: Path):
    outcome = case.run(case.before, tmp_path / "context")
    assert not outcome.error
    assert outcome.after == case.after, [*outcome.changes, *outcome.kept]
    assert case.kept in "\n".join(kept.reason for kept in outcome.kept)
    assert not list(_misplaced(case.before, outcome))
    assert case.run(outcome.after, tmp_path / "context").after == outcome.after


def _misplaced(text: str, outcome: Outcome) -> Iterator[str]:
    """What is said of a line of the input on which there is no such instruction."""
    admitted = admit(text)
    there = {(each.line, each.keyword) for each in admitted.instructions} if isinstance(admitted, Dockerfile) else set()
    lines = {line for line, _ in there}
    for told in (*outcome.changes, *outcome.kept):
        named = re.findall(r"the (RUN|COPY|ADD|ENV|WORKDIR) at line (\d+)(?! of the result)", told.reason)
        if told.line not in lines or any((int(line), keyword) not in there for keyword, line in named):
            yield f"line {told.line}: {told.reason}"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_sweep_is_enough(case: Case, tmp_path: Path, monkeypatch):
    """The loop over all rules is a net, their order the design: the second sweep finds nothing."""
    monkeypatch.setattr("rewriter.optimize._SWEEPS", 2)
    assert not case.run(case.before, tmp_path / "context").error


@pytest.mark.parametrize("case", [case for case in BUILT if case.before != case.after], ids=str)
def test_it_builds_the_same_image(case: Case, same_image):
    result = same_image(case.before, case.after, case.files, engine=case.engine)
    assert result.verdict in ("same", "both fail"), result
    assert result.verdict == "same" or "fails" in case.title, result


@pytest.mark.parametrize("case", BUILT, ids=str)
def test_it_fails_where_the_original_fails(case: Case, same_image, tmp_path: Path):
    mutants = list(_mutants(case.before))
    if not os.environ.get("DFOPT_LONG"):
        mutants = mutants[len(case.title) % max(len(mutants), 1) :][:1]
    for text in mutants:
        outcome = case.run(text, tmp_path / "mutant")
        if outcome.changed:
            result = same_image(text, outcome.after, case.files, engine=case.engine)
            assert result.verdict in ("same", "both fail"), f"{text}\n{outcome.after}\n{result}"


def _mutants(text: str) -> Iterator[str]:
    """The text with each command in turn replaced by one that fails."""
    dockerfile = admit(text)
    if isinstance(dockerfile, Declined):
        return
    for span in _commands(dockerfile):
        yield text[: span.start] + "false" + text[span.end :]


def _commands(dockerfile: Dockerfile):
    for each in dockerfile.instructions:
        body = script(each) if each.keyword == "RUN" else None
        if isinstance(body, Script):
            for command in body.commands or ():
                if command.words:
                    yield each.arguments.span(command.words[0].span.start, command.words[-1].span.end)
