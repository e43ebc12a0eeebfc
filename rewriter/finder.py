"""Finds the modules of this package in fewer steps than Python's own finders: by the bytecode that Python left of them.

A run of dfopt imports some 150 modules. For each Python asks finder after finder, lists and compares, puts paths together,
and asks the disk eight times; here the disk is asked twice. Whatever is not as usual is left to Python: a module without
bytecode, or with that of another source or Python, a package, bytecode in a folder of its own (`PYTHONPYCACHEPREFIX`).
"""
from __future__ import annotations

import sys
from _frozen_importlib import ModuleSpec  # which importlib.machinery has, too; to import that takes what this saves
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader
from _io import FileIO
from marshal import loads
from os import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType

_WITHIN = __package__ + "."
_END = f".{sys.implementation.cache_tag}.pyc"
_HEAD = MAGIC_NUMBER + bytes(4)  # of bytecode that is checked by the time and the size of its source
_LOW = 0xFFFFFFFF  # so much it has of these


class _Loader(SourceFileLoader):
    """Python's own, with the code read already."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code


class _Finder:
    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module of that name; None for what Python has to find."""
        if not name.startswith(_WITHIN) or not path:
            return None
        last = name.rpartition(".")[2]
        source, cached = f"{path[0]}/{last}.py", f"{path[0]}/__pycache__/{last}{_END}"
        try:
            with FileIO(cached) as file:
                data = file.read()
            found = stat(source)
        except OSError:
            return None
        if data[:16] != _HEAD + _four_bytes(int(found.st_mtime)) + _four_bytes(found.st_size):
            return None
        spec = ModuleSpec(name, _Loader(name, source, loads(memoryview(data)[16:])), origin=source)
        spec.has_location, spec.cached = True, cached
        return spec


def _four_bytes(number: int) -> bytes:
    return (number & _LOW).to_bytes(4, "little")


def install() -> None:
    """Have Python ask here first."""
    if sys.pycache_prefix is None and not sys.flags.optimize:
        sys.meta_path.insert(0, _Finder)
