"""Caches of package managers that are deleted in one RUN more: one that deletes them later does without, or fetches them anew."""
from __future__ import annotations

from rewriter.ledger.bodies import Body, Part, forced, read_body, text_of
from rewriter.ledger.crossing import passed, spared, uses
from rewriter.ledger.matching import CLEANS
from rewriter.ledger.model import Entry, Stage
from rewriter.ledger.pairing import Pairing
from rewriter.ledger.places import resolved
from rewriter.ledger.removing import undisturbed
from rewriter.pattern import Pattern

_CACHES = {"apt": ("/var/lib/apt/lists/",), "apk": ("/var/cache/apk/",), "yum": ("/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5")}
_TIDIES = frozenset({"apt-get clean", "apt clean", "apt-get -y clean", "apt-get clean -y", "apt-get -q clean"})  # it looks at no list
_FETCHES = {
    "apt": Pattern(r"(?:DEBIAN_FRONTEND=\S+ )?apt(?:-get)?(?: -[yq]+| --yes| --quiet| -o Acquire::\S+)* update(?: -[yq]+| --yes| --quiet| --fix-missing| -o Acquire::\S+)*\Z"),
    "apk": Pattern(r"apk(?: -\S+)* (?:update|(?:add|upgrade)(?= .*(?:-U|--update|--update-cache)(?: |\Z)))(?: .*)?\Z"),
    "yum": Pattern(r"(?:yum|dnf|microdnf|tdnf)(?: -y| -q| --\S+)* (?:install|update|upgrade|groupinstall|localinstall|makecache)(?!.* (?:-C|--cacheonly)(?: |\Z))(?: .*)?\Z"),
}


def said_again(before: Stage, pairing: Pairing, at: tuple[int, int], run: Entry, part: Part) -> str:
    """Why a command may not delete caches in a RUN in which it did not stand; "" where nothing can miss them."""
    paths = _deleted(part, run)
    kind = next((kind for kind, places in _CACHES.items() if paths and all(path.startswith(places) for path in paths)), "")
    if not kind:
        return f"{run} deletes what is not deleted elsewhere any more"
    fresh = False
    for index, entry in enumerate(before.entries):
        place = pairing.places.get(index)
        if place is not None and place <= at:
            continue
        if entry.keyword != "RUN" or place is None:
            if not fresh and (place is None or passed(run, entry, paths)):
                return f"{run} deletes what {entry} may use"
            continue
        body = read_body(text_of(entry.instruction))
        for each in body.parts:
            if undisturbed(body, each) and (each.text == part.text or set(paths) <= set(_deleted(each, entry)) and _options(each) == _options(part)):
                same = (run.state.user, run.state.shell) == (entry.state.user, entry.state.shell)
                return "" if same and _sure(body, each) else f"{run} deletes what {entry} may use, or does not delete"
            if fresh or each.first == "set" or each.text in _TIDIES or spared(each.text, paths, entry.state.workdir):
                continue
            if _FETCHES[kind].match(" ".join(each.text.split())) and _sure(body, each) and not entry.instruction.flags:
                fresh = True
            elif uses(read_body(each.text), entry.state.workdir, paths):
                return f"{run} deletes what {entry} may use"
    return f"{run} deletes what is not deleted elsewhere any more"


def _deleted(part: Part, run: Entry) -> tuple[str, ...]:
    """What a command deletes, in any case without a failure; () for anything else."""
    if part.text in CLEANS:
        return _CACHES["yum"]
    if not part.simple or part.first != "rm" or not forced(part.text.split()):
        return ()
    found = [resolved(word.strip("\"'"), run.state.workdir) for word in part.text.split()[1:] if not word.startswith("-")]
    return tuple(path or "" for path in found)


def _options(part: Part) -> frozenset[str]:
    return frozenset(word for word in part.text.split()[1:] if word.startswith("-"))


def _sure(body: Body, part: Part) -> bool:
    """Whether the body runs the command if it succeeds at all, and fails if it fails."""
    number = body.parts.index(part)
    leaves = any(command.name in ("exit", "exec", "return", None) for command in body.commands or (None,) if command and command.span.start < part.start)
    chained = all(each.operator == "&&" for each in body.parts[number:-1])
    strict = body.strict and all(each.operator == ";" for each in body.parts[max(number - 1, 0) : number + 1])
    return part.simple and not leaves and (chained and body.parts[-1].operator == "" or strict)
