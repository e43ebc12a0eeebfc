"""Package managers of languages: what they read, settings and local projects among it, can't be told in full."""
from __future__ import annotations

from rewriter.shell.model import Word
from rewriter.shell.tools.call import Act, Call, Effect, Tool, options

_FOLDERS = ("/usr", "/opt", "/root", "/home", "/var", "/tmp")
_PIP = options("icrfte", "index-url extra-index-url constraint requirement find-links target editable trusted-host timeout retries prefix proxy "
               "default-timeout progress-bar no-binary only-binary upgrade-strategy python-version platform")
_PIP_FLAGS = options(
    "UqyvI",
    "upgrade quiet yes no-cache-dir no-cache no-deps user pre force-reinstall ignore-installed disable-pip-version-check no-build-isolation "
    "no-warn-script-location break-system-packages require-hashes prefer-binary no-compile no-input no-color use-deprecated use-feature isolated "
    "root-user-action version verbose no-warn-conflicts process-dependency-links",
)
_VERBS = frozenset({"install", "uninstall", "freeze", "list", "show", "config", "cache", "check"})
_LOCAL_ENDS = (".whl", ".tar.gz", ".zip", ".tgz", ".tar.bz2")


def _pip(call: Call) -> list[Effect] | None:
    """It may be set, by the environment too, to read any file; a list may name what is seen from the folder it runs in."""
    if not call.operands or call.operands[0].value not in _VERBS:  # `download` and `wheel` write where they are run
        return None
    if any(_local(word) for word in call.operands[1:]) or call.has("-e", "--editable", "-t", "--target", "--prefix", "-f", "--find-links"):
        return None
    if call.has("-r", "-c", "--requirement", "--constraint") and call.cwd is None:
        return None
    return [Effect(Act.READ, "/", tree=True), *(Effect(Act.WRITE, path, tree=True) for path in _FOLDERS)]


def _local(word: Word) -> bool:
    """Whether an operand may be a project or a file; a name's extras in brackets are taken for no pattern."""
    value = word.value
    if value is None:
        return not word.raw[:1].isalnum() or "/" in word.raw
    return "://" not in value and (value.startswith(".") or "/" in value or value.endswith(_LOCAL_ENDS) or "*" in value)


TOOLS = {
    **dict.fromkeys(("pip", "pip2", "pip3"), Tool(_PIP, _PIP_FLAGS, _pip)),
}
