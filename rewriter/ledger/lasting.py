"""What a body leaves that a RUN of its own would not find, and no form of a joined RUN helps."""
from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename

from rewriter.ledger.bodies import Body
from rewriter.ledger.crossing import CACHES, deletes_folders
from rewriter.ledger.meeting import any_meet, fits
from rewriter.ledger.model import SOMEWHERE, Entry, State
from rewriter.ledger.places import resolved
from rewriter.ledger.removing import removed_by, run_by
from rewriter.ledger.touching import walked
from rewriter.pattern import Pattern
from rewriter.shell.model import Command, Place, Script
from rewriter.shell.reading import read_script

_DAEMONS = frozenset(
    "at atd batch cron crond daemon dbus-daemon dbus-launch dirmngr gpg-agent init initctl invoke-rc.d nohup nscd pg_ctl pg_ctlcluster pm2 "
    "rc-service rsyslogd runsv runsvdir service setsid ssh-agent start-stop-daemon supervisord Xvfb mysqld_safe "
    "start-all.sh start-dfs.sh start-hbase.sh start-master.sh start-yarn.sh startup.sh".split()
)
_STARTING = frozenset({"start", "restart", "--daemon", "--daemonize", "--detach", "--fork", "--background", "-detached", "start-domain"})
_SERVERS = frozenset({"mysqld", "mongod", "nginx", "postgres", "redis-server", "sshd", "httpd", "apache2", "dockerd", "php-fpm"})
_BOOKS = ("/etc/passwd", "/etc/group")
_ANEW = frozenset({*_BOOKS, "/bin/sh", "/usr/bin/sh", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname"})
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "su", "sudo", "eval"})
_READS_COMMANDS = Pattern(r"(?:^|[ /])(?:sh|bash|dash|ash|su|python\d?|perl|ruby)(?: -[^c\s]\S*| -)*(?: -s\b.*)?$|(?:^|[ /])su ")
_BEHIND = Pattern(r"(?<![&>|<])&(?![&>])")
_MAKES = frozenset({"touch", "mkdir", "mknod", "mkfifo", "cp", "mv", "ln", "install"})
_REPLACES = frozenset({"rm", "mv", "cp", "ln", "install", "unlink", "tee", "ed", "truncate", "dd", "patch", "vi"})
_REMOVES = frozenset({"rm", "mv", "unlink", "mknod"})
_ALWAYS_ACCOUNTS = frozenset({"chsh", "vipw", "vigr", "newusers", "pwconv"})
_ACCOUNTS = frozenset({"usermod", "groupmod", "userdel", "groupdel", "deluser", "delgroup", "gpasswd"})
_SETS = frozenset({"export", "readonly", "declare", "typeset", "local"})
_ADDING = frozenset({"adduser", "addgroup"})  # `adduser root audio` puts the one in the group of the other
_WRITERS = _REPLACES | _ACCOUNTS | _ADDING | _ALWAYS_ACCOUNTS | {"sed", "update-alternatives", "dpkg-divert"}
_LINKING = frozenset({"ln", "link", "cp", "busybox", "cpio", "rsync", "hardlink", "rdfind"})
# They read what they name, or change its mode alone.
_READERS = frozenset("cat grep egrep fgrep test [ [[ cut getent head tail stat ls wc echo printf diff cmp md5sum sha256sum file awk gawk chmod chown chgrp setfacl sed cp mv ln install "
                     "which envsubst tar export".split())
_BY_TEXT = frozenset("sh bash dash ash su sudo eval env xargs find busybox chroot".split())
_TO_BOOKS = Pattern(r">+\s*[\"']?/etc/(?:passwd|group)\b|\b(?:perl|python\d?|ex|ed|vi)\b.*/etc/(?:passwd|group)\b")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "stdin", "stdout", "stderr", "fd/", "tcp/", "udp/", "ptmx", "pts", "console")


