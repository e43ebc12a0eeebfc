"""Reading and writing: what is refused, and what stays as it was."""
from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys

import pytest
from command_line import as_nobody, environment, reachable
from hypothesis import given
from hypothesis import strategies as st

from rewriter import files
from rewriter.files import Refused

STRANGE = b"\xef\xbb\xbfFROM a\r\n# caf\xe9\n\n\tRUN b\x85c"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"old\n")
    return path


def only(path) -> bool:
    """Whether nothing but the file is in its folder."""
    return os.listdir(path.parent) == [path.name]


@given(st.binary().filter(lambda data: b"\0" not in data and data[:2] not in (b"\xff\xfe", b"\xfe\xff")))
def test_bytes_come_back_as_they_were(data):
    assert files.decode(data).encode("utf-8", "surrogateescape") == data


def test_write_and_read_give_the_text_back(path):
    text = files.decode(STRANGE)
    assert files.write(str(path), text) is None
    assert path.read_bytes() == STRANGE
    assert files.read(str(path)) == text
    assert only(path)


@pytest.mark.parametrize(
    ("data", "line", "word"),
    [
        (b"FROM a\nRUN b\0\n", 2, "NUL"),
        ("FROM a\n".encode("utf-16"), 1, "UTF-16"),
        ("FROM a\n".encode("utf-16-be"), 1, "UTF-16"),
        ("FROM a\n".encode("utf-32-le"), 1, "NUL"),
    ],
)
def test_what_is_no_text_is_refused(data, line, word):
    refused = files.decode(data)
    assert isinstance(refused, Refused) and refused.line == line and word in refused.reason


def test_what_has_no_end_is_refused():
    assert "larger" in files.read("/dev/zero").reason


def test_what_can_not_be_read(tmp_path):
    assert files.read(str(tmp_path)) == Refused("is a folder, not a file")
    assert files.read(str(tmp_path / "none")) == Refused("no such file")
    (tmp_path / "app").mkdir()
    (tmp_path / "app/Dockerfile").write_text("FROM busybox\n")
    assert files.read(str(tmp_path / "app")) == Refused(f"is a folder, not a file: its Dockerfile is {tmp_path}/app/Dockerfile")
    assert "no folder" in files.read("/dev/null/none").reason
    (tmp_path / "loop").symlink_to("loop")
    assert files.read(str(tmp_path / "loop")) == Refused("too many links")
    assert isinstance(files.read("a\0b"), Refused)


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o4755])
def test_the_mode_stays(path, mode):
    path.chmod(mode)
    assert files.write(str(path), "new\n") is None
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text() == "new\n"


def test_a_new_file_has_the_usual_mode(tmp_path):
    old = os.umask(0o027)
    try:
        assert files.write(str(tmp_path / "new"), "a") is None
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_the_owner_stays(path):
    os.chown(path, 1234, 5678)
    assert files.write(str(path), "new\n") is None
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 5678)


def test_a_link_stays_and_its_target_is_written(path, tmp_path):
    (tmp_path / "sub").mkdir()
    link = tmp_path / "sub/link"
    link.symlink_to("../Dockerfile")
    assert files.write(str(link), "new\n") is None
    assert link.is_symlink() and path.read_text() == "new\n"
    assert os.listdir(tmp_path / "sub") == ["link"]


def test_a_file_that_has_the_text_already_is_not_touched(path):
    os.utime(path, (1, 1))
    inode = path.stat().st_ino
    assert files.write(str(path), "old\n") is None
    assert (path.stat().st_ino, path.stat().st_mtime) == (inode, 1)


def test_another_reader_sees_the_old_file_or_the_new_one(path):
    """The file is replaced, not emptied and filled: who has it open reads on."""
    with path.open() as reader:
        assert files.write(str(path), "new\n") is None
        assert reader.read() == "old\n"


def test_where_nothing_can_be_written(tmp_path):
    assert files.write(str(tmp_path), "a") == Refused("is a folder, not a file")
    assert files.write(f"{tmp_path}/new/", "a") == Refused("is a folder, not a file")
    assert files.write(str(tmp_path / "none/new"), "a") == Refused(f"the folder {tmp_path}/none does not exist")
    assert files.write("/dev/full", "a") == Refused("the disk is full")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("failing", ["fsync", "replace", "fchmod", "fchown"])
def test_a_full_disk_leaves_the_old_file_and_no_other(path, monkeypatch, failing):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, failing, full)
    assert files.write(str(path), "new\n") == Refused("the disk is full")
    assert path.read_text() == "old\n" and only(path)


def test_a_disk_that_really_takes_no_more(path):
    """A limit on the size of files stands for the disk: the system refuses in the middle of the file."""
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); from rewriter import files; " \
           f"print(files.write({str(path)!r}, 'x' * 100_000))"
    run = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert "the file would be too large" in run.stdout
    assert path.read_text() == "old\n" and only(path)


@pytest.mark.parametrize("code", [errno.EBUSY, errno.EXDEV, errno.EPERM])
def test_a_file_that_can_not_be_replaced_is_written_in_place(path, monkeypatch, code):
    """As one that is mounted by itself into a container."""
    def refuse(*_):
        raise OSError(code, "no")

    monkeypatch.setattr(os, "replace", refuse)
    inode = path.stat().st_ino
    assert files.write(str(path), "n\n") is None
    assert path.read_text() == "n\n" and path.stat().st_ino == inode and only(path)


def test_a_failure_in_place_puts_the_old_text_back(path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EBUSY, "no")

    calls = iter([None, OSError(errno.ENOSPC, "full"), None])
    fsync = os.fsync

    def sometimes(number):
        if failure := next(calls):
            raise failure
        fsync(number)

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(os, "fsync", sometimes)
    assert files.write(str(path), "something longer\n") == Refused("the disk is full")
    assert path.read_text() == "old\n" and only(path)


def test_an_interruption_leaves_no_other_file(path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        files.write(str(path), "new\n")
    assert path.read_text() == "old\n" and only(path)


def told(code: str) -> str:
    """What a call comes to for someone who is not root."""
    run = as_nobody(f"print({code})")
    return (run.stdout + run.stderr).decode()


def test_without_permission(path):
    reachable(path).chmod(0)
    assert "no permission" in told(f"files.read({str(path)!r})")
    path.chmod(0o444)
    path.parent.chmod(0o777)
    assert "no permission" in told(f"files.write({str(path)!r}, 'new')")
    assert path.read_text() == "old\n" and only(path)
    path.parent.chmod(0o555)
    assert "no permission" in told(f"files.write({str(path)!r} + '.new', 'new')")
    assert only(path)


def test_a_closed_folder_is_no_hindrance_to_an_open_file(path):
    reachable(path).chmod(0o666)
    path.parent.chmod(0o555)
    assert told(f"files.write({str(path)!r}, 'new')") == "None\n"
    path.parent.chmod(0o755)
    assert path.read_text() == "new" and only(path)
