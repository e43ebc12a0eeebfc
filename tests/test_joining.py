"""Joined bodies against the same bodies run one by one: real shells, in a folder of their own, the results compared.

What is joined is what dfopt writes: a Dockerfile of these RUNs with `--merge all`, its first RUN read back.
"""
from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from rewriter.graph.bodies import body
from rewriter.optimize import optimize
from rewriter.options import Options
from rewriter.shell.joining import Plan, Refused, Wrap, plan
from rewriter.shell.model import Script
from rewriter.shell.reading import read_script
from rewriter.shell.shells import DEFAULT, read_shell
from rewriter.source.reading import read

LONG = bool(os.environ.get("DFOPT_LONG"))
# How each shell is called, and what SHELL says of it: nothing for /bin/sh, which may be any of them.
SHELLS = {
    "dash": (["dash", "-c"], ""),
    "ash": (["busybox", "ash", "-c"], ""),
    "bash as sh": (["bash", "--posix", "-c"], ""),
    "bash": (["bash", "-c"], '["/bin/bash", "-c"]'),
    "bash -eo pipefail": (["bash", "-eo", "pipefail", "-c"], '["/bin/bash", "-eo", "pipefail", "-c"]'),
    "dash -e": (["dash", "-ec"], '["/bin/dash", "-ec"]'),
    "bash -u": (["bash", "-cu"], '["/bin/bash", "-cu"]'),
}
SHELLS = {name: told for name, told in SHELLS.items() if shutil.which(told[0][0])}

