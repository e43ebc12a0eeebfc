"""Records: `dataclass`, `field` and `replace` as the standard library has them, as far as this package needs them.

They cost next to nothing until one is made. The library's own import `inspect`, then write and compile six functions a
class: with a hundred classes, of which few are ever made in one run, that was a third of the time in which dfopt starts.
What `dataclasses` does with its own (`asdict`, `fields`, `replace`), it does with these, too. That a frozen one stays as it
is, type checkers see: to have each assignment refused, and its own fields put past that, took a tenth of all time.
"""
from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

TYPE_CHECKING = False  # type checkers take it for true, and so know these by those that they know
if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    _FEW = 60  # records: to write and compile a function takes as long
    _MISSING = object()

    class field:
        """The default of a field, or how it is made, anew for each record; whether the field counts where records are compared."""

        def __init__(self, *, default: object = None, default_factory: Callable[[], object] | None = None, compare: bool = True) -> None:
            self.make = default_factory or (lambda: default)
            self.compare = compare

    def dataclass(kind: type | None = None, *, frozen: bool = False, order: bool = False, eq: bool = True):
        """Make a record of a class with annotations: its fields."""
        if kind is None:
            return lambda kind: dataclass(kind, frozen=frozen, order=order, eq=eq)
        kind.__match_args__ = tuple(kind.__annotations__)
        kind.__dataclass_fields__ = _Fields()
        kind.__init__, kind.__repr__ = _initializer(kind), _shown
        if eq:
            _compared(kind, frozen, order)
        return kind

    def replace(record, /, **changes):
        """The record with other values in some fields."""
        return type(record)(**{name: getattr(record, name) for name in record.__match_args__} | changes)


class _Fields:
    """What `dataclasses` asks a class for, by which it tells its own. It is made of the class when asked for."""

    def __get__(self, record: object, kind: type) -> dict:
        from dataclasses import dataclass as standard
        from dataclasses import field as standard_field

        found = {name: vars(kind)[name] for name in kind.__match_args__ if name in vars(kind)}
        own = {name: standard_field(default_factory=each.make, compare=each.compare) if isinstance(each, field) else each for name, each in found.items()}
        return standard(type(kind.__name__, (), {"__annotations__": kind.__annotations__, **own})).__dataclass_fields__


def _initializer(kind: type) -> Callable:
    """An `__init__` for any class, which one of its own replaces where many records are made."""
    names, left = kind.__match_args__, _FEW
    fields = frozenset(names)
    plain = made = None

    def __init__(self, *values, **named) -> None:
        nonlocal left, plain, made
        left -= 1
        if not left:
            kind.__init__ = _written(kind)
        if len(values) == len(names) and not named:
            self.__dict__.update(zip(names, values))
            return
        given = dict(zip(names, values), **named)
        told = len(given) == len(values) + len(named)
        if len(given) < len(names):
            if plain is None:
                plain, made = _defaults(kind)
            given = plain | given | {name: make() for name, make in made.items() if name not in given}
        if not told or given.keys() != fields:
            raise TypeError(f"{kind.__name__} takes {', '.join(names)}")
        self.__dict__.update(given)

    return __init__


def _defaults(kind: type) -> tuple[dict[str, object], dict[str, Callable[[], object]]]:
    """The defaults by the names of their fields: those that are values, and what makes the others."""
    own = {name: vars(kind)[name] for name in kind.__match_args__ if name in vars(kind)}
    made = {name: default.make for name, default in own.items() if isinstance(default, field)}
    return {name: default for name, default in own.items() if name not in made}, made


def _written(kind: type) -> Callable:
    names = {"_MISSING": _MISSING}
    given, lines = [], []
    for name in kind.__match_args__:
        default = vars(kind).get(name, _MISSING)
        names[f"_{name}"] = default.make if isinstance(default, field) else default
        made = f"_{name}() if {name} is _MISSING else {name}" if isinstance(default, field) else name
        given.append(name if default is _MISSING else f"{name}=_MISSING" if isinstance(default, field) else f"{name}=_{name}")
        lines.append(f"    self.{name} = {made}")
    exec(f"def __init__({', '.join(['self', *given])}):\n" + "\n".join(lines or ["    pass"]), names)
    return names["__init__"]


def _compared(kind: type, frozen: bool, order: bool) -> None:
    """Two of one class are equal if their fields are, which also order them."""
    fields = [name for name in kind.__match_args__ if not isinstance(each := vars(kind).get(name), field) or each.compare]
    get = attrgetter(*fields) if fields else lambda record: ()

    def __eq__(self, other: object) -> bool:
        return get(self) == get(other) if other.__class__ is self.__class__ else NotImplemented

    def __lt__(self, other: object) -> bool:
        return get(self) < get(other) if other.__class__ is self.__class__ else NotImplemented

    kind.__eq__ = __eq__
    kind.__hash__ = (lambda self: hash(get(self))) if frozen else None
    if order:
        kind.__lt__ = __lt__


def _shown(self) -> str:
    fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{type(self).__qualname__}({fields})"

