"""`dfopt verify`: build the original and the rewritten file, and say whether the images are the same."""
from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import click

from rewriter.folder import FolderContext
from rewriter.optimize import optimize
from rewriter.options import LEVELS, MERGE, Options
from rewriter.verify.engines import ENGINES, Request, find_engine, with_builder
from rewriter.verify.proof import Manner, verify
from rewriter.verify.verdict import NOT_VERIFIED, Verdict, as_json, as_text

# passed on to the engine as they are
PASSED_ON = ("build-arg", "secret", "ssh", "build-context")


def _passed_on(function):
    for name in reversed(PASSED_ON):
        option = click.option(f"--{name}", multiple=True, metavar="VALUE", help="Passed on to the engine; may be repeated.")
        function = option(function)
    return function


@click.command("verify", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("original", type=click.Path(path_type=Path))
@click.argument("rewritten", type=click.Path(path_type=Path), required=False)
@click.option("--engine", type=click.Choice(sorted(ENGINES)), help="Default: the first of docker, podman, buildah that answers.")
@click.option("--buildx-builder", metavar="NAME", help="A builder of `docker buildx`, also a remote one.")
@click.option("--context", type=click.Path(path_type=Path), help="The build context. Default: the original's folder.")
@_passed_on
@click.option("--target", default="", metavar="STAGE", help="Passed on to the engine.")
@click.option("--platform", default="", metavar="OS/ARCH", help="Passed on to the engine.")
@click.option("--network", default="", metavar="MODE", help="Passed on to the engine.")
@click.option("--no-cache", is_flag=True, help="Build without the engine's cache.")
@click.option(
    "--repeat/--no-repeat", default=bool(os.environ.get("CI")), show_default="--repeat where $CI is set",
    help="Build the original twice, uncached, and subtract what differs between the two.",
)
@click.option("--declared", multiple=True, metavar="GLOB", help="A path that may be gone; * also stands for slashes.")
@click.option("--rebuild", default="", metavar="PATH", help="Measure a rebuild after a change of this file of the context.")
@click.option("--level", type=click.Choice(LEVELS), default=LEVELS[0], help="For the rewriting, without REWRITTEN.")
@click.option("--merge", type=click.Choice(MERGE), default=MERGE[0], help="For the rewriting, without REWRITTEN.")
@click.option("--select", multiple=True, metavar="RULE", help="For the rewriting, without REWRITTEN.")
@click.option("--ignore", multiple=True, metavar="RULE", help="For the rewriting, without REWRITTEN.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(original: Path, rewritten: Path | None, form: str, **given) -> None:
    """Build ORIGINAL and REWRITTEN with a real engine, compare the images file by file and setting by setting, and
    say whether they are the same. Without REWRITTEN, ORIGINAL is rewritten by dfopt first.

    Exit code: 0 the same, 1 different or broken, 2 could not tell.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as Ctrl-C: what was made is removed on the way out
    try:
        verdict = _verdict(original, rewritten, given)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    except KeyboardInterrupt:
        click.echo("\ndfopt: interrupted; what it made is removed", err=True)
        sys.exit(130)
    click.echo(json.dumps(as_json(verdict), indent=2) if form == "json" else as_text(verdict), nl=form == "json")
    sys.exit(verdict.exit_code)


def _verdict(original: Path, rewritten: Path | None, given: dict) -> Verdict:
    folder = given["context"] or original.parent
    before = _read(original)
    options = files = None
    if rewritten:
        after = _read(rewritten)
    else:
        options = Options(given["level"], given["merge"], given["select"], given["ignore"])
        files = FolderContext(str(folder), str(original))
        outcome = optimize(before, options, files)
        if outcome.error:
            return Verdict(NOT_VERIFIED, reason=f"{original}: {outcome.error}")
        after = outcome.after
    if given["rebuild"] and not (folder / given["rebuild"]).is_file():
        raise click.UsageError(f"--rebuild: no file {given['rebuild']} in {folder}")
    engine = with_builder(given["buildx_builder"]) if given["buildx_builder"] else find_engine(given["engine"])
    request = Request(folder, original, tuple(_options(given)), given["no_cache"])
    show = _Progress().show if sys.stderr.isatty() and not given["quiet"] else Manner.show
    manner = Manner(given["repeat"], given["declared"], options, files, given["rebuild"], show)
    try:
        return verify(before, after, engine, request, manner)
    finally:
        if show is not Manner.show:
            click.echo("\r\033[K", nl=False, err=True)


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")


def _options(given: dict) -> list[str]:
    words = [f"--{name}={value}" for name in PASSED_ON for value in given[name.replace("-", "_")]]
    return words + [f"--{name}={given[name]}" for name in ("target", "platform", "network") if given[name]]


class _Progress:
    """One line on the terminal that says what is being built, and for how long."""

    def show(self, name: str, step: str, seconds: float) -> None:
        line = f"{name}: {step}  {seconds:.0f} s"
        click.echo(f"\r\033[K{line[: max(20, _columns() - 1)]}", nl=False, err=True)


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        return 80
