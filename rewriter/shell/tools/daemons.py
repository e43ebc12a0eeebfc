"""Programs that stay when the command that started them returns.

A RUN's processes die with it; in a joined RUN they would still be there for the commands after them.
"""
from __future__ import annotations

from collections.abc import Callable

from rewriter.shell.tools.call import Call, Tool, options

STAYS = "it may leave a process running, which the next RUN would meet"

_ALWAYS = (
    "at batch adb atd catalina.sh cron crond daemon dbus-daemon dbus-launch dirmngr gpg-agent ibus-daemon init initctl invoke-rc.d nohup nscd "
    "pg_ctl pg_ctlcluster pm2 pulseaudio rc-service rsyslogd runsv runsvdir screen service setsid ssh-agent startup.sh supervisord svc svscan "
    "start-all.sh start-dfs.sh start-hbase.sh start-mapred.sh start-master.sh start-slaves.sh start-yarn.sh "
    "tmux vncserver watchman wine wine64 wineboot winetricks Xorg Xvfb X xvfb-run ansible-playbook puppet chef-solo chef-client salt-call"
).split()
# These tell their version, or check their settings, and go.
_SERVERS = (
    "apache2ctl apachectl httpd apache2 dockerd elasticsearch memcached mongod mysqld mysqld_safe mysqld_multi nginx php-fpm postgres rabbitmq-server "
    "redis-server sshd start-stop-daemon tor"
).split()
_ASKED = options("V", "version help") | {"-version"}
_CHECKED = {"nginx": ("-t", "-v"), "sshd": ("-t",), "php-fpm": ("-t", "-v", "-m"), "postgres": ("-V",), "mysqld": ("--initialize", "--initialize-insecure")}
# Build tools that keep a server for the next build.
_BUILD_SERVERS = {"gradle": "--no-daemon", "gradlew": "--no-daemon", "mvnd": "", "bazel": "--batch", "bazelisk": "--batch"}
_DOTNET = frozenset({"build", "publish", "msbuild", "test", "pack", "run", "watch"})
_UNIT_FILES = frozenset({"enable", "disable", "mask", "unmask", "preset", "preset-all", "set-default", "daemon-reload", "is-enabled", "list-unit-files"})

# Words that start a daemon whatever program they are given to.
_STARTING = frozenset({"start", "restart", "--daemon", "-daemon", "--daemonize", "--detach", "--fork", "-detached", "--background", "--start-server", "start-database", "start-domain"})
# What ends the daemons of GnuPG.
KILLS_GPG = ("gpgconf", "--kill", "all")


def starts(words: list[str | None]) -> bool:
    """Whether a word of a command tells that it starts something which stays."""
    return any(word in _STARTING for word in words)


def _stays(call: Call) -> str:
    return STAYS


def _serves(call: Call) -> str:
    asked = any(name in _ASKED for name, _ in call.options) or call.verb in ("version", "configtest")
    return "" if asked else STAYS


def _checks(flags: tuple[str, ...]) -> Callable[[Call], str]:
    return lambda call: "" if call.has(*flags) else _serves(call)


def _builds(flag: str) -> Callable[[Call], str]:
    return lambda call: "" if flag and call.has(flag) or call.verb in ("shutdown", "version") or call.has("--version", "--stop") else STAYS


def _gpg(call: Call) -> str:
    """Of GnuPG 2.2 and 2.4, what uses neither gpg-agent, dirmngr nor keyboxd. An import starts the agent, public keys or not."""
    return "" if call.has("--dearmor", "--version") and not call.has("--recv-keys", "--recv-key", "--import") else STAYS


def _systemctl(call: Call) -> str:
    return "" if call.verb in _UNIT_FILES and not call.has("--now") else STAYS


def _dotnet(call: Call) -> str:
    return STAYS if call.verb in _DOTNET else ""


TOOLS = {
    **dict.fromkeys(_ALWAYS, Tool(lasting=_stays)),
    **dict.fromkeys(_SERVERS, Tool(lasting=_serves)),
    **{name: Tool(lasting=_checks(flags)) for name, flags in _CHECKED.items()},
    **{name: Tool(lasting=_builds(flag)) for name, flag in _BUILD_SERVERS.items()},
    **dict.fromkeys(("gpg", "gpg2"), Tool(options("o", "output"), lasting=_gpg)),
    "systemctl": Tool(lasting=_systemctl),
    "dotnet": Tool(lasting=_dotnet),
}
