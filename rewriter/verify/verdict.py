"""What a verification comes to. Pure records, and how they read as text and as JSON."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rewriter.verify.compare import Difference

SAME = "same"
DECLARED = "same but for declared paths"
DIFFERENT = "different"
BEFORE_FAILS = "original does not build"
AFTER_FAILS = "rewritten does not build"
BOTH_FAIL = "neither builds"
NOT_VERIFIED = "not verified"

EXITS = {SAME: 0, DECLARED: 0, DIFFERENT: 1, BEFORE_FAILS: 1, AFTER_FAILS: 1, BOTH_FAIL: 2, NOT_VERIFIED: 2}
SHOWN = 10
LOG_LINES = 12


@dataclass(frozen=True)
class Side:
    """One of the two builds. Sizes in bytes, uncompressed, base image included; seconds: of the build, and of the
    build after one source file was touched (None: not measured). log: the end of the engine's, where it failed."""

    built: bool
    seconds: float
    layers: tuple[int, ...] = ()
    wasted: int = 0
    efficiency: float = 1.0
    rebuild: float | None = None
    log: str = ""

    @property
    def size(self) -> int:
        """Bytes of all layers."""
        return sum(self.layers)


@dataclass(frozen=True)
class Verdict:
    """verdict: one of the constants above. reason: what stands behind it in a few words, where there is more to say.

    differences: what makes the images different. declared: paths that are gone as a rule says they may.
    noise: what differs between two builds of the original, too. possible_noise: those of the differences that lie
    where builds are known to differ by themselves. times: how many paths differ in their time only. blame: the rule
    that is likely to be at fault.
    """

    verdict: str
    engine: str = ""
    reason: str = ""
    before: Side | None = None
    after: Side | None = None
    differences: tuple[Difference, ...] = ()
    declared: tuple[Difference, ...] = ()
    noise: tuple[Difference, ...] = ()
    possible_noise: tuple[Difference, ...] = ()
    times: int = 0
    blame: str = ""
    repeated: bool = False

    @property
    def exit_code(self) -> int:
        """0 for the same image, 1 for another or none, 2 where it can't be told."""
        return EXITS[self.verdict]


def as_json(verdict: Verdict) -> dict:
    """A verdict as plain data, for `--format json`."""
    def told(found: Iterable[Difference]) -> list[dict]:
        return [vars(each) for each in found]

    def side(one: Side | None) -> dict | None:
        return one and {
            "built": one.built, "seconds": round(one.seconds, 2), "bytes": one.size, "layers": list(one.layers),
            "wasted_bytes": one.wasted, "efficiency": round(one.efficiency, 4), "rebuild_seconds": one.rebuild,
            "log": one.log,
        }

    return {
        "verdict": verdict.verdict, "exit_code": verdict.exit_code, "reason": verdict.reason, "engine": verdict.engine,
        "before": side(verdict.before), "after": side(verdict.after), "differences": told(verdict.differences),
        "declared": told(verdict.declared), "noise": told(verdict.noise),
        "possible_noise": told(verdict.possible_noise), "repeated": verdict.repeated,
        "timestamps_differ": verdict.times, "blame": verdict.blame,
    }


def as_text(verdict: Verdict) -> str:
    """A verdict for people: the verdict first, then what it rests on."""
    return "\n".join(_lines(verdict)) + "\n"


def _lines(verdict: Verdict) -> Iterator[str]:
    yield verdict.verdict + (f": {verdict.reason}" if verdict.reason else "")
    if verdict.blame:
        yield f"likely to blame: {verdict.blame}"
    yield from _listed("differences", verdict.differences)
    yield from _listed("of them possible noise (--repeat tells)", verdict.possible_noise)
    yield from _listed("gone, as declared", verdict.declared)
    yield from _listed("noise: the original differs from itself", verdict.noise)
    if verdict.times:
        yield f"timestamps differ on {verdict.times} path{'s' * (verdict.times > 1)}"
    if verdict.before and verdict.after:
        yield from _table(verdict)
    for name, side in (("original", verdict.before), ("rewritten", verdict.after)):
        if side and side.log:
            yield f"the {name}'s log ends:"
            yield from (f"    {line}" for line in side.log.splitlines()[-LOG_LINES:])


def _listed(title: str, found: tuple[Difference, ...]) -> Iterator[str]:
    if found:
        yield f"{title} ({len(found)}):"
        yield from (f"    {_plain(str(each))}" for each in found[:SHOWN])
        if len(found) > SHOWN:
            yield f"    and {len(found) - SHOWN} more (--format json has all)"


def _table(verdict: Verdict) -> Iterator[str]:
    """The two builds side by side, as far as both have a number."""
    before, after = verdict.before, verdict.after
    rows = [("build seconds", f"{before.seconds:.1f}", f"{after.seconds:.1f}")]
    if before.built and after.built:
        rows += [
            ("bytes", f"{before.size:,}", f"{after.size:,}"),
            ("layers", str(len(before.layers)), str(len(after.layers))),
            ("wasted bytes", f"{before.wasted:,}", f"{after.wasted:,}"),
            ("efficiency", f"{before.efficiency:.1%}", f"{after.efficiency:.1%}"),
        ]
    if before.rebuild is not None and after.rebuild is not None:
        rows.append(("rebuild seconds", f"{before.rebuild:.1f}", f"{after.rebuild:.1f}"))
    widths = [max(len(row[0]) for row in rows), *(max(len("rewritten"), *(len(row[at]) for row in rows)) for at in (1, 2))]
    for name, *values in [(verdict.engine, "original", "rewritten"), *rows]:
        yield "  ".join([name.ljust(widths[0]), *(value.rjust(width) for value, width in zip(values, widths[1:]))])


def _plain(text: str) -> str:
    """A path may hold anything, also what would command a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape", "replace").decode() for char in text)