# `@` is the folder in which the bodies start, an absolute path. FOO and lower are in their environment.
FIRST = [
    "echo one > x", "echo one > x;", "true", "false", "echo a > x || true", "false || echo c > x", "echo a | cat > x", "! false", "! true",
    "if true; then echo a > x; fi", "for i in 1 2; do echo $i > x$i; done", "while false; do :; done", "case a in a) echo a > x;; esac", "{ echo a > x; }",
    "( echo a > x )", "(echo a > x);", "false; echo a > x", "echo a > x; false", "echo a > x; ! true", "true && false; true",
    "cd sub && touch x", "cd sub; touch x", "cd sub && touch x && cd ..", "cd sub || true; cd ..", "cd nope; cd ..", "(cd sub && touch x)", "cd @/sub && touch x && cd @",
    "cd -P sub && cd ..", "cd link && touch x && cd ..", "X=1; echo $X > x", "X=1 && export X", "export X=1", "FOO=changed; echo $FOO > x",
    "FOO=changed", "lower=changed", "i=1; echo $i > x", "unset FOO", "IFS=:", "PATH=@/bin:$PATH", "export PATH=@/bin:$PATH; tool > x", "tool > x; mv bin/tool bin2/tool",
    "umask 077; touch x", "umask 077", "ulimit -f 0", "set -e", "set -e; echo a > x; false; touch y", "set -e; touch x", "set -ex; touch x; touch y",
    "set -eux; touch x; touch y;", "set -eu; touch x; touch y && touch z", "set -e; touch x; false && true", "set -e; touch x; for i in 1; do false && true; done",
    "set -e; for i in 1; do false; touch bad; done", "set -e; if true; then false; touch bad; fi", "set -e; touch x; { false; touch bad; }",
    "set -e; (false; touch bad); touch bad2", "set -e; f() { false; touch bad; }; f", "set -e; x=$(false; echo y); echo $x > x", "set -e; x=$(false); touch bad",
    "set -e; touch x; set +e; false; touch y", "set -e; set +e; touch x", "set +e; false; touch x", "set -u; touch x", "set -u; echo $NOPE; touch bad", "set -f; touch x",
    "set -C; touch x", "set -a; X=1", "set -x; touch x", "set -v; touch x", "set -- one two", "set one two", "shift 2>/dev/null; touch x", "set -e -u; touch x",
    "set -ex && touch x && touch y", "set -e && false; touch bad", "set -o errexit; touch x", "set -eu; touch x; test -e nope", "set -e; test -e nope || touch x",
    "f() { echo f > x; }; f", "touch() { echo mine > $1; }; touch x", "readonly R=1; touch x", "readonly FOO", "eval 'X=1; touch x'", "alias touch=true; touch x",
    ". ./file", ". ./leaves", "exec touch x", "exec 3> x", "exec > x", "exit 0", "exit 1", "exit", "touch x; exit 0; touch bad", "touch x || exit 1", "false || exit 1",
    "false || exit 0; touch bad", "false || { echo no >&2; exit 1; }", "test -e x && exit 1; touch y", "exit 256", "return 0; touch bad", "trap 'touch late' EXIT; touch x", "trap 'exit 1' ERR; false; true",
    "trap '' INT; touch x", "echo ${X:=1} > x", "echo ${FOO:=1} > x", "echo $((n = 5)) > x", "read X < file; echo $X > x", "read i < file; touch x", "echo a | while read X; do echo $X > x; done",
    "command cd sub", "getopts a OPT -a; touch x", "break; touch x", "continue; touch x", "for i in 1 2; do touch x$i; break; done", "kill $$; touch x", "wait; touch x", "touch x; # end",
    "touch x # end", "sleep 0 & touch x", "(sleep 0 & ) ; touch x", "echo $? > x", "hash -r; touch x", "test -e nope && touch bad", "test -e nope || exit 1", "echo '&& false' > x", "find sub -exec touch x \\;",
    "find . -name file -exec cat {} \\; > x", "X=1 :; touch x", "FOO=tmp true; touch x", "FOO=tmp :; touch x", "rm file", "rm -rf sub", "echo a >> x && echo b >> x", "true | false", "false | true", "let n=5; touch x",
    "echo \"it's\" > x", "echo \\; > x", "echo a > x & wait", "for FOO in a b; do touch $FOO; done", "for lower in a; do touch x; done", "local y=1; touch x", "cd ; touch @/x", "pushd sub; touch x; popd",
    "test -d sub && { cd sub; touch x; }", "if cd sub; then touch x; fi", "unset -f f; touch x", "set -e; touch x; cd sub", "export lower=other; touch x", "time true", "set -o pipefail; touch x", "touch x\\\ny",
    "set -e; touch x; { touch x1; false; }", "set -e; { touch x; false && true; }", "set -e; for i in 1 2; do test $i = 1; done", "set -e; for i in 1 2; do touch x$i; done",
    "set -e; if touch x; then false; fi", "set -e; if touch x; then false && true; fi", "set -e; case a in a) touch x; false;; esac", "set -e; touch x; ( false && true )",
    "set -e; touch x; { echo a; } > nope/x", "set -e; touch x; { echo a; echo b; } > x", "set -e; touch x; echo a | { false && true; }", "set -e; echo a | tr a b > x",
    "set -e; while read l; do echo $l > x; done < nope/x", "dpkgArch=changed; echo $dpkgArch > x", "export GNUPGHOME=@/sub; echo $GNUPGHOME > x", "export FOO=changed; touch x",
]  # fmt: skip
SECOND = [
    "echo two > y", "echo two > y;", "touch y && touch z", "false", "false || touch y", "true || false", "touch y; touch z", "false; touch y", "touch y; false", "true && false || touch y", "! true",
    "! false", "pwd > y", "touch rel && ls > y", "touch @/y", "cd @/sub && touch y", "cd @/sub; touch y", "cd nope || touch y", "cd sub && touch y && cd ..", "cd - > y", "echo \"$OLDPWD\" > y", "rm -f @/sub/x @/x",
    "echo \"$X$i$n$OPT\" > y", "echo \"$FOO $lower\" > y", "echo \"${FOO-unset}\" > y", "env | grep -E '^(X|FOO|lower|R)=' | sort > y", "tool > y", "touch y; chmod 644 @/y", "echo a:b > y; for j in $(cat y); do touch $j; done",
    "echo ${NOPE} > y; touch z", "echo ${NOPE}", "echo * > y", "ls | false | cat > y", "echo one > file; echo two > file", "echo \"$# $*\" > y", "f > y", "R=2; echo $R > y", "echo $- | tr -d 'hBcis' > y", "x=$(false; echo y); echo \"$x\" > y",
    "echo \"$(false; echo y)\" > y", "{ touch y; false; touch z; }", "(false; touch y)", "if true; then false; touch y; fi", "for i in 1 2; do false; touch y$i; done", "set -e; touch y; false; touch z", "set -eux; touch y; touch z;",
    "set -e; touch y && touch z", "set -u; echo $NOPE; touch y", "set -x; { touch y; } 2> err", "( touch y ) 2> err", "touch y 2> err", "{ touch y; } 2>&1 | cat > err", "exit 0", "exit 3", "exec touch y", "trap 'touch late2' EXIT; touch y",
    "kill $$; touch y", "wait; touch y", "sleep 0 & touch y", "touch y # end", "touch y; touch z # end", "echo $? > y", "echo \"$_\" > y", "echo \"${PIPESTATUS[0]}\" > y", "type touch > y", "X=1; : $((X<<=2)); touch y", "hash > y", "set > /dev/null; touch y", "return 0; touch bad", ". ./file", "export X=2; echo $X > y", "unset FOO; echo \"[$FOO]\" > y",
    "test -e x || touch y", "test -e x && touch y", "find . -name x -exec rm {} \\;", "find . -name file -exec touch y \\; ; touch z", "umask 027; touch y", "mkdir -m 755 y; touch y/z", "echo \"${FOO:-none}\" | tr a-z A-Z > y", "cat file | { read v; echo $v > y; }",
    "rm -rf @/sub @/x", "touch y || exit 1", "false || exit 1", "while read l; do echo $l > y; done < file", "case $FOO in env) touch y;; *) touch z;; esac", "g() { touch y; false; touch z; }; g", "false | true", "true | false",
    "set -eux; FOO=mine; echo $FOO > y; env | grep FOO >> y", "export FOO=mine; env | grep FOO > y", "set -e; dpkgArch=mine; echo $dpkgArch > y", "FOO=$FOO.; echo $FOO > y",
    "false && FOO=mine; echo \"$FOO\" > y", "set -e; { touch y; echo a; } > y2; echo \"$dpkgArch$GNUPGHOME\" > y3", "env | sort | grep -c GNUPGHOME > y; true", "set -eux; export GNUPGHOME=@; echo $GNUPGHOME > y",
]  # fmt: skip
# Each of these must be joined without a subshell.
PLAINLY = [
    ("apt-get update && apt-get install -y curl", "rm -rf /var/lib/apt/lists/*"),
    ("cd /opt && tar xf /a.tar", "apt-get update && apt-get install -y --no-install-recommends git=1.* && rm -rf /var/lib/apt/lists/*"),
    ("cd /opt && make", "cd /srv && make"),
    ("cd /opt && make", "mkdir -p /x /y && chown -R app:app /x"),
    ("cd /opt && make", "curl -fsSL https://e.org/x -o /usr/bin/x && chmod +x /usr/bin/x"),
    ("cd src && make && cd ..", "make test"),
    ("set -ex && make | tee /x && make install", "set -ex && make"),
    ("FOO_VERSION=1 && make", "make install"),
    (". /etc/os-release && echo $VERSION_CODENAME > x", "make install"),
    ("cd /opt && make", "echo 'a b' >> /etc/x && sed -i 's/a/b/' /etc/x"),
    ("cd /opt && make", "useradd -r app"),
    ("cd /opt && make", "wget -q https://e.org/x -O /x && ldconfig"),
    ("cd /opt && make", "if [ -f /x ]; then rm /x; fi"),
    ("cd /opt && make", "ln -s /opt/x /usr/bin/x"),
    ("V=1.2 && curl -O https://e.org/x-$V", "apt-get update && apt-get install -y git"),
    ("VERSION=1 && make", "mkdir /x"),
    ("for i in a b; do mkdir $i; done", "touch /x"),
    ("for f in a b; do mkdir $f; done", "make && make install"),
    ("set -eux; apt-get update; apt-get install -y curl; rm -rf /var/lib/apt/lists/*", "set -eux; mkdir /x; chown app /x"),
    ("set -eux; mkdir /x; touch /x/y", "set -ex; if true; then false; fi"),
    ("set -ex; mkdir /x; touch /x/y", "set -eux; make; make install"),
    ("set -ex && mkdir /x && touch /x/y", "set -ex && make"),
    ("set -x && mkdir /x", "make; make install"),
    ("set -e; mkdir /x; touch /x/y", "make && make install"),
    ("set -e; mkdir /x; touch /x/y", "ls / | sort > /z"),
    ("set -o pipefail && a | b", "make"),
    ("test -e /x || exit 1", "make"),
    ("make || { echo failed >&2; exit 1; }", "make install"),
    ("command -v curl || apt-get install -y curl", "make"),
    ("make", "make install || true"),
    ("make", "make install; make clean"),
    ("useradd $NAME", "make"),
    ("usermod -aG docker app", "make"),
    ("echo start && sed -i s/stop/start/ /etc/x && grep restart /etc/y", "make"),
    ("echo restart >> /x", "make"),
    ("update-rc.d x start 20 2 3 4 5 .", "make"),
    ("systemctl enable nginx", "make"),
    ("nginx -t", "make"),
    ("curl -fsSL https://e.org/k.asc | gpg --dearmor -o /usr/share/keyrings/k.gpg", "apt-get update"),
    ("gpg --batch --recv-keys ABCD && gpg --verify x.asc x && gpgconf --kill all && rm -rf x", "make"),
    ("find / -name '*.pyc' -exec rm {} \\;", "make"),
    ("ln -s x y", "make"),
    ("cp /etc/passwd /x", "make"),
    ("chmod g=u /etc/passwd", "make"),
    ("git clone https://e.org/x", "make"),
    ("apt-get install -y python3-pip && pip install x", "pip install y"),
    ("pip install requests", "pip install flask"),
    ("curl https://e.org/curl.tgz | tar xz", "curl https://e.org/y | tar xz"),
    ("f() { make \"$@\"; }; f a", "touch /x"),
    ('"$JAVA_HOME"/bin/java -version', "make"),
    ("wait", "make"),
    ("cd /x && while true; do break; done", "rm -rf /y"),
    ("set -eux; dpkgArch=$(x); make", "set -eux; tool --with $Y; make install"),
    ("export PYTHONX=1", "export PYTHONX=2 && python x"),
    ("set -eux; export GNUPGHOME=$(mktemp -d); gpg --verify x; gpgconf --kill all; rm -rf \"$GNUPGHOME\"", "set -eux; for src in idle3 pip3; do dst=$(echo \"$src\" | tr -d 3); ln -s \"$src\" \"/usr/bin/$dst\"; done"),
    ("set -eux; export GNUPGHOME=$(mktemp -d); gpg --verify x; gpgconf --kill all; rm -rf \"$GNUPGHOME\"", "set -eux; export GNUPGHOME=$(mktemp -d); gpg --verify y"),
    ("set -eux; make; for i in a b; do mkdir $i; done", "set -eux; make install"),
    ("set -eux; make; if [ -e x ]; then rm x; fi", "set -eux; make install"),
    ("set -eux; a | b", "set -eux; make install"),
    ("bin=1; make", "ls /usr/bin/x && x --bin"),
    ("echo a && rm /x/echo", "echo b"),
]  # fmt: skip
# None of these may share a shell with what follows.
LASTING = [
    "sleep 9 &", "(sleep 9 &)", "echo $(sleep 9 & echo x)", "nohup x", "service mysql start", "/etc/init.d/mysql start && x", "mysqld_safe --daemonize", "x --daemon", "nginx", "/usr/sbin/nginx", "sudo service x start",
    "sh -c 'mysqld &'", "bash -c \"service $X start\"", "su - postgres -c 'pg_ctl start'", "gpg --recv-keys X", "gpg --import x.asc", "./gradlew build", "systemctl start x", "ssh-agent", "ln a b", "cp -l a b", "cp -al a b", "sudo ln a b",
    "xargs ln a", "find . -exec ln {} /x \\;", "git clone /a /b", "ln -sf bash /bin/sh", "ln -sf /bin/bash /bin/sh", "cd /bin && ln -sf bash sh", "cp /bin/bash /bin/sh", "mv /bin/bash /bin/sh", "rm /bin/sh && ln -s bash /bin/sh",
    "cp -t /bin x/sh", "update-alternatives --install /bin/sh sh /bin/bash 1", "dpkg-reconfigure dash", "echo 'dash dash/sh boolean false' | debconf-set-selections && dpkg-reconfigure -f noninteractive dash", "usermod -aG x root",
    "usermod -d /x $USER", "sudo usermod -aG docker app", "adduser root docker", "gpasswd -a root docker", "chsh -s /bin/zsh", "sed -i 's/a/b/' /etc/passwd", "sed -i.bak 's/a/b/' /etc/group", "echo x >> /etc/passwd", "echo x | tee -a /etc/group",
    "perl -pi -e 's/a/b/' /etc/passwd", "cp x /etc/passwd", "mv x /etc/group", "echo 1.2.3.4 x >> /etc/hosts", "echo x > /dev/shm/y", "touch /dev/shm/y", "mknod /dev/x c 1 3", "hostname x", "sed -i s/a/b/ /etc/hosts", "dbus-daemon --system",
    "eval 'ln a b'", "cat x | xargs usermod -d /x", "ansible-playbook x.yml", "at now", "dpkg-divert --local --rename --add /bin/sh", "cd /etc && sed -i s/a/b/ passwd", "sed -ri s/a/b/ /etc/passwd", "cp -t /bin sh",
    "cd / && echo x >> etc/passwd", "cd / && cp x etc/group", "cd / && sed -i s/a/b/ etc/passwd", "cd /usr && ln -sf bash bin/sh", "echo b > >(cat > /b)", "a | tee >(wc -l > /b)", "busybox --install", "/bin/busybox --install /x", "ln -s /etc/hosts /h", "cd /etc && ln -s passwd /h", "rm -f /dev/null", "mv /dev/null /x", "mknod /dev/null p",
]  # fmt: skip


