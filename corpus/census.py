"""What dfopt does to each Dockerfile of the corpus, and what that saves: writes census.json and docs/savings.svg.

    eval "$(tests/engine --debian)" && python corpus/census.py [NAME...]

Each is built before and after, on the engine's own images where its base is one that can't be had offline (BASES), and
the two images are compared. Bytes are those of the layers that the file itself adds to its base.
"""
from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from rewriter.admit import Declined, admit  # noqa: E402
from rewriter.folder import FolderContext  # noqa: E402
from rewriter.graph.expand import expand  # noqa: E402
from rewriter.optimize import optimize  # noqa: E402
from rewriter.outcome import Outcome  # noqa: E402
from rewriter.report.text import size  # noqa: E402
from rewriter.verify.compare import compare  # noqa: E402
from rewriter.verify.engine import Request  # noqa: E402
from rewriter.verify.engines import ENGINES  # noqa: E402
from rewriter.verify.images import Image  # noqa: E402
from rewriter.verify.session import Session, session  # noqa: E402

CENSUS, CHART = HERE / "census.json", HERE.parent / "docs" / "savings.svg"
# An image of Debian's own packages stands for the official ones that a registry would have to give.
BASE = "dfopt-test/corpus"
BASES = ("debian", "ubuntu", "python", "node", "buildpack-deps", "gcc")
PACKAGES = "python3 python3-pip python3-venv python-is-python3 nodejs npm gcc libc6-dev make git ca-certificates curl wget unzip"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
CHARTED = 24


def names() -> list[str]:
    return sorted(path.parent.name for path in HERE.glob("*/Dockerfile"))


def outcome(name: str) -> Outcome:
    """What dfopt makes of one of them."""
    folder = HERE / name
    return optimize((folder / "Dockerfile").read_text(), context=FolderContext(str(folder), str(folder / "Dockerfile")))


def record(found: Outcome) -> dict:
    """What is told of an outcome without a build."""
    return {"rules": dict(sorted(Counter(change.rule for change in found.changes).items())), "kept": len(found.kept)}


def measured(current: Session, name: str, found: Outcome) -> dict:
    """Bytes and layers before and after, by building both; why not, where that can't be."""
    images = bases(found.before)
    if missing := lacking(images):
        return {"not built": missing}
    request = Request(HERE / name, HERE / name / "Dockerfile", options=words(images))
    (built, one), (_, other) = (current.build(offline(text), request) for text in (found.before, found.after))
    if one is None and other is None:
        print(f"{name} does not build: {built.log[-500:]}", file=sys.stderr, flush=True)
        return {"not built": "it asks for what is not to be had offline"}
    if one is None or other is None:
        raise SystemExit(f"{name}: {'the original' if one is None else 'what dfopt makes of it'} does not build\n{built.log[-2000:]}")
    return {"bytes": [added(one, images), added(other, images)], "layers": [len(one.layers), len(other.layers)], "verdict": _verdict(current, found, request, one, other)}


def _verdict(current: Session, found: Outcome, request: Request, one: Image, other: Image) -> str:
    """"same", or the first difference that is none between two builds of the original."""
    differences = compare(one, other).differences
    if differences:
        again = current.build(offline(found.before), Request(request.context, request.dockerfile, request.options, no_cache=True))[1]
        noise = {(each.aspect, each.where) for each in compare(one, again).differences} if again else set()
        differences = [each for each in differences if (each.aspect, each.where) not in noise]
    return str(differences[0]) if differences else "same"


def offline(text: str) -> str:
    """The text without the frontend that a registry would have to give: the engine has its own."""
    return text.replace("# syntax=docker/dockerfile:1\n", "# the frontend is the engine's own\n")


def bases(text: str) -> dict[str, str | None]:
    """The images that a Dockerfile names, each with the one that stands for it; None: there is none."""
    dockerfile = admit(text)
    assert not isinstance(dockerfile, Declined)
    found: dict[str, str | None] = {}
    stages: set[str] = {"scratch"}
    defaults: dict[str, str] = {}
    for each in dockerfile.instructions:
        if each.keyword == "ARG" and not found:
            name, _, value = each.arguments.text.partition("=")
            defaults[name] = value
        if each.keyword == "FROM":
            said = each.arguments.text.split()
            image = expand(said[0], defaults) or said[0]
            if image.lower() not in stages:
                family = image.rsplit("/", 1)[-1].partition(":")[0]
                found[image] = "dfopt-test/busybox" if family == "busybox" else BASE if family in BASES and "alpine" not in image else None
            stages |= {said[-1].lower()}
    return found


