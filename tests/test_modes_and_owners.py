"""What chmod and chown make of a mode and an owner, in numbers and in the words of `--chown`."""
from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from rewriter.shell.tools.modes import changed, fixed, uses_umask
from rewriter.shell.tools.owners import combined

SYMBOLIC = ["+x", "a+x", "u+x", "ug+x", "+rx", "+w", "a+w", "go-w", "u=rwx,go=rx", "=rx", "u+rwX,go+rX", "o=", "g=rw,o-r", "u+x-w", "g+u", "o+g,a+x", "a-x+X", "ugo+rwx", "+"]


@pytest.mark.parametrize("said", SYMBOLIC)
@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o664, 0o711])
def test_it_is_what_chmod_does(said: str, mode: int, tmp_path: Path):
    path = tmp_path / "f"
    path.touch()
    path.chmod(mode)
    subprocess.run(["chmod", "--", said, path], check=True, preexec_fn=lambda: os.umask(0o022))
    assert changed(said, mode) == path.stat().st_mode & 0o7777
    assert fixed(said) is None


@pytest.mark.parametrize("said", ["4755", "1777", "u+s", "+t", "=u", "=X", "-w", "x", "", "a", "788", "00755", "u+x,", "$MODE", "--reference=f"])
def test_what_is_left_to_chmod(said: str):
    assert changed(said, 0o644) is None


def test_a_set_id_bit_is_left_to_chmod():
    assert changed("+x", 0o4644) is None
    assert changed("755", 0o4644) == 0o755


def test_where_the_umask_counts():
    assert [said for said in ("+x", "755", "a+x", "u=rw,+x", "=r") if uses_umask(said)] == ["+x", "u=rw,+x", "=r"]


@pytest.mark.parametrize(("said", "before", "owner"), [
    ("5", "0:0", "5:0"),
    ("5:6", "0:0", "5:6"),
    (":6", "0:0", "0:6"),
    ("app", "0:0", "app:0"),
    ("app:", "0:0", "app"),
    ("app:web", None, "app:web"),
    ("app", "5:6", "app:6"),
    ("app", "5", "app:5"),
    (":web", "app:x", "app:web"),
    (":web", "app", "app:web"),
    ("app", "app", "app"),
    ("app", "web", None),
    ("app", None, None),
    ("5:", "0:0", None),
    ("app.web", None, "app:web"),
    ("5.6", "0:0", "5:6"),
    ("app.", "0:0", None),
    (".web", "0:0", None),
    ("app.web.x", "0:0", None),
    ("a.b:web", "0:0", None),
    ("$U", "0:0", None),
    (":", "0:0", None),
    ("+5", "0:0", None),
])  # fmt: skip
def test_an_owner_in_the_words_of_copy(said: str, before: str | None, owner: str | None):
    assert combined(said, before) == owner
