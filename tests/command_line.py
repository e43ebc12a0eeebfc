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
    return kept | {"PYTHONPATH": str(ROOT), "DFOPT_CACHE_DIR": ""} | more


def dfopt(
    *words: str | Path, stdin: bytes | str = b"", folder: Path | None = None, env: dict[str, str] | None = None, **more
) -> subprocess.CompletedProcess[bytes]:
    """Run `dfopt`; it has a minute."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    return subprocess.run(
        [*COMMAND, *words], input=data, cwd=folder, env=environment(**env or {}), timeout=60, **pipes
    )


def as_nobody(code: str, *words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run Python code without root's rights. All is imported before, by a run: Python itself may be root's alone."""
    drop = "import os, rewriter.folder, rewriter.report.diff\nfrom rewriter import files, optimize\n" \
           f"from rewriter.cli import main, optimize as _\noptimize.optimize({BEFORE!r})\n" \
           "os.geteuid() or (os.setgroups([]), os.setgid(65534), os.setuid(65534))\n"
    return subprocess.run([sys.executable, "-c", drop + code, *words], env=environment(), capture_output=True, timeout=60)


def reachable(path: Path) -> Path:
    """Let others pass the folders above: those that pytest makes are closed to them."""
    for folder in path.parents:
        if folder.owner() == path.owner() and not folder.stat().st_mode & 1:
            folder.chmod(folder.stat().st_mode | 0o011)
    return path
