"""Whether a RUN made of several bodies fails where one of them would have: by the operators between its parts.

What stands left of `&&` or `||` runs without `set -e`, in a subshell or braces too; `||` and `;` of a body bind
looser, or no tighter, than the `&&` that is put before it.
"""
from __future__ import annotations

from rewriter.ledger.bodies import Body, Part
from rewriter.ledger.matching import REHASH, Block
from rewriter.shell.model import Command, Place
from rewriter.shell.shells import Shell

_FOREIGN = frozenset({"trap", "shopt", "eval", ".", "source"})  # what they run is not to be read here
_LETTERS = {"e": "errexit", "u": "nounset", "x": "xtrace", "v": "verbose"}


def unheard(found: tuple[Block, ...], shell: Shell | None, busybox: bool) -> str:
    """How a failure could go unheard, or something fail that did not; "" where neither can be. busybox: it may be the shell."""
    strict = shell is not None and shell.errexit
    joint = ""
    for block in found:
        if reason := _lead(block, strict) or _block(block, joint, strict) or block.joint == ";" and _runs_on(block.body, joint, strict, busybox):
            return reason
        joint = block.joint
        strict = strict or block.wrap != "{" and block.outside is not None and "errexit" in switched(block.outside)
    return ""


def _lead(block: Block, strict: bool) -> str:
    """A failure of the commands before the body."""
    if not block.added or block.guarded:
        return ""
    if all(part.first == "export" or part.text == REHASH or block.wrap and part.operator == "&&" for part in block.added):
        return ""  # an export of literal values can't fail, nor can the shell's forgetting where programs are
    if block.added[-1].operator == ";":
        return "" if strict or block.body.parts[0].strict else "a failure of what is added would not be heard"
    return "a failure of what is added may not be heard" if not block.wrap and _listed(block) else ""


def _block(block: Block, before: str, strict: bool) -> str:
    body = block.body
    counts = strict or counts_on_errexit(body)
    if block.joint == "&":
        return "" if body.parts[-1].operator == "&" and before != "&&" else "something is left running in the background"
    if block.opening and block.joint != "&&":
        return "what is in the subshell may not be heard"
    if block.wrap:
        last = block.joint in ("", "checked")
        return "" if last or not counts or plain_chain(body) else f"`set -e` is off inside of `{block.wrap}` left of `&&`"
    if before == "&&" and (_listed(block) or any(part.operator == ";" for part in block.added)):
        return "a failure before it would not reach the end"
    if block.joint in ("&&", "exit") and counts and not _plain(body, body.parts if before == "&&" else _tail(body.parts)):
        return "`set -e` is off left of `&&`"
    return ""


def _runs_on(body: Body, before: str, strict: bool, busybox: bool) -> str:
    """Whether a failure of the body may not end the shell at once, as `set -e` does for a last list of one pipeline."""
    sure = strict or body.strict
    last = body.parts[-1]
    alone = last.watched and not body.functions and all(part.operator == ";" for part in body.parts[-2:-1]) and not (busybox and last.redirected)
    return "" if sure and alone and not body.slackens and before != "&&" else "a failure of it would not end the RUN"


def _listed(block: Block) -> bool:
    """Whether `&&` before the body would bind to its first part alone."""
    kept = [part for part in block.body.parts if part not in block.gone]
    return any(part.operator in (";", "||", "&") for part in kept[:-1]) or kept[-1].operator == "&"


def _tail(found: tuple[Part, ...]) -> tuple[Part, ...]:
    """The last and-or list."""
    starts = [at + 1 for at, part in enumerate(found[:-1]) if part.operator in (";", "&")]
    return found[starts[-1] if starts else 0 :]


def _plain(body: Body, found: tuple[Part, ...]) -> bool:
    """Whether they are simple commands and pipes of such: `set -e` has nothing to say within."""
    return not body.functions and all((part.simple or _piped(body, part)) and not _substitutes_lists(body, part) for part in found)


def _piped(body: Body, part: Part) -> bool:
    top = [command for command in body.within(part) if not command.place & Place.SUBSTITUTION]
    gaps = {body.text[one.span.end : other.span.start].strip() for one, other in zip(top, top[1:])}
    return len(top) > 1 and gaps == {"|"} and top[0].span.start == part.start and top[-1].span.end == part.end


def _substitutes_lists(body: Body, part: Part) -> bool:
    """Whether a substitution may hold a list: some shells mind `set -e` in there."""
    inner = [command for command in body.within(part) if command.place & Place.SUBSTITUTION]
    return len(inner) > 1 and any(mark in part.text for mark in (";", "\n", "&", "||"))


def counts_on_errexit(body: Body) -> bool:
    """Whether `set -e` may be on in it by its own doing, or can't be told."""
    return body.commands is None or "errexit" in body.text or "errexit" in switched(body) or any(
        command.name in _FOREIGN and not tells_release(command) for command in body.commands
    )


def tells_release(command: Command) -> bool:
    """Whether it reads the variables that tell the distribution, and does nothing else."""
    return [word.value for word in command.words] in (
        [".", "/etc/os-release"], ["source", "/etc/os-release"], [".", "/etc/lsb-release"], ["source", "/etc/lsb-release"])


def switched(body: Body) -> frozenset[str]:
    """The options that it may switch on; "?" for others than those that are known."""
    found: set[str] = set()
    for command in body.commands or ():
        said = [word.value or "?" for word in command.words[1:]] if command.name == "set" else []
        while said:
            word = said.pop(0)
            if word.startswith("+"):
                continue
            plain = word.startswith("-") and len(word) > 1 and word != "--"
            found |= {_LETTERS.get(letter, "?") for letter in word[1:].removesuffix("o")} if plain else {"?"}
            if word.endswith("o") and said:
                found.add(said.pop(0))
    return frozenset(found)


def plain_chain(body: Body) -> bool:
    """Whether it is simple commands, pipes of them, and `&&`: `set -e` makes no difference to these."""
    foreign = any(command.name in _FOREIGN and not tells_release(command) for command in body.commands or ())
    return not foreign and all(part.operator in ("", "&&") for part in body.parts) and _plain(body, body.parts)
