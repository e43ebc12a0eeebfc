"""Builds many Dockerfiles before and after dfopt, on a base where every program is a stand-in, and compares the images.

    eval "$(tests/engine)" && python tests/rehearsal/rehearse.py FOLDER... [--limit N] [--merge all] [--level bold] [--into FOLDER]

Real Dockerfiles can seldom be built where they are found: their bases, downloads and sources are elsewhere. Here each
base is one image in which the usual small tools are real and all else is a stand-in that notes down how it was called
(folder, umask, user, environment, files that it was given) and leaves plausible files: what the two builds did can be
compared all the same. Sources that are missing from the context are made up. Only files that dfopt changes are built;
an instruction at which both builds fail is left out, to see what comes of the rest.
A line for each, a count last; what differs or breaks is kept below --into, for reading. Exit code 1 if anything did.
"""
from __future__ import annotations

import argparse
import collections
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from rewriter.admit import Declined, admit  # noqa: E402
from rewriter.folder import FolderContext  # noqa: E402
from rewriter.graph.model import script  # noqa: E402
from rewriter.optimize import optimize  # noqa: E402
from rewriter.options import LEVELS, MERGE, Options  # noqa: E402
from rewriter.shell.model import Script  # noqa: E402
from rewriter.source.model import Dockerfile  # noqa: E402
from rewriter.source.words import words  # noqa: E402
from rewriter.text import Edit, apply  # noqa: E402
from rewriter.verify.compare import compare  # noqa: E402
from rewriter.verify.engine import Request  # noqa: E402
from rewriter.verify.engines import ENGINES  # noqa: E402
from rewriter.verify.session import Session, session  # noqa: E402

BASE = "dfopt-test/rehearsal"
NAMES = re.compile(r"(?:.*[./_-])?(?:docker|container)file(?:[._-].*)?\Z", re.IGNORECASE)
NOT = (".dockerignore", ".j2", ".tmpl", ".template", ".md", ".in", ".erb", ".py", ".go", ".sh", ".jinja2", ".yml", ".yaml", ".json")
# These are real in the base; the rest of what Dockerfiles call are stand-ins.
REAL = frozenset(
    "[ [[ . : alias awk base64 basename bash break cat cd chgrp chmod chown cmp command continue cp cut date declare dd diff dirname do done echo egrep "
    "else env esac eval exec exit export expr false fgrep fi find for getent getopts grep hash head hostname id if in install let link ln local ls "
    "mkdir mkfifo mv nl popd printf pushd pwd read readlink readonly realpath return rev rm rmdir sed seq set sh dash ash "
    "shift shopt shuf sleep sort source stat sync tail tee test then time timeout times touch tr trap true truncate type typeset ulimit umask uname "
    "uniq unlink unset until wait wc while whoami xargs yes nproc id".split()
)
USUAL = (
    "tar unzip gzip gunzip bzip2 bunzip2 xz unxz zstd wget curl git make dpkg rpm patch adduser addgroup useradd groupadd usermod groupmod deluser delgroup passwd "
    "chpasswd mktemp sha1sum sha256sum sha512sum md5sum su vi ar bsdtar ps kill killall sudo arch which mount umount ip crond python python3 pip pip3 npm node gpg apt-get apt apk yum dnf microdnf ldconfig"
).split()
TRIES = 5  # instructions at which both builds fail


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=100, help="how many to build")
    parser.add_argument("--merge", choices=MERGE, default="final")
    parser.add_argument("--level", choices=LEVELS, default=LEVELS[0])
    parser.add_argument("--select", default="", help="only files that one of these rules changes (names, with commas)")
    parser.add_argument("--into", type=Path, default=Path(tempfile.gettempdir(), "rehearsal"))
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    port = _serve()
    found = _changed(given.folders, given, port)
    _base(sorted({name for _, dockerfile, _ in found for name in _programs(dockerfile)}))
    counts: collections.Counter[str] = collections.Counter()
    with session(ENGINES["docker"], Request(given.into)) as current:
        for path, before, options in found:
            verdict, told = _rehearse(current, path, before.text, options, given.into)
            counts[verdict] += 1
            print(f"{verdict:14} {path}  {told}".rstrip(), flush=True)
    print(json.dumps(counts))
    return int(bool(counts["different"] + counts["after fails"] + counts["before fails"]))


