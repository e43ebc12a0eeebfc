"""What a body leaves that a RUN of its own would not find, and no form of a joined RUN helps: but for programs that have moved."""
from __future__ import annotations

import re
from collections.abc import Iterator

from rewriter.ledger.bodies import Body
from rewriter.ledger.crossing import CACHES, deletes_folders
from rewriter.ledger.meeting import any_meet, fits
from rewriter.ledger.model import State
from rewriter.ledger.places import resolved
from rewriter.pattern import Pattern
from rewriter.shell.model import Command, Place, Script
from rewriter.shell.reading import read_script

_DAEMONS = frozenset(
    "at atd batch cron crond daemon dbus-daemon dbus-launch dirmngr gpg-agent init initctl invoke-rc.d nohup nscd pg_ctl pg_ctlcluster pm2 "
    "rc-service rsyslogd runsv runsvdir service setsid ssh-agent start-stop-daemon supervisord Xvfb mysqld_safe".split()
)
_STARTING = frozenset({"start", "restart", "--daemon", "--daemonize", "--detach", "--fork", "--background", "-detached"})
_SERVERS = frozenset({"mysqld", "mongod", "nginx", "postgres", "redis-server", "sshd", "httpd", "apache2", "dockerd", "php-fpm"})
_ANEW = ("/etc/passwd", "/etc/group", "/etc/shadow", "/bin/sh", "/usr/bin/sh", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname")
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "su", "sudo", "eval"})
_BEHIND = Pattern(r"(?<![&>|<])&(?![&>])")
_MAKES = frozenset({"touch", "mkdir", "mknod", "mkfifo", "cp", "mv", "ln", "install"})
_REPLACES = frozenset({"rm", "mv", "cp", "ln", "install", "unlink", "tee", "ed", "truncate", "dd", "patch", "vi"})
_ACCOUNTS = frozenset({"usermod", "groupmod", "userdel", "groupdel", "deluser", "delgroup"})
_ALWAYS_ACCOUNTS = frozenset({"chsh", "vipw", "vigr", "newusers", "pwconv"})
_RUNNERS = frozenset("sh bash dash ash sudo env exec command nice time timeout eatmydata su gosu su-exec xargs busybox doas".split())
_QUOTES = str.maketrans({char: " " for char in "\"'`(){}"})
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "stdin", "stdout", "stderr", "fd/", "tcp/", "udp/", "ptmx", "pts", "console")


def lasting(body: Body, state: State) -> str:
    """What the body leaves that later ones would meet; "" for nothing that is known."""
    if any(part.operator == "&" for part in body.parts):
        return "it leaves a process running"
    if body.commands is None:
        found = read_script(body.text)
        names = found.names if isinstance(found, Script) else ()
        return "it may leave a process or a link" if set(names) & (_DAEMONS | {"ln", "link"} | _ACCOUNTS) else ""
    for command in body.commands:
        if reason := _of(command, "/etc" if "cd /etc" in body.text else state.workdir) or _may_remove(command, state, any(each.name in ("cd", "pushd") for each in body.commands)):
            return reason
    return ""


def _of(command: Command, workdir: str | None) -> str:
    if command.place & Place.BACKGROUND:
        return "it leaves a process running"
    if command.name == "return" and not command.place & Place.FUNCTION:
        return "it returns from no function"
    names = [word.raw.strip("\"'").rsplit("/", 1)[-1] for word in command.words]
    values = [word.value for word in command.words]
    if names and (set(_run(names)) & _DAEMONS or _STARTING & {word.raw.strip("\"'") for word in command.words[1:]} and names[0] not in ("echo", "printf", "apt-get", "grep", "sed")):
        return "it may leave a process running"
    if names and names[0] in _SERVERS and not {"-t", "-v", "-V", "-m", "--version", "--initialize", "--initialize-insecure"} & set(names):
        return "it may leave a process running"
    if names[:1] and names[0] in _SHELLS and (set(names) & _DAEMONS or any(_BEHIND.search(word.raw) for word in command.words[1:])):
        return "it may leave a process running"
    options = [name for name in names[1:] if name.startswith("-")]
    if names[:1] == ["ln"] and not any("s" in option for option in options) or names[:1] == ["link"] or names[:1] == ["cp"] and any(
            "l" in option and not option.startswith("--") or option == "--link" for option in options):
        return "it makes a hard link, which a later layer would break"
    return _edits(command, names, values, workdir) or next(filter(None, (_removes(said, workdir) for said in _deletes(command))), "")


