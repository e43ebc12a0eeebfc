"""What commands are known to read, write and delete, and above all what is not claimed to be known."""
from __future__ import annotations

import pytest

from rewriter.graph.removers import REMOVING, removes
from rewriter.shell import tools
from rewriter.shell.effects import deletes, keeps_off, may_delete, steps
from rewriter.shell.model import Script
from rewriter.shell.reading import read_script
from rewriter.shell.tools import Act


def effects(text: str, cwd: str | None = "/w") -> set[tuple[str, str, bool]] | None:
    """Of all commands of a body; None as soon as those of one are unknown."""
    found = steps(read_script(text), cwd)
    assert found
    if any(step.effects is None for step in found):
        return None
    return {(effect.act, effect.path, effect.tree) for step in found for effect in step.effects}


R, W, D = Act.READ, Act.WRITE, Act.DELETE


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rm -rf /a b", {(D, "/a", True), (D, "/w/b", True)}),
        ("rm /a/*.x", {(D, "/a/*.x", False)}),
        ("cp -t /d a b", {(R, "/w/a", False), (R, "/w/b", False), (W, "/d", True)}),
        ("cp -a a /d", {(R, "/w/a", True), (W, "/d", True)}),
        ("cp -R /x/a b/ /d/", {(R, "/x/a", True), (R, "/w/b", True), (W, "/d/a", True), (W, "/d/b", True)}),
        ("cp -R a/. /d/", {(R, "/w/a", True), (W, "/d", True)}),
        ("cp a* /d/", {(R, "/w/a*", False), (W, "/d", True)}),
        ("cp -T a /d/", {(R, "/w/a", False), (W, "/d", True)}),
        ("cp --parents a/b /d/", {(R, "/w/a/b", False), (W, "/d", True)}),
        ("mv a /d", {(D, "/w/a", True), (W, "/d", True)}),
        ("mv -n a /d", {(W, "/w/a", True), (W, "/d", True)}),
        ("ln a b", {(R, "/w/a", False), (W, "/w/b", True)}),
        ("ln -s ../a /d/b", {(R, "/a", False), (R, "/d/a", False), (W, "/d/b", True)}),
        ("install -Dm755 a /d/a", {(R, "/w/a", False), (W, "/d/a", True)}),
        ("mkdir -p /a/b", {(W, "/a/b", False)}),
        ("chmod -R 755 /a b", {(W, "/a", True), (W, "/w/b", True)}),
        ("cat a > b", {(R, "/w/a", True), (W, "/w/b", False)}),
        ("cat < a >> b 2> /dev/null", {(R, "/w/a", False), (W, "/w/b", False)}),
        ("echo *.c > /dev/null", {(R, "/w/*.c", False)}),
        ("echo \"$(cat a)\"", {(R, "/w/a", True)}),
        ("cd /x && touch y", {(R, "/x", False), (W, "/x/y", False)}),
        ("( cd /x && touch y ) && touch z", {(R, "/x", False), (W, "/x/y", False), (W, "/w/z", False)}),
        ("echo $(cd /x) && touch z", {(R, "/x", False), (W, "/w/z", False)}),
        ("tar xf a.tar", {(R, "/w/a.tar", False), (W, "/w", True)}),
        ("tar xfC a.tar /d", {(R, "/w/a.tar", False), (W, "/d", True)}),
        ("tar --extract --file=a.tar --directory /d --strip-components 1", {(R, "/w/a.tar", False), (W, "/d", True)}),
        ("tar czf /b.tgz -C /d x", {(R, "/d/x", True), (W, "/b.tgz", False)}),
        ("sed -i.bak s/a/b/ f", {(R, "/w/f", False), (W, "/w/f", False), (W, "/w/f.bak", False)}),
        ("sed -n '/a/p' f", {(R, "/w/f", False)}),
        ("find /a -name '*.x' -delete", {(R, "/a", True), (W, "/a", True)}),
        ("find /a -type f -exec chmod 644 {} +", {(R, "/a", True), (W, "/a", True)}),
        ("[ -f a ] && test -d /b", {(R, "/w/a", False), (R, "/b", False)}),
        ("grep -q x a", {(R, "/w/a", True)}),
        ("tee -a /b", {(W, "/b", False)}),
        ("pwd", {(R, "/w", False)}),
        ("printf '%s' x", set()),
    ],
)
def test_what_a_command_does(text: str, told: set):
    assert effects(text) == told