def _changed(folders: list[Path], given: argparse.Namespace, port: int) -> list[tuple[Path, Dockerfile, Options]]:
    """Dockerfiles of different texts that dfopt changes, made to be built here; in an order that is no one's choice."""
    options, seen, found = Options(level=given.level, merge=given.merge), set(), []
    rules = set(filter(None, given.select.split(",")))
    paths = [path for folder in folders for path in folder.rglob("*") if NAMES.match(path.name) and not path.name.endswith(NOT) and path.is_file()]
    for path in sorted(paths, key=lambda each: hashlib.sha1(str(each).encode()).digest()):
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        if text in seen or len(found) == given.limit:
            continue
        seen.add(text)
        dockerfile = admit(text)
        local = None if isinstance(dockerfile, Declined) else admit(_local(dockerfile, port))
        if local is None or isinstance(local, Declined):
            continue
        outcome = optimize(local.text, options, FolderContext(str(path.parent), assumed=True))
        if outcome.error:
            print(f"{'refused':14} {path}  {outcome.error}", flush=True)
        if outcome.changed and (not rules or rules & {change.rule for change in outcome.changes}):
            found.append((path, local, options))
    return found


def _local(dockerfile: Dockerfile, port: int) -> str:
    """The text with the base for every image, and what is fetched fetched from here."""
    edits: list[Edit] = []
    stages: set[str] = set()
    for piece in dockerfile.pieces:
        if getattr(piece, "name", "") == "syntax":
            edits.append(Edit(piece.span, "# the frontend is the engine's\n"))
    for each in dockerfile.instructions:
        said = words(each.arguments)
        if each.keyword == "FROM" and said:
            edits += [Edit(flag.span, "") for flag in each.flags]
            if said[0].text.lower() not in stages | {"scratch"}:
                edits.append(Edit(each.arguments.span(0, len(said[0].text)), BASE))
            stages |= {said[2].text.lower()} if len(said) > 2 else set()
        if each.keyword == "ADD":
            start = each.arguments.at(0)
            raw = dockerfile.text[start : each.span.end]
            edits += [Edit(type(each.span)(start + m.start(), start + m.end()), f"http://127.0.0.1:{port}/") for m in re.finditer(r"https?://[^/\s\"]+/", raw)]
    return apply(dockerfile.text, edits)


def _programs(dockerfile: Dockerfile) -> set[str]:
    """The programs that its RUNs call, by name or by path."""
    bodies = [script(each.trigger or each) for each in dockerfile.instructions if (each.trigger or each).keyword == "RUN"]
    names = {name for body in bodies if isinstance(body, Script) for name in body.names if name}
    names |= {each.json[0] for each in dockerfile.instructions if each.keyword == "RUN" and each.json}
    plain = re.compile(r"/?[A-Za-z0-9_+.][A-Za-z0-9_+./-]*\Z")
    return {name for name in names if plain.match(name) and name not in REAL and ("/" not in name or name.startswith("/"))}