def _run(names: list[str]) -> list[str]:
    """The words that are run: the first, and that behind a `sudo` or the like."""
    return names[: 2 if names[0] in ("sudo", "exec", "env", "nice", "eatmydata", "command", "timeout") else 1]


def _edits(command: Command, names: list[str], values: list[str | None], workdir: str | None) -> str:
    """An edit of what each RUN reads anew, or of what it has of its own."""
    written = [redirect.target.value or "" for redirect in command.redirects if redirect.target and redirect.operator not in ("<", "<&")]
    inplace = names[:1] == ["sed"] and any(name.startswith(("-i", "--in-place")) or name in ("-ri", "-Ei", "-ni") for name in names)
    changed = [value or "" for value in values[1:]] if inplace or names[:1] and names[0] in _REPLACES else []
    changed = changed[-1:] if names[:1] and names[0] in ("ln", "cp", "install") else changed  # the others are only read
    if names[:1] == ["sed"] and any(path in ("/etc/hosts", "/bin/sh") for path in changed):
        changed = [path for path in changed if path not in ("/etc/hosts", "/bin/sh")]
    if names[:1] == ["dpkg-reconfigure"] and "dash" in names:
        return "it may put another shell in the place of /bin/sh"
    made = [value for value in values[1:] if value] if names[:1] and names[0] in _MAKES else []
    if kept := next((path for path in made if path.startswith("/dev/") and not path.removeprefix("/dev/").startswith(_DEVICES)), ""):
        return f"{kept} is not kept from one RUN to the next"
    for path in [*written, *changed]:
        if (resolved(path, workdir or "/") or "") in _ANEW:
            return f"it changes {path}, which each RUN reads anew"
        if path.startswith("/dev/") and not path.removeprefix("/dev/").startswith(_DEVICES) or path.startswith(("/proc/", "/sys/")):
            return f"{path} is not kept from one RUN to the next"
    if names[:1] and (names[0] in _ALWAYS_ACCOUNTS or names[0] in _ACCOUNTS and (values[-1] is None or {"root", "0"} & set(names))):
        return "it may change its own user's entry, which each RUN reads anew"
    return ""


def _deletes(command: Command) -> Iterator[list[str | None]]:
    """The words of each delete: the command's own, or those of what another program is to run."""
    values = [word.value for word in command.words]
    if values[:1] in (["rm"], ["rmdir"], ["mv"]):
        yield values
    elif values and (values[0] or "").rsplit("/", 1)[-1] in _RUNNERS:
        said = re.split(r"&&|\|\||[;|&]", " ".join(word.raw for word in command.words).translate(_QUOTES))
        for words in (each.split() for each in said):
            starts = [at for at, word in enumerate(words) if word in ("rm", "rmdir", "mv")][:1]
            yield from (list(words[at:]) for at in starts)


def _removes(values: list[str | None], workdir: str | None) -> str:
    """Whether the WORKDIR goes, which each RUN makes anew."""
    if workdir in (None, "/"):
        return ""
    ours = (workdir or "").split("/")
    for value in values[1:-1] if values[0] == "mv" else values[1:]:
        theirs = (resolved(value, workdir) or "/").split("/") if value and not value.startswith("-") else ["", ""]
        if theirs != ["", ""] and len(theirs) <= len(ours) and all(fits(mine, other) for mine, other in zip(ours, theirs)):
            return "it removes its WORKDIR, which each RUN makes anew"
    return ""


def _may_remove(command: Command, state: State, moves: bool) -> str:
    """The same where it is not known which folder that is: what lies in it is none of it. moves: the body may be elsewhere by then."""
    if state.workdir is not None or not deletes_folders(command):
        return ""
    said = [word.value or "/" for word in command.words[1:] if not word.raw.startswith("-")]
    named = [resolved(word, "/") or "/" for word in said if moves or word.startswith("/") or ".." in word]
    gone = [path for path in named if not path.startswith(CACHES)]
    return "it may remove its WORKDIR, which each RUN makes anew" if any_meet([state.below or "/"], gone) else ""


def renewed(body: Body, later: tuple[Body, ...]) -> str:
    """A program that was run, and has perhaps come to lie elsewhere since: a shell goes on where it found the first."""
    ran: set[str] = set()
    for command in body.commands or ():
        named = [word.value for word in command.words[1:] if word.value and ("bin/" in word.value or word.value.startswith("./"))]
        names = {path.rsplit("/", 1)[-1] for path in named}
        if command.name in _REPLACES:
            for name in names & ran:
                if any(each.name == name for other in later for each in other.commands or ()):
                    return f"{name} may have come to lie elsewhere, where the shell would not look"
        if command.name and "/" not in command.name:
            ran.add(command.name)
    return ""
