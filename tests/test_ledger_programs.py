"""What confirms a change, put to the test: what a known program reads and writes besides its operands, and what it leaves to the next RUN."""
from __future__ import annotations

import pytest

from test_ledger import told

BASH = 'SHELL ["/bin/bash", "-c"]\n'

# A program that is run in /d, and a file there that it may use: no delete of that goes above it.
USES = [
    *((program, "a") for program in (
        "cp --target-directory=/d /y/a", "cp -t/d /y/a", "mv -t /d /y/a", "install --target-directory=/d /y/a", "grep -fa /z > /y", "grep --file=a /z > /y", "sed --file=a /z > /y", "sed -fa /z > /y",
        "sed 'r a' /z > /y", "sed -n 'w a' /z", "sed 's/x/y/w a' /z", "sed '$ra' /z > /y", "sed -i -e '/x/{s|y|z|;r a' -e '}' /z", "awk -fa /z > /y", "awk '{print > \"a\"}' /z",
        "awk '{getline x < \"a\"; print x}' /z > /y", "sort -oa /z", "sort --output=a /z", "wc --files0-from=a > /y", "touch -r a /z", "touch -ra /z", "touch --reference=a /z", "chmod --reference=a /z",
        "truncate -ra /z", "tar -xf /z -C/d", "tar --directory=/d -xf /z", "tar -czf /z.tgz -T a", "tar -czf /z.tgz --files-from=a /q", "tar -xf /z -I ./a -C /x", "unzip -o /z.zip -d/d", "unzip -od /d /z.zip",
        "find /x -newer a -delete", "find /x -fprint a", "find /x -execdir cat a ';' > /y", "find /x -samefile a > /y", "pip install -ra", "pip install --requirement=a", "[ a -nt b ] || touch /c",
        "test a -ef b || touch /c", "[[ a -ot b ]] || touch /c", "for f in /d/*; do echo $f >> /l; done", "for f in *; do echo $f >> /l; done", "gunzip -f a.gz", "unxz a.xz", "date -r a > /y",
        "date --reference=a > /y", "date -f a > /y", "curl -oa https://x", "curl -sLoa https://x", "curl --output=a https://x", "wget -Oa https://x", "wget -qOa https://x", "curl -Ka https://x -o /y", "curl -Ta https://x",
        "head -1 a > /y", "cut -d: -f1 a > /y", "sudo cat a")),
    *((program, "a.tgz") for program in ("tar xvfz a.tgz -C /x", "tar xfj a.tgz -C /x", "tar -xzfa.tgz -C /x", "tar -C /x -zxf a.tgz", "tar --extract --file=a.tgz -C /x", "tar --extract --file a.tgz -C /x", "tar -czfa.tgz /x")),
    *((program, "/q") for program in ("tar -xf /z --use-compress-program=./p -C /x", "tar -xf /z --to-command=./p -C /x", "find /x -exec ./p {} +", "find /x -exec sh p {} +", "awk 'BEGIN { system(\"./p\") }'",
                                      "awk 'BEGIN { \"./p\" | getline x; print x }'", "sed 's/x/.p/e' /z > /y", "sed '1e ./p' /z > /y", "npm run build", "npm ci", "yarn build")),
    *((program, "a.deb") for program in ("dpkg -i *.deb", "dpkg -i a.deb")), ("rpm -i a.rpm", "a.rpm"), ("apk add --allow-untrusted a.apk", "a.apk"), ("debconf-set-selections seed", "seed"), ("apt-key add key", "key"),
    *((program, "a.whl") for program in ("pip install a.whl", "pip install *.whl", "pip install --no-index --find-links=. b")), ("apt-get download b", "b.deb"), ("apk fetch b", "b.apk"),
    ("gzip -f /d/a", "a.gz"), ("xz -k a", "a.xz"), ("sed -i.bak s/x/y/ b", "b.bak"), ("cp --backup /y/b b", "b~"), ("sort -T a /z > /y", "a/b"), ("git config user.name x", ".git/config"),
    *((program, "/e/x") for program in ("cp -r /s /e", "cp -r /s/. /e", "cp -rT /s /e", "mv /s /e")),
    ("wget https://x -O /y", "/etc/wgetrc"), ("git clone https://x /y", "/etc/gitconfig"), ("curl https://x -o /y", "/etc/ssl/certs/x.pem"), ("npm install -g x", "/usr/local/etc/npmrc"),
    ("cat /z > /y", "/usr/lib/libx.so"), ("ls /z > /y", "/usr/lib/x86_64-linux-gnu/libc.so.6"), ("cat /z > /y", "/etc/ld.so.preload"),
]

