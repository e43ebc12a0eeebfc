"""A folder as a build context: what COPY would find there, and what the engine really copies."""
from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile

import pytest

from rewriter import folder
from rewriter.folder import FolderContext

FILES = {"a.txt": 10, "b.txt": 20, ".hidden": 5, "d/x": 100, "d/y.md": 200, "d/e/z": 1000}
LINKS = {"to-file": "a.txt", "to-folder": "d/e", "absolute": "/a.txt", "upwards": "../../a.txt", "d/in": "../d/e",
         "chain": "to-folder", "dangling": "nowhere", "outside": "/etc"}


@pytest.fixture
def root(tmp_path):
    for name, size in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    for name, target in LINKS.items():
        (tmp_path / name).symlink_to(target)
    return tmp_path


def found(context: FolderContext, source: str) -> dict[str, tuple[str, int]]:
    return {entry.path: (entry.kind, entry.size) for entry in context.find(source)}


@pytest.mark.parametrize(
    ("source", "entries"),
    [
        ("a.txt", {"a.txt": ("file", 10)}),
        ("/a.txt", {"a.txt": ("file", 10)}),
        ("../../a.txt", {"a.txt": ("file", 10)}),
        ("./d//../a.txt/", {"a.txt": ("file", 10)}),
        ("d", {"d": ("folder", 1300)}),
        ("d/", {"d": ("folder", 1300)}),
        (".", {".": ("folder", 1335)}),
        ("*.txt", {"a.txt": ("file", 10), "b.txt": ("file", 20)}),
        ("[ab].txt", {"a.txt": ("file", 10), "b.txt": ("file", 20)}),
        (".h*", {".hidden": ("file", 5)}),
        ("**/x", {"d/x": ("file", 100)}),
        ("*/y*", {"d/y.md": ("file", 200)}),
        ("d/[^a]", None),
        ("nothing", {}),
        ("nothing*", {}),
        ("a.txt/x", {}),
        ("a.txt/*", None),
        ("nothing/*", None),
        ("to-file", {"to-file": ("file", 10)}),
        ("to-folder", {"to-folder": ("folder", 1000)}),
        ("to-folder/z", {"to-folder/z": ("file", 1000)}),
        ("to-folder/*", {"d/e/z": ("file", 1000)}),
        ("t*-folder/z", {}),
        ("chain", {"chain": ("folder", 1000)}),
        ("absolute", {"absolute": ("file", 10)}),
        ("upwards", {"upwards": ("file", 10)}),
        ("d/in/z", {"d/in/z": ("file", 1000)}),
        ("dangling", {}),
        ("outside", {}),
        ("outside/passwd", {}),
        ("dang*", None),
    ],
)
def test_what_a_source_names(root, source, entries):
    context = FolderContext(str(root))
    assert (context.find(source) if entries is None else found(context, source)) == entries


def test_a_mode_is_that_of_the_file_itself(root):
    (root / "a.txt").chmod(0o4751)
    (entry,) = FolderContext(str(root)).find("to-file")
    assert entry.mode == 0o4751


def test_a_file_with_two_names_counts_once(root):
    os.link(root / "d/x", root / "d/x2")
    assert found(FolderContext(str(root)), "d") == {"d": ("folder", 1300)}


def test_other_kinds_have_no_size(root):
    os.mkfifo(root / "pipe")
    assert found(FolderContext(str(root)), "pipe") == {"pipe": ("other", 0)}


@pytest.mark.parametrize(
    ("ignored", "source", "entries"),
    [
        ("*.txt", "a.txt", {}),
        ("*.txt", "*", {".dockerignore": ("file", 5), ".hidden": ("file", 5), "d": ("folder", 1300)}),
        ("d/e", "d", {"d": ("folder", 300)}),
        ("d", "d", {}),
        ("d\n!d/e/z", "d", {"d": ("folder", 1000)}),
        ("d\n!d/e/z", "d/*", {"d/e": ("folder", 1000)}),
        ("d\n!d/none", "d", {}),
        ("*", ".", {".": ("folder", 0)}),
        ("a.txt", "to-file", {}),
        ("to-folder", "chain", {}),
        ("to-folder", "d/e/z", {"d/e/z": ("file", 1000)}),
        ("[a", "a.txt", None),
        ("a|*", "a.txt", None),
    ],
)
def test_what_is_ignored_is_not_there(root, ignored, source, entries):
    for name in set(LINKS) - {"to-file", "to-folder", "chain"}:
        (root / name).unlink()
    if source == "*":
        for name in ("to-file", "to-folder", "chain"):
            (root / name).unlink()
    (root / ".dockerignore").write_text(ignored)
    context = FolderContext(str(root))
    assert (context.find(source) if entries is None else found(context, source)) == entries


