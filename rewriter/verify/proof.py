"""Proof by building both: build the original and the rewritten, read both images, compare, judge."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial

from rewriter.graph.context import Context
from rewriter.optimize import optimize
from rewriter.options import Options
from rewriter.order import RULES
from rewriter.verify import verdict as said
from rewriter.verify.compare import Comparison, Difference, compare
from rewriter.verify.efficiency import efficiency
from rewriter.verify.engine import Built, Engine, Request
from rewriter.verify.images import Image
from rewriter.verify.layers import Unreadable
from rewriter.verify.rebuild import rebuild_seconds
from rewriter.verify.session import Session, session
from rewriter.verify.verdict import Side, Verdict

# where two builds of one file differ by themselves: logs, caches that hold times, keys and ids made at random
NOISY = (
    "/var/log/*", "/var/cache/*", "/var/lib/apt/*", "/var/lib/dpkg/*-old", "/var/lib/systemd/*", "/var/lib/dbus/*",
    "/etc/machine-id", "/etc/hostname", "/etc/shadow*", "/etc/ld.so.cache", "/etc/ssh/ssh_host_*", "/etc/ssl/private/*",
    "*/__pycache__/*.pyc", "*/.npm/_logs/*", "*/.cache/*", "/tmp/*", "/var/tmp/*", "/run/*",
)

_GONE_OR_NEW = ("missing", "extra")
_DIGITS = str.maketrans("", "", "0123456789")

Show = Callable[[str, str, float], None]  # which build, its step, seconds since it began


@dataclass(frozen=True)
class Manner:
    """repeat: build the original twice, uncached, to know its own noise. declared: globs of paths that may be gone,
    in which `*` also stands for slashes.

    options, files: what the rewritten text was made with, where dfopt made it: a difference is then traced to a rule.
    rebuild: a source file, relative to the context, whose change is to be measured. show: told of the progress.
    """

    repeat: bool = False
    declared: tuple[str, ...] = ()
    options: Options | None = None
    files: Context | None = None
    rebuild: str = ""
    show: Show = lambda name, step, seconds: None


def verify(before: str, after: str, engine: Engine, request: Request, manner: Manner = Manner()) -> Verdict:
    """Build both texts and say whether the images are the same. Nothing that is made stays; see `session`."""
    if missing := engine.missing():
        return Verdict(said.NOT_VERIFIED, engine.name, f"no engine ({missing})")
    try:
        with session(engine, request) as current:
            return _verified(before, after, current, manner)
    except Unreadable as error:
        return Verdict(said.NOT_VERIFIED, engine.name, f"an image can't be read ({error})")


def _verified(before: str, after: str, current: Session, manner: Manner) -> Verdict:
    request = replace(current.request, no_cache=current.request.no_cache or manner.repeat)
    built, one = current.build(before, request, partial(manner.show, "original"))
    rebuilt, other = current.build(after, request, partial(manner.show, "rewritten"))
    sides = {"before": _side(built, one), "after": _side(rebuilt, other)}
    if one is None or other is None:
        culprit = _blame(before, after, one, current, manner) if one else ""
        return _unbuilt(current.engine, sides, culprit)
    if manner.rebuild:
        sides = _rebuilt(before, after, current, manner, sides)
    noise: tuple[Difference, ...] = ()
    if manner.repeat:
        _, again = current.build(before, request, partial(manner.show, "original again"))
        if again is None:
            return Verdict(said.NOT_VERIFIED, current.engine.name, "the original builds only sometimes", **sides)
        noise = tuple(compare(one, again).differences)
    result = _judged(compare(one, other), noise, manner.declared)
    if result.verdict == said.DIFFERENT:
        result = replace(result, blame=_blame(before, after, one, current, manner, noise))
    return replace(result, engine=current.engine.name, repeated=manner.repeat, **sides)


def _judged(found: Comparison, noise: tuple[Difference, ...], declared: tuple[str, ...]) -> Verdict:
    """The verdict on what was found, less noise and declared paths, both of which it shows."""
    own = {(each.aspect, each.where) for each in noise}
    dated, renamed = _renamed(noise), _renamed(found.differences)
    noisy = [each for each in found.differences if (_undated(each) in renamed if _undated(each) in dated else (each.aspect, each.where) in own)]
    allowed = [each for each in found.differences if each.aspect == "missing" and _any(declared, each.where)]
    left = [each for each in found.differences if each not in noisy and each not in allowed]
    possible = () if noise else [each for each in left if each.aspect != "setting" and _any(NOISY, each.where)]
    reason = ""
    if left and len(possible) == len(left):
        reason = "but only where builds are known to differ by themselves; --repeat tells"
    return Verdict(
        said.DIFFERENT if left else said.DECLARED if allowed else said.SAME, reason=reason, differences=tuple(left),
        declared=tuple(allowed), noise=tuple(noisy), possible_noise=tuple(possible), times=len(found.times),
    )


def _renamed(found: Iterable[Difference]) -> set[tuple[str, str]]:
    """Files whose names tell a time or a number: as many of them are new as are gone, all of one kind, mode and owner."""
    names = {aspect: [_undated(each) for each in found if each.aspect == aspect] for aspect in _GONE_OR_NEW}
    return {name for name in names["missing"] if names["missing"].count(name) == names["extra"].count(name)}


def _undated(each: Difference) -> tuple[str, str]:
    """The path without its digits, and what is gone from there, or new, but for its size; for other differences, nothing."""
    said = each.before or each.after
    return (each.where.translate(_DIGITS), said.rpartition(", ")[0] or said) if each.aspect in _GONE_OR_NEW else ("", "")


def _unbuilt(engine: Engine, sides: dict[str, Side], culprit: str) -> Verdict:
    """The verdict where at least one side failed, unless it was the engine that did."""
    if missing := engine.missing():
        return Verdict(said.NOT_VERIFIED, engine.name, f"the engine is gone ({missing})", **sides)
    if not sides["before"].built and not sides["after"].built:
        return Verdict(said.BOTH_FAIL, engine.name, **sides)
    if not sides["before"].built:
        return Verdict(said.BEFORE_FAILS, engine.name, "and the rewritten does", **sides)
    return Verdict(said.AFTER_FAILS, engine.name, "and the original does", blame=culprit, **sides)


def _blame(
    before: str, after: str, image: Image, current: Session, manner: Manner, noise: tuple[Difference, ...] = (),
) -> str:
    """The first rule, in their order, with which the image is another; empty where dfopt did not make `after`."""
    outcome = optimize(before, manner.options, manner.files) if manner.options else None
    if outcome is None or outcome.after != after or not outcome.changes:
        return ""
    names = [rule.name for rule in RULES if any(change.rule == rule.name for change in outcome.changes)]
    show = partial(manner.show, "looking for the rule to blame")

    def differs(count: int) -> bool:
        options = replace(manner.options, select=tuple(names[:count]))
        _, other = current.build(optimize(before, options, manner.files).after, progress=show)
        return other is None or _judged(compare(image, other), noise, manner.declared).verdict == said.DIFFERENT

    good, bad = 0, len(names)
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (good, middle) if differs(middle) else (middle, bad)
    lines = [str(change.line) for change in outcome.changes if change.rule == names[bad - 1]]
    return f"{names[bad - 1]} (at line {', '.join(lines)})"


def _rebuilt(before: str, after: str, current: Session, manner: Manner, sides: dict[str, Side]) -> dict[str, Side]:
    show = partial(manner.show, "rebuild")
    return {
        name: replace(sides[name], rebuild=rebuild_seconds(current, text, manner.rebuild, show))
        for name, text in (("before", before), ("after", after))
    }


def _side(built: Built, image: Image | None) -> Side:
    if image is None:
        return Side(False, built.seconds, log="\n".join(built.log.splitlines()[-40:]))
    wasted, share = efficiency(image)
    return Side(True, built.seconds, tuple(layer.size for layer in image.layers), wasted, share)


def _any(globs: Iterable[str], path: str) -> bool:
    return any(fnmatchcase(path, glob) for glob in globs)
