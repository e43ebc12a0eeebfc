"""Options from our table for click."""
from __future__ import annotations

from collections.abc import Callable

import click

from rewriter.cli.choices import Option


def options(table: tuple[Option, ...]) -> Callable[[Callable], Callable]:
    """A decorator that gives a command these options."""

    def given(function: Callable) -> Callable:
        for option in reversed(table):
            function = _clicked(option)(function)
        return function

    return given


def _clicked(option: Option) -> Callable:
    names = (*option.names, option.field)
    if not option.value:
        return click.option(*names, is_flag=True, help=option.help)
    if option.choices:
        return click.option(*names, type=click.Choice(option.choices), default=option.default, show_default=option.told, help=option.help)
    kind = click.Path(exists=True, file_okay=False) if option.folder else str
    default = None if option.many else option.default
    return click.option(*names, type=kind, multiple=option.many, default=default, metavar=option.value, show_default=option.told, help=option.help)
