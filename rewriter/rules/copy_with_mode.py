"""Let COPY give a file the mode that a later `chmod` gives it.

What it does
    Takes the file out of the `chmod`, and the RUN out where nothing else is left of it; the COPY gets `--chmod`.

Before
    FROM debian:bookworm-slim
    COPY start.sh /usr/local/bin/
    RUN chmod 755 /usr/local/bin/start.sh
    CMD ["start.sh"]

After
    FROM debian:bookworm-slim
    COPY --chmod=755 start.sh /usr/local/bin/
    CMD ["start.sh"]

Why it is safe
    A changed mode is a second copy of the file in another layer, so this saves its size, and often a layer. The mode is
    absolute, or it is computed as `chmod` does it from the one that the file has in the build context, if any checkout
    would give the same: git keeps 644 or 755. Nothing between looks at the file. The folders that COPY makes get the
    mode, too, from BuildKit 0.21 on: they are there before, or the mode is that of any new folder, 755.

When it keeps still
    Something between may use or replace the file. Not all files of the COPY get one mode. It copies a folder. The
    `chmod` has a pattern or a folder that takes in more, is not run as root, or may not be run, or its failure may not
    count; it sets a set-id or sticky bit; there is a comment within the chain. The file is deleted in the end, or the RUN
    changes it in other ways, too, so that nothing would be saved. Only with `--level bold`: its own mode is not known,
    or a folder may be at its place, in which it would land.
"""
from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname

from rewriter.flagging import Candidate, candidates, finding
from rewriter.graph.attributes import Hit
from rewriter.graph.before import resets_umask
from rewriter.graph.brought import File
from rewriter.graph.presence import stands
from rewriter.rule import Finding, Scene, Still
from rewriter.shell.tools.modes import changed, fixed, uses_umask

_FOLDERS = 0o755  # the mode of a folder that COPY makes
_NORMAL = (0o644, 0o755)  # the modes that git knows, without and with the owner's bit for execution


def find(scene: Scene) -> Iterator[Finding | Still]:
    for found in candidates(scene, "chmod"):
        yield found if isinstance(found, Still) else _finding(scene, found)


def _finding(scene: Scene, found: Candidate) -> Finding | Still:
    files = found.brought.files
    if lacking := scene.target.lacks("COPY --chmod"):
        return Still(found.at, lacking)
    if any(file.tree for file in files):
        return Still(found.at, "it copies a folder: --chmod would change what is in it, too")
    said = {file: hit.said for hit in found.hits for _, file in hit.words}
    if any(map(uses_umask, said.values())) and not _plain_umask(scene, found):
        return Still(found.at, "its `chmod` goes by the umask, which may not be the usual one")
    made = [_mode(found, file, said.get(file)) for file in files]
    modes = {mode for mode, _ in made}
    if None in modes or len(modes) > 1:
        return Still(found.at, _why(modes, len(said) < len(files)))
    mode, doubts = modes.pop(), tuple(sorted({doubt for _, doubt in made if doubt}))
    if not all(_for_files(hit) for hit in found.hits):
        doubts = (*found.brought.folders, *doubts)
    for folder in sorted({dirname(file.path) for file in files}):
        if mode != _FOLDERS and not stands(scene.graph, found.stage, found.at, folder):
            return Still(found.at, f"it may have to make {folder}, which would get the mode, too: make that before")
    value = said[files[0]] if set(said.values()) == {said.get(files[0])} and fixed(said[files[0]]) is not None else f"{mode:03o}"
    return finding(scene, found, (("chmod", value),), f"gives it the mode {value}", doubts)


def _for_files(hit: Hit) -> bool:
    """Whether the `chmod` would be of no use for a folder, which has these bits by itself, or is of none without them."""
    mode = fixed(hit.said)
    return not hit.recursive and ("w" not in hit.said and "=" not in hit.said if mode is None else mode == _FOLDERS or not mode & 0o100)


def _mode(found: Candidate, file: File, said: str | None) -> tuple[int | None, str]:
    """The mode that a file comes to have, None: unknown; and what is taken for granted, "" for nothing."""
    given = found.brought.copy.mode
    mode = file.mode if given is None else fixed(given)
    if said is not None and fixed(said) is not None:
        return fixed(said), ""
    if mode is None:
        guesses = {changed(said, each) for each in _NORMAL} if said else {None}
        return guesses.pop() if len(guesses) == 1 else None, f"{file.path} comes with one of the modes that git keeps, 644 or 755"
    result = changed(said, mode) if said else mode
    normal = _NORMAL[bool(mode & 0o100)]
    kept = given is not None or found.brought.copy.fetched or (changed(said, normal) if said else normal) == result
    return result, "" if kept else f"the mode of {file.path} is {mode:o} wherever it is built"


def _why(modes: set[int | None], partly: bool) -> str:
    if None in modes:
        return "its `chmod` sets more than permissions, or the mode of the file is not known"
    return "it copies other files, too, of which the `chmod` changes none" if partly else "its files get different modes"


def _plain_umask(scene: Scene, found: Candidate) -> bool:
    """Whether the umask of the RUNs is that of any RUN: no profile and no command has set it."""
    return not any(resets_umask(scene.graph, run) or "umask" in run.body.text for run in found.runs)