def lasting(body: Body, run: Entry) -> str:
    """What the body leaves that later ones would meet; "" for nothing that is known."""
    if any(part.operator == "&" for part in body.parts):
        return "it leaves a process running"
    if body.commands is None:
        found = read_script(body.text)
        names = found.names if isinstance(found, Script) else ()
        return "it may leave a process or a link" if set(names) & (_DAEMONS | {"ln", "link"} | _ACCOUNTS) else ""
    state = run.state
    if state.workdir not in (None, "/") and removed_by(body, run, state.workdir or "", wary=not state.workdir.startswith(SOMEWHERE)):
        return "it removes its WORKDIR, which each RUN makes anew"
    if _fed(body):
        return "what it feeds to a shell may leave a process, or change what each RUN reads anew"
    moves = any(command.name in ("cd", "pushd") for command in body.commands)
    for command, folder in walked(body, state.workdir):
        if reason := _of(command, folder, state) or _may_remove(command, state, moves):
            return reason
    return ""


def _fed(body: Body) -> bool:
    """Whether a program that runs what it reads may be fed a command that leaves more than files."""
    text = body.text.partition("<<")[2]
    if not text or not any(_READS_COMMANDS.search(" ".join(word.raw for word in command.words)) for command in body.commands or ()):
        return False
    ran = {basename(word) for word in re.findall(r"[\w./-]+", text)}
    links = any("s" not in options for options in re.findall(r"\bln\b((?: +-\w+)*)", text))
    return links or bool(ran & (_DAEMONS | _SERVERS | _ACCOUNTS | _ALWAYS_ACCOUNTS | _STARTING)) or _BEHIND.search(text) is not None or any(path in text for path in _ANEW)


def _of(command: Command, folder: str | None, state: State) -> str:
    written = [*command.words, *(redirect.target for redirect in command.redirects if redirect.target)]
    if command.place & Place.BACKGROUND or any(word.raw.startswith(">(") for word in written):
        return "it leaves a process running"
    if command.name == "return" and not command.place & Place.FUNCTION:
        return "it returns from no function"
    names = [word.raw.strip("\"'").rsplit("/", 1)[-1] for word in command.words]
    if names and (set(_run(names)) & _DAEMONS or _STARTING & {word.raw.strip("\"'") for word in command.words[1:]} and names[0] not in ("echo", "printf", "apt-get", "grep", "sed")):
        return "it may leave a process running"
    if names and names[0] in _SERVERS and not {"-t", "-v", "-V", "-m", "--version", "--initialize", "--initialize-insecure"} & set(names):
        return "it may leave a process running"
    if names[:1] and names[0] in _SHELLS and (set(names) & _DAEMONS or any(_BEHIND.search(word.raw) for word in command.words[1:])):
        return "it may leave a process running"
    if any(map(_links, run_by(command, _LINKING))):
        return "it makes a hard link, which a later layer would break"
    return _edits(command, folder, state)


def _run(names: list[str]) -> list[str]:
    """The words that are run: the first, and that behind a `sudo` or the like."""
    return names[: 2 if names[0] in ("sudo", "exec", "env", "nice", "eatmydata", "command", "timeout") else 1]


def _links(said: list[str]) -> bool:
    """Whether a program makes hard links, as far as it is known for that."""
    letters = "".join(re.split("[tS]", word[1:])[0] for word in said[1:] if word.startswith("-") and not word.startswith("--"))
    long = {word.partition("=")[0] for word in said[1:] if word.startswith("--")}
    match said[0]:
        case "ln":
            return "s" not in letters and not any("--symbolic".startswith(word) and len(word) > 3 for word in long)
        case "cp":
            return "l" in letters or any("--link".startswith(word) for word in long)
        case "cpio":
            return "l" in letters or "--link" in long
        case "busybox":
            return "--install" in long and "s" not in letters
        case "rsync":
            return "--link-dest" in long
    return said[0] in ("link", "hardlink", "rdfind")


