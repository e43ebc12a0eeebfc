"""Made-up Dockerfiles that can be built, whose RUNs leave traces of all that a rewrite could disturb.

`BUILDS` draws a text and the options for it. The build context is always `CONTEXT`. The idioms are those that rules act on: files
that are copied, used and deleted; made and deleted; given an owner or a mode; RUNs, settings and copies in a row; stages. They
share a few paths, so that they get into each other's way.
"""
from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass

from dockerfiles import DOCKERFILES
from hypothesis import strategies as st

from rewriter.options import Options


def _archive() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo("unpacked/in.txt")
        member.size = 3
        archive.addfile(member, io.BytesIO(b"in\n"))
    return stream.getvalue()


CONTEXT: dict[str, bytes | str] = {
    "f.txt": "f\n", "g.txt": "g\n", "tool.sh": "#!/bin/sh\necho tool $* $X >> /log\n", "sets.sh": "Y=set\ncd /srv\n", "a.tar": _archive(),
    "d/in.txt": "in\n", "d/.hidden": "hidden\n", "d/deep/x.sh": "#!/bin/sh\necho x\n", "empty/": "",
}
BASES = st.sampled_from(["busybox", "busybox", "dfopt-test/sh"])
FOLDERS = st.sampled_from(["/tmp", "/opt/x", "/data", "/srv"])
_FILES = ["/tmp/f.txt", "/tmp/t.sh", "/opt/x/f.txt", "/data/f.txt", "/bin/tool.sh"]
PATHS = st.sampled_from([*_FILES, *_FILES, "f.txt", "/srv/new.txt", "/made/f.txt", "/data/sub"])
SOURCES = st.sampled_from(["f.txt", "f.txt", "g.txt", "tool.sh", "d", "d/", "d/in.txt", "*.txt", "f.txt g.txt", "a.tar", "empty", "d/deep/x.sh tool.sh"])
OWNERS = st.sampled_from(["1000", "1000:1000", "app", "app:staff", "0:0", ":50", "nobody"])
MODES = st.sampled_from(["755", "600", "0644", "+x", "u+x", "a+r", "go-r", "4755", "1777"])


def _filled(*templates: str) -> st.SearchStrategy[str]:
    """One of the templates, with P, Q for paths, D for a folder, S for a source, O for an owner, M for a mode in braces."""
    parts = {"P": PATHS, "Q": PATHS, "D": FOLDERS, "S": SOURCES, "O": OWNERS, "M": MODES, "N": st.integers(0, 3)}
    return st.sampled_from(templates).flatmap(
        lambda template: st.fixed_dictionaries({name: parts[name] for name in parts if f"{{{name}}}" in template}).map(
            lambda chosen: _replaced(template, chosen)))


def _replaced(template: str, chosen: dict[str, object]) -> str:
    for name, value in chosen.items():
        template = template.replace(f"{{{name}}}", str(value))
    return template


