"""What is in an archive of the build context, and stages that unpack one for builders without mounts."""
from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from conftest import write_context
from rewriter import archives
from rewriter.folder import FolderContext
from rewriter.optimize import optimize
from rewriter.options import Options

TEXT = "FROM dfopt-test/sh\nCOPY app.tar /tmp/\nRUN mkdir /x && tar -xf /tmp/app.tar -C /x && rm /tmp/app.tar\n"
CLASSIC = Options(builder="classic", level="bold", select=("fold-copy-delete",))


def tar(*members: dict, packed: str = "") -> bytes:
    """A tar of members, each given by what sets it apart from a file `a` of root's."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{packed}") as archive:
        for given in members:
            info, content = tarfile.TarInfo("a"), given.pop("content", b"")
            info.size = len(content)
            for name, value in given.items():
                setattr(info, name, value)
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


FOLDER = {"name": "d", "type": tarfile.DIRTYPE, "mode": 0o750, "uid": 5, "gid": 6}
LINK = {"name": "d/l", "type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}
FILE = {"name": "d/f", "content": b"f", "mode": 0o600, "uid": 1000, "gid": 1000}
TWIN = {"name": "d/g", "type": tarfile.LNKTYPE, "linkname": "d/f", "mode": 0o600, "uid": 1000, "gid": 1000}
TOP = {"name": "./", "type": tarfile.DIRTYPE, "mode": 0o755}


@pytest.mark.parametrize("packed", ["", "gz", "bz2", "xz"])
def test_a_tar_tells_its_members(packed: str, tmp_path: Path):
    (tmp_path / "app.tar").write_bytes(tar(dict(FOLDER), dict(LINK), dict(FILE), dict(TWIN), packed=packed))
    found = FolderContext(str(tmp_path)).members("app.tar")
    assert [(each.name, each.kind, each.mode, each.root) for each in found] == [
        ("d", "folder", 0o750, False), ("d/l", "link", 0o644, True), ("d/f", "file", 0o600, False), ("d/g", "hard link", 0o600, False),
    ]
    assert found[1].link == "/etc/passwd"


def test_a_zip_tells_its_members(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("a/b", "x")
    assert [(each.name, each.kind) for each in FolderContext(str(tmp_path)).members("app.zip")] == [("a/b", "file")]


@pytest.mark.parametrize("content", [b"", b"x" * 1000, b"PK\x03\x04", b"\x1f\x8b\x00", tar({}, packed="gz")[:60], tar({"content": b"x" * 2000})[:1000]])
def test_what_is_no_archive_tells_nothing(content: bytes, tmp_path: Path):
    (tmp_path / "app.tar").write_bytes(content)
    assert not FolderContext(str(tmp_path)).members("app.tar")
    assert FolderContext(str(tmp_path)).members("none.tar") is None


def test_it_stops_where_there_is_too_much(tmp_path: Path, monkeypatch):
    (tmp_path / "app.tar").write_bytes(tar({"content": b"0" * 100_000}, {"name": "b"}, {"name": "c"}, packed="gz"))
    for limit in ("MOST_BYTES", "MOST_MEMBERS"):
        with monkeypatch.context() as patched:
            patched.setattr(archives, limit, 1)
            assert FolderContext(str(tmp_path)).members("app.tar") is None
    assert len(FolderContext(str(tmp_path)).members("app.tar")) == 3


@pytest.mark.parametrize("member", [
    {"name": "../a"}, {"name": "/a"}, {"name": "d/../../a"}, {"mode": 0o4755}, {"mode": 0o1755}, {"type": tarfile.CHRTYPE}, {"type": tarfile.FIFOTYPE},
    TOP | {"mode": 0o700}, TOP | {"uid": 5}, TOP | {"gname": "app"}, {"type": tarfile.LNKTYPE, "linkname": "../a"}, {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"},
], ids=str)
def test_an_archive_that_does_more_than_fill_the_folder(member: dict, tmp_path: Path):
    context = FolderContext(str(write_context(tmp_path / "context", {"app.tar": tar(dict(member))})))
    assert not optimize(TEXT, CLASSIC, context).changed


def test_a_link_through_which_others_land_elsewhere(tmp_path: Path):
    members = {"name": "d", "type": tarfile.SYMTYPE, "linkname": "/etc"}, {"name": "d/f"}
    context = FolderContext(str(write_context(tmp_path / "context", {"app.tar": tar(*members)})))
    assert not optimize(TEXT, CLASSIC, context).changed


@pytest.mark.parametrize("builder", ["classic", "docker"])
def test_a_stage_hands_on_all_that_is_unpacked(builder: str, same_image, tmp_path: Path):
    """Owners, modes, links and hard links, empty folders and files."""
    files = {"app.tar": tar(dict(TOP), dict(FOLDER), dict(LINK), dict(FILE), dict(TWIN), {"name": "e/", "type": tarfile.DIRTYPE, "mode": 0o711}, {"name": "new/folders/f"})}
    after = optimize(TEXT, CLASSIC, FolderContext(str(write_context(tmp_path / "there", files)))).after
    assert "COPY --from=dfopt-x /x /x" in after
    result = same_image(TEXT, after, files, engine=builder)
    assert result.verdict == "same", result
    assert result.sizes[1] < result.sizes[0]
