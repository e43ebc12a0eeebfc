"""What a user may choose, as one frozen record."""
from __future__ import annotations

from rewriter.record import dataclass

LEVELS = ("same", "leaner", "bold")
MERGE = ("final", "all", "saving", "off")
BUILDERS = ("buildkit", "classic", "buildah", "podman", "kaniko")


@dataclass(frozen=True)
class Options:
    """level: how far the image may differ. merge: which RUNs to join. select, ignore: rules by name.
    builder: what the file will be built by. frontend: the version of BuildKit's, unless the file names its own.

    merge: `final`, stages whose layers are in the image, and forms that look at how a RUN ended only where they save bytes;
    `all`, every stage and every form that is right; `saving`, only where bytes are saved; `off`, none.
    """

    level: str = "same"
    merge: str = "final"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    builder: str = BUILDERS[0]
    frontend: str = "1.4"