def lacking(images: dict[str, str | None]) -> str:
    """Why a file with these bases can't be built; "" where it can."""
    missing = sorted(image for image, ours in images.items() if ours is None)
    return f"there is no {', '.join(missing)} offline" if missing else ""


def words(images: dict[str, str | None]) -> tuple[str, ...]:
    """What the builder is told, so that it takes the images that stand for others."""
    return "--network=host", *(f"--build-context={image}=docker-image://{ours}" for image, ours in images.items() if ours)


def added(image: Image, images: dict[str, str | None]) -> int:
    """Bytes of the layers that are not the base's."""
    base = {layer for ours in set(images.values()) for layer in _layers(ours or "")}
    return sum(layer.size for digest, layer in zip(image.config["rootfs"]["diff_ids"], image.layers) if digest not in base)


def _layers(image: str) -> list[str]:
    words = ["docker", "image", "inspect", "--format={{json .RootFS.Layers}}", image]
    return json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def make_base() -> None:
    """With the certificates that this machine trusts, for who is behind a proxy of their own."""
    own = "/usr/local/share/ca-certificates/machine.crt"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "machine.crt").write_bytes(CERTIFICATES.read_bytes() if CERTIFICATES.exists() else b"")
        Path(folder, "Dockerfile").write_text(
            f"FROM dfopt-test/debian\nRUN apt-get update && apt-get install -y --no-install-recommends {PACKAGES} && \\\n"
            f"    rm -rf /var/lib/apt/lists/* /usr/lib/python3*/EXTERNALLY-MANAGED && useradd -m node\nCOPY machine.crt {own}\n"
            f"RUN cat {own} >> /etc/ssl/certs/ca-certificates.crt\n"
            "ENV PIP_ROOT_USER_ACTION=ignore PIP_CERT=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt\n"
        )
        subprocess.run(["docker", "buildx", "build", "--network=host", "--tag", BASE, folder], check=True)


def chart(census: dict[str, dict]) -> str:
    """A bar for each file, of what it adds to its base: all of it before, the blue part after. Largest savings first; SVG."""
    told = {name: each["bytes"] for name, each in census.items() if "bytes" in each and each["bytes"][0] > each["bytes"][1]}
    rows = sorted(told.items(), key=lambda each: each[1][1] - each[1][0])[:CHARTED]
    left, bar, high = 190, 400, 16
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{len(rows) * (high + 6) + 30}" font-family="sans-serif" font-size="12" fill="#57606a">',
             f'<text x="{left}" y="14">bytes that a file adds to its base: before (all of the bar) and after (blue)</text>']
    for at, (name, (before, after)) in enumerate(rows):
        y = 24 + at * (high + 6)
        lines += [f'<text x="{left - 8}" y="{y + 12}" text-anchor="end">{name}</text>',
                  f'<rect x="{left}" y="{y}" width="{bar}" height="{high}" fill="#d0d7de"/>',
                  f'<rect x="{left}" y="{y}" width="{max(bar * after / before, 1):.1f}" height="{high}" fill="#0969da"/>',
                  f'<text x="{left + bar + 8}" y="{y + 12}">{size(before)} → {size(after)}</text>']
    return "\n".join([*lines, "</svg>", ""])


def main() -> None:
    chosen = sys.argv[1:] or names()
    census = json.loads(CENSUS.read_text()) if CENSUS.exists() else {}
    make_base()
    with session(ENGINES["docker"], Request(HERE)) as current:
        for name in chosen:
            found = outcome(name)
            census[name] = record(found) | measured(current, name, found)
            print(name, json.dumps(census[name]), flush=True)
    census = {name: census[name] for name in names() if name in census}
    CENSUS.write_text(json.dumps(census, indent=1) + "\n")
    CHART.write_text(chart(census))


if __name__ == "__main__":
    main()
