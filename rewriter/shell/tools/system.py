"""Programs that bring what is installed into use: caches, alternatives, settings of the distribution."""
from __future__ import annotations

from rewriter.shell.tools.call import Act, Call, Effect, Tool, options
from rewriter.shell.tools.files import RUN_FILES, anew
from rewriter.shell.tools.packages import changed_system


def _settles(call: Call) -> list[Effect] | None:
    """Its words are names, or absolute paths."""
    paths = [word for word in call.operands if word.value is None or word.glob or "/" in word.value]
    found = call.acts(Act.READ, tuple(paths), tree=True)
    return None if found is None else changed_system(*found)


def _selections(call: Call) -> list[Effect] | None:
    found = call.acts(Act.READ, call.operands)
    return None if found is None else changed_system(*found)


def _alternatives(call: Call) -> list[Effect] | None:
    """Words with a slash are paths, which it reads, and where it makes links."""
    if any(word.value is None for word in call.operands):
        return None
    paths = tuple(word for word in call.operands if "/" in (word.value or ""))
    found = call.acts(Act.WRITE, paths)
    return None if found is None else changed_system(*found)


def _relinked(call: Call) -> str:
    touched = next((word.value for word in call.operands if word.value in (*RUN_FILES, "sh")), None)
    return anew("/bin/sh") if touched else ""


def _links_libraries(call: Call) -> list[Effect] | None:
    """It looks into every folder that /etc/ld.so.conf names, wherever that may be."""
    found = call.acts(Act.READ, call.operands, tree=True)
    return None if found is None else [Effect(Act.READ, "/", tree=True), Effect(Act.WRITE, "/etc/ld.so.cache"), *changed_system()]


_SETTLES = Tool(flags=options("fqvyr", "force quiet verbose fresh purge"), effects=_settles)

TOOLS = {
    **dict.fromkeys(
        (
            "update-ca-certificates", "update-ca-trust", "locale-gen", "update-locale", "a2enmod", "a2dismod", "a2ensite", "a2dissite", "a2enconf", "a2disconf",
            "phpenmod", "phpdismod", "update-rc.d", "update-mime-database", "glib-compile-schemas", "mandb",
            "rc-update", "chkconfig", "update-crypto-policies",
        ),
        _SETTLES,
    ),
    "fc-cache": _SETTLES,
    "debconf-set-selections": Tool(flags=options("vcu", "verbose checkonly unseen"), effects=_selections),
    **dict.fromkeys(("update-alternatives", "alternatives"), Tool(effects=_alternatives, lasting=_relinked, unparsed=True)),
    "dpkg-divert": Tool(effects=_alternatives, lasting=_relinked, unparsed=True),
    "localedef": Tool(options("ifA"), options("c", "no-archive"), _settles),
    "ldconfig": Tool(flags=options("v"), effects=_links_libraries),
    "hostname": Tool(lasting=lambda call: "it may change the host name" if call.operands else ""),
    "mount": Tool(lasting=lambda call: "it may mount something"),
}