def _base(programs: list[str]) -> None:
    """The image that stands for all bases."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("stand-in", "lenient"):
            shutil.copy(Path(__file__).with_name(name), folder)
        names = [*USUAL, *programs]
        Path(folder, "names").write_text("".join(f"{name}\n" for name in names))
        Path(folder, "Dockerfile").write_text(
            "FROM dfopt-test/sh\nCOPY --chmod=755 stand-in /stand-in/run\nCOPY --chmod=755 lenient /stand-in/lenient\nCOPY names /stand-in/names\n"
            "RUN mkdir -m 1777 /stand-in/log /stand-in/bin && cd /stand-in/bin && \\\n"
            "    while read -r name; do case $name in \\\n"
            "      /*/*) [ -e \"$name\" ] || { busybox mkdir -p \"${name%/*}\" && busybox cp /stand-in/run \"$name\"; } || true ;; \\\n"
            "      */*) ;; *) busybox rm -f \"/bin/$name\"; busybox ln -s ../run \"$name\" || true ;; esac; done < ../names\n"
            "RUN mkdir /stand-in/real && for name in cp mv sed chmod chown ln mkdir rm rmdir ls cat; do \\\n"
            "    busybox cp -L /bin/$name /stand-in/real/$name; busybox rm /bin/$name; busybox cp /stand-in/lenient /bin/$name; done\n"
            "RUN busybox mkdir -p /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/preferences.d /etc/apt/trusted.gpg.d /etc/apt/keyrings /usr/share/keyrings /etc/apk /etc/yum.repos.d /etc/profile.d && busybox touch /etc/apk/repositories \\\n"
            "    /etc/apt/sources.list /root/.bashrc /root/.profile && echo 3.19.1 > /etc/alpine-release && echo 12.5 > /etc/debian_version && \\\n"
            "    printf 'NAME=Any\\nID=any\\nVERSION_CODENAME=any\\nVERSION_ID=1\\n' > /etc/os-release\n"
            "RUN busybox mkdir -p /opt /srv /home /usr/src /usr/share /usr/local/bin /usr/local/lib /var/lib /var/log /var/cache /app\n"
            "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/stand-in/bin\n"
        )
        subprocess.run(["docker", "buildx", "build", "-q", "-t", BASE, folder], check=True, stdout=subprocess.DEVNULL)


def _rehearse(current: Session, path: Path, text: str, options: Options, into: Path) -> tuple[str, str]:
    """The verdict on one file, or on what is left of it where both builds fail; and the first that is to say of it."""
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder, "context")
        shutil.copytree(path.parent, context, symlinks=True, ignore_dangling_symlinks=True)
        dockerfile = admit(text)
        assert isinstance(dockerfile, Dockerfile)
        _make_up(context, dockerfile)
        for _ in range(TRIES):
            after, verdict, told, log = _compared(current, context, path, text, options)
            if verdict != "both fail" or not (shorter := _without_the_failing(text, log)):
                break
            text = shorter
        if verdict in ("different", "after fails", "before fails"):
            kept = into / f"{hashlib.sha1(text.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}-{path.parent.name}"
            kept.mkdir(exist_ok=True)
            for name, content in (("before", text), ("after", after), ("told", f"{path}\n{verdict}\n{told}\n")):
                (kept / name).write_bytes(content.encode("utf-8", "surrogateescape"))
        return verdict, told.replace("\n", " | ")[-400:]


def _compared(current: Session, context: Path, path: Path, text: str, options: Options) -> tuple[str, str, str, str]:
    """What dfopt makes of a text, the verdict on both, what is to say of it, and the log of the original."""
    outcome = optimize(text, options, FolderContext(str(context), str(context / path.name), assumed=True))
    if not outcome.changed:
        return text, "unchanged", outcome.error, ""
    request = Request(context, options=("--network=host",))
    (one, before), (other, after) = (current.build(each, request) for each in (text, outcome.after))
    if not before or not after:
        verdict = "after fails" if before else "before fails" if after else "both fail"
        return outcome.after, verdict, _why(one.log) if verdict == "both fail" else (other if before else one).log[-600:], one.log
    differences = list(compare(before, after).differences)
    if differences:
        again = current.build(text, Request(context, options=("--network=host",), no_cache=True))[1]
        noise = {(each.aspect, each.where) for each in compare(before, again).differences} if again else set()
        differences = [each for each in differences if (each.aspect, each.where) not in noise]
    if differences:
        return outcome.after, "different", "; ".join(map(str, differences[:4])), one.log
    return outcome.after, "same", f"{before.size - after.size} bytes, {len(before.layers) - len(after.layers)} layers less", one.log


def _without_the_failing(text: str, log: str) -> str:
    """The text without the instruction at which its build failed; nothing if that is not known, or if it has to be there."""
    told = re.findall(r"^Dockerfile:(\d+)$", log, re.MULTILINE)
    dockerfile = admit(text)
    if not told or isinstance(dockerfile, Declined):
        return ""
    failing = [each for each in dockerfile.instructions if each.line <= int(told[-1]) <= each.end_line and each.keyword != "FROM"]
    return apply(text, [Edit(each.span, "") for each in failing]) if failing else ""


def _why(log: str) -> str:
    """The end of a build's log that tells why it failed."""
    said = [line for line in log.splitlines() if line.startswith("#") and not line.startswith(("#0", "------"))]
    return " | ".join(said[-2:])[-200:]


def _make_up(context: Path, dockerfile: Dockerfile) -> None:
    """Sources that are missing from the context."""
    for each in dockerfile.instructions:
        if each.keyword not in ("COPY", "ADD") or each.flag("from") or each.heredocs:
            continue
        sources = each.json[:-1] if each.json else [word.text for word in words(each.arguments)[:-1]]
        for source in sources:
            if "://" not in source and "$" not in source:
                _made_up(context, source if _plain(source) or list(context.glob(source.strip("/"))) else _fitting(source))


def _plain(source: str) -> bool:
    return not any(char in source for char in "*?[")


def _fitting(pattern: str) -> str:
    """A name that fits a pattern."""
    return re.sub(r"\[(.)[^]]*\]", r"\1", pattern).replace("*", "any").replace("?", "a")


def _made_up(context: Path, source: str) -> None:
    if not _plain(source):
        return
    path = Path(os.path.normpath(context / source.strip("/")))
    if not path.is_relative_to(context) or path.exists() or path.is_symlink():
        return
    try:
        if source.endswith("/") or "." not in path.name:
            path.mkdir(parents=True)
            path = path / "made-up"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\nmade-up\n" if path.suffix == ".sh" else f"made up: {path.name}\n")
        path.chmod(0o644)
    except OSError:
        return


class _Anything(http.server.BaseHTTPRequestHandler):
    """Whatever is asked for is there."""

    def do_GET(self) -> None:
        body = f"from {self.path}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass


def _serve() -> int:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Anything)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


if __name__ == "__main__":
    sys.exit(main())