# Run where `cd /x` has led, each is another than in a RUN of its own.
MINDED = [
    "git clone https://x/y", "apt-get download y", "apk fetch y", "grep -fpats /y", "unzip -dy /z", "curl -oy https://z", "wget -qOy https://z", "dpkg -i y.deb", "apt-key add y", "for f in *; do echo $f; done", "[ y -nt z ]", "date -r y",
    "sed 'r y' /z", "awk '{print > \"y\"}' /z", "cp --target-directory=y /z", "rpm -i y.rpm", "apk add y.apk", "debconf-set-selections y", "which ./y", "command -v ./y", "touch -ry /z", "head y", "cd /y && b && cd - && touch z", "cd /y; touch z", "/usr/bin/pip3 install y", "sudo pip install y",
    "npm config set prefix y", "npm cache clean --force", "useradd -k y z", "useradd --skel=y z", "adduser -hy z", "apt-get purge -y gcc*",
]

JOINED = [
    *((BASH, ". /etc/os-release && a", f"echo ${name} > /x", "is seen after it") for name in ("PLATFORM_ID", "HOME_URL", "VARIANT", "BUG_REPORT_URL")),
    *(("", "cd x && a && cd ..", later, "the folder that it was in") for later in ("echo $OLDPWD > /y", "cd - && b")),
    ("", "OPTIND=5 && a", "getopts x o", "OPTIND is seen"), ("", "X=1 && a", "set > /e", "X is seen"), ("", "export X=1 && a", "export -p > /e", "X is seen"), (BASH, "X=1 && a", "declare -p > /e", "X is seen"),
    *(("", "export HDF5_DIR=/x && a", later, "HDF5_DIR is seen") for later in ("pip3 install b", "/usr/bin/pip install b", "sudo apt-get install -y b", "apk add b", "npm install -g b")),
    ("", "export APACHE_CONFDIR=/x && a", "a2enmod b", "APACHE_CONFDIR is seen"), (BASH, "a", "set > /e", "for the shell itself"), ("", "a", "ps aux > /p", "for the shell itself"),
    *(("", "touch /x", f"find /etc {age} > /l", "for the shell itself") for age in ("-newer /x", "-cnewer /x", "-mmin -1")),
    *(("", "touch /x", asked, "for the shell itself") for asked in ("[ /etc/hosts -nt /x ] && b", "test /x -ot /etc/hosts")),
    *(("", link, "echo >> /a", "hard link") for link in (
        "ln --verbose /a /b", "ln --suffix=.b /a /b", "sudo ln /a /b", "busybox ln /a /b", "find /x -exec ln {} /b \\;", "ls | xargs -I{} ln {} /b", "sh -c 'ln /a /b'", "busybox --install", "cpio -pdl /x",
        "rsync -a --link-dest=/a /b /c", "env ln /a /b", "hardlink /a")),
    *(("", edit, "id > /g", "reads anew") for edit in (
        "adduser root audio", "addgroup root audio", "gpasswd -a root audio", "cd / && echo x >> etc/group", "cp /s/passwd /etc/", "cp /s/passwd /etc", "cp -t /etc /s/passwd", "echo x | sudo tee -a /etc/group",
        "sh -c 'echo x >> /etc/group'", "perl -pi -e s/a/b/ /etc/passwd", "sudo sed -i s/a/b/ /etc/passwd", "busybox sed -i s/a/b/ /etc/passwd", "mv /x/group /etc/", "install -m 644 /s/passwd -t /etc", "dd of=/etc/group if=/x", "ln -s /etc/group /g", "cd /etc && ln -s group /g")),
    *(("", edit, "id > /g", "not kept from one RUN") for edit in ("rm -f /dev/null", "mv /dev/null /x", "mknod /dev/null p", "ln -sf /x /dev/shm/y")),
    *((BASH, body, "a", "process running") for body in ("echo b > >(cat > /b)", "a | tee >(wc -l > /b)")),
    *(("", body, "a", "process running") for body in ("/opt/hadoop/sbin/start-dfs.sh", "asadmin start-domain", "startup.sh")),
    ("USER app\n", "sudo usermod -aG docker app", "id > /g", "own user's entry"),
    *(("", edit, "a", "/bin/sh") for edit in ("sudo ln -sf bash /bin/sh", "update-alternatives --install /bin/sh sh /bin/bash 100", "dpkg-divert --add --rename /bin/sh", "cp /x/sh /bin", "sh -c 'ln -sf bash /bin/sh'")),
    (BASH, "cp /x /bin/bash", "b", "/bin/bash"), (BASH, "ln -sf /x /bin/bash", "b", "/bin/bash"),
    ("", "a && rm -rf /usr/local/bin", "a", "elsewhere"), ("", "cd /usr/bin && a && rm a && cd /", "a", "elsewhere"), ("", "pip install -U pip", "pip install x", "elsewhere"), ("", "npm install -g npm", "npm install -g x", "elsewhere"),
    ("", "npm install -g y && n stable", "npm install -g x", "elsewhere"), ("", "yarn -v && corepack enable", "yarn", "elsewhere"),
    *(("WORKDIR /w\n", body, "a", "WORKDIR") for body in ("cd / && rm -rf w && cd /", "find /w -delete", 'rm -rf "$PWD"', "ls -d /w | xargs rm -rf", "(cd / && rmdir w)", "rm -rf $D", "rm -rf \"$D\"/w", "mv ${D} /y", "rmdir `b`", "D=/w; rm -rf $D", "rm -rf /w$D", "rm -rf $D/..")),
]

