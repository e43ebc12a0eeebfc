"""curl, wget, git: what they bring, and where to."""
from __future__ import annotations

from posixpath import basename

from rewriter.shell.paths import absolute
from rewriter.shell.tools.call import Act, Call, Effect, Tool, options
from rewriter.shell.tools.files import HARD_LINK

# Settings, keys and certificates; where HOME leads, the text does not tell.
READS_OF_ANY = [Effect(Act.READ, path, tree=True) for path in ("/root", "/home", "/etc", "/usr/share", "/usr/lib/ssl", "/usr/local/share")]

_CURL = options(
    "oHXAeumxrwCdy",
    "output header request user-agent referer user max-time connect-timeout retry retry-delay retry-max-time proxy range write-out data data-raw "
    "proto proto-redir max-redirs limit-rate interface resolve noproxy ciphers speed-time speed-limit tls-max",
)
_CURL_FLAGS = options(
    "fsSLkvg46#OlINJ0123",
    "fail silent show-error location insecure verbose globoff progress-bar remote-name compressed create-dirs retry-connrefused retry-all-errors "
    "tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 http1.1 http2 ipv4 ipv6 no-progress-meter location-trusted head fail-with-body no-keepalive no-buffer "
    "ssl-reqd sslv3",
)
_WGET = options("OPTtUwQ", "output-document directory-prefix timeout tries user-agent header user password waitretry wait read-timeout "
                "connect-timeout dns-timeout referer http-user http-password max-redirect limit-rate")
_WGET_FLAGS = options(
    "qcvdnHSN46",
    "quiet no-verbose verbose continue no-check-certificate no-cookies progress show-progress https-only secure-protocol no-hsts no-clobber "
    "retry-connrefused retry-on-http-error inet4-only inet6-only timestamping no-cache no-proxy trust-server-names auth-no-challenge random-wait "
    "no-http-keep-alive compression no-use-server-timestamps no-iri",
)
_CLONE = options("bj", "branch depth jobs origin shallow-since shallow-exclude config filter")
_CLONE_FLAGS = options("qvn", "quiet verbose recursive recurse-submodules shallow-submodules single-branch no-single-branch no-checkout no-tags "
                       "no-hardlinks progress global system bool add replace-all get unset list remote-submodules")


def _last(url: str | None) -> str | None:
    """The file name that a URL ends in, where it plainly ends in one."""
    name = basename(url or "")
    return name if name and not set("?#*{[") & set(name) and "://" in (url or "") else None


def _written(names: list[str | None], cwd: str | None) -> list[Effect] | None:
    """Writes of these files; `-` and /dev/null are none."""
    paths = [absolute(name or "", cwd) for name in names if name not in ("-", "/dev/null", "/dev/stdout")]
    return None if None in paths else [*READS_OF_ANY, *(Effect(Act.WRITE, path) for path in paths if path)]


def _local(call: Call) -> bool:
    """Whether it may take its input from a file, by `@FILE` or a file:// URL."""
    told = [value for name, value in call.options if name in ("-d", "--data", "-H", "--header", "-w", "--write-out")]
    return any(value is None or value.startswith("@") for value in told) or any("file:" in word.raw.lower() for word in call.operands)


def _curl(call: Call) -> list[Effect] | None:
    names = call.values("-o", "--output")
    if call.has("-J") or _local(call) or any(name and "#" in name for name in names):
        return None
    if call.has("-O", "--remote-name"):
        names += [_last(word.value) for word in call.operands]
    return _written(names, call.cwd)


def _wget(call: Call) -> list[Effect] | None:
    if not call.operands:
        return None
    if call.has("-O", "--output-document"):
        found = _written(call.values("-O", "--output-document"), call.cwd)
    else:
        folder = call.value("-P", "--directory-prefix") if call.has("-P", "--directory-prefix") else "."
        names = [_last(word.value) for word in call.operands]
        if folder is None or None in names or call.has("--trust-server-names"):
            return None
        found = _written([f"{folder}/{name}{end}" for name in names for end in ("", ".*")], call.cwd)
    return None if found is None else [*found, Effect(Act.WRITE, "/root/.wget-hsts")]


def _git(call: Call) -> list[Effect] | None:
    words = [word.value for word in call.operands]
    if call.verb == "config" and call.has("--global", "--system"):
        files = ("/etc/gitconfig", "/root/.gitconfig", "/root/.config/git/config", "/home/*/.gitconfig", "/*/.gitconfig", "/*/*/.gitconfig")
        return [*READS_OF_ANY, *(Effect(Act.WRITE, path) for path in files)]
    if call.verb != "clone" or len(words) not in (2, 3) or _from_here(call) or call.has("--config"):
        return None
    target = words[2] if len(words) > 2 else (_last(words[1]) or "").removesuffix(".git")
    where = absolute(target, call.cwd) if target else None
    return None if where is None else [*READS_OF_ANY, Effect(Act.WRITE, where, tree=True)]


def _from_here(call: Call) -> bool:
    """Whether a clone is, or may be, of a repository on this machine."""
    source = call.operands[1] if len(call.operands) > 1 else None
    return source is None or ("://" not in source.raw and ":" not in source.raw) or "file:" in source.raw


def _git_links(call: Call) -> str:
    """A clone of a local repository shares its files by hard links."""
    literal = call.verb == "clone" and len(call.operands) > 1 and call.operands[1].value
    return HARD_LINK if literal and _from_here(call) and "file:" not in literal and not call.has("--no-hardlinks") else ""


TOOLS = {
    "curl": Tool(_CURL, _CURL_FLAGS, _curl),
    "wget": Tool(_WGET, _WGET_FLAGS, _wget),
    "git": Tool(_CLONE, _CLONE_FLAGS, _git, _git_links),
}
