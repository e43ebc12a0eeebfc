"""What package managers leave in a layer, and which of their commands take it away again."""
from __future__ import annotations

from rewriter.shell.model import Command
from rewriter.shell.tools import archives, call_of, files, languages, network, packages, texts
from rewriter.shell.tools.packages import APT_LISTS

APT = frozenset({"apt-get", "apt"})
_YUM = frozenset({"yum", "dnf", "microdnf", "tdnf"})
_CLEANERS = APT | _YUM
_YUM_CACHES = ("/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5")
_NODE = {"npm": "/root/.npm", "yarn": "/usr/local/share/.cache", "pnpm": "/root/.local/share/pnpm"}
_BRINGS = frozenset({"install", "add", "groupinstall", "localinstall", "ci", "i", "build-dep", "upgrade", "dist-upgrade", "update"})
_TAKES = frozenset({"remove", "purge", "autoremove", "del", "erase", "uninstall"})

# What package managers of distributions fetch; and programs that don't care for it: they build, or fetch by themselves.
DISTRIBUTION = (APT_LISTS, "/var/cache/apt", "/var/cache/apk", *_YUM_CACHES)
_STRANGERS = frozenset(
    "bazel bundle bundler cabal cargo cmake cpan cpanm composer conda corepack dotnet gem go gradle gradlew grunt gulp julia jupyter lein mamba maven meson "
    "micromamba mix mvn mvnw ninja node npm pecl phpize pip pip2 pip3 pipenv pnpm poetry protoc python python2 python3 rustup sbt stack swift tsc uv yarn "
    "apt-key configure autogen.sh autoreconf bootstrap gpg gpgconf patch php docker-php-ext-configure docker-php-ext-install docker-php-ext-enable docker-php-source set".split()
)
_PLAIN = frozenset({*files.TOOLS, *texts.TOOLS, *network.TOOLS, *archives.TOOLS})
_TARGETS = frozenset({"all", "install", "clean", "distclean", "build", "test", "check"})

MANAGERS = frozenset({*packages.TOOLS, *languages.TOOLS, *_NODE})


def caches(command: Command) -> tuple[str, ...]:
    """The folders of its own in which a package manager leaves what it has fetched."""
    name = command.name or ""
    if name not in MANAGERS and not name.startswith("pip"):
        return ()
    call = call_of(command, None, loosely=True)
    said = [word.value for word in command.words]
    verb = call.verb if call else next((word for word in said[1:] if word and not word.startswith("-")), "")
    if name in APT:
        return (APT_LISTS,) if verb == "update" else ()  # images of Debian and Ubuntu keep no packages
    if name == "apk" and call:
        fetches = verb == "update" or call.has("-U", "-u", "--update", "--update-cache")
        return ("/var/cache/apk",) if fetches and not call.has("--no-cache") else ()
    if name in _YUM:
        return _YUM_CACHES if verb in _BRINGS else ()
    if name.startswith("pip"):
        return ("/root/.cache",) if verb == "install" and "--no-cache-dir" not in said else ()
    return (_NODE[name],) if name in _NODE and (verb in _BRINGS or not verb) else ()


def cleaned(command: Command) -> tuple[str, ...]:
    """The folders that a package manager is told to empty, where it is told nothing else."""
    call = call_of(command, None) if command.name in _CLEANERS else None
    if call is None or command.redirects or command.assignments:
        return ()
    if command.name in APT and call.verb == "clean" and len(call.operands) == 1:
        return "/var/cache/apt", APT_LISTS
    if command.name in _YUM and [word.value for word in call.operands] == ["clean", "all"]:
        return _YUM_CACHES
    return ()


def strangers(command: Command) -> bool:
    """Whether it surely does without what the distribution's package manager has fetched."""
    name = (command.name or "").rsplit("/", 1)[-1]
    said = [word.value or word.raw for word in command.words[1:]]
    if name == "make":  # an author's own target may well install something
        return all(word.startswith("-") or "=" in word or word in _TARGETS or "/" in word or word.isdigit() for word in said)
    if name in _PLAIN:
        return not any(word.lstrip('"').startswith(("$", "`", "~")) or "/var" in word for word in said)
    return name in _STRANGERS and not any("deps" in word and "no-" not in word for word in said)


def named(command: Command, removed: bool) -> frozenset[str]:
    """The packages, as they are written, that are installed, or removed; also the name of a group of them."""
    call = call_of(command, None, loosely=True) if command.name in packages.TOOLS else None
    if call is None or call.verb not in (_TAKES if removed else _BRINGS):
        return frozenset()
    groups = [value for value in call.values("-t", "--virtual") if value]
    return frozenset([*(word.raw.strip("'\"") for word in call.operands[1:]), *groups])