@pytest.mark.parametrize("name", sorted(tools._TOOLS))
def test_what_removes_is_told_by_a_word(name: str):
    """So that a RUN without such a word need not be read."""
    for words in ("", "a b", "-f a b", "-r a b", "/a -delete", "clean", "clean all", "autoclean", "distclean", "cache clean", "cache purge", "remove a", "purge a", "delete a", "uninstall a", "prune"):
        script = read_script(f"{name} {words}")
        removed = isinstance(script, Script) and any(map(removes, steps(script, "/w")))
        assert not removed or any(word in script.text for word in REMOVING), script.text


@pytest.mark.parametrize(
    "text",
    [
        "./x", "make", "python x.py", "sh x", "$X /a", "rm $X", 'rm "$X"', "rm /a/$X", "rm `ls`", "cp a", "cp --reflect a b", "cp a $X", "cat ~/a", "cat > $X", "cat < $X", "FOO=/x rm a", "LD_PRELOAD=/x ls",
        "chmod --reference=a b", "touch -r a b", "rmdir -p a/b", "tar xf a -T list", "tar xf a --files-from=list", "tar xf a -X list", "tar xf a -I ./x", "tar xPf a.tar", "tar xf a --to-command=x", "tar cf a $X",
        "tar xf host:a", "sed -f a b", "sed 's/a/b/w c' d", "sed 's/a/id/e' d", "sed 'r x' d", "sed '$!{r x' d", "sed -i/x/ s/a/b/ d", "sed 'w x' d", "sed 's/a/b/;w x' d", "sed -n '1e id' d",
        "find /a -fprint b", "find /a -exec sh -c x {} ;", "find /a -exec cp {} /b ;", "find /a -exec $X {} ;", "find $X -name a", "find /a -newer b -print", "find /a -files0-from b",
        "sha256sum -c list", "xargs rm", "grep -f a b", "grep -r a", "awk '{ print > \"b\" }' a", "awk '{ system(\"id\") }' a", "awk -f a b", "sort -o a b", "uniq a b", "jq -f a b", "jq --slurpfile x a b", "patch -p1",
        "curl -K a https://e.org", "curl -T a https://e.org", "curl -d @a https://e.org", "curl -F x=@a https://e.org", "curl -E a https://e.org", "curl file:///a -o b", "curl -OJ https://e.org/x", "curl --output-dir /a -O https://e.org/x",
        "curl -o $X https://e.org/x", "curl -o '#1' 'https://e.org/{a,b}'", "wget -i a", "wget -r https://e.org", "wget -e x=y https://e.org/x", "wget -o log https://e.org/x", "wget https://e.org/", "wget https://e.org/$X", "wget --post-file=a https://e.org/x",
        "git clone /a", "git clone a b", "git checkout x", "git -C /a pull", "git clone -c x=y https://e.org/x", "git clone $X", "git clone --reference /a https://e.org/x", "git clone --template=/a https://e.org/x",
        "apt-get -c a install b", "apt-get -o Dir::Etc=/x update", "apt-get -o DPkg::Post-Invoke=x install y", "apt-get install $X", "apt-get source x", "apt-get build-dep .", "dpkg --root=/x -i a.deb", "dpkg -x a.deb b", "dpkg -i $X",
        "apk add --root /x y", "apk add -X /repo y", "apk fetch y", "debconf-set-selections $X", "apk add --repositories-file /x y", "yum --installroot=/x install y", "yum -c a install b", "rpm --root /x -i y", "pip install .", "pip install -e .", "pip install ./x", "pip install a/b", "pip install $X",
        "pip install --target /x y", "useradd -k /x y", "useradd -d $X y", "usermod -d /x y", "ldconfig -r /x", "unzip $X", "unzip a -d $X", "test a -nt b", "env rm a", "sudo -u x rm a", "trap 'rm a' EXIT", "exec > a", ". ./a", "eval 'rm a'", "mktemp -p /x", "date -r a",
        "ls() { rm a; }; ls", "for f in *.c; do echo x; done", "gzip -r a", "xz --files=a", "dd if=a of=b", "npm install", "gem install x", "locale-gen $X", "update-alternatives --install $X a b 1", "which $X",
    ],
)  # fmt: skip
def test_what_is_not_claimed_to_be_known(text: str):
    assert effects(text) is None