PLAIN = _filled(
    "echo {N} >> /log", "touch /t{N}", "mkdir -p {D}", "mkdir -p {D}/m{N}", "echo {N} > {P}", "cp /etc/group {P}", "true", "cat /log > /c{N}", "echo $X-$Y >> /log",
    "chmod {M} {P}", "chown {O} {P}", "chmod -R {M} {D}", "chown -R {O} {D}", "ln -s {P} /l{N}", "sed -i s/f/g/ {P}", "tar -cf /tmp/a{N}.tar -C /etc group",
)
USES = _filled(
    "cat {P} >> /log", "cp {P} /kept{N}", "cp -p {P} /kept{N}", "sh {P}", "{P} a", "stat -c '%a %u %g %n' {P} >> /log", "test -e {P} && echo there >> /log", "mv {P} /moved{N}",
    "ls {D} >> /log", "find {D} | sort >> /log", "grep -c . {P} >> /log", "cp -r {D} /copied{N}", "tar -cf - {P} | wc -l >> /log", ". {P}", "cd {D} && cat f.txt >> /log", "cat < {P} > /read{N}",
)
DELETES = _filled(
    "rm {P}", "rm -f {P}", "rm -rf {P}", "rm -rf {D}", "rm -rf {D}/*", "rm -f {P} {Q}", "cd {D} && rm -f f.txt", "rm -rf /t{N}", "rm -f {D}/*.txt", "rmdir {D}", "rm -r {P}",
)
LEAKS = _filled(
    "cd {D}", "cd {D}", "X={N}", "export X={N}", "umask 077", "set -e", "set -u", "set -x", "set -f", "set -a", "set -- a b", "f() { echo f{N} >> /log; }", "exec 3> /three", "trap 'echo trap >> /log' EXIT",
    "unset X", "readonly R={N}", "IFS=:", "exit 0", "exec touch /executed", "Y=1 X=2", ". /etc/sets", "eval X={N}", "ulimit -n 99", "read X < /etc/group", "HOME=/data",
    "cd /tmp && cd -", "alias a=b", "shift", "ln /etc/group {P}", "ln {P} /hard", "PATH=/data:$PATH", "export PATH=/data:$PATH", "for v in 1 2; do :; done", "getopts a o -a", "echo {N} >> /etc/group", "set -o noclobber", "set -eu", "set -ex", "set +e",
    "return 0", "hash", "echo b:x:7: >> /etc/group", "cd /nowhere || true", "command cd {D}", "printf -v X y 2>/dev/null || true", ": ${X:=5}", "echo $((X = 7)) > /dev/null", "exec > /out", "exec < /etc/group", "set -o errexit", "c=cd; $c {D}", "if cd {D}; then :; fi", "{ cd {D}; }", "X={N} :", "test -d {D} && cd {D}", "trap '' INT", "set -C", "f() { false; touch /after; }; f || true",
    "while read X; do :; done < /etc/group", "ln -f {P} {Q}", "rm -f {Q} && ln -s {P} {Q}", "chown -h {O} {P}", "mkdir -p {P}.d && rmdir {P}.d", "test -e {P} || exit 0", "X=$(cat {P}) || true",
)
SIGHTS = _filled(
    "pwd >> /log", "umask >> /log", "echo $X >> /log", "echo \"$-\" | tr -d chi >> /log", "echo \"$*\" >> /log", "f || true", "echo hi >&3 || true", "echo * >> /log", "touch here{N}", "echo $PWD $OLDPWD >> /log",
    "echo ${R-none} >> /log", "ulimit -n >> /log", "echo $HOME >> /log", "echo ${v-none} $? >> /log", "echo $$ >> /log", "X=a:b; echo $X >> /log", "echo a > /log2", "echo $(false) done >> /log", "stat -c '%h %a %u %g' {P} >> /log", "echo more >> {P}",
    "echo ~ >> /log", "echo ${Y:?none} >> /log", "type f > /dev/null && echo f >> /log", "id >> /log", "echo $0 >> /log", "ls -A >> /log", "set -- c; echo $1 >> /log", "false || echo $? >> /log",
)
FAILS = st.sampled_from(["false", "cat /nothing", "test -e /nothing", "exit 3", "(exit 4)", "cd /nothing", "f() { false; }; f", "! true", "nonesuch", "rm /nothing", "false | true", "if false; then :; else false; fi", "echo ${NONE:?}", "true && false"])
COMMANDS = st.one_of(PLAIN, PLAIN, USES, DELETES, LEAKS, SIGHTS, SIGHTS)


