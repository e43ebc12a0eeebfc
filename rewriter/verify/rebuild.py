"""What a change of one source file costs: the build again, all else cached, with that file changed in a copy."""
from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import replace

from rewriter.verify.engine import Progress
from rewriter.verify.session import Session


def rebuild_seconds(current: Session, text: str, source: str, progress: Progress) -> float | None:
    """Seconds to build `text` once the file `source` of its context has another content; None where it then fails.

    The context itself is not touched: a copy is, of hard links where the file system has them.
    """
    copy = current.folder / "context"
    shutil.copytree(current.request.context, copy, symlinks=True, copy_function=_linked)
    try:
        content = (copy / source).read_bytes()
        (copy / source).unlink()  # first, since it may be the user's own file under another name
        (copy / source).write_bytes(content + f"\n# {secrets.token_hex(8)}\n".encode())
        shutil.copymode(current.request.context / source, copy / source)
        request = replace(current.request, context=copy, no_cache=False)
        built, _ = current.build(text, request, progress, read=False)
        return built.seconds if built.image else None
    finally:
        shutil.rmtree(copy)


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