# What may remove the folder where it is run, which a WORKDIR makes again.
REMOVING = ["find /x -delete", "cd / && rm -rf x", 'rm -rf "$PWD"', "rm -rf $D", "rm -rf /x*", "rm -rf /*", "rm -rf /[x]", "cd ..; rm -rf x", "cd / ; rmdir x", "sh -c 'cd / && rm -rf x'", "(cd /&&rm -rf x)", "/bin/rm -rf /x", "\\rm -rf /x",
            "rsync -a --remove-source-files /x /y"]


@pytest.mark.parametrize(("program", "path"), USES, ids=[case[0] for case in USES])
def test_no_delete_goes_above_what_may_use_its_file(program: str, path: str):
    made, later = f"WORKDIR /d\nRUN touch {path}", f"ENV X=1\nRUN {program}\nENV Y=1"
    assert "may use" in told(f"{made}\n{later}\nRUN rm -rf {path}", f"{made} && rm -rf {path}\n{later}")


@pytest.mark.parametrize("body", MINDED)
def test_no_body_that_minds_its_folder_follows_a_cd(body: str):
    joined = f"{{ {body}; }}" if ";" in body else body
    assert "the folder that it ends in" in told(f"RUN cd /x && a\nRUN {body}", f"RUN cd /x && a && {joined}")


@pytest.mark.parametrize(("start", "first", "second", "said"), JOINED, ids=[f"{case[1]}, {case[2]}" for case in JOINED])
def test_what_a_body_leaves_is_seen(start: str, first: str, second: str, said: str):
    assert said in told(f"{start}RUN {first}\nRUN {second}", f"{start}RUN {first} && {second}")


@pytest.mark.parametrize("body", REMOVING)
def test_a_workdir_that_may_make_its_folder_again_stays(body: str):
    assert "WORKDIR" in told(f"WORKDIR /x\nRUN {body}\nWORKDIR /x", f"WORKDIR /x\nRUN {body}")


@pytest.mark.parametrize(("program", "path"), [
    ("sed 's/a/b/' /z > /y", "a"), ("sed -i 's|www|r a|' /z", "a"), ("awk '$1 > 2 {print}' /z > /y", "a"), ("tar xvfz /z.tgz -C /x", "a.tgz"), ("find /x -exec chmod 755 {} +", "a"), ("cp -r /s /usr/local/", "/usr/local/x"),
    ("curl -sSLo /y https://x", "a"), ("for f in b c; do echo $f >> /l; done", "a"), ("cat /z > /y", "/usr/lib/x.conf"), ("git clone https://x /y", "a"), ("apt-get install -y python3.8", "a"),
])
def test_what_does_not_use_a_file_is_let_pass(program: str, path: str):
    made, later = f"WORKDIR /d\nRUN touch {path}", f"ENV X=1\nRUN {program}\nENV Y=1"
    assert told(f"{made}\n{later}\nRUN rm -rf {path}", f"{made} && rm -rf {path}\n{later}") == ""


@pytest.mark.parametrize(("start", "first", "second"), [
    ("", "cd /x && a", "sudo apt-get install -y y"), ("", "cd /x && a", "gunzip /y"), ("", "cd /x && a", "git clone https://x /y"), ("", "cd /x && a", "apt-get install -y python3.8"), ("", "cp /x /etc/shadow", "id"),
    ("", "cd /x && a", "npm install -g y"), ("", "cd /x && a", "useradd -m -s /bin/bash -d /home/z z"), ("", "cd /x && a", "apt-get purge -y 'gcc*'"),
    *(("WORKDIR /w\n", body, "touch a") for body in ("rm -rf $D/v", "rm $D", "D=/v && rm -rf $D", "D=\"$(mktemp -d)\" && rm -rf \"$D\"", "rm -rf v-$D", "rm -rf $D-1")),
    ("", "export GOPATH=/x && a", "useradd b"), ("", "cd /x && a", "cd /y; a2enmod b"),
    ("", "adduser app audio", "id"), ("", "ln -sv /a /b", "echo >> /a"), ("", "ln -sf /dev/stdout /var/log/x", "a"), ("", "ln -s /bin/sh /bin/bash", "a"), ("", "cp /x /dev/null", "a"), ("", "grep root /etc/passwd > /x", "id"), ("", "chmod g=u /etc/passwd", "id"), ("", "find x-* -exec mv {} . \\;", "b"), ("", "a > /dev/null", "set > /dev/null; b"),
])
def test_what_leaves_nothing_is_let_pass(start: str, first: str, second: str):
    body = f"{{ {second}; }}" if ";" in second else second
    assert told(f"{start}RUN {first}\nRUN {second}", f"{start}RUN {first} && {body}") == ""