def _joined(commands: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joints = st.sampled_from([" && ", " && ", " && ", " && \\\n    ", " \\\n    && ", "; ", "; \\\n    ", " || ", " | cat && ", " && \\\n    # why\n    "])
    return st.tuples(commands, st.lists(st.tuples(joints, commands), max_size=3)).map(lambda drawn: drawn[0] + "".join(joint + each for joint, each in drawn[1]))


def _wrapped(body: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["{}"] * 12 + ["( {} )", "{{ {}; }}", "if true; then {}; fi", "for i in 1 2; do {}; done", "case $X in *) {} ;; esac", "set -e; {}", "set -ex; {}", "{};", "{} || true", "( {} ) && echo after >> /log", "! ( {} ) || true", "while true; do {}; break; done",
                            "g() {{ {}; }}; g", "echo $( {} ) >> /log", "true && {}", "{} # said"]).map(lambda form: form.format(body))


BODIES = _joined(COMMANDS).flatmap(_wrapped)
FLAGS = st.sampled_from([""] * 12 + ["--mount=type=cache,target=/cache ", "--mount=type=tmpfs,target=/tmp ", "--mount=type=bind,source=d,target=/mnt ", "--mount=type=bind,source=f.txt,target=/tmp/f.txt ", "--network=none ", "--mount=type=bind,source=d,target=/mnt,rw "])
BEGINNINGS = st.sampled_from(["", "", "", "set -e\n", "set -eux\n", "  set -e\n", "# said\n", "\n", "set -e; true\n"])
SCRIPTS = st.one_of(
    st.tuples(BEGINNINGS, st.lists(BODIES.filter(lambda body: "\n" not in body), min_size=1, max_size=3)).map(lambda drawn: f"<<EOF\n{drawn[0]}" + "\n".join(drawn[1]) + "\nEOF"),
    st.tuples(BEGINNINGS, st.lists(PLAIN, min_size=1, max_size=3)).map(lambda drawn: "<<-EOF\n" + "".join(f"\t{line}\n" for line in (drawn[0] + "\n".join(drawn[1])).split("\n")) + "\tEOF"),
    _filled("cat <<EOF > {P}\necho {N}\nEOF", "cat <<EOF >> /log && rm -f {P}\nto be $X\nEOF", "sh <<'EOF'\necho $X >> /log\nrm -f {P}\nEOF"),
)
RUNS = st.one_of(
    st.tuples(FLAGS, BODIES).map(lambda drawn: f"RUN {drawn[0]}{drawn[1]}"),
    st.tuples(FLAGS, BODIES).map(lambda drawn: f"RUN {drawn[0]}{drawn[1]}"),
    BODIES.map(lambda body: f"RUN {body}"),
    BODIES.filter(lambda body: "\n" not in body).map(lambda body: f"RUN <<EOF\n{body}\nEOF"),
    st.tuples(FLAGS, SCRIPTS).map(lambda drawn: f"RUN {drawn[0]}{drawn[1]}"),
    st.sampled_from(['RUN ["touch", "/exec"]', 'RUN ["/bin/sh", "-c", "echo exec >> /log"]', 'RUN ["touch", "/array"] || touch /text']),
)
COPIES = _filled(
    "COPY {S} {D}/", "COPY {S} {D}/", "COPY f.txt {P}", "COPY tool.sh {P}", "COPY d {P}", "COPY {S} {P}/", "COPY --chown={O} {S} {D}/", "COPY --chmod=755 f.txt {P}", "ADD f.txt {P}", "ADD {S} {D}/", "COPY [\"f.txt\", \"{P}\"]",
    "COPY {S} ./", "COPY --chown={O} --chmod=600 f.txt {P}", "COPY <<EOF {P}\necho heredoc >> /log\nEOF", "COPY f.txt {D}", "COPY sets.sh /etc/sets",
)
SETTINGS = _filled(
    "ENV X={N}", "ENV X={N} Y=$X", "ENV Y {N}", "ENV Y=${X:-a}b", "ENV \"Z={N} a\" X=\"$X b\"", "LABEL a={N}", "LABEL b=\"$X {N}\" c={N}", "ARG X", "ARG X={N}", "ARG W={N}", "WORKDIR {D}", "WORKDIR sub", "USER 1000", "USER app", "USER 0", "USER root", "EXPOSE 80", "CMD [\"x{N}\"]",
    "ENTRYPOINT x", "VOLUME {D}", "STOPSIGNAL SIGINT", "HEALTHCHECK CMD true", "MAINTAINER m", "SHELL [\"/bin/sh\", \"-ec\"]", "SHELL [\"/bin/sh\", \"-c\"]", "ONBUILD RUN touch /triggered", "# a comment", "", "ENV HOME=/data", "ENV PATH=/data:$PATH",
)
BASH = st.sampled_from(['SHELL ["/bin/bash", "-c"]', 'SHELL ["/bin/bash", "-euo", "pipefail", "-c"]', 'SHELL ["/bin/bash", "-lc"]', 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]', "RUN shopt -s nullglob; echo /none* >> /log", "RUN [[ -e /log ]] && pushd /tmp && X=(a b)", "RUN false | true; echo ${PIPESTATUS[0]} >> /log"])
"""Instructions that belong together, with one path for each of those that say so."""
IDIOMS = st.one_of(
    *[_filled(*each) for each in (
        ["COPY {S} {P}\nRUN rm -rf {P}", "COPY f.txt {P}\nRUN rm {P}", "ADD tool.sh {P}\nRUN rm -f {P}", "COPY {S} {D}/\nRUN rm -rf {D}", "RUN mkdir {D}\nCOPY f.txt {D}/f.txt\nRUN rm {D}/f.txt"],
        ["COPY tool.sh {P}\nRUN sh {P} && rm {P}", "COPY tool.sh {P}\nRUN sh {P}\nRUN rm {P}", "COPY {S} {D}/\nRUN cp {D}/f.txt /kept{N} && rm -rf {D}/f.txt", "COPY d {P}\nRUN cp -r {P} /kept{N} && rm -rf {P}", "COPY f.txt g.txt {D}/\nRUN cat {D}/f.txt {D}/g.txt >> /log; rm {D}/f.txt {D}/g.txt",
         "COPY --chown={O} d {P}\nRUN find {P} | sort >> /log && rm -rf {P}", "COPY *.txt {D}/\nRUN cat {D}/f.txt > /kept{N} && rm -f {D}/*.txt", "COPY tool.sh {P}\nRUN chmod {M} {P} && sh {P} && mv {P} /moved{N}"],
        ["RUN echo {N} > {P}\nLABEL a={N}\nRUN rm {P}", "RUN mkdir -p {D} && touch {D}/made\nCOPY f.txt /kept{N}\nRUN rm -rf {D}", "RUN mkdir -p {D} && echo a > {D}/made\nENV X={N}\nRUN rm -f {D}/made", "RUN cp /etc/group {P}\nWORKDIR {D}\nRUN rm {P}"],
        ["COPY f.txt {P}\nRUN chown {O} {P}", "COPY tool.sh {P}\nRUN chmod {M} {P}", "COPY {S} {D}/\nRUN chown -R {O} {D}", "COPY d {P}\nRUN chmod -R {M} {P}", "COPY {S} {P}\nRUN chmod {M} {P} && echo {N} >> /log", "COPY --chown={O} f.txt {P}\nRUN chmod {M} {P}", "COPY tool.sh {P}\nRUN chmod {M} {P} && {P} x", "ADD f.txt {P}\nRUN chown {O} {P} && chmod {M} {P}", "COPY tool.sh {D}/\nCOPY f.txt {D}/\nRUN chmod {M} {D}/tool.sh"],
        # what several RUNs use, or one uses and another deletes; of a COPY only a part; a user's own
        ["COPY f.txt {P}\nRUN cat {P} >> /log\nENV X={N}\nRUN rm {P}", "COPY tool.sh {P}\nRUN sh {P} a; true\nARG W={N}\nRUN echo {N} >> /log && rm -f {P} /t{N}", "COPY f.txt {D}/\nRUN cat {D}/f.txt >> /log\nENV X={N}\nRUN wc -c {D}/f.txt >> /log && rm {D}/f.txt",
         "COPY d {P}\nRUN ls {P} >> /log\nENV X={N}\nRUN rm -rf {P}", "COPY a.tar {D}/\nRUN tar -xf {D}/a.tar -C {D}\nENV X={N}\nRUN tar -tf {D}/a.tar >> /log; rm {D}/*.tar", "COPY f.txt {D}/\nRUN cat {D}/f.txt >> /log\nWORKDIR {D}\nRUN touch made{N}\nENV X={N}\nRUN rm -rf {D}",
         "COPY f.txt g.txt {D}/\nRUN cat {D}/f.txt >> /log && rm {D}/f.txt", "COPY f.txt g.txt tool.sh {D}/\nRUN cat {D}/g.txt >> /log && rm {D}/g.txt\nENV X={N}\nRUN sh {D}/tool.sh; rm -f {D}/tool.sh", "COPY <<EOF {P}\necho heredoc >> /log\nEOF\nRUN sh {P} && rm {P}",
         "USER app\nWORKDIR /own\nCOPY --chown=app f.txt ./\nRUN wc -c f.txt > made{N} && rm f.txt\nUSER 0", "USER app\nCOPY f.txt {D}/\nRUN cat {D}/f.txt && rm -f {D}/f.txt\nUSER 0", "COPY --link f.txt {P}\nRUN cat {P} >> /log && rm {P}"],
        ["ENV A={N}\nENV B={N}", "ENV A={N}\nENV B=$A", "ENV A=1 B=2\nENV A=3\nRUN echo $A$B >> /log", "ENV A one two\nENV B=3\nRUN echo $A$B >> /log", "LABEL a={N}\nLABEL b={N} a=x", "LABEL a=\"{N} b\"\nLABEL c=$X", "ENV A={N}\n# about B\nENV B=\"b c\" \\\n    C=d\nRUN echo $A$B$C >> /log", "ARG A={N}\nENV B=$A\nENV A=b"],
        ["COPY f.txt {D}/\nCOPY g.txt {D}/", "COPY f.txt {D}/\nCOPY tool.sh {D}/tool.sh", "COPY {S} {D}/\nCOPY {S} {D}/", "COPY f.txt {D}/\nCOPY d {D}/", "COPY f.txt ./\nCOPY g.txt ./", "COPY --chown={O} f.txt {D}/\nCOPY --chown={O} g.txt {D}/", "ADD f.txt {D}/\nADD g.txt {D}/", "COPY f.txt {P}\nCOPY g.txt {P}"],
        # what may stand in the way: links, files and folders with an owner or a mode, other names for the same
        ["RUN ln -s {D} /link\nCOPY f.txt /link/\nRUN cat /link/f.txt >> /log && rm /link/f.txt", "RUN rm -f {P} && ln -s /data/f.txt {P}\nCOPY f.txt {P}\nRUN cat {P} >> /log && rm {P}", "RUN touch {P} && chmod {M} {P} && chown {O} {P}\nCOPY f.txt {P}\nRUN cp -p {P} /kept{N} && rm {P}",
         "RUN mkdir -p /srv/d && chmod {M} /srv/d && chown {O} /srv/d\nCOPY d /srv/d\nRUN cp -r /srv/d /kept{N} && rm -rf /srv/d/*", "RUN ln {P} /hard\nCOPY f.txt {P}\nRUN cat {P} /hard >> /log; rm {P}", "RUN rm -rf {D}\nCOPY f.txt {D}/\nRUN cat {D}/f.txt >> /log && rm {D}/f.txt",
         "COPY f.txt {P}\nRUN ln {P} /hard && rm {P}", "COPY tool.sh {P}\nRUN ls / >> /log && find / -maxdepth 1 | sort >> /log && sh {P} && rm {P}", "COPY f.txt {P}\nRUN cat /proc/mounts | wc -l > /dev/null; cp {P} /kept{N}; rm {P}", "COPY f.txt {D}/\nRUN chmod -R {M} {D} && rm {D}/f.txt",
         "COPY f.txt {D}/\nRUN cat {D}/*.txt >> /log && rm -f {D}/*.txt", "COPY d/ {D}/\nRUN cat {D}/in.txt >> /log\nRUN rm -rf {D}/in.txt {D}/deep", "USER 1000\nCOPY f.txt /tmp/own.txt\nRUN cat /tmp/own.txt && rm -f /tmp/own.txt\nUSER 0", "ADD a.tar /tmp/a\nRUN cp -r /tmp/a /kept{N} && rm -rf /tmp/a", "ADD a.tar /tmp/a.tar\nRUN rm -rf /tmp/a.tar",
         "COPY a.tar /tmp/\nRUN tar -xf /tmp/a.tar -C {D} && rm /tmp/a.tar", "COPY --chown={O} --chmod=640 f.txt {P}\nRUN cp -p {P} /kept{N} && rm {P}", "COPY f.txt /new/deep/f.txt\nRUN cp /new/deep/f.txt /kept{N} && rm -rf /new", "COPY f.txt /new/deep/f.txt\nRUN cp /new/deep/f.txt /kept{N} && rm /new/deep/f.txt",
         "ENV F={P}\nCOPY f.txt $F\nRUN cat $F >> /log && rm $F", "ARG F={P}\nCOPY f.txt $F\nRUN cat $F >> /log && rm $F", "WORKDIR {D}\nCOPY f.txt g.txt ./\nRUN cat f.txt >> /log && rm f.txt g.txt", "COPY f.txt {P}\nRUN cat {P} >> /log; false; rm {P}", "COPY f.txt {P}\nRUN set -e; cat {P} >> /log; rm {P}"],
    )],
)
# What most commands want to find. It is built once, and then in the cache.
_WANTED = " ".join([*_FILES, "/data/sub/f.txt", "/tmp/sub/f.txt", "/f.txt"])
_FILLED = f"RUN mkdir -p /opt/x /data/sub /tmp/sub /srv/d && for p in {_WANTED}; do echo 'echo s >> /log' > $p; chmod 755 $p; done && touch /log /t0 /t1 && chmod 666 /log"
PRELUDES = st.sampled_from(["", "RUN mkdir -p /opt/x /data /srv && touch /log\nWORKDIR /", *[f"{_FILLED}\nWORKDIR /data"] * 3, f"{_FILLED}\nWORKDIR /", f"{_FILLED}\nENV X=1", _FILLED, "WORKDIR /tmp"])


def _scripted(idiom: str) -> st.SearchStrategy[str]:
    """The same with a heredoc for the commands of each RUN."""
    return BEGINNINGS.map(lambda begun: "\n".join(
        "RUN <<EOF\n" + begun + each.removeprefix("RUN ").replace(" && ", "\n").replace("; ", "\n") + "\nEOF" if each.startswith("RUN ") and "<<" not in each else each for each in idiom.split("\n")))


STEPS = st.one_of(RUNS, RUNS, RUNS, COPIES, SETTINGS, IDIOMS, IDIOMS, IDIOMS.filter(lambda idiom: "<<" not in idiom and "\\\n" not in idiom).flatmap(_scripted))


@dataclass(frozen=True)
class Made:
    """A Dockerfile and what to do with it; its repr is what hypothesis shows."""

    text: str
    options: Options

    def __repr__(self) -> str:
        return f"{self.options}\n{self.text}"


def _stage(steps: list[str], base: str, name: str) -> str:
    return "\n".join([f"FROM {base}" + f" AS {name}" * bool(name), *filter(None, steps)])


@st.composite
def _builds(draw: st.DrawFn) -> Made:
    base = draw(BASES)
    steps = st.one_of(STEPS, BASH) if base == "dfopt-test/sh" else STEPS
    stages = []
    for at in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        stages.append(_stage([draw(PRELUDES), *draw(st.lists(steps, max_size=3))], base, f"s{at}"))
    inherits = bool(stages) and draw(st.booleans())
    last = [draw(PRELUDES), *draw(st.lists(steps, min_size=2, max_size=6))]
    if stages:
        from_stage = _filled("COPY --from=s0 /log {P}", "COPY --from=0 /etc/group {P}", "COPY --from=s0 /etc/group {P}\nRUN rm {P}", "RUN --mount=type=bind,from=s0,source=/etc,target=/mnt cat /mnt/group >> /log")
        last += draw(st.lists(from_stage, max_size=2))
    if draw(st.sampled_from([False] * 5 + [True])):
        at = draw(st.integers(0, len(last)))
        last.insert(at, draw(st.tuples(FAILS, st.sampled_from(["RUN {}", "RUN {} && touch /no", "RUN {}; touch /no", "RUN touch /x && {}", "RUN {} || touch /no", "RUN set -e; {}; touch /no"])).map(lambda drawn: drawn[1].format(drawn[0]))))
    text = "\n".join([*stages, _stage(last, "s0" if inherits else base, "")]) + "\n"
    return Made(text, Options(merge=draw(st.sampled_from(["all", "final"]))))


BUILDS = _builds()

# Texts to change: these, and some that no one could build.
MADE = st.one_of(DOCKERFILES, BUILDS.map(lambda made: made.text))
