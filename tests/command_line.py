"""`dfopt` as a user runs it: a process of its own. For the tests of the command line."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "rewriter"]

BEFORE = "FROM busybox\nRUN echo a > /a\nRUN echo b > /b\n"
AFTER = "FROM busybox\nRUN echo a > /a && \\\n    echo b > /b\n"
QUIET = "FROM busybox\nRUN echo a > /a\n"  # nothing in it to change


def environment(**more: str) -> dict[str, str]:
    """The environment for a run: this checkout, no colours asked for or forbidden."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "DFOPT_DEBUG")}
    return kept | {"PYTHONPATH": str(ROOT)} | more


def dfopt(
    *words: str | Path, stdin: bytes | str = b"", folder: Path | None = None, env: dict[str, str] | None = None, **more
) -> subprocess.CompletedProcess[bytes]:
    """Run `dfopt`; it has a minute."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    return subprocess.run(
        [*COMMAND, *words], input=data, cwd=folder, env=environment(**env or {}), timeout=60, **pipes
    )
