"""Programs that stay when the command that started them returns.

A RUN's processes die with it; in a joined RUN they would still be there for the commands after them.
"""
from __future__ import annotations

from rewriter.shell.tools.call import Call, Tool

STAYS = "it may leave a process running, which the next RUN would meet"

_ALWAYS = (
    "apache2ctl apachectl cron crond daemon dbus-daemon dbus-launch dirmngr disown dockerd gpg gpg2 gpg-agent init "
    "initctl invoke-rc.d memcached mongod mysqld mysqld_safe mysqld_multi nginx nohup pg_ctl pg_ctlcluster "
    "php-fpm postgres rabbitmq-server rc-service redis-server rsyslogd screen service setsid sshd ssh-agent "
    "start-stop-daemon supervisord svc svscan systemctl tmux tor Xvfb Xorg X vncserver xvfb-run at batch "
    "runsv runsvdir initdb.sh catalina.sh startup.sh elasticsearch emacs consul vault etcd nscd inotifywait"
).split()

# Words that start a daemon whatever program they are given to.
_STARTING = frozenset({"start", "restart", "--daemon", "-daemon", "--daemonize", "--detach", "--fork", "-detached", "--background"})


def starts(words: list[str | None]) -> bool:
    """Whether a word of a command tells that it starts something which stays."""
    return any(word in _STARTING for word in words)


def _stays(call: Call) -> str:
    return STAYS


def _gpg(call: Call) -> str:
    # These use neither gpg-agent nor dirmngr.
    quiet = call.has("--dearmor", "--version", "--show-keys", "--with-fingerprint") and not call.has("--recv-keys", "--recv-key")
    return "" if quiet else STAYS


TOOLS = {
    **dict.fromkeys(_ALWAYS, Tool(lasting=_stays)),
    "gpg": Tool(frozenset({"-o", "--output"}), lasting=_gpg),
    "hostname": Tool(lasting=lambda call: "it may change the host name" if call.operands else ""),
    "mount": Tool(lasting=lambda call: "it may mount something"),
}
