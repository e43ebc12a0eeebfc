"""Our records are what those of the standard library are, as far as we use them."""
from __future__ import annotations

import ast
import dataclasses
import pickle
from copy import copy, deepcopy
from functools import cached_property

import pytest
from test_layers import MODULES

from rewriter import record


# The names under which the package changes what it has made: records that may change, classes, modules of others.
CHANGING = {"kind", "work", "notes", "self.notes", "pairing", "spec", "yacc"}


@record.dataclass(frozen=True, order=True)
class Point:
    """Of a plane."""

    x: int
    y: int = 2

    @cached_property
    def sum(self) -> int:
        return self.x + self.y


@record.dataclass
class Bag:
    name: str
    things: list[int] = record.field(default_factory=list)
    seen: bool = record.field(default=False, compare=False)


@record.dataclass(frozen=True)
class Nothing:
    pass


@pytest.mark.parametrize("count", [1, 2 * record._FEW])
def test_making(count):
    for _ in range(count):
        Point(1), Bag("a"), Nothing()
    assert (Point(1).x, Point(1).y, Point(y=3, x=1).y, Point(1).sum) == (1, 2, 3, 3)
    first, second = Bag("a"), Bag("b", things=[4])
    first.things.append(5)
    assert (first.things, second.things, Bag("c").things) == ([5], [4], [])
    for wrong in (lambda: Point(), lambda: Point(1, 2, 3), lambda: Point(z=1), lambda: Point(1, x=1), lambda: Nothing(1)):
        with pytest.raises(TypeError):
            wrong()


def test_comparing():
    point = Point(1)
    assert point.sum and point == Point(1, 2) and point != Point(2) and point != (1, 2) and hash(point) == hash(Point(1, 2))
    assert sorted([Point(2), Point(1, 3), Point(1)]) == [Point(1), Point(1, 3), Point(2)]
    assert Nothing() == Nothing() and len({Nothing(), Nothing()}) == 1
    assert Bag("a") == Bag("a", seen=True) != Bag("a", [1]) and not Bag("a").seen
    with pytest.raises(TypeError):
        hash(Bag("a"))


def test_frozen_ones_stay():
    """None assigns to itself; others only assign to what is known to change."""
    for module in MODULES:
        tree = ast.parse(module.read_text())
        frozen = [each for each in ast.walk(tree) if isinstance(each, ast.ClassDef) and any("frozen=True" in ast.unparse(by) for by in each.decorator_list)]
        inside = {id(node) for each in frozen for node in ast.walk(each)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, (ast.Store, ast.Del)):
                assert id(node) not in inside, f"{module}:{node.lineno}"
                owner = ast.unparse(node.value)
                assert owner == "self" or owner in CHANGING or module.parts[-2] == "verify", f"{module}:{node.lineno}: {owner}"


def test_replacing_and_showing():
    assert record.replace(Point(1), y=5) == Point(1, 5)
    assert repr(Point(1)) == "Point(x=1, y=2)" and repr(Nothing()) == "Nothing()"
    match Point(1, 7):
        case Point(x, y):
            assert (x, y) == (1, 7)


@pytest.mark.parametrize("one", [Point(1), Bag("a", [1]), Nothing()])
def test_copies(one):
    assert pickle.loads(pickle.dumps(one)) == copy(one) == deepcopy(one) == one


def test_the_standard_library_takes_them_for_its_own():
    assert dataclasses.is_dataclass(Point) and dataclasses.asdict(Point(1)) == {"x": 1, "y": 2}
    assert dataclasses.replace(Point(1), x=4) == Point(4) and dataclasses.astuple(Bag("a", [1])) == ("a", [1], False)
    assert [each.name for each in dataclasses.fields(Bag)] == ["name", "things", "seen"]