def joined(bodies: list[str], shell: str, merge: str = "all") -> str | None:
    """The one body that dfopt makes of these, None where it keeps some apart."""
    return _one_run(bodies, shell, merge, lambda text: text.replace("\n", "\\\n"))


def joined_heredocs(bodies: list[str], shell: str) -> str | None:
    """The same for bodies that are heredocs."""
    return _one_run(bodies, shell, "all", "<<'EOF'\n{}\nEOF".format)


def _one_run(bodies: list[str], shell: str, merge: str, written: Callable[[str], str]) -> str | None:
    head = "FROM busybox\nENV FOO=env lower=env\n" + (f"SHELL {shell}\n" if shell else "")
    outcome = optimize(head + "".join(f"RUN {written(each)}\n" for each in bodies), Options(merge=merge, select=("merge-runs",)))
    assert not outcome.error, outcome.error
    runs = [each for each in read(outcome.after).instructions if each.keyword == "RUN"]
    found = body(runs[0]) if len(runs) == 1 else None
    return found.text if isinstance(found, Script) else None


class Scratch:
    """A folder that is made anew for each trial, at one path, as bodies name it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.env = {"PATH": f"{root}/bin2:{root}/bin:/usr/bin:/bin", "HOME": str(root / "home"), "FOO": "env", "lower": "env", "LC_ALL": "C"}

    def run(self, shell: list[str], bodies: list[str]) -> tuple[bool, dict[str, object]]:
        """Whether all bodies succeed, one after the other, and what is then in the folder."""
        shutil.rmtree(self.root, ignore_errors=True)
        for folder in ("sub", "bin", "bin2", "home", "sub/deep"):
            (self.root / folder).mkdir(parents=True)
        (self.root / "link").symlink_to("sub/deep")
        (self.root / "file").write_text("X=sourced\n")
        (self.root / "leaves").write_text("exit 0\n")
        for folder in ("bin", "bin2"):
            tool = self.root / folder / "tool"
            tool.write_text(f"#!/bin/sh\necho {folder}\n")
            tool.chmod(0o755)
        (self.root / "bin2/tool").unlink()
        done = all(subprocess.run([*shell, body], cwd=self.root, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, timeout=20).returncode == 0 for body in bodies)
        return done, self.tree()

    def tree(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for path in sorted(self.root.rglob("*")):
            mode = oct(path.lstat().st_mode)
            found[str(path.relative_to(self.root))] = (mode, path.read_bytes() if path.is_file() and path.name != "err" else b"")
        return found


@pytest.fixture
def scratch(tmp_path: Path):
    os.umask(0o022)
    return Scratch(tmp_path / "root")


def agree(scratch: Scratch, bodies: list[str], name: str, joined: Callable[[list[str], str], str | None] = joined) -> bool:
    """Whether dfopt joined them; fails where the joined body does something else."""
    shell, told = SHELLS[name]
    bodies = [body.replace("@", str(scratch.root)) for body in bodies]
    text = joined(bodies, told)
    if text is None:
        return False
    apart = scratch.run(shell, bodies)
    together = scratch.run(shell, [text])
    message = f"\n{name}\napart: {bodies}\njoined: {text}\n{apart}\n{together}"
    assert apart[0] == together[0], message
    assert not apart[0] or apart[1] == together[1], message
    return True


@pytest.mark.parametrize("first", FIRST)
def test_pairs_do_what_they_did_apart(first: str, scratch: Scratch):
    names = list(SHELLS)
    start = FIRST.index(first)
    for at, second in enumerate(SECOND if LONG else SECOND[start % 3 :: 3]):
        for name in names if LONG else [names[(start + at) % len(names)]]:
            agree(scratch, [first, second], name)


@pytest.mark.parametrize("seed", range(40 if LONG else 8))
def test_three_and_four_do_what_they_did_apart(seed: int, scratch: Scratch):
    chance = random.Random(seed)
    for _ in range(40):
        bodies = [chance.choice(FIRST + SECOND) for _ in range(chance.choice((2, 3)))] + [chance.choice(SECOND)]
        agree(scratch, bodies, chance.choice(list(SHELLS)))


@pytest.mark.parametrize("seed", range(40 if LONG else 4))
def test_scripts_that_begin_with_set_e_do_what_they_did_apart(seed: int, scratch: Scratch):
    chance = random.Random(seed)
    strict = [body for body in FIRST + SECOND if body.startswith("set -e")] + ["touch x", "mkdir m", "false", "touch m/x && touch n", "false && true", "touch y"]
    for _ in range(40):
        agree(scratch, [chance.choice(strict) for _ in range(chance.choice((3, 4)))], chance.choice(list(SHELLS)))


@pytest.mark.parametrize("seed", range(40 if LONG else 8))
def test_heredocs_do_what_they_did_apart(seed: int, scratch: Scratch):
    chance = random.Random(seed)
    for _ in range(40):
        first, then = (chance.choice(some).replace("; ", "\n") for some in (FIRST, SECOND))
        agree(scratch, [first, then], chance.choice(list(SHELLS)), joined_heredocs)


def test_most_pairs_are_joined():
    """A test of nothing but refusals would test nothing."""
    joins = sum(joined([first.replace("@", "/w"), second.replace("@", "/w")], "") is not None for first, second in product(FIRST[::3], SECOND[::3]))
    assert joins > 0.7 * len(FIRST[::3]) * len(SECOND[::3])


@pytest.mark.parametrize(("first", "second"), PLAINLY)
def test_no_subshell_where_none_is_needed(first: str, second: str):
    bodies = [read_script(first), read_script(second)]
    answer = plan(tuple(bodies), DEFAULT, frozenset())
    assert isinstance(answer, Plan) and set(answer.wraps) <= {Wrap.BARE, Wrap.BRACES} and not answer.checking, answer


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("cd /opt/x && make && rm -rf /opt/x", "pip install flask"),
        ("cd $X && rm -rf $X", "git clone https://e.org/x /x"),
        ("cd /opt && a", "make"),
        ("cd /opt && a", "pip install ."),
        ("cd /opt && a", "pip install flask"),
        ("cd /opt && a", "echo *"),
        ("cd /opt && a", "cat /x; ls"),
        ("cd /opt && a", "cd /x; touch y"),
        ("cd /opt && a", "tar xf /x.tar"),
        ("cd /opt && a", "apt-get install -y ./x.deb"),
        ("cd /opt && a", "/x/install.sh"),
        ("export DEBIAN_FRONTEND=noninteractive && a", "apt-get install -y tzdata"),
        ("JAVA_HOME=/x && make", "mvn package"),
        ("PATH=/x:$PATH && make", "make"),
        ("VERSION=1 && a", "export VERSION; make"),
        ("f() { :; }", "f"),
        ("set -e; touch x; touch y", "false; touch z"),
        ("set -u; touch x", "echo $X"),
        ("set -o pipefail; touch x", "false | true"),
        ("set -x; touch x", "{ touch y; } 2> /err"),
        ("set -eux; { echo a; } > /x", "set -eux; make; make install"),
        ("set -eux; if a; then b && c; fi", "set -eux; make; make install"),
        ("export PYTHONX=1 && a", "PYTHONX=2; python x"),
        ("export VAR=1 && a", "x && VAR=2; tool"),
    ],
)
def test_a_subshell_where_what_is_left_could_be_seen(first: str, second: str):
    answer = plan((read_script(first), read_script(second)), DEFAULT, frozenset())
    assert isinstance(answer, Plan) and answer.wraps[0] == Wrap.SUBSHELL


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ("a && cd /x && b", "make", "a && ( cd /x && b ) && make"),
        ("a && cd /x && b", "c || make", "a && ( cd /x && b ) && { c || make; }"),
        ("a && FOO_DIR=/x && cd /y && b", "make", "a && ( FOO_DIR=/x && cd /y && b ) && make"),
        ("cd /x && a && cd y && b", "make", "( cd /x && a && cd y && b ) && make"),
        ("a; cd /x && b", "make", "( a; cd /x && b ) && make"),
        ("a || b && cd /x && c", "make", "( a || b && cd /x && c ) && make"),
        ("set -ex && a && cd /x && b", "make", "set -ex && a && ( cd /x && b ) && make"),
        ("pip install -U pip && cd /x && a", "make", "pip install -U pip && ( cd /x && a ) && make"),
        ("pip install -U pip && cd /x && a", "pip install ./b", "( pip install -U pip && cd /x && a ) && pip install ./b"),
        ("pip install -U pip", "pip install a; pip install b", "pip install -U pip && hash -r && { pip install a; pip install b; }"),
    ],
)
def test_only_what_could_be_seen_is_in_the_subshell(first: str, second: str, text: str):
    assert " ".join((joined([first, second], "") or "").split()) == text


@pytest.mark.parametrize("first", LASTING)
def test_what_outlasts_a_shell_is_refused(first: str):
    answer = plan((read_script(first), read_script("touch /x")), DEFAULT, frozenset())
    assert isinstance(answer, Refused)


def test_hard_links_of_a_package_manager_that_are_then_changed_in_place():
    first, change, other = map(read_script, ("/opt/conda/bin/conda install x", "sudo chown -R app /opt/conda", "conda clean -afy"))
    assert isinstance(plan((first, change), DEFAULT, frozenset()), Refused)
    assert isinstance(plan((first, other), DEFAULT, frozenset()), Plan)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("pip install --upgrade pip", "pip install x"),
        ("pip install -U 'pip==9.0'", "pip install x"),
        ("npm install -g npm@latest", "npm install x"),
        ("tool; rm /usr/local/bin/tool", "tool"),
        ("cmake --version; curl https://e.org/cmake-3.2.tar.gz | tar xz && ./bootstrap && make install", "cmake ."),
        ("git clone https://e.org/git && make -C git install", "git clone x"),
        ("wget https://e.org/x && apk add wget", "wget https://e.org/y"),
        ("command -v yarn; npm install -g yarn", "yarn install"),
        ("tool; mv $(command -v tool) /opt/", "tool"),
        ("tool; for name in tool other; do rm /bin/$name; done", "tool"),
        ("tool; mv /usr/bin/to* /opt/", "tool"),
        ("tool; echo x > /usr/local/bin/tool", "tool"),
        ("tool; cp x /usr/local/bin/cp", "cp x y"),
    ],
)
def test_a_program_that_may_be_another_now_is_looked_up_anew(first: str, second: str):
    answer = plan((read_script(first), read_script(second)), DEFAULT, frozenset())
    assert isinstance(answer, Plan) and answer.wraps[0] in (Wrap.REHASH, Wrap.SUBSHELL)


@pytest.mark.parametrize(
    ("bodies", "text"),
    [
        (["a", "cp x /bin/a", "a"], "a && hash -r && cp x /bin/a && a"),
        (["a", "cp x /bin/a", "b"], "a && cp x /bin/a && b"),
        (["a", "rm /bin/a && a"], "a && hash -r && rm /bin/a && a"),
        (["pip install a", "pip install -U pip", "pip install b"], "pip install a && pip install -U pip && hash -r && pip install b"),
        (["npm i", "cd /x && npm i -g npm", "npm i"], "npm i && hash -r && ( cd /x && npm i -g npm ) && npm i"),
        (["a && cp x /bin/a && hash -r", "a"], "a && cp x /bin/a && hash -r && a"),
        (["a && cp x /bin/a || hash -r", "a"], "a && cp x /bin/a || hash -r && hash -r && a"),
        (["npm i", "n stable", "npm i"], "npm i && hash -r && n stable && npm i"),
        (["npm i", "npm i -g n && n stable", "node x"], "npm i && npm i -g n && n stable && node x"),
        (["yarn -v", "corepack enable", "yarn"], "yarn -v && hash -r && corepack enable && yarn"),
        (["curl x", "apt-get install -y curl", "curl y"], "curl x && apt-get install -y curl && curl y"),
    ],
)
def test_a_program_that_a_body_before_it_ran_is_looked_up_anew(bodies: list[str], text: str):
    assert " ".join((joined(bodies, "") or "").split()) == text


def test_what_a_shell_has_looked_up_can_not_be_forgotten_in_a_subshell_of_it():
    answer = plan(tuple(map(read_script, ("a", "cd /x && touch one", "cp x /bin/a && touch two && a"))), DEFAULT, frozenset())
    assert isinstance(answer, Refused) and "may come to lie elsewhere" in answer.reason


@pytest.mark.parametrize(
    ("shell", "environment", "reason"),
    [('/bin/bash -lc', (), "profile"), ("/bin/bash -ic", (), "profile"), ("/bin/bash --login -c", (), "profile"), ("/bin/bash -c", ("BASH_ENV",), "BASH_ENV"), ("/bin/bash -c", ("SHELLOPTS",), "SHELLOPTS")],
)
def test_what_a_shell_reads_as_it_starts(shell: str, environment: tuple[str, ...], reason: str):
    told = read_shell(tuple(shell.split()))
    answer = plan((read_script("touch /x"), read_script("touch /y")), told, frozenset(environment))
    assert isinstance(answer, Refused) and reason in answer.reason


def test_what_would_be_too_long_for_one_shell():
    body = read_script("echo " + "x" * 70_000)
    assert isinstance(plan((body, body), DEFAULT, frozenset()), Refused)
