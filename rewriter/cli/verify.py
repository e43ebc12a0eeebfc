"""`dfopt verify`: build the original and the rewritten file, and say whether the images are the same."""
from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import click

from rewriter import files
from rewriter.cli import terminal
from rewriter.cli.choices import CHOICES, chosen
from rewriter.cli.clicked import options
from rewriter.folder import FolderContext
from rewriter.optimize import optimize
from rewriter.verify.engine import Engine, Request
from rewriter.verify.engines import ENGINES, find_engine, with_builder
from rewriter.verify.proof import Manner, verify
from rewriter.verify.verdict import NOT_VERIFIED, Verdict, as_json, as_text

# passed on to the engine as they are
REPEATABLE = ("build-arg", "secret", "ssh", "build-context")
BUILT_BY = {"docker": "buildkit", "classic": "classic", "podman": "podman", "buildah": "buildah"}  # engine, and its builder
SINGLE = {"target": "STAGE", "platform": "OS/ARCH", "network": "MODE"}


def _passed_on(function):
    for name in reversed(REPEATABLE):
        function = click.option(f"--{name}", multiple=True, metavar="VALUE", help="For the engine; may be repeated.")(function)
    for name, value in SINGLE.items():
        function = click.option(f"--{name}", default="", metavar=value, help="For the engine.")(function)
    return function


@click.command("verify", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("original")
@click.argument("rewritten", default="")
@click.option("--engine", type=click.Choice(list(ENGINES)), help="[default: the first of docker, podman, buildah that answers]")
@click.option("--buildx-builder", metavar="NAME", help="Build with a builder of `docker buildx`, also a remote one.")
@click.option("--context", metavar="DIR", type=click.Path(exists=True, file_okay=False),
              help="The build context.  [default: the folder of ORIGINAL]")
@_passed_on
@click.option("--no-cache", is_flag=True, help="Build without the engine's cache.")
@click.option("--repeat/--no-repeat", default=None, help="Build the original twice, uncached, and subtract what differs "
              "between the two.  [default: where $CI is set]")
@click.option("--declared", multiple=True, metavar="GLOB", help="Paths that may be gone; * also stands for slashes.")
@click.option("--rebuild", default="", metavar="PATH", help="Measure a rebuild after a change of this file of the context.")
@options(CHOICES)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(original: str, rewritten: str, form: str, **given) -> int:
    """Build ORIGINAL and REWRITTEN with a real engine, compare the images file by file and setting by setting, and
    say whether they are the same. Without REWRITTEN, dfopt rewrites ORIGINAL first.

    Exit code: 0 the same, 1 different or broken, 2 could not tell.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as for Ctrl-C, what was made is removed on the way out
    verdict = _verdict(original, rewritten, given)
    terminal.put(json.dumps(as_json(verdict), indent=2) + "\n" if form == "json" else as_text(verdict))
    return verdict.exit_code


def _verdict(original: str, rewritten: str, given: dict) -> Verdict:
    folder = given["context"] or os.path.dirname(original) or "."
    before = _read(original)
    engine = with_builder(given["buildx_builder"]) if given["buildx_builder"] else find_engine(given["engine"] or "")
    options = seen = None
    idle = ""
    if rewritten:
        after = _read(rewritten)
    else:
        options = chosen(given | {"builder": given["builder"] or BUILT_BY.get(engine.name)})
        seen = FolderContext(folder, original)
        outcome = optimize(before, options, seen)
        if outcome.error:
            return Verdict(NOT_VERIFIED, reason=f"{original}: {outcome.error}")
        after = outcome.after
        idle = "" if outcome.changed else f"dfopt changes nothing in it{outcome.note and ': '}{outcome.note}"
    if given["rebuild"] and not os.path.isfile(os.path.join(folder, given["rebuild"])):
        raise click.UsageError(f"--rebuild: there is no file {given['rebuild']} in {folder}")
    repeat = bool(os.environ.get("CI")) if given["repeat"] is None else given["repeat"]
    manner = Manner(repeat, given["declared"], options, seen, given["rebuild"])
    found = prove(before, after, original, folder, manner, engine, tuple(_options(given)), given["no_cache"], given["quiet"])
    return replace(found, reason=found.reason or idle)


def prove(
    before: str, after: str, dockerfile: str, context: str, manner: Manner, engine: Engine | None = None,
    options: tuple[str, ...] = (), no_cache: bool = False, quiet: bool = False,
) -> Verdict:
    """`verify` with progress on the terminal; `engine` None: the first that answers."""
    request = Request(Path(context), Path(dockerfile), options, no_cache)
    shown = sys.stderr is not None and sys.stderr.isatty() and not quiet
    try:
        return verify(before, after, engine or find_engine(""), request, replace(manner, show=_show) if shown else manner)
    finally:
        terminal.tell("\r\033[K" * shown)


def _read(path: str) -> str:
    text = files.read(path)
    if isinstance(text, files.Refused):
        raise click.ClickException(f"{path}: {text.reason}")
    return text


def _options(given: dict) -> list[str]:
    words = [f"--{name}={value}" for name in REPEATABLE for value in given[name.replace("-", "_")]]
    return words + [f"--{name}={given[name]}" for name in SINGLE if given[name]]


def _show(name: str, step: str, seconds: float) -> None:
    """One line on the terminal: what is being built, which step, for how long."""
    line = f"{name}: {seconds:.0f} s  {step}"
    terminal.tell(f"\r\033[K{line[: shutil.get_terminal_size().columns - 1]}")
