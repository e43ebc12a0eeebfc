"""What is known of programs: their words, and what they leave running or changed."""
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.shell.effects import steps
from rewriter.shell.model import Script
from rewriter.shell.reading import read_script
from rewriter.shell.tools import _TOOLS, call_of, leftovers
from rewriter.shell.tools.lasting import lasting
from rewriter.shell.tools.texts import harmless

WORDS = st.sampled_from(["-r", "-f", "-rf", "--", "-", "--x=y", "--recursive", "-C", "-o", "/a", "b", "'c d'", "$E", '"$E"', "-$E", "*.x", "xzf", "install", "update", "-exec", "{}", "\\;", "s/a/b/", "-i", "+x", "''"])


@settings(deadline=None)
@given(st.sampled_from(sorted(_TOOLS)), st.lists(WORDS, max_size=6), st.sampled_from([None, "/", "/w"]))
def test_no_words_are_too_odd(name: str, words: list[str], cwd: str | None):
    script = read_script(" ".join([name, *words]))
    if isinstance(script, Script) and script.commands:
        for step in steps(script, cwd):
            assert all(effect.path.startswith("/") for effect in step.effects or ())
        assert isinstance(lasting(script), str)


@pytest.mark.parametrize(
    ("text", "options", "operands"),
    [
        ("cp -at /d a", [("-a", ""), ("-t", "/d")], ["a"]),
        ("cp --target-directory=/d a -f", [("--target-directory", "/d"), ("-f", "")], ["a"]),
        ("mkdir -m 755 -- -a", [("-m", "755")], ["-a"]),
        ("sed -i.b s/a/b/ c", [("-i", ".b")], ["s/a/b/", "c"]),
        ("tar xzfC a /d b", [("-x", ""), ("-z", ""), ("-f", "a"), ("-C", "/d")], ["b"]),
        ("curl -fsSLo a b", [("-f", ""), ("-s", ""), ("-S", ""), ("-L", ""), ("-o", "a")], ["b"]),
        ("find /a -name b", [], ["/a", "-name", "b"]),
    ],
)
def test_options_and_operands(text: str, options: list, operands: list):
    call = call_of(read_script(text).commands[0], "/w")
    assert list(call.options) == options and [word.value for word in call.operands] == operands


@pytest.mark.parametrize("script", ["s/a/b/", "s|a|b|g; s/c/d/", "/a/d", "1,3d", "$d", "/a/,/b/s/c/d/p", "s/a;w/b/", "s/\\/w/x/g", "y/ab/cd/", "/a/!d", "1i text of any kind: w x", "s#a#w b#", "/^$/d", "\\,a,d"])
def test_sed_scripts_that_touch_no_file(script: str):
    assert harmless(script)


@pytest.mark.parametrize("script", ["w x", "r x", "1e", "s/a/b/w x", "s/a/b/e", "s/a/b/gw x", "/a/w x", "s/a/b/;w x", "/a/{w x\n}", "s/a", "1!r x", "y/a/b/w", "R x", "W x", "s/a/b/\nw x", "F", "T", "$!{r x"])
def test_sed_scripts_that_may(script: str):
    assert not harmless(script)


@pytest.mark.parametrize(
    "text",
    [
        "apt-get install -y nginx mysql-server", "systemctl enable nginx", "systemctl daemon-reload", "nginx -v", "nginx -t", "sshd -t", "php-fpm --version", "mysqld --version", "gpg --dearmor < a > b", "gpg --version", "gradle --no-daemon build",
        "./gradlew --version", "bazel version", "dotnet --version", "dotnet tool install -g x", "echo service x start", "printf '%s' start", "grep -r start /etc", "sed -i s/a/start/ /etc/x", "touch /start", "rm -rf start", "useradd app", "groupadd $G", "usermod -aG www-data app", "sed -n 1p /etc/passwd", "cat /etc/group > /x",
        "grep root /etc/passwd", "awk -F: '{print $1}' /etc/passwd", "ln -s a b", "cp a b", "cp /bin/sh /x", "chmod 644 /etc/passwd", "echo x >> /etc/shadow", "ln -sf /dev/stdout /var/log/x", "cat < /dev/urandom | head -c 5 > x", "echo x > /dev/null", "sh -c 'make && make install'", "find / -exec rm {} +", "env A=b make", "timeout 5 make",
        "gpg --recv-keys X; gpgconf --kill all", "a && b || c", "echo 'a & b'", "curl 'https://e.org/?a&b'", "sudo apt-get update", "git clone https://e.org/x y",
    ],
)  # fmt: skip
def test_what_leaves_but_files(text: str):
    assert lasting(read_script(text)) == ""


def command(text: str):
    return read_script(text).commands[0]


@pytest.mark.parametrize(("text", "left"), [
    ("apt-get update", ("/var/lib/apt/lists",)), ("apt-get install -y gcc", ()), ("apk add --update gcc", ("/var/cache/apk",)),
    ("apk add --no-cache gcc", ()), ("pip install flask", ("/root/.cache",)), ("pip install --no-cache-dir flask", ()), ("rm -rf /x", ()),
])
def test_what_package_managers_leave(text: str, left: tuple[str, ...]):
    assert leftovers.caches(command(text)) == left


@pytest.mark.parametrize("text", ["make", "make -j4 install", "make -C /src PREFIX=/usr", "./configure --prefix=/x", "npm ci", "cargo build", "wget http://a.b/$X.tgz -O x", "python setup.py install"])
def test_builds_that_need_no_package_lists(text: str):
    assert leftovers.strangers(command(text))


@pytest.mark.parametrize("text", ["make deps", "bash install.sh", "./setup.sh", "apt-get install -y x", "npx playwright install-deps", "cp -r $FROM /x", "cat /var/lib/x", "sudo make"])
def test_what_may_need_them(text: str):
    assert not leftovers.strangers(command(text))


def test_packages_that_are_removed_as_they_were_installed():
    added = leftovers.named(command("apk add --virtual .build gcc"), removed=False)
    assert added & leftovers.named(command("apk del .build"), removed=True) == {".build"}
    assert not leftovers.named(command("apk add gcc"), removed=True)
