"""The driver: read, find, apply, check. The only loop, and the one pure function behind every surface."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, cached_property

from rewriter.admit import Declined, admit
from rewriter.budget import Exhausted, limited, spend
from rewriter.checks import doubt, fault
from rewriter.graph.build import build
from rewriter.graph.context import Context
from rewriter.graph.model import Graph
from rewriter.options import LEVELS, Options
from rewriter.order import RULES, passes
from rewriter.outcome import Change, Kept, Outcome
from rewriter.record import dataclass, field
from rewriter.rule import Finding, Rule, Scene, Still
from rewriter.source.model import Dockerfile
from rewriter.source.reading import read
from rewriter.suppress import Suppressions, suppressions
from rewriter.text import Edit, Lines, Span, apply

_SWEEPS = 4
_ROUNDS = 100  # of one rule within a sweep: each applies all findings that don't meet
_GLANCE = 2_000  # characters of a text, to be looked at for a rule: one step of the budget
_REREAD = 4  # steps for each line of a text that is read anew


def optimize(text: str, options: Options = Options(), context: Context | None = None) -> Outcome:
    """The optimized Dockerfile, with each change and each candidate kept still. No I/O but through `context`.

    Never raises for what `text` may be: what can't be worked on comes back as it was, with a note or an error.
    """
    admitted = admit(text)
    if isinstance(admitted, Declined):
        told = {"error" if admitted.error else "note": admitted.reason}
        return Outcome(text, text, line=admitted.line, **told)
    try:
        with limited():
            return _optimized(admitted, options, context)
    except Exhausted:
        return Outcome(text, text, note="it takes more work than dfopt does for one file")


def _optimized(before: Dockerfile, options: Options, context: Context | None) -> Outcome:
    text, origins = before.text, list(range(1, before.text.count("\n") + 2))
    for each in before.instructions:
        origins[each.line - 1 : each.end_line] = [each.line] * (each.end_line + 1 - each.line)
    work = _Work(before, options, context, origins)
    chosen = [rule for rule in passes(RULES) if _chosen(rule, options)]
    if not _settled(work, chosen):
        return Outcome(text, text, error="dfopt does not come to rest on this file: please report it")
    if work.changes and (found := fault(before, work.dockerfile)):
        return Outcome(text, text, error=f"dfopt refused its own result, please report it: {found}")
    changes, kept = (tuple(sorted(said, key=lambda each: each.line)) for said in (work.changes, (each for some in work.kept.values() for each in some)))
    return Outcome(text, work.text, changes, kept, _higher(work))


@dataclass
class _Work:
    """A Dockerfile on its way. `origins[k]` is the line of the input that line k + 1 comes from, or where its instruction starts there.

    left: the levels of findings that are above the chosen one. unsure: findings whose result could not be confirmed, and why.
    kept: by rule, as they were asked. said: what each rule said of the Dockerfile as it is now. parted: where groups of RUNs are
    not to be joined, since they could not be confirmed as one.
    """

    dockerfile: Dockerfile
    options: Options
    context: Context | None
    origins: list[int]
    changes: list[Change] = field(default_factory=list)
    kept: dict[str, list[Kept]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    unsure: dict[Change, str] = field(default_factory=dict)
    said: dict[str, tuple[list[Finding], list[Still]]] = field(default_factory=dict)
    parted: set[int] = field(default_factory=set)

    @property
    def text(self) -> str:
        """The text as it is now."""
        return self.dockerfile.text

    @cached_property
    def graph(self) -> Graph:
        """The graph of the Dockerfile as it is now."""
        return build(self.dockerfile, tuple(self.origins))

    @cached_property
    def suppressions(self) -> Suppressions:
        """What comments keep off what, as it is now."""
        return suppressions(self.dockerfile)

    @cached_property
    def count(self) -> Callable[[str], int]:
        """How often a word stands in the text, in lower case: several rules look for the same."""
        return cache(self.text.lower().count)

    def become(self, dockerfile: Dockerfile, origins: list[int]) -> None:
        """Go on with another Dockerfile; what was found out of the one before is forgotten."""
        self.dockerfile, self.origins = dockerfile, origins
        self.said, self.unsure, self.parted = {}, {}, set()  # what could not be confirmed may be, now that other things have changed
        for name in ("graph", "suppressions", "count"):
            self.__dict__.pop(name, None)


def _settled(work: _Work, rules: list[Rule]) -> bool:
    """Sweep until nothing changes; whether it came to that."""
    for _ in range(_SWEEPS):
        before = len(work.changes)
        work.kept, work.left, work.unsure = {}, [], {}
        if not all(_exhausted(work, rule) for rule in rules):
            return False
        if len(work.changes) == before:
            return True
    return False


def _exhausted(work: _Work, rule: Rule) -> bool:
    """Apply one rule until it finds nothing more; whether it came to that."""
    for _ in range(_ROUNDS):
        found, stills = _found(work, rule)
        findings = [each for each in found if _within(work, each.level) and _change(work, rule, each) not in work.unsure]
        if not findings:
            _keep(work, rule, found, stills)
            return True
        together = list(_apart([each for each in findings if each.level == findings[0].level]))
        if not _applied(work, rule, together) and len(together) > 1:
            any(_applied(work, rule, [finding]) for finding in together)
    return False


def _applied(work: _Work, rule: Rule, findings: list[Finding]) -> bool:
    """Apply findings that lie apart, if their result is confirmed; whether it was. One alone that is not is put down as such."""
    spend(_REREAD * len(work.origins) + len(work.text) // _GLANCE)
    edits = [edit for finding in reversed(findings) for edit in finding.edits]  # of stages, the one that is found last stands first
    after = read(_written(work.text, edits), work.dockerfile)
    same = {rule.level, *(finding.level for finding in findings)} == {LEVELS[0]}
    if reason := doubt(work.dockerfile, after) if same else fault(work.dockerfile, after):
        if len(findings) == 1:
            work.unsure[_change(work, rule, findings[0])] = reason
            if len(runs := findings[0].joins) > 2:  # some of them may be one all the same
                work.parted.add(work.graph.line(runs[len(runs) // 2]))
                work.said.pop(rule.name, None)
        return False
    assert isinstance(after, Dockerfile)
    for finding in findings:
        change, gone = _change(work, rule, finding), _continued(work, rule, finding)
        work.changes = [*(each for each in work.changes if each not in gone), change]
    work.become(after, _carried(work, edits)[: after.text.count("\n") + 1])
    return True


def _written(text: str, edits: list[Edit]) -> str:
    """The text with the edits: where its last line has no line end, the last of the result has none."""
    result = apply(text, edits)
    return result if text.endswith("\n") or not result.endswith("\n") else result.removesuffix("\n").removesuffix("\r")


def _change(work: _Work, rule: Rule, finding: Finding) -> Change:
    """What is told of a finding; of RUNs that are joined once more, what has come of all of them."""
    line, before = work.origins[finding.at.line - 1], _continued(work, rule, finding)
    if not finding.joins:
        return Change(rule.name, line, finding.reason, finding.saved)
    less = len(finding.joins) - 1 + sum(each.joins - 1 for each in before)
    sizes = [finding.saved, *(each.saved for each in before)]
    saved = None if None in sizes else sum(size for size in sizes if size)
    gain = f"{less} layer{'s' * (less > 1)} less{', and what a later one deletes is in none' * (saved is None)}"
    more = [said for reason in (*(each.reason for each in before), f"; {finding.reason}") for said in reason.split("; ")[1:] if said]
    return Change(rule.name, line, "; ".join([f"joins {less + 1} RUNs: {gain}", *dict.fromkeys(more)]), saved, less + 1)


def _continued(work: _Work, rule: Rule, finding: Finding) -> list[Change]:
    """The changes by which the rule made the RUNs that it joins now of others."""
    lines = {work.origins[run.line - 1] for run in finding.joins}
    return [each for each in work.changes if each.joins and each.rule == rule.name and each.line in lines]


def _keep(work: _Work, rule: Rule, found: list[Finding], stills: list[Still]) -> None:
    """Put down what a rule leaves as it is, and why."""
    work.kept.pop(rule.name, None)  # as it was asked before
    if not found and not stills and not work.unsure:
        return
    above = [each for each in found if not _within(work, each.level)]
    lines = {(work.origins[still.at.line - 1], still.reason) for still in stills}
    lines |= {(work.origins[each.at.line - 1], f"only with --level {each.level}: {each.reason}") for each in above}
    lines |= {(each.line, f"its result could not be confirmed: {why}") for each, why in work.unsure.items() if each.rule == rule.name}
    work.kept[rule.name] = [Kept(rule.name, line, reason) for line, reason in sorted(lines)]
    work.left += [each.level for each in above]


def _found(work: _Work, rule: Rule) -> tuple[list[Finding], list[Still]]:
    """What the rule says of the Dockerfile as it is now, which it is asked once."""
    if rule.name not in work.said:
        spend(1 + len(work.text) // _GLANCE)
        said = [_known(work, rule, each) for each in rule.find(_scene(work, rule))] if rule.concerns(work.count) else []
        work.said[rule.name] = [each for each in said if isinstance(each, Finding)], [each for each in said if isinstance(each, Still)]
    return work.said[rule.name]


def _known(work: _Work, rule: Rule, said: Finding | Still) -> Finding | Still:
    """The same, or why it is not done: by a program that may be another than it is taken for."""
    if not rule.tools or isinstance(said, Still):
        return said
    from rewriter.graph.substitutes import substituted  # few texts have something to change

    reason = substituted(work.graph, said.at, rule.tools)
    return Still(said.at, reason) if reason else said


def _scene(work: _Work, rule: Rule) -> Scene:
    return Scene(work.graph, work.context, work.options, work.suppressions.ignored(rule.name), frozenset(work.parted))


def _apart(findings: list[Finding]) -> Iterable[Finding]:
    """Those that lie apart from all taken before: the others are found again, or not, once these are applied. Stages keep their order."""
    taken: list[Span] = []
    waiting = False
    for finding in findings:
        reach = finding.reach
        if all(reach.end < other.start or reach.start > other.end for other in taken) and not (waiting and finding.stage):
            taken.append(reach)
            yield finding
        else:
            waiting = waiting or bool(finding.stage)


def _carried(work: _Work, edits: list[Edit]) -> list[int]:
    """The origins of the lines after `edits`: a line that one brings in comes from where it stands, or if it has gone there from where it was."""
    lines, at = Lines(work.text), 0
    origins, moved = [work.origins[0]], _moved(work, edits, lines)
    for edit in sorted(edits, key=lambda each: (each.span.start, each.span.end)):
        line = lines.line(edit.span.start)
        origins += work.origins[lines.line(at) : line]
        brought = edit.text.split("\n")[1:]
        origins += [moved.get(_said(each), work.origins[line - 1]) for each in brought]
        if moved and brought and lines.starts[line - 1] == edit.span.start:
            origins[-len(brought) - 1] = moved.get(_said(edit.text.split("\n")[0]), origins[-len(brought) - 1])
        at = edit.span.end
        follows = brought and work.text[at : at + 1] not in ("", "\n", "\r")  # the rest of a line that was there
        if follows or edit.text.endswith("\n") or not edit.text and lines.starts[line - 1] == edit.span.start:
            origins[-1] = work.origins[lines.line(at) - 1]
    return origins + work.origins[lines.line(at) :]


def _moved(work: _Work, edits: list[Edit], lines: Lines) -> dict[str, int]:
    """The origins of lines that are taken out, by what they say: most that are brought in are some of these."""
    gone = {_said(text): work.origins[line - 1 + at] for edit in edits if edit.span for line in [lines.line(edit.span.start)] for at, text in enumerate(edit.span.of(work.text).split("\n"))}
    gone.pop("", None)
    return gone


def _said(line: str) -> str:
    """A line without what joins it to others."""
    return line.strip(" \t\r\\`&;").removeprefix("RUN ").lstrip()


def _chosen(rule: Rule, options: Options) -> bool:
    if rule.name in options.ignore:
        return False
    if options.select:
        return rule.name in options.select
    return LEVELS.index(rule.level) <= LEVELS.index(options.level)


def _within(work: _Work, level: str) -> bool:
    """Whether what is of this level is done at the chosen one."""
    return LEVELS.index(level) <= LEVELS.index(work.options.level)


def _higher(work: _Work) -> tuple[tuple[str, int], ...]:
    """For each level above the chosen one, how many more changes it would make: of its own rules, and of others."""
    rules = [rule for rule in RULES if not _within(work, rule.level)]
    levels = work.left + [max(rule.level, finding.level, key=LEVELS.index) for rule in rules for finding in _found(work, rule)[0]]
    return tuple((level, levels.count(level)) for level in LEVELS if level in levels)