def test_the_dockerfile_s_own_ignore_file_comes_first(root):
    (root / ".dockerignore").write_text("a.txt")
    (root / "d/api.Dockerfile.dockerignore").write_text("b.txt")
    context = FolderContext(str(root), str(root / "d/api.Dockerfile"))
    assert context.find("a.txt") and not context.find("b.txt")
    context = FolderContext(str(root), str(root / "d/other.Dockerfile"))
    assert context.find("b.txt") and not context.find("a.txt")


def test_an_empty_ignore_file_of_its_own_counts_too(root):
    (root / ".dockerignore").write_text("a.txt")
    (root / "Dockerfile.dockerignore").write_text("")
    assert FolderContext(str(root), str(root / "Dockerfile")).find("a.txt")


def test_an_ignore_file_that_is_a_link_out_of_the_context_is_none(root, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "ignore"
    elsewhere.write_text("a.txt")
    (root / ".dockerignore").symlink_to(elsewhere)
    assert FolderContext(str(root)).find("a.txt")
    (root / ".dockerignore").unlink()
    (root / "ignore").write_text("a.txt")
    (root / ".dockerignore").symlink_to("ignore")
    assert not FolderContext(str(root)).find("a.txt")


def test_what_can_not_be_told_is_none(root, monkeypatch):
    (root / "loop").symlink_to("loop")
    assert FolderContext(str(root)).find("loop") is None
    assert FolderContext(str(root / "gone")).find("a.txt") is None
    assert FolderContext(str(root)).find("a\0b") is None
    monkeypatch.setattr(folder, "MOST", 3)
    assert FolderContext(str(root)).find(".") is None
    assert found(FolderContext(str(root)), "a.txt")


def test_what_is_missing_from_an_assumed_context_may_be_elsewhere(root):
    context = FolderContext(str(root), assumed=True)
    assert context.find("nothing") is context.find("nothing*") is None
    assert found(context, "a.txt") == {"a.txt": ("file", 10)}


def test_nothing_is_read_before_it_is_asked_for(root):
    context = FolderContext(str(root / "gone"))
    (root / "gone").mkdir()
    (root / "gone/a").write_text("1234")
    assert found(context, "a") == {"a": ("file", 4)}


def test_deep_folders(tmp_path):
    inside = tmp_path
    for _ in range(400):
        inside /= "d"
    os.makedirs(inside)
    (inside / "f").write_text("1234")
    assert found(FolderContext(str(tmp_path)), "d") == {"d": ("folder", 4)}


@pytest.mark.parametrize(
    "ignored", ["", "*\n!d/e\n!a.txt", "# no\n/d/\n!**/z\n*.txt", "\ufeff*.txt\r\nd/*\r\n!d/x", "**\n!**/*.md\n!.h*"]
)
def test_the_engine_copies_just_that(engine, root, ignored):
    """Wildcards and the folder itself: the build fails where a plain name, or what a link leads to, is not there."""
    for name in LINKS if ignored else ("dangling", "outside", "chain", "d/in"):
        (root / name).unlink()
    (root / ".dockerignore").write_text(ignored)
    sources = [".", "*", "?.txt", "d*", "d/*", "**/x", "*/e", *["to-folder/*", "u*"] * (not ignored)]
    lines = [f"COPY {json.dumps([source, f'/{at}/'])}" for at, source in enumerate(sources)]
    build = subprocess.run(
        ["docker", "build", "--quiet", "--file=-", "--output=type=tar,dest=-", root],
        input="\n".join(["FROM scratch", *lines]).encode(), capture_output=True, check=True,
    )
    context, copied = FolderContext(str(root)), dict.fromkeys(sources, 0)
    with tarfile.open(fileobj=io.BytesIO(build.stdout)) as archive:
        for member in archive:
            copied[sources[int(member.name.split("/")[0])]] += member.size
    assert {source: sum(entry.size for entry in context.find(source)) for source in sources} == copied