@pytest.mark.parametrize(
    "text",
    ["ls", "tar xf /a", "pwd", "find .", "touch a", "curl -O https://e.org/x", "wget https://e.org/x", "git clone https://e.org/x", "cat a", "echo *", "apt-get install ./a.deb", "pip install -r /a", "cd a", "unzip /a.zip", "cd /a; touch b", "(cd /a; touch b)", "{ (cd /a); touch /b; pwd; }", "for i in 1 2; do touch a; cd ..; done"],
)
def test_what_depends_on_an_unknown_folder(text: str):
    assert effects(text, None) is None


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("cat /a/b", "/a/b"), ("ls /a", "/a/b"), ("rm -r /a", "/a/b"), ("cp -r /a /c", "/a/b"), ("cat /a/*", "/a/b"), ("cat /a/[[:alpha:]]*", "/a/b"), ("tar xf /x -C /", "/a/b"), ("ln -s /a /c", "/a"), ("cd /a && ls", "/a/b"),
        ("curl https://e.org -o /x", "/root/.netrc"), ("git clone https://e.org/x /x", "/root/.ssh/id_rsa"), ("wget -qO /x https://e.org", "/root/.wgetrc"), ("curl https://e.org -o /x", "/usr/local/share/ca-certificates/a.crt"),
        ("apt-get update", "/etc/apt/sources.list.d/a.list"), ("apt-get install -y x", "/usr/share/a"), ("pip install x", "/a/b"), ("touch /x", "/lib/libx.so"), ("touch /x", "/usr/local/bin/touch"), ("which tool", "/opt/x/tool"),
        ("echo 'deb file:/a ./' > /etc/apt/sources.list", "/a"), ("rm /usr/bin/x", "/bin/x"), ("find /usr -delete", "/lib/x"), ("chown app /x", "/etc/passwd"), ("ldconfig", "/opt/lib/x.so"), ("echo x >/a/b", "/a/b"), ("sed -i s/a/b/ /a/b", "/a/b"),
    ],
)  # fmt: skip
def test_what_concerns_a_path(text: str, path: str):
    assert not keeps_off(steps(read_script(text), "/w"), path, tree=False)


@pytest.mark.parametrize(
    "text",
    ["mkdir -p /x && chmod 700 /x", "apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*", "curl -fsSL https://e.org/x -o /usr/bin/x", "echo x >> /etc/y", "useradd -r app", "cat /a/c /b", "touch /a/.hidden", "[ -d /x ] || mkdir /x"],
)
def test_what_keeps_off_a_path(text: str):
    assert keeps_off(steps(read_script(text), "/w"), "/a/b.deb", tree=False)


@pytest.mark.parametrize(("text", "sure"), [("rm /a", True), ("rm -r /", False), ("mv /a /b", True), ("rm -rf /*", True), ("find / -name a -delete", False), ("apt-get clean", False), ("rm .*", False), ("mv -n /a /b", False), ("gzip /a", False)])
def test_what_surely_deletes(text: str, sure: bool):
    assert any(deletes(step, "/a") for step in steps(read_script(text), "/")) is sure


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("find /srv -delete", True), ("find /srv/* -delete", True), ("find -L /srv -delete", True), ("find $X -delete", True), ("find $X/other -delete", False), ("find /srv/app/x -delete", False),
        ("find /srv/app -mindepth 1 -delete", False), ("cd /srv/app && find . ! -name . -exec rm -rf {} +", False), ("cd /srv && find . ! -name . -exec rm -rf {} +", True),
        ("find / -name app -exec rmdir {} +", True), ("find / -name app -exec rm {} +", False), ("find / -iname APP -exec rm -rf {} +", True), ("find / -name other -delete", False),
        ('find / -name "$X" -delete', True), ("find /srv ! -name other -delete", True), ("find /srv -type f -delete", False), ("find /srv ! -type f -delete", True), ("find /srv -type f,d -delete", True),
        ("find / \\( -type d -a -name test -o -type f -name '*.pyc' \\) -exec rm -rf '{}' +", False), ("find /srv -name other -o -type d -delete", True),
        ("find /srv -type f \\( -perm +4000 -o -perm +2000 \\) -delete", False), ("find /srv ! \\( -type d -o -name x \\) -delete", False), ("find /srv -path '*/x' -prune -o -delete", True),
        ("find /srv -type d -exec chmod 755 {} + -o -type f -delete", False), ("find /srv -exec sh -c 'rm -rf \"$1\"' _ {} \\;", True), ("sudo /usr/bin/find /srv -exec /bin/rm -r {} \\; -name x", True),
        ("rm -r /srv", True), ("rm -r /other", False), ("su -c 'rm -r /srv/app'", True), ("su -c 'rm -r /other'", False),
    ],
)
def test_what_may_delete_a_folder(text: str, may: bool):
    assert any(may_delete(step, "/srv/app") for step in steps(read_script(text), "/w")) is may
