"""The command `dfopt` for click: its help, and what is said of words that it does not understand."""
from __future__ import annotations

import click

from rewriter.cli import optimize
from rewriter.cli.clicked import options
from rewriter.cli.commands import summary
from rewriter.cli.words import OPTIONS


def _version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"dfopt {version('dfopt')}")
        except PackageNotFoundError:
            click.echo("dfopt, from its sources")
        context.exit()


@click.command(context_settings={"help_option_names": ["-h", "--help"]}, epilog=summary())
@click.argument("paths", metavar="[FILE]...", nargs=-1)
@options(OPTIONS)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version.")
def command(paths: tuple[str, ...], **given) -> int:
    """Rewrite a Dockerfile so that it builds the same image with fewer and smaller layers.

    FILE is ./Dockerfile unless named, - is standard input. The result is printed; several files can be given
    with -w, --check or --diff.
    """
    return optimize.run(paths, given)
