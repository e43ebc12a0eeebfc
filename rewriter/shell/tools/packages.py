"""Package managers of distributions: where they write is known well enough to see what they leave.

Package scripts may write anywhere a package may, so `/usr` and the like; they may not count on the folder they run
in, nor look outside of these (Debian policy 6.1, 9.1; the other distributions' guidelines say the same).
"""
from __future__ import annotations

from rewriter.shell.model import Word
from rewriter.shell.tools.call import Act, Call, Effect, Tool, options

_SYSTEM = ("/bin", "/boot", "/etc", "/lib", "/lib64", "/opt", "/sbin", "/usr", "/var")
APT_LISTS = "/var/lib/apt/lists"
# A repository may be a local folder: these lie in one.
_INDEXES = ("Packages*", "APKINDEX*", "repodata")
LOCAL_REPOSITORIES = [Effect(Act.READ, "/*" * depth + "/" + name) for name in _INDEXES for depth in range(1, 4)]

_APT_SETTINGS = ("dpkg::options::=--force-conf", "acquire::", "apt::install-", "apt::get::", "apt::autoremove", "dpkg::use-pty", "dpkg::lock", "quiet")
_QUERIES = frozenset({"-l", "-s", "-L", "-S", "-p", "-C", "-r", "-P", "--list", "--status", "--listfiles", "--search", "--purge", "--remove", "--configure",
                      "--print-architecture", "--add-architecture", "--print-foreign-architectures", "--audit", "--get-selections", "--version"})


def changed_system(*more: Effect) -> list[Effect]:
    """What installing something may change."""
    return [*(Effect(Act.WRITE, path, tree=True) for path in _SYSTEM), Effect(Act.READ, "/root", tree=True), *LOCAL_REPOSITORIES, *more]


def _named(call: Call, words: tuple[Word, ...]) -> list[Effect] | None:
    """Reads of the packages that are given as files; None where it can't be told which are."""
    files: list[Word] = []
    for word in words:
        if word.value is None and not (word.raw[:1].isalnum() and "/" not in word.raw):
            return None
        if word.glob and "=" not in word.raw or word.value and (word.value.startswith((".", "/")) or word.value.endswith((".deb", ".rpm", ".apk"))):
            files += [word] if "://" not in (word.value or "") else []
    return call.acts(Act.READ, tuple(files), tree=True)


def _apt(call: Call) -> list[Effect] | None:
    settings = [(value or "?").lower() for value in call.values("-o", "--option")]
    if not all(value.startswith(_APT_SETTINGS) for value in settings):
        return None
    if call.verb == "update":
        reads = [Effect(Act.READ, path, tree=True) for path in ("/etc", "/usr", "/root")]
        return [*reads, *LOCAL_REPOSITORIES, Effect(Act.WRITE, "/var/lib/apt", tree=True), Effect(Act.WRITE, "/var/cache/apt", tree=True)]
    if call.verb == "clean":
        gone = ("/var/cache/apt/archives/*.deb", "/var/cache/apt/archives/partial/*", "/var/cache/apt/*.bin")
        # it makes the folder of the lists anew, with a lock in it
        return [Effect(Act.DELETE, path) for path in gone] + [Effect(Act.WRITE, path, tree=True) for path in ("/var/cache/apt", APT_LISTS)]
    if call.verb in ("dist-clean", "distclean"):
        return [Effect(Act.DELETE, APT_LISTS + "/*", tree=True), Effect(Act.WRITE, "/var/cache/apt", tree=True)]
    if call.verb in ("", "source", "download", "build-dep"):
        return None
    read = _named(call, call.operands[1:])
    return None if read is None else changed_system(*read)


def _installs(call: Call) -> list[Effect] | None:
    """apk, yum, dnf, rpm: their verbs are as names of packages are."""
    read = _named(call, call.operands)
    return None if read is None else changed_system(*read)


def _yum(call: Call) -> list[Effect] | None:
    if call.verb != "clean":
        return None if call.verb in ("", "builddep", "download", "shell", "history") else _installs(call)
    gone = ("/var/cache/yum/*", "/var/cache/dnf/*", "/var/cache/libdnf5/*")
    return [*(Effect(Act.DELETE, path + "/*", tree=True) for path in gone), *(Effect(Act.WRITE, path, tree=True) for path in gone)]


def _apk(call: Call) -> list[Effect] | None:
    if call.verb == "fetch":
        return None  # what it brings lies where it is run
    repositories = [value or "/" for value in call.values("-X", "--repository")]
    return None if any("://" not in value and not value.startswith("@") for value in repositories) else _installs(call)


def _dpkg(call: Call) -> list[Effect] | None:
    if any(name in _QUERIES for name, _ in call.options):
        return changed_system() if all(not word.glob for word in call.operands) else None
    read = call.acts(Act.READ, call.operands, tree=True)
    return None if read is None or not call.has("-i", "--install", "--unpack") else changed_system(*read)


def _marks(call: Call) -> list[Effect] | None:
    return None if any(word.glob for word in call.operands) else changed_system()


def _reconfigures(call: Call) -> str:
    named = any(word.value in ("dash", None) for word in call.operands)
    return "it may change /bin/sh, which every RUN reads anew" if named else ""


_APT = Tool(
    options("ota", "option target-release default-release"),
    options(
        "yqfmVus",
        "yes assume-yes quiet no-install-recommends no-install-suggests install-recommends install-suggests fix-missing fix-broken force-yes reinstall "
        "purge auto-remove autoremove no-upgrade only-upgrade allow-unauthenticated allow-downgrades allow-remove-essential allow-change-held-packages "
        "allow-releaseinfo-change allow-insecure-repositories ignore-missing ignore-hold no-show-upgraded simulate print-uris no-auto-remove trivial-only",
    ),
    _apt,
)
_APK = Tool(
    options("tX", "virtual repository"),
    options("Uuqlaf", "no-cache update update-cache upgrade quiet latest available force purge allow-untrusted no-progress progress force-overwrite "
            "force-broken-world force-refresh simulate clean-protected no-interactive rdepends"),
    _apk,
)  # fmt: skip
_YUM = Tool(
    options("x", "setopt enablerepo disablerepo repo repoid releasever exclude enable disable"),
    options("yqvbe", "assumeyes quiet nogpgcheck nodocs best nobest allowerasing skip-broken refresh noplugins security all disableplugin allow-downgrade"),
    _yum,
)

TOOLS = {
    "apt-get": _APT,
    "apt": _APT,
    "apk": _APK,
    **dict.fromkeys(("yum", "dnf", "microdnf", "tdnf"), _YUM),
    "rpm": Tool(flags=options("ivhUFeqaKV", "import nodeps force nosignature replacepkgs quiet rebuilddb nodigest"), effects=_installs),
    "dpkg": Tool(
        flags=options(
            "iRElsLSpCPr",
            "install unpack configure purge remove list status listfiles search audit print-architecture add-architecture print-foreign-architectures "
            "get-selections version pending force-all force-depends force-overwrite force-confdef force-confold force-confnew force-architecture "
            "force-bad-verify force-remove-reinstreq recursive",
        ),
        effects=_dpkg,
    ),
    "apt-mark": Tool(flags=options("q"), effects=_marks),
    "dpkg-reconfigure": Tool(options("fp", "frontend priority"), effects=_marks, lasting=_reconfigures),
}
