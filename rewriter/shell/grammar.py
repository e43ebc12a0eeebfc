"""bashlex without the 0.1 s in which it computes the tables of its parser at every import.

It ships tables for the same grammar (`bashlex.parsetab`), which load in a millisecond and which it never reads. They are
taken where its productions are those that they are for; else it computes, as always. Nothing of it stays changed: for
the time of its import its `yacc` gives the parser of those tables, so that others in the process may use bashlex, too.
"""
from __future__ import annotations

import sys
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType, SimpleNamespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@cache
def bashlex() -> ModuleType:
    """The package."""
    sys.meta_path.insert(0, _Finder)
    try:
        import bashlex as package
    finally:
        sys.meta_path.remove(_Finder)
    return package


class _Finder:
    """Finds `bashlex.parser` where others do, with another loader."""

    @staticmethod
    def find_spec(name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == "bashlex.parser" else None
        if spec is None or type(spec.loader) is not SourceFileLoader:
            return None
        spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    """Executes the module, which calls `yacc.yacc` for its parser."""

    def exec_module(self, module: ModuleType) -> None:
        from bashlex import yacc

        computing = yacc.yacc
        yacc.yacc = lambda **options: _shipped(module) or computing(module=module, **options)
        try:
            super().exec_module(module)
        finally:
            yacc.yacc = computing


def _shipped(module: ModuleType) -> Any:
    """The parser of the tables that are shipped; None where they are for another grammar than the module's."""
    from bashlex import parsetab, yacc

    _, *shipped = parsetab._lr_productions
    if [(function, text) for text, _, _, function, _, _ in shipped] != _productions(module, yacc):
        return None
    productions = [yacc.Production(at, name, _symbols(text), func=function)
                   for at, (text, name, _, function, _, _) in enumerate(parsetab._lr_productions)]
    for production in productions:
        production.bind(vars(module))
    tables = SimpleNamespace(lr_productions=productions, lr_action=parsetab._lr_action, lr_goto=parsetab._lr_goto)
    return yacc.LRParser(tables, module.p_error)


def _productions(module: ModuleType, yacc: ModuleType) -> list[tuple[str, str]]:
    """The module's own: functions in the order of their lines, each with the productions in its docstring."""
    functions = [each for name, each in vars(module).items() if name.startswith("p_") and name != "p_error"]
    functions.sort(key=lambda each: each.__code__.co_firstlineno)
    return [
        (each.__name__, f"{name} -> {' '.join(symbols) or '<empty>'}")
        for each in functions
        for _, _, name, symbols in yacc.parse_grammar(each.__doc__, "", 0)
    ]


def _symbols(text: str) -> list[str]:
    symbols = text.split(" -> ")[1].split()
    return [] if symbols == ["<empty>"] else symbols