def _edits(command: Command, folder: str | None, state: State) -> str:
    """An edit of what each RUN reads anew, or of what it has of its own."""
    name = basename(command.name or "")
    shell = {f"{place}/{state.shell.name}" for place in ("/bin", "/usr/bin")} if state.shell else set()
    redirected = [redirect.target.value or "" for redirect in command.redirects if redirect.target and redirect.operator not in ("<", "<&")]
    changed = [(path, folder) for path in redirected]
    for said in run_by(command, _WRITERS):
        changed += [(path, folder if said[0] == name else "/") for path in _changed(said)]
        if said[0] in ("update-alternatives", "dpkg-divert") and {"/bin/sh", "/usr/bin/sh"} & set(said):
            return "it may put another shell in the place of /bin/sh"
        if reason := _accounts(said, state):
            return reason
    if name == "dpkg-reconfigure" and any(word.value == "dash" for word in command.words):
        return "it may put another shell in the place of /bin/sh"
    said = " ".join(word.raw for word in command.words[1:])
    if name in _BY_TEXT and _TO_BOOKS.search(said) or name not in _READERS | _BY_TEXT | _WRITERS and any(book in re.split(r"[\s=\"']+", said) for book in _BOOKS):
        return "it may change accounts, which each RUN reads anew"
    made = [word.value for word in command.words[1:] if word.value] if name in _MAKES | _REPLACES else []
    for path in made:
        if path.startswith("/dev/") and (name in _REMOVES or not path.removeprefix("/dev/").startswith(_DEVICES)):
            return f"{path} is not kept from one RUN to the next"
    named = [each.word.value or "" for each in command.assignments] + [word.raw.partition("=")[2] for word in command.words[1:] if name in _SETS]
    if any(path.strip("\"'") in _BOOKS for path in named):
        return "a variable of it names what each RUN reads anew"
    for path, at in changed:
        if any(char in path for char in "*?[") and any(fits(book, resolved(path, at or "/") or "") for book in _BOOKS):
            return f"it may change {path}, which each RUN reads anew"
        if (resolved(path, at or "/") or "") in _ANEW | shell:
            return f"it changes {path}, which each RUN reads anew"
        if path.startswith("/dev/") and not path.removeprefix("/dev/").startswith(_DEVICES) or path.startswith(("/proc/", "/sys/")):
            return f"{path} is not kept from one RUN to the next"
    return ""


def _changed(said: list[str]) -> Iterator[str]:
    """What a program writes to, or puts another file in the place of."""
    operands = [word for word in said[1:] if not word.startswith("-")]
    if said[0] == "sed":
        inplace = any(word.startswith(("-i", "--in-place")) or word in ("-ri", "-Ei", "-ni") for word in said)
        yield from (path for path in operands if inplace and path not in ("/etc/hosts", "/bin/sh"))
    elif said[0] == "dd":
        yield from (word.partition("=")[2] for word in operands if word.startswith("of="))
    elif said[0] in ("cp", "mv", "ln", "install"):
        into = next((after for word, after in zip(said, said[1:]) if word in ("-t", "--target-directory")), operands[-1] if operands else "")
        yield into
        yield from (f"{into.rstrip('/')}/{basename(source)}" for source in operands)
        yield from operands if said[0] == "mv" else ()
        yield from (path for path in operands if said[0] == "ln" and path not in ("/bin/sh", "/usr/bin/sh", "sh", "bin/sh"))  # by another name it is changed, too
    elif said[0] in _REPLACES:
        yield from operands


def _accounts(said: list[str], state: State) -> str:
    """Whether a program changes the entry of the user of the RUN."""
    user = state.user.partition(":")[0] or "root"
    own = {user, "0", "root"} if state.root else {user}
    unclear = said[-1].startswith("$") or not state.root and not user.replace("-", "").replace("_", "").isalpha()
    adds = said[0] in _ADDING and len(said) > 2 and said[-2] in own and not said[-3].startswith("-")
    if said[0] in _ALWAYS_ACCOUNTS or said[0] in _ACCOUNTS and (unclear or own & set(said)) or adds:
        return "it may change its own user's entry, which each RUN reads anew"
    return ""


def _may_remove(command: Command, state: State, moves: bool) -> str:
    """The same where it is not known which folder that is: what lies in it is none of it. moves: the body may be elsewhere by then."""
    if state.workdir is not None or not deletes_folders(command):
        return ""
    said = [word.value or "/" for word in command.words[1:] if not word.raw.startswith("-")]
    named = [resolved(word, "/") or "/" for word in said if moves or word.startswith("/") or ".." in word]
    gone = [path for path in named if not path.startswith(CACHES)]
    return "it may remove its WORKDIR, which each RUN makes anew" if any_meet([state.below or "/"], gone) else ""
