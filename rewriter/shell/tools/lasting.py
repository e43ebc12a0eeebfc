"""What a body leaves that outlasts its shell: no form of a joined RUN keeps it from the next body."""
from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from rewriter.shell.model import Command, Place, Script
from rewriter.shell.tools import accounts, call_of, tool_of
from rewriter.shell.tools.daemons import KILLS_GPG, STAYS, starts
from rewriter.shell.tools.files import HARD_LINK, RUN_FILES, anew, run_file
from rewriter.shell.tools.wrappers import plain_words, run_text, unwrapped, wrapped_text

_DEVICES = ("/dev/", "/proc/", "/sys/")
# Of these, all RUNs have the same.
_PLAIN_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "stdin", "stdout", "stderr", "fd/", "tcp/", "udp/", "ptmx", "pts", "console")
_REMOVES = frozenset({"rm", "unlink", "mv", "mknod"})  # what is a device may be a file after it
_EDITORS = frozenset("tee ed ex vi truncate dd patch".split())
_INTERPRETERS = frozenset("perl python python2 python3 ruby awk gawk augtool".split())
_SHELLS = frozenset("sh bash dash ash su".split())
_GPG = frozenset({"gpg", "gpg2", "dirmngr", "gpg-agent"})


def lasting(script: Script) -> str:
    """Why a form can't part the body from the next, in words for a report; "" where one can."""
    if any(segment.operator == "&" for segment in script.segments):
        return STAYS
    if script.commands is None:
        hit = next((name for name in script.names if (tool := tool_of(name)) and tool.lasting), None)
        return f"`{hit}` in it can't be looked into" if hit else ""
    killed = max((command.span.start for command in script.commands if _kills(command)), default=-1)
    watched = [command for command in script.commands if not (command.name in _GPG and command.span.start < killed)]
    return next((_told(reason, command) for command in watched for reason in _reasons(command) if reason), "") or _fed(script)


def _fed(script: Script) -> str:
    """What a shell or an interpreter may leave by what it is fed, which is in the lines below the first `<<`."""
    if not script.heredoc or not any(map(_takes_input, script.commands or ())):
        return ""
    opener, _, below = script.text.partition("<<")[2].partition("\n")
    name = plain_words(opener)[:1]
    text = "\n".join(line for line in below.split("\n") if line.split() != name)
    hit = next((path for path in RUN_FILES[:5] if path in text), None)
    return anew(hit) if hit else _of_text(text)


def _takes_input(command: Command) -> bool:
    """Whether it reads the commands that it runs from its input."""
    run = unwrapped(command)
    name, said = (run.name or "").rsplit("/", 1)[-1], [word.raw for word in run.words[1:]]
    return name == "su" or name in _SHELLS | _INTERPRETERS and (all(word.startswith("-") for word in said) and "-c" not in said or "-s" in said)


def _told(reason: str, command: Command) -> str:
    """The reason with the command that gives it, which the author may have to look for among many."""
    name = unwrapped(command).name or command.name
    return reason.replace("it may", f"`{name}` in it may", 1) if reason == STAYS and name else reason


def _kills(command: Command) -> bool:
    return tuple(word.value for word in command.words) == KILLS_GPG and not command.place & Place.FUNCTION


def _reasons(command: Command) -> Iterator[str]:
    if command.place & Place.BACKGROUND or any(word.raw.startswith(">(") for word in (*command.words, *(each.target for each in command.redirects if each.target))):
        yield STAYS  # no shell waits for what a `>( … )` runs
    if command.name == "return" and not command.place & Place.FUNCTION:
        yield "it returns from no function, which shells take differently"
    run = unwrapped(command)
    yield _of_tool(run, sudo=run is not command)
    yield _of_text(run_text(run))
    said = [word.value for word in run.words[1:]]
    if (run.name or "").rsplit("/", 1)[-1] == "busybox" and "--install" in said and "-s" not in said:
        yield HARD_LINK
    targets = [redirect.target.value or "" for redirect in command.redirects if redirect.target and redirect.operator not in ("<", "<&")]
    for value in targets:
        if path := run_file(value, None):
            yield anew(path)
    values = [value or "" for value in said]
    given = [each.word.value or "" for each in command.assignments]
    given += [value.partition("=")[2] for value in said if value] if command.name in ("export", "readonly", "declare", "typeset", "local") else []
    for value in given:
        if value in RUN_FILES[:2]:
            yield anew(value)  # it may be written by the name of the variable
    for value in [*(values if run.name not in ("echo", "printf", "grep", "test", "[", "[[") else []), *targets, *given]:
        plain = value.startswith(tuple(_DEVICES[0] + name for name in _PLAIN_DEVICES)) and run.name not in _REMOVES
        if value.startswith(_DEVICES[0]) and not plain:
            yield f"{value} is not kept from one RUN to the next"
    if any(value.startswith(_DEVICES[1:]) for value in targets):
        yield "it changes settings of the running system"
    yield _edited(run, values)


def _of_tool(command: Command, *, sudo: bool) -> str:
    tool = tool_of(command.name)
    call = call_of(command, None, loosely=True)
    known = tool is not None and tool.effects is not None and call is not None and tool.knows(call)
    if not known and starts([word.value for word in command.words[1:]]):
        return STAYS
    if sudo and (command.name or "") in accounts.TOOLS and call and (len(call.operands) != 1 or command.name not in accounts.ADDING):
        return accounts.ANEW
    return tool.lasting(call) if tool and tool.lasting and call else ""


def _of_text(text: str) -> str:
    """What a command among the words of another, or in a text for a shell, may leave."""
    words = plain_words(text)
    if "&" in text.replace("&&", "").replace(">&", "").replace("&>", "").replace("\\&", ""):
        return STAYS
    for at, word in enumerate(words):
        name = word.rsplit("/", 1)[-1]
        tool = tool_of(name)
        if tool is None or tool.lasting is None:
            continue
        if tool.effects is None:
            return STAYS if name not in accounts.TOOLS else accounts.ANEW
        rest = words[at + 1 :]
        if any(path in rest or path.rsplit("/", 1)[-1] in rest for path in RUN_FILES) or name == "ln" and not any(each.startswith("-") and "s" in each for each in rest):
            return "it may make a hard link, or change what every RUN reads anew"
        if name in accounts.TOOLS and name not in ("useradd", "groupadd"):
            return accounts.ANEW
    return ""


def _edited(command: Command, values: list[str]) -> str:
    """An editor, or a program in a script's words, that names a file which every RUN reads anew."""
    name = command.name or ""
    if name in _EDITORS or name == "sed" and any(value.startswith(("-i", "--in-place")) or value in ("-ri", "-ni", "-Ei") for value in values):
        hit = next((value for value in values if run_file(value.removeprefix("of="), None) and value not in ("sh", "hosts")), None)
        hit = hit or next((path for value in values if "*" in value or "?" in value or "[" in value for path in RUN_FILES[:5] if fnmatchcase(path, value)), None)
        return anew(hit) if hit else ""
    reads = name in ("awk", "gawk") and not any(">" in value or "-i" == value for value in values)
    text = " ".join(word.raw for word in command.words[1:]) if name in _INTERPRETERS and not reads else wrapped_text(command)
    hit = next((path for path in RUN_FILES[:5] if path in text), None)
    return anew(hit) if hit else ""
