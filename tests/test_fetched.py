"""What ADD fetches by a URL, folded and built: from a server of our own on this machine."""
from __future__ import annotations

import tarfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from subprocess import run
from threading import Thread

import pytest

from rewriter.optimize import optimize
from rewriter.options import Options

SHAPES = {
    "into a folder": """
        ADD {url}/tool.tar.gz /tmp/
        RUN tar xzf /tmp/tool.tar.gz -C /srv && ls -l /tmp/tool.tar.gz > /kept && rm /tmp/tool.tar.gz
    """,
    "to a path": """
        ADD {url}/get.sh /usr/local/bin/get-it
        RUN chmod +x /usr/local/bin/get-it && get-it && rm /usr/local/bin/get-it
    """,
    "with a mode and an owner": """
        ADD --chmod=755 --chown=7:8 {url}/get.sh /tmp/get.sh
        RUN stat -c '%a %u:%g' /tmp/get.sh > /kept && /tmp/get.sh && rm -f /tmp/get.sh
    """,
    "with a query": """
        ADD {url}/get.sh?raw=true /tmp/
        RUN sh /tmp/get.sh && rm -rf /tmp/*
    """,
    "with variables": """
        ENV NAME tool
        ARG END=tar.gz
        ADD {url}/$NAME.${{END}} /tmp/
        RUN tar xzf /tmp/$NAME.$END -C /srv && rm /tmp/${{NAME}}.$END
    """,
    "several": """
        ADD {url}/tool.tar.gz {url}/get.sh /tmp/in/
        WORKDIR /tmp/in
        RUN ls > /kept && sh get.sh && rm -rf /tmp/in
    """,
    "into a folder that its target does not tell of": """
        ADD {url}/get.sh /home
        RUN cd /home && sh get.sh && ls > /kept && rm get.sh
    """,
    "into a folder of its own image": """
        RUN mkdir -p /opt/in
        ADD {url}/tool.tar.gz /opt/in
        RUN tar xzf /opt/in/tool.tar.gz -C /srv && rm -r /opt/in
    """,
    "where nothing is": """
        ADD {url}/nothing.deb /tmp/
        RUN dpkg -i /tmp/nothing.deb && rm /tmp/nothing.deb
    """,
}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        pass


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where `tool.tar.gz`, which holds tool/bin, and `get.sh`, which makes /got, can be fetched, and the repository `tool.git`, if there is git."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "get.sh").write_text("#!/bin/sh\necho got > /got\n")
    with tarfile.open(folder / "tool.tar.gz", "w:gz") as archive:
        archive.add(folder / "get.sh", "tool/bin")
    _publish(folder / "tool.git", tmp_path_factory.mktemp("work"))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _publish(repository: Path, work: Path) -> None:
    """A repository as files, which need no server of their own."""
    if not which("git"):
        return
    (work / "bin").mkdir()
    (work / "bin/tool").write_text("#!/bin/sh\necho tool > /made\n")
    (work / "bin/tool").chmod(0o755)
    (work / "link").symlink_to("bin/tool")
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "x"], ["clone", "-q", "--bare", ".", str(repository)]):
        run(["git", *words], cwd=work, check=True)
    run(["git", "update-server-info"], cwd=repository, check=True)


@pytest.mark.skipif(not which("git"), reason="there is no git")
@pytest.mark.parametrize("flag", ["", "--keep-git-dir=true "])
def test_a_repository_is_in_no_layer(flag: str, url: str, same_image):
    before = f"FROM busybox\nADD {flag}{url}/tool.git /opt/tool\nRUN cp -a /opt/tool/bin /kept && /opt/tool/link && ls -A /opt/tool > /listed && rm -rf /opt/tool\n"
    outcome = optimize(before, Options(select=("fold-copy-delete",)))
    assert outcome.after.startswith("FROM scratch AS dfopt-tool\nADD"), outcome.kept
    result = same_image(before, outcome.after)
    assert result.verdict == "same" and result.layers[1] < result.layers[0], result


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_fetched_is_in_no_layer(shape: str, url: str, same_image):
    before = "FROM debian:bookworm-slim\n" + "".join(line.strip() + "\n" for line in SHAPES[shape].format(url=url).strip().splitlines())
    outcome = optimize(before, Options(select=("fold-copy-delete",)))
    assert outcome.after.startswith("FROM scratch AS dfopt-"), outcome.kept
    result = same_image(before, outcome.after)
    assert result.verdict == ("both fail" if shape == "where nothing is" else "same"), result
    assert result.layers[1] < result.layers[0] or result.verdict == "both fail"


def test_a_build_argument_counts_in_both_places(url: str, same_image):
    before = f"FROM dfopt-test/sh\nARG NAME=nothing\nADD {url}/$NAME.sh /tmp/\nRUN sh /tmp/$NAME.sh && rm /tmp/$NAME.sh\n"
    after = optimize(before, Options(select=("fold-copy-delete",))).after
    assert after != before
    assert same_image(before, after, build_args=("NAME=get",)).verdict == "same"
    assert same_image(before, after).verdict == "both fail"
