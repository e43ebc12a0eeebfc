"""tar, unzip, and compressors."""
from __future__ import annotations

from rewriter.record import replace
from rewriter.shell.model import Command, Word
from rewriter.shell.paths import absolute
from rewriter.shell.tools.call import Act, Call, Effect, Tool, options

_TAR = options("fCbH", "file directory exclude strip-components strip owner group mode format occurrence wildcards-match-slash one-top-level")
_TAR_FLAGS = options(
    "xctzjJvpokmasS",
    "extract get create list gzip gunzip bzip2 xz zstd lzma verbose no-same-owner same-owner no-same-permissions same-permissions preserve-permissions "
    "wildcards overwrite keep-old-files skip-old-files touch numeric-owner xattrs auto-compress no-xattrs sparse warning no-wildcards anchored "
    "keep-directory-symlink no-overwrite-dir totals delay-directory-restore",
)
_SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".lzma", ".Z")


def unbundled(command: Command) -> Command:
    """`tar xfC FILE DIR` as `tar -x -f FILE -C DIR`: the old style, whose letters take their values in order."""
    first = command.words[1] if len(command.words) > 1 else None
    if not (command.name or "").endswith("tar") or first is None or not first.value or first.value.startswith("-"):
        return command
    rest = list(command.words[2:])
    words = [command.words[0]]
    for letter in first.value:
        words.append(Word(first.span, "-" + letter, "-" + letter, False))
        if "-" + letter in _TAR and rest:
            words.append(rest.pop(0))
    return replace(command, words=(*words, *rest))


def _tar(call: Call) -> list[Effect] | None:
    archive, folders = call.value("-f", "--file") if call.has("-f", "--file") else "-", call.values("-C", "--directory")
    where = absolute(folders[0] or "", call.cwd) if folders else call.cwd
    if not archive or where is None or len(folders) > 1 or ":" in archive:
        return None
    path = "/" if archive == "-" else absolute(archive, call.cwd)
    if path is None:
        return None
    if call.has("-x", "--extract", "--get"):
        # An archive member may have any name, but GNU and busybox tar keep it below the folder.
        return ([] if archive == "-" else [Effect(Act.READ, path)]) + [Effect(Act.WRITE, where, tree=True)]
    if call.has("-c", "--create"):
        members = Call((), call.operands, where).acts(Act.READ, call.operands, tree=True)
        return None if members is None else members + ([] if archive == "-" else [Effect(Act.WRITE, path)])
    return [Effect(Act.READ, path)] if call.has("-t", "--list") else None


def _unzip(call: Call) -> list[Effect] | None:
    folder = call.value("-d")
    where = absolute(folder, call.cwd) if folder else call.cwd
    if where is None or not call.operands or (call.has("-d") and folder is None):
        return None
    read = call.acts(Act.READ, call.operands[:1])
    return None if read is None else [*read, Effect(Act.READ, read[0].path + ".zip"), Effect(Act.WRITE, where, tree=True)]


def _compress(call: Call) -> list[Effect] | None:
    """The file goes and another comes, with or without the suffix: which is which matters to no one here."""
    found = call.acts(Act.READ, call.operands)
    if found is None or call.has("-c", "-t", "-l"):
        return found
    names = {name for effect in found for suffix in _SUFFIXES for name in (effect.path, effect.path + suffix, effect.path.removesuffix(suffix))}
    return found + [Effect(Act.WRITE, name) for name in sorted(names)]


_COMPRESSOR = Tool(flags=options("dkfcvqtln0123456789", "decompress keep force stdout best fast"), effects=_compress, attached=options("T"))

TOOLS = {
    "tar": Tool(_TAR, _TAR_FLAGS, _tar),
    "bsdtar": Tool(_TAR, _TAR_FLAGS, _tar),
    "unzip": Tool(options("dP"), options("qonjuLxlt"), _unzip),
    **dict.fromkeys(("gzip", "gunzip", "bzip2", "bunzip2", "xz", "unxz", "zstd", "unzstd"), _COMPRESSOR),
}
