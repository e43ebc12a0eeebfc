"""What confirms a change, put to the test: rewritings that are wrong are told from the texts alone, right ones are let pass."""
from __future__ import annotations

import pytest

from rewriter.ledger.confirming import unconfirmed
from rewriter.ledger.reading import read_ledger
from rewriter.source.model import Unreadable
from rewriter.source.reading import read
from test_cases import CASES
from test_traps import TRAPS


def told(before: str, after: str) -> str:
    """What is said against a change; each text is that of one stage on busybox, unless it has a FROM of its own."""
    texts = [text if "FROM" in text else f"FROM busybox\n{text}" for text in (before, after)]
    return unconfirmed(*(read(text + "\n") for text in texts))


JOINED = [
    ("a failure before `||`", "RUN a\nRUN b || c", "RUN a && b || c", "would not reach the end"),
    ("a failure before `;`", "RUN a\nRUN b; c", "RUN a && b; c", "would not reach the end"),
    ("a list without `set -e`", "RUN a\nRUN b", "RUN a; b", "would not end the RUN"),
    ("`set -e` that comes too late", "RUN a; set -e; b\nRUN c", "RUN a; set -e; b; c", "would not end the RUN"),
    ("`set -e` that is taken back", "RUN set -e; a; set +e; b\nRUN set -e; c", "RUN set -e; a; set +e; b; set -e; c", "would not end the RUN"),
    ("`set -e` and a last list of two", "RUN set -e; a && b\nRUN set -e; c", "RUN set -e; a && b; set -e; c", "would not end the RUN"),
    ("`set -e` in a subshell left of `&&`", "RUN set -e; a; b\nRUN c", "RUN ( set -e; a; b ) && c", "`set -e` is off"),
    ("`set -e` in braces left of `&&`", "RUN set -e; a; b\nRUN c", "RUN { set -e; a; b; } && c", "`set -e` is off"),
    ("`set -e` in the second of three", "RUN x\nRUN set -e; a; b\nRUN c", "RUN x && { set -e; a; b; } && c", "`set -e` is off"),
    ("`set -e` and a loop left of `&&`", "RUN set -e; for x in a b; do c $x; d; done\nRUN e", "RUN set -e; for x in a b; do c $x; d; done && e", "`set -e` is off"),
    ("`set -e` and a function left of `&&`", "RUN f() { a; b; }; set -e; f\nRUN c", "RUN f() { a; b; }; set -e; f && c", "`set -e` is off"),
    ("a shell with -e", 'SHELL ["/bin/sh", "-ec"]\nRUN if a; then b; c; fi\nRUN d', 'SHELL ["/bin/sh", "-ec"]\nRUN if a; then b; c; fi && d', "`set -e` is off"),
    ("a `set -e` that is new", "RUN a; b\nRUN c", "RUN set -e; a; b; c", "not made of commands"),
    ("a check that fails nothing", "RUN a; b\nRUN c", "RUN ( a; b ); [ $? -eq 0 ] || true; c", "not made of commands"),
    ("a check of something else", "RUN a; b\nRUN c", "RUN ( a; b ); x; [ $? -eq 0 ] || exit 1; c", "not made of commands"),
    ("a command that is not the author's", "RUN a\nRUN b", "RUN a && b && c", "not made of commands"),
    ("a command that is lost", "RUN a\nRUN b && c", "RUN a && b", "not made of commands"),
    ("a word that is lost", "RUN a x\nRUN b", "RUN a && b", "not made of commands"),
    ("an operator that is another", "RUN a\nRUN b || c", "RUN a && { b && c; }", "not made of commands"),
    ("another order", "RUN a\nRUN b", "RUN b && a", "come from behind"),
    ("the same twice", "RUN a\nRUN b", "RUN a && b && b", "not made of commands"),
    ("a body that ends in a comment", "RUN a # x\nRUN b", "RUN a # x && b", "not there any more"),
    ("a folder", "RUN cd /x && a\nRUN b", "RUN cd /x && a && b", "folder"),
    ("a folder that a later body sees", "RUN cd /x && a\nRUN echo b\nRUN touch c", "RUN cd /x && a && echo b && touch c", "folder"),
    ("a folder that a later body need not go to", "RUN cd /x && a\nRUN cd /y; b", "RUN cd /x && a && { cd /y; b; }", "folder"),
    ("a variable", "RUN X=1 && a\nRUN echo $X", "RUN X=1 && a && echo $X", "X is seen"),
    ("a variable of a loop", "RUN for x in a b; do c $x; done\nRUN echo $x", "RUN for x in a b; do c $x; done && echo $x", "x is seen"),
    ("a variable of a loop with its own words", "RUN for x; do c $x; done\nRUN echo $x", "RUN for x; do c $x; done && echo $x", "x is seen"),
    ("a variable of a loop over lines", "RUN for x\\\n in a; do c $x; done\nRUN echo $x", "RUN for x\\\n in a; do c $x; done && echo $x", "x is seen"),
    ("a variable that programs read", "RUN export CFLAGS=-O0 && a\nRUN make", "RUN export CFLAGS=-O0 && a && make", "CFLAGS is seen"),
    ("a variable of the Dockerfile", "ENV V=1\nRUN V=2 && a\nRUN b", "ENV V=1\nRUN V=2 && a && b", "V is seen"),
    ("PATH", "RUN PATH=/x:$PATH && a\nRUN b", "RUN PATH=/x:$PATH && a && b", "PATH is seen"),
    ("a function", "RUN ls() { a; }; ls\nRUN ls", "RUN ls() { a; }; ls && ls", "ls is seen"),
    ("nounset", "RUN set -u; a\nRUN echo $X", "RUN set -u; a && echo $X", "nounset is on"),
    ("pipefail", "RUN set -o pipefail; a\nRUN b | c", "RUN set -o pipefail; a && b | c", "pipefail is on"),
    ("errexit", "RUN set -e; a\nRUN b; c", "RUN set -e; a && { b; c; }", "errexit is on"),
    ("an option that is none of these", "RUN set -f; a\nRUN rm *", "RUN set -f; a && rm *", "can't be told"),
    ("positional parameters", "RUN set -- x; a\nRUN echo $#", "RUN set -- x; a && echo $#", "can't be told"),
    ("umask", "RUN umask 077 && a\nRUN b", "RUN umask 077 && a && b", "umask"),
    ("a trap", "RUN trap x EXIT && a\nRUN b", "RUN trap x EXIT && a && b", "trap"),
    ("an exit", "RUN a && exit 0\nRUN b", "RUN a && exit 0 && b", "end the shell"),
    ("exec", "RUN exec a\nRUN b", "RUN exec a && b", "exec"),
    ("a sourced file", "RUN . ./x && a\nRUN b", "RUN . ./x && a && b", "changes the shell"),
    ("`$_`", "RUN a\nRUN echo $_", "RUN a && echo $_", "asks what"),
    ("a process that runs on", "RUN a & b\nRUN c", "RUN ( a & b ) && c", "process running"),
    ("a service", "RUN service x start && a\nRUN b", "RUN ( service x start && a ) && b", "process running"),
    ("a hard link", "RUN ln /x /y\nRUN echo a >> /x", "RUN ( ln /x /y ) && echo a >> /x", "hard link"),
    ("accounts", "RUN echo x >> /etc/group\nRUN id", "RUN ( echo x >> /etc/group ) && id", "/etc/group"),
    ("a shell that is replaced", "RUN ln -sf bash /bin/sh\nRUN a", "RUN ( ln -sf bash /bin/sh ) && a", "/bin/sh"),
    ("/dev/shm", "RUN touch /x && cp /x /dev/shm/x\nRUN ls /dev/shm", "RUN touch /x && cp /x /dev/shm/x && ls /dev/shm", "not kept"),
    ("the WORKDIR", "WORKDIR /w\nRUN rm -r /w\nRUN a", "WORKDIR /w\nRUN rm -r /w && a", "WORKDIR"),
    ("a login shell", 'SHELL ["/bin/bash", "-lc"]\nRUN a\nRUN b', 'SHELL ["/bin/bash", "-lc"]\nRUN a && b', "another for each RUN"),
    ("what is no shell", 'SHELL ["python", "-c"]\nRUN a\nRUN b', 'SHELL ["python", "-c"]\nRUN a && b', "another for each RUN"),
    ("exec form unquoted", 'RUN ["a", "$X y"]\nRUN b', "RUN a $X y && b", "not made of commands"),
    ("flags that are lost", "RUN --mount=type=cache,target=/c a\nRUN b", "RUN a && b", "other flags"),
    ("flags that are shared", "RUN --mount=type=secret,id=s a\nRUN b", "RUN --mount=type=secret,id=s a && b", "other flags"),
    ("a network", "RUN --network=none a\nRUN b", "RUN --network=none a && b", "other flags"),
    ("flags as commands", "RUN a\nRUN --mount=type=cache,target=/c b", "RUN a && --mount=type=cache,target=/c b", "not made of commands"),
    ("a tmpfs", "RUN --mount=type=tmpfs,target=/t a\nRUN --mount=type=tmpfs,target=/t b", "RUN --mount=type=tmpfs,target=/t a && b", "anew"),
    ("a heredoc that is lost", "RUN a\nRUN <<EOF\nb\nEOF", "RUN a && <<EOF\nb\nEOF", "not made of commands"),
    ("a heredoc without `set -e`", "RUN a\nRUN b", "RUN <<EOF\na\nb\nEOF", "would not end the RUN"),
    ("a heredoc that is not what it was", "RUN a\nRUN cat <<X\none\nX", "RUN a && cat <<X\ntwo\nX", "not made of commands"),
    ("a heredoc in a script that is not what it was", "RUN <<E\nset -e\ncat <<X\none\nX\nE\nRUN <<E\nset -e\nb\nE", "RUN <<E\nset -e\ncat <<X\ntwo\nX\nset -e\nb\nE",
     "not made of commands"),
    ("exec form of a built-in", 'RUN a\nRUN ["echo", "b"]', "RUN a && echo b", "may not be run by a shell"),
    ("exec form before any shell", 'RUN ["touch", "b"]\nRUN a', "RUN touch b && a", "may not be run by a shell"),
    ("a cache over what the other writes", "RUN touch /c/x\nRUN --mount=type=cache,target=/c a", "RUN --mount=type=cache,target=/c touch /c/x && a", "other flags"),
    ("a bind that can be written", "RUN touch /x\nRUN --mount=rw,target=/c a", "RUN --mount=rw,target=/c touch /x && a", "other flags"),
    ("a subshell that leaves out what leads to the folder", "RUN cd /x && a\nRUN b", "RUN cd /x && ( a ) && b", "folder"),
    ("a subshell that leaves out where the variable is set", "RUN a && X=1 && c\nRUN echo $X", "RUN a && X=1 && ( c ) && echo $X", "X is seen"),
    ("a subshell around the end of a list", "RUN a; cd /x && b\nRUN c", "RUN a; ( cd /x && b ) && c", "not made of commands"),
    ("a subshell around alternatives", "RUN a && cd /x || b\nRUN c", "RUN a && ( cd /x || b ) && c", "not made of commands"),
    ("a subshell around the end, and a list after it", "RUN a && cd /x\nRUN c; d", "RUN a && ( cd /x ) && c; d", "would not reach the end"),
    ("a subshell that nothing heeds", "RUN a && cd /x\nRUN c", "RUN a && ( cd /x ); c", "may not be heard"),
    ("a subshell that has lost a command", "RUN a && cd /x && b\nRUN c", "RUN a && ( cd /x ) && c", "not made of commands"),
    ("a subshell that has taken a command in", "RUN a && cd /x\nRUN b && c", "RUN a && ( cd /x && b ) && c", "not made of commands"),
    ("`set -e` and a loop in the end that is in a subshell", "RUN set -e && cd /x && for x in a; do b; c; done\nRUN d",
     "RUN set -e && ( cd /x && for x in a; do b; c; done ) && d", "`set -e` is off"),
    ("a sourced file in a subshell left of `&&`", "RUN . ./x && a\nRUN b", "RUN ( . ./x && a ) && b", "`set -e` is off"),
    ("a sourced file after `set -e`", "RUN set -e; a; b\nRUN . ./x && c", "RUN set -e; a; b; . ./x && c", "errexit is on"),
    ("a function before a subshell", "RUN ls() { a; } && cd /x && ls\nRUN ls", "RUN ls() { a; } && ( cd /x && ls ) && ls", "ls is seen"),
    ("a program that has moved", "RUN a && cp x /bin/a\nRUN a", "RUN a && cp x /bin/a && a", "come to lie elsewhere"),
    ("a program that has moved, looked up too late", "RUN a && cp x /bin/a\nRUN a\nRUN a", "RUN a && cp x /bin/a && a && hash -r && a", "come to lie elsewhere"),
    ("a program that has moved, before a subshell", "RUN a && X=1 && cp x /bin/a\nRUN a $X", "RUN a && ( X=1 && cp x /bin/a ) && a $X", "come to lie elsewhere"),
    ("more than to forget where programs are", "RUN a && cp x /bin/a\nRUN a", "RUN a && cp x /bin/a && hash -r a=b && a", "not made of commands"),
    ("a look-up that hides a failure", "RUN set -e; a; cp x /bin/a\nRUN a; b", "RUN set -e; a; cp x /bin/a && hash -r; a; b", "not made of commands"),
    ("a heredoc with `set -e`", "RUN a; b\nRUN c", "RUN <<EOF\nset -e\na; b\nc\nEOF", "not made of commands"),
]

MOVED = [
    ("a RUN over an ENV", "RUN a\nENV X=1\nRUN b", "RUN a && b\nENV X=1", "behind the ENV"),
    ("an ENV over a RUN", "RUN a\nENV X=1\nRUN b", "ENV X=1\nRUN a && b", "behind the ENV"),
    ("a RUN over a USER", "RUN a\nUSER x\nRUN rm /a", "RUN a && rm /a\nUSER x", "behind the USER"),
    ("a RUN over a WORKDIR", "RUN a\nWORKDIR /w\nRUN b", "RUN a && b\nWORKDIR /w", "behind the WORKDIR"),
    ("a delete over a WORKDIR, relative", "RUN touch /w/a\nWORKDIR /w\nRUN rm a", "RUN touch /w/a && rm a\nWORKDIR /w", "WORKDIR"),
    ("a RUN over a COPY", "RUN a\nCOPY x /x\nRUN b", "RUN a && b\nCOPY x /x", "behind the COPY"),
    ("a delete over a COPY of it", "RUN touch /d/a\nCOPY d /d\nRUN rm /d/a", "RUN touch /d/a && rm /d/a\nCOPY d /d", "may use"),
    ("a delete over what reads it", "RUN touch /a\nENV X=1\nRUN cat /a > /b\nENV Y=1\nRUN rm /a", "RUN touch /a && rm /a\nENV X=1\nRUN cat /a > /b\nENV Y=1", "may use"),
    ("a delete over what may read anything", "RUN touch /a\nENV X=1\nRUN ./x\nRUN rm /a", "RUN touch /a && rm /a\nENV X=1\nRUN ./x", "may use"),
    ("a delete over what tells where it is", "RUN touch /a\nENV X=/a\nRUN echo x\nENV Y=1\nRUN rm /a", "RUN touch /a && rm /a\nENV X=/a\nRUN echo x\nENV Y=1", "may use"),
    ("a variable that is not what it was", "RUN a\nENV X=1\nRUN b", "RUN a && export X=2 && b\nENV X=1", "another X"),
    ("a failure before a list that begins with an export", "RUN a\nENV X=1\nRUN b", "RUN a && export X=1; b\nENV X=1", "would not reach the end"),
    ("a folder that nothing makes", "RUN a\nWORKDIR /opt/x\nRUN b", "RUN a && cd /opt/x && b\nWORKDIR /opt/x", "nothing makes its folder"),
    ("a variable that is not given", "RUN a\nENV X=1 Y=2\nRUN b", "RUN a && export X=1 && b\nENV X=1 Y=2", "behind the ENV"),
    ("a variable that an earlier one sees", "RUN a\nRUN b\nENV X=1\nRUN c", "RUN a && export X=1 && b && c\nENV X=1", "another X"),
    ("a folder that is another", "RUN a\nWORKDIR /w\nRUN b", "RUN a && mkdir -p /v && cd /v && b\nWORKDIR /w", "another folder"),
    ("a folder that nothing makes", "RUN a\nWORKDIR /w\nRUN b", "RUN a && cd /w && b\nWORKDIR /w", "nothing makes its folder"),
    ("a folder of another user", "USER 5\nRUN a\nWORKDIR /w\nRUN b", "USER 5\nRUN a && mkdir -p /w && cd /w && b\nWORKDIR /w", "another folder"),
    ("a delete out of a RUN that uses it", "RUN touch /a\nENV X=1\nRUN cat /a > /k && rm /a && x", "RUN touch /a && rm /a\nENV X=1\nRUN cat /a > /k && x", "may use"),
    ("a delete over what may use it", "RUN touch /a\nCOPY f /f\nRUN ./y\nRUN x && rm /a", "RUN touch /a && rm /a\nCOPY f /f\nRUN ./y\nRUN x", "may use"),
    ("a delete of something else", "RUN touch /a\nCOPY f /f\nRUN x && rm /a", "RUN touch /a && rm /b\nCOPY f /f\nRUN x", "not deleted elsewhere"),
    ("a delete with other options", "RUN touch /a\nCOPY f /f\nRUN x && rm /a", "RUN touch /a && rm -rf /a\nCOPY f /f\nRUN x", "not deleted elsewhere"),
    ("a RUN over a COPY that it reads", "RUN a\nCOPY x /x\nRUN cat /x", "RUN a && cat /x\nCOPY x /x", "behind the COPY"),
    ("a COPY over a RUN that makes its folder a link", "RUN ln -s /b /a\nCOPY x /a/x\nRUN touch /c", "COPY x /a/x\nRUN ln -s /b /a && touch /c", "behind the COPY"),
    ("package lists, over an install", "RUN apt-get update\nENV X=1\nRUN apt-get install y\nENV Z=1\nRUN rm -rf /var/lib/apt/lists/*",
     "RUN apt-get update && rm -rf /var/lib/apt/lists/*\nENV X=1\nRUN apt-get install y\nENV Z=1", "may use"),
    ("package lists, over a script", "RUN apt-get update\nENV X=1\nRUN ./install\nENV Z=1\nRUN rm -rf /var/lib/apt/lists/*",
     "RUN apt-get update && rm -rf /var/lib/apt/lists/*\nENV X=1\nRUN ./install\nENV Z=1", "may use"),
    ("package lists, over a script that a shell is given", "RUN apt-get update\nENV X=1\nRUN sh install\nENV Z=1\nRUN rm -rf /var/lib/apt/lists/*",
     "RUN apt-get update && rm -rf /var/lib/apt/lists/*\nENV X=1\nRUN sh install\nENV Z=1", "may use"),
    ("a cache of yum, over an install", "RUN yum makecache\nENV X=1\nRUN yum install y\nENV Z=1\nRUN rm -rf /var/cache/yum",
     "RUN yum makecache && rm -rf /var/cache/yum\nENV X=1\nRUN yum install y\nENV Z=1", "may use"),
    ("a delete over PATH", "RUN touch /a\nENV PATH=/x\nRUN rm /a", "RUN touch /a && rm /a\nENV PATH=/x", "may see"),
    ("a COPY over a RUN", "RUN a\nCOPY x /x", "COPY x /x\nRUN a", "behind the COPY"),
    ("a COPY over a COPY", "COPY x /x\nCOPY y /x", "COPY y /x\nCOPY x /x", "changed places"),
    ("two settings", "ENV A=1\nLABEL a=$A", "LABEL a=$A\nENV A=1", "was not there"),
    ("two settings that do not speak of each other", "WORKDIR /a\nUSER x", "USER x\nWORKDIR /a", "changed places"),
    ("an ENV that refers to the one before", "ENV A=1\nENV B=$A", "ENV A=1 B=$A", "was not there"),
    ("an ENV whose quotes are lost", "ENV A=1\nENV B='$A'", "ENV A=1 B=$A", "was not there"),
    ("a LABEL that is lost", "LABEL a=1\nLABEL b=2", "LABEL a=1", "not there any more"),
    ("a RUN that is lost", "RUN a\nRUN b", "RUN a", "not there any more"),
    ("a WORKDIR that another overrides", "WORKDIR /a\nWORKDIR /b", "WORKDIR /b", "not there any more"),
    ("a CMD that is new", "RUN a", "RUN a\nCMD b", "was not there"),
    ("another base", "FROM a\nRUN x", "FROM b\nRUN x", "a stage"),
    ("a stage that is copied from", "FROM a AS x\nFROM b\nCOPY --from=x /x /x", "FROM b\nCOPY --from=x /x /x", "a stage"),
    ("a stage that a mount names", "FROM a AS x\nFROM b\nRUN --mount=from=x,target=/x y", "FROM b\nRUN --mount=from=x,target=/x y", "a stage"),
    ("a stage that a variable may name", "ARG V\nFROM a AS x\nFROM b AS y\nFROM $V", "ARG V\nFROM b AS y\nFROM $V", "a stage"),
    ("a stage that a variable may name a part of", "ARG V\nFROM a AS x-1\nFROM b AS y\nFROM x-$V", "ARG V\nFROM b AS y\nFROM x-$V", "a stage"),
    ("a copy by another than root, if a variable names that stage", "ARG V\nFROM a AS x\nUSER 5\nFROM $V\nCOPY f /tmp/f\nRUN b /tmp/f && rm /tmp/f",
     "ARG V\nFROM a AS x\nUSER 5\nFROM $V\nRUN --mount=type=bind,source=f,target=/.dfopt-f cp -p /.dfopt-f /tmp/f && b /tmp/f && rm /tmp/f", "root"),
    ("stages whose numbers change", "FROM a\nFROM b\nRUN x\nFROM c\nCOPY --from=1 /x /x", "FROM b\nRUN x\nFROM c\nCOPY --from=1 /x /x", "refers to another"),
    ("another stage in between", "FROM a\nRUN x\nFROM b\nCOPY --from=0 /x /x", "FROM scratch AS dfopt-f\nCOPY f /f/\n\nFROM a\nRUN x\nFROM b\nCOPY --from=0 /x /x",
     "refers to another"),
]

MOUNT = "RUN --mount=type=bind,source=f,target=/.dfopt-f"
PUT = f"{MOUNT} cp -p /.dfopt-f"
DELETED = f"{PUT} /tmp/f && cat /tmp/f && rm /tmp/f"
SHARED = [
    ("a RUN that goes without", "COPY f /tmp/f\nRUN cat /tmp/f\nENV A=b\nRUN wc /tmp/f && rm /tmp/f", f"RUN cat /tmp/f\nENV A=b\n{PUT} /tmp/f && wc /tmp/f && rm /tmp/f",
     "may use"),
    ("a RUN between that goes without", "COPY f /tmp/f\nRUN cat /tmp/f\nENV A=b\nRUN ./x\nENV A=c\nRUN wc /tmp/f && rm /tmp/f",
     f"{DELETED}\nENV A=b\nRUN ./x\nENV A=c\n{PUT} /tmp/f && wc /tmp/f && rm /tmp/f", "may use"),
    ("a COPY between", "COPY f /tmp/f\nRUN cat /tmp/f\nCOPY g /tmp/\nRUN wc /tmp/f && rm /tmp/f", f"{DELETED}\nCOPY g /tmp/\n{PUT} /tmp/f && wc /tmp/f && rm /tmp/f",
     "may use"),
    ("a mode that the second RUN had", "COPY f /tmp/f\nRUN chmod 700 /tmp/f\nENV A=b\nRUN stat /tmp/f && rm /tmp/f",
     f"{PUT} /tmp/f && chmod 700 /tmp/f && rm /tmp/f\nENV A=b\n{PUT} /tmp/f && stat /tmp/f && rm /tmp/f", "may change"),
    ("what the first RUN writes", "COPY f /tmp/f\nRUN echo >> /tmp/f\nENV A=b\nRUN cat /tmp/f && rm /tmp/f",
     f"{PUT} /tmp/f && echo >> /tmp/f && rm /tmp/f\nENV A=b\n{DELETED}", "may change"),
    ("what the first RUN copies over it", "COPY f /tmp/f\nRUN cat /tmp/f && cp /g/f /tmp\nENV A=b\nRUN cat /tmp/f && rm /tmp/f",
     f"{PUT} /tmp/f && cat /tmp/f && cp /g/f /tmp && rm /tmp/f\nENV A=b\n{DELETED}", "may change"),
    ("what the first RUN edits", "COPY f /tmp/f\nRUN sed -i s/a/b/ /tmp/f\nENV A=b\nRUN cat /tmp/f && rm /tmp/f",
     f"{PUT} /tmp/f && sed -i s/a/b/ /tmp/f && rm /tmp/f\nENV A=b\n{DELETED}", "may change"),
    ("what the first RUN unpacks over it", "COPY f /tmp/f\nRUN cat /tmp/f && tar -xf /g -C /tmp\nENV A=b\nRUN cat /tmp/f && rm /tmp/f",
     f"{PUT} /tmp/f && cat /tmp/f && tar -xf /g -C /tmp && rm /tmp/f\nENV A=b\n{DELETED}", "may change"),
    ("what a program does to it", "COPY f /tmp/f\nRUN sh /tmp/f\nENV A=b\nRUN cat /tmp/f && rm /tmp/f", f"{PUT} /tmp/f && sh /tmp/f && rm /tmp/f\nENV A=b\n{DELETED}",
     "may change"),
    ("a delete that the first RUN lacks", "COPY f /tmp/f\nRUN cat /tmp/f\nENV A=b\nRUN cat /tmp/f && rm /tmp/f", f"{PUT} /tmp/f && cat /tmp/f\nENV A=b\n{DELETED}",
     "does not delete"),
    ("a delete of more", "COPY f /tmp/f\nRUN cat /tmp/f\nENV A=b\nRUN rm /tmp/f", f"{PUT} /tmp/f && cat /tmp/f && rm /tmp/f /tmp/g\nENV A=b", "not deleted elsewhere"),
    ("a delete of its folder", "COPY f /opt/x/f\nRUN cat /opt/x/f\nENV A=b\nRUN rm /opt/x/f", f"{MOUNT} mkdir -p /opt/x && cp -p /.dfopt-f /opt/x/f && cat /opt/x/f && rm -r /opt/x\n"
     "ENV A=b", "not deleted elsewhere"),
    ("a failure that is not heard", "COPY f /tmp/f\nRUN cat /tmp/f\nENV A=b\nRUN rm /tmp/f", f"{PUT} /tmp/f && cat /tmp/f; rm /tmp/f\nENV A=b", "would not end the RUN"),
    ("a delete that minds nothing", "COPY f /tmp/f\nRUN ./x\nENV A=b\nRUN rm /tmp/f", f"{PUT} /tmp/f && ./x && rm -f /tmp/f\nENV A=b", "does not delete"),
    ("a delete that minds what its author's does not", "COPY f /tmp/f\nRUN ./x\nENV A=b\nRUN rm -rf /tmp/*", f"{PUT} /tmp/f && ./x && rm /tmp/f\nENV A=b\nRUN rm -rf /tmp/*",
     "does not delete"),
    ("a delete that finds nothing", "COPY f /tmp/f\nRUN cat /tmp/f\nENV A=b\nRUN touch /g; rm /tmp/f", f"{DELETED}\nENV A=b\nRUN touch /g; rm /tmp/f", "finds nothing"),
    ("a delete that loses more than the file", "COPY f /tmp/f\nRUN cat /tmp/f\nENV A=b\nRUN touch /g && rm /tmp/f /h", f"{DELETED}\nENV A=b\nRUN touch /g", "/h any more"),
    ("a delete of nothing", "COPY f /tmp/f\nRUN cat /tmp/f\nENV A=b\nRUN touch /g && rm /tmp/f", f"{DELETED}\nENV A=b\nRUN touch /g && rm", "delete of nothing"),
    ("a delete that another may not do", "COPY f /tmp/f\nRUN cat /tmp/f\nENV A=b\nRUN true || rm /tmp/f", f"{DELETED}\nENV A=b\nRUN true || rm -f /tmp/f", "does not delete"),
    ("a delete that no one does", "COPY f /tmp/f\nRUN cat /tmp/f\nENV A=b", f"{DELETED}\nENV A=b", "does not delete"),
    ("what is hidden from a pattern", "COPY .f /tmp/.f\nRUN cat /tmp/.f\nENV A=b\nRUN rm -rf /tmp/*",
     "RUN --mount=type=bind,source=.f,target=/.dfopt-.f cp -p /.dfopt-.f /tmp/.f && cat /tmp/.f && rm -f /tmp/.f\nENV A=b\nRUN rm -rf /tmp/*", "does not delete"),
    ("a use before the author's delete", "COPY f /tmp/f\nRUN cat /tmp/f\nENV A=b\nRUN ls /tmp && rm -f /tmp/f", f"{PUT} /tmp/f && cat /tmp/f && rm -f /tmp/f\nENV A=b\nRUN ls /tmp && rm -f /tmp/f",
     "does not delete"),
    ("a user of the second RUN", "COPY f /tmp/f\nRUN cat /tmp/f\nUSER 5\nRUN wc /tmp/f && rm /tmp/f", f"{DELETED}\nUSER 5\n{PUT} /tmp/f && wc /tmp/f && rm /tmp/f", "root"),
    ("a base with a user of its own", "FROM x/y\nCOPY f /tmp/f\nRUN cat /tmp/f && rm /tmp/f\nUSER root", f"FROM x/y\n{DELETED}\nUSER root", "as root"),
    ("a folder of which the second RUN saw more", "COPY d /opt/d\nRUN cat /opt/d/x\nENV A=b\nRUN ls /opt/d && rm -r /opt/d",
     "FROM scratch AS dfopt-d\nCOPY d /d/\n\nFROM busybox\nRUN --mount=type=bind,from=dfopt-d,source=/d,target=/.dfopt-d mkdir -p /opt/d && cp -a /.dfopt-d/. /opt/d/ && cat /opt/d/x && rm -r /opt/d\n"
     "ENV A=b\nRUN --mount=type=bind,from=dfopt-d,source=/d,target=/.dfopt-d cp -a /.dfopt-d/. /opt/d/ && ls /opt/d && rm -r /opt/d", "or delete more"),
    ("a folder that a RUN makes again", "WORKDIR /d\nCOPY d /d\nRUN cat /d/x\nENV A=b\nRUN touch /y\nWORKDIR /\nRUN rm -rf /d",
     "FROM scratch AS dfopt-d\nCOPY d /d/\n\nFROM busybox\nWORKDIR /d\nRUN --mount=type=bind,from=dfopt-d,source=/d,target=/.dfopt-d cp -a /.dfopt-d/. /d/ && cat /d/x && rm -rf /d\n"
     "ENV A=b\nRUN touch /y\nWORKDIR /", "WORKDIR again"),
    ("a folder that its own RUN makes again", "WORKDIR /d\nCOPY d /d\nRUN cat /d/x\nENV A=b\nRUN cd / && rm -rf /d",
     "FROM scratch AS dfopt-d\nCOPY d /d/\n\nFROM busybox\nWORKDIR /d\nRUN --mount=type=bind,from=dfopt-d,source=/d,target=/.dfopt-d cp -a /.dfopt-d/. /d/ && cat /d/x && rm -rf /d\n"
     "ENV A=b\nRUN cd /", "WORKDIR again"),
    ("a delete over a RUN that makes its folder again", "RUN mkdir /d && touch /d/x\nWORKDIR /d\nRUN touch /y\nWORKDIR /\nRUN rm -rf /d",
     "RUN mkdir /d && touch /d/x && rm -rf /d\nWORKDIR /d\nRUN touch /y\nWORKDIR /", "deletes what"),
    ("folders that the first RUN does not make", "COPY f /opt/x/f\nRUN cat /opt/x/f\nENV A=b\nRUN wc /opt/x/f && rm /opt/x/f",
     f"{PUT} /opt/x/f && cat /opt/x/f && rm /opt/x/f\nENV A=b\n{MOUNT} mkdir -p /opt/x && cp -p /.dfopt-f /opt/x/f && wc /opt/x/f && rm /opt/x/f", "nothing makes /opt/x"),
]
HANDED = "FROM busybox AS dfopt-a\nCOPY f /tmp/f\nRUN {0}\n\nFROM busybox\nRUN {1}\nCOPY --from=dfopt-a {2} {2}"
COPIES = [
    ("a COPY that is lost", "COPY f /tmp/f\nRUN cat /tmp/f", "RUN cat /tmp/f", "may use"),
    ("a COPY that is lost with a delete that is not its own", "COPY f /tmp/f\nRUN cat /tmp/f && rm /tmp/f", "RUN cat /tmp/f", "may use"),
    ("a mount in place", "COPY f /tmp/f\nRUN cat /tmp/f && rm /tmp/f", "RUN --mount=type=bind,source=f,target=/tmp/f cat /tmp/f", "other flags"),
    ("a mount in place, with the delete", "COPY f /tmp/f\nRUN cat /tmp/f && rm /tmp/f", "RUN --mount=type=bind,source=f,target=/tmp/f cat /tmp/f && rm /tmp/f",
     "other flags"),
    ("another file", "COPY g /tmp/f\nRUN cat /tmp/f && rm /tmp/f", f"{PUT} /tmp/f && cat /tmp/f && rm /tmp/f", "may use"),
    ("another place", "COPY f /tmp/f\nRUN cat /tmp/f && rm /tmp/f", f"{PUT} /tmp/g && cat /tmp/f && rm /tmp/f", "may use"),
    ("a folder instead of a file in it", "COPY f /opt/\nRUN cat /opt/f && rm /opt/f", f"{PUT} /opt && cat /opt/f && rm /opt/f", "may use"),
    ("folders that are not made", "COPY f /opt/x/f\nRUN cat /opt/x/f && rm /opt/x/f", f"{PUT} /opt/x/f && cat /opt/x/f && rm /opt/x/f", "nothing makes /opt/x"),
    ("folders that no COPY made", "COPY f /tmp/f\nRUN cat /tmp/f && rm /tmp/f", f"{MOUNT} mkdir -p /opt/x && cp -p /.dfopt-f /tmp/f && cat /tmp/f && rm /tmp/f",
     "folders that no copy made"),
    ("a failing `cp` that is not heard", "COPY f /tmp/f\nRUN cat /tmp/f; rm /tmp/f", f"{PUT} /tmp/f && cat /tmp/f; rm /tmp/f", "may not be heard"),
    ("a `cp` that nothing checks", "COPY f /tmp/f\nRUN cat /tmp/f && rm /tmp/f", f"{PUT} /tmp/f; cat /tmp/f && rm /tmp/f", "not made of commands"),
    ("an owner", "COPY --chown=5:6 f /tmp/f\nRUN cp -a /tmp/f /k && rm /tmp/f", f"{PUT} /tmp/f && cp -a /tmp/f /k && rm /tmp/f", "may use"),
    ("an owner by name in a stage of its own", "COPY --chown=a:b f /tmp/f\nRUN cat /tmp/f && rm /tmp/f",
     "FROM scratch AS dfopt-f\nCOPY --chown=a:b f /f/\n\nFROM busybox\nRUN --mount=type=bind,from=dfopt-f,source=/f,target=/.dfopt-f cp -p /.dfopt-f/f /tmp/f && "
     "cat /tmp/f && rm /tmp/f", "may use"),
    ("attributes of a file from a stage", "COPY --from=b /f /tmp/f\nRUN cp -a /tmp/f /k && rm /tmp/f",
     "RUN --mount=type=bind,from=b,source=/f,target=/.dfopt-f cp -p /.dfopt-f /tmp/f && cp -a /tmp/f /k && rm /tmp/f", "not there any more"),
    ("hard links of a folder", "COPY d /tmp/d/\nRUN cp -a /tmp/d /k && rm -r /tmp/d",
     "FROM scratch AS dfopt-d\nCOPY d /d/\n\nFROM busybox\nRUN --mount=type=bind,from=dfopt-d,source=/d,target=/.dfopt-d "
     "mkdir -p /tmp/d && cp -pR /.dfopt-d/. /tmp/d/ && cp -a /tmp/d /k && rm -r /tmp/d", "not made of commands"),
    ("a user", "USER 5\nCOPY f /tmp/f\nRUN cat /tmp/f && rm /tmp/f", f"USER 5\n{PUT} /tmp/f && cat /tmp/f && rm /tmp/f", "root"),
    ("a read in between", "COPY f /tmp/f\nRUN cat /tmp/f > /k\nENV A=b\nRUN rm /tmp/f", f"RUN cat /tmp/f > /k\nENV A=b\n{PUT} /tmp/f && rm /tmp/f", "may use"),
    ("a program in between", "COPY f /tmp/f\nENV A=b\nRUN ./x\nENV C=d\nRUN cat /tmp/f && rm /tmp/f",
     f"ENV A=b\nRUN ./x\nENV C=d\n{PUT} /tmp/f && cat /tmp/f && rm /tmp/f", "may use"),
    ("a mount over it", "COPY f /tmp/f\nRUN --mount=type=cache,target=/tmp cat /tmp/f && rm /tmp/f",
     f"RUN --mount=type=cache,target=/tmp --mount=type=bind,source=f,target=/.dfopt-f cp -p /.dfopt-f /tmp/f && cat /tmp/f && rm /tmp/f", "mount lies over"),
    ("a walk through `/`", "COPY f /tmp/f\nRUN find / -name f > /k && rm /tmp/f", f"{PUT} /tmp/f && find / -name f > /k && rm /tmp/f", "go through `/`"),
    ("nothing deletes it", "COPY f /tmp/f\nRUN cat /tmp/f", f"{PUT} /tmp/f && cat /tmp/f", "does not delete"),
    ("an archive that ADD unpacks", "ADD f.tar /tmp/f.tar\nRUN ls /tmp/f.tar && rm -r /tmp/f.tar",
     "RUN --mount=type=bind,source=f.tar,target=/.dfopt-f cp -p /.dfopt-f /tmp/f.tar && ls /tmp/f.tar && rm -r /tmp/f.tar", "unpack"),
    ("what ADD fetches", "ADD https://x/f /tmp/f\nRUN cat /tmp/f && rm /tmp/f", "RUN --mount=type=bind,source=https://x/f,target=/.dfopt-f cp -p /.dfopt-f /tmp/f && "
     "cat /tmp/f && rm /tmp/f", "may use"),
    ("a delete without its COPY", "COPY f /tmp/f\nRUN rm /tmp/f", "RUN rm /tmp/f", "fails without"),
    ("a delete that may delete more", "COPY f /tmp/f\nRUN rm /tmp/f", "FROM busybox", "may have deleted something else"),
    ("a delete that stays away", "RUN mkdir /d\nCOPY f /d/f\nRUN touch /g && rm /d/f /g", "RUN mkdir /d\nRUN touch /g", "deletes more"),
    ("a folder that the COPY made", "COPY f /opt/x/f\nRUN rm /opt/x/f", "RUN rm -f /opt/x/f", "nothing makes /opt/x"),
    ("a delete that may not run", "COPY f /tmp/f\nRUN true || rm /tmp/f", "RUN true || rm -f /tmp/f", "may use"),
    ("a delete behind an exit", "COPY f /tmp/f\nRUN [ -e /x ] && exit 0; rm /tmp/f", "RUN [ -e /x ] && exit 0; rm -f /tmp/f", "may use"),
    ("a link to it", "COPY f /tmp/f\nRUN ln /tmp/f /k && rm /tmp/f", "RUN ln /tmp/f /k && rm -f /tmp/f", "may use"),
    ("a delete of a part", "COPY d /opt/d\nRUN rm /opt/d/x", "RUN mkdir -p /opt && rm -f /opt/d/x", "may use"),
    ("a stage that is not built any more", "FROM a AS x\nFROM b\nCOPY --from=x /x /tmp/x\nRUN rm /tmp/x", "FROM a AS x\nFROM b\nRUN rm -f /tmp/x", "refers to another"),
    ("a delete that has been forced for nothing", "RUN rm /tmp/f", "RUN rm -f /tmp/f", "lost or changed"),
    ("a delete that is lost", "RUN touch /a && rm /b", "RUN touch /a", "lost or changed"),
    ("COPYs with new names", "COPY x /m/a\nCOPY y /m/b", "COPY x y /m/", "was not there"),
    ("ADD of an archive as COPY", "ADD t.tar /t/", "COPY t.tar /t/", "was not there"),
    ("a linked COPY", "COPY x /x", "COPY --link x /x", "was not there"),
    ("an owner for the group, too", "COPY x /x\nRUN chown 1000 /x", "COPY --chown=1000 x /x", "another owner"),
    ("a mode that is no number", "COPY x /x\nRUN chmod +x /x", "COPY --chmod=+x x /x", "another mode"),
    ("a mode with too much", "COPY x /x\nRUN chmod 600 /x", "COPY --chmod=644 x /x", "another mode"),
    ("a mode that nothing gave", "COPY x /x", "COPY --chmod=755 x /x", "nothing gave"),
    ("an owner that nothing gave", "COPY x /x", "COPY --chown=5:5 x /x", "another owner"),
    ("an owner for files that were not given to him", "COPY x y /m/\nRUN chown 5:6 /m/x", "COPY --chown=5:6 x y /m/", "for more than"),
    ("an owner of folders", "COPY x /q/r/x\nRUN chown 5:6 /q/r/x", "COPY --chown=5:6 x /q/r/x", "would have its owner"),
    ("an owner that something looks at first", "COPY x /x\nRUN stat /x > /k && chown 5:6 /x", "COPY --chown=5:6 x /x\nRUN stat /x > /k", "may look at"),
    ("a mode that something looks at first", "COPY x /x\nRUN ./y /x\nRUN chmod 600 /x", "COPY --chmod=600 x /x\nRUN ./y /x", "may look at"),
    ("an owner that is made after", "COPY x /x\nRUN useradd a && chown a:a /x", "COPY --chown=a:a x /x\nRUN useradd a", "makes the name"),
    ("a `chown` that is lost", "COPY x /x\nRUN chown 5:6 /x", "COPY x /x", "another owner"),
    ("a `chown` of another path that is lost", "COPY x /x\nRUN chown 5:6 /x /y", "COPY --chown=5:6 x /x", "has lost"),
    ("a `chown` that is not root's", "USER 5\nCOPY x /x\nRUN chown 5:6 /x", "USER 5\nCOPY --chown=5:6 x /x", "as root"),
    ("a variable whose list hides a failure", "RUN a\nENV X=1\nRUN b", "RUN a && export X=1; b\nENV X=1", "would not reach the end"),
    ("a stage for a RUN that makes no new folder", "COPY f /tmp/f\nRUN mkdir -p /a && cp /tmp/f /a/ && rm /tmp/f",
     HANDED.format("mkdir -p /a && cp /tmp/f /a/ && rm /tmp/f", "rm -f /tmp/f", "/a"), "does not do what was done"),
    ("a stage for a RUN that does more", "COPY f /tmp/f\nRUN mkdir /a && cp /tmp/f /b && rm /tmp/f",
     HANDED.format("mkdir /a && cp /tmp/f /b && rm /tmp/f", "rm -f /tmp/f", "/a"), "touch something else"),
    ("a stage for a RUN that marks its folder", "COPY f /tmp/f\nRUN mkdir /a && cp /tmp/f /a/ && chmod 700 /a && rm /tmp/f",
     HANDED.format("mkdir /a && cp /tmp/f /a/ && chmod 700 /a && rm /tmp/f", "rm -f /tmp/f", "/a"), "changes a folder"),
    ("a stage that hands on less", "COPY f /tmp/f\nRUN mkdir /a /b && cp /tmp/f /b/ && rm /tmp/f",
     HANDED.format("mkdir /a /b && cp /tmp/f /b/ && rm /tmp/f", "rm -f /tmp/f", "/b"), "something else than what it makes"),
    ("a stage after which nothing is deleted", "COPY f /tmp/f\nRUN mkdir /a && cp /tmp/f /a/ && rm /tmp/f",
     HANDED.format("mkdir /a && cp /tmp/f /a/ && rm /tmp/f", "true", "/a"), "not deleted"),
    ("a stage that does something else", "COPY f /tmp/f\nRUN mkdir /a && cp /tmp/f /a/ && rm /tmp/f",
     HANDED.format("mkdir /a && cp /tmp/f /a/g && rm /tmp/f", "rm -f /tmp/f", "/a"), "not made of commands"),
    ("a `mkdir` that is lost", "RUN mkdir -p /a\nRUN x", "RUN x", "not there any more"),
    ("a `mkdir` with a mode that is lost", "RUN mkdir -p -m 700 /a\nWORKDIR /a", "WORKDIR /a", "not there any more"),
    ("a `mkdir` that fails where there is one", "RUN mkdir /a\nWORKDIR /a", "WORKDIR /a", "not there any more"),
]


RIVALS = [  # what other tools were seen to make
    ("a `# syntax` line that is lost", "# syntax=docker/dockerfile:1\nFROM busybox\nRUN a", "FROM busybox\nRUN a", "directive"),
    ("a `# syntax` line that comes second", "# syntax=docker/dockerfile:1\nFROM busybox\nRUN a", "# made by\n# syntax=docker/dockerfile:1\nFROM busybox\nRUN a",
     "directive"),
    ("cd as WORKDIR", "RUN cd /w/a\nRUN touch x", "WORKDIR /w/a\nRUN touch x", "was not there"),
    ("a delete before the author's own", "RUN tar -xf /tmp/p.tar\nRUN rm /tmp/p.tar", "RUN tar -xf /tmp/p.tar && rm /tmp/p.tar\nRUN rm /tmp/p.tar", "not deleted elsewhere"),
    ("exec form as words", 'RUN ["sh", "-c", "echo $X > /f"]', "RUN sh -c echo $X > /f", "not made of commands"),
    ("CMD in another form", 'CMD ["sh"]', "CMD sh", "was not there"),
    ("a heredoc without its body", "RUN <<EOF\na\nEOF", "RUN true", "not made of commands"),
    ("a COPY for what a RUN wrote", "RUN echo a > /a", "COPY <<EOF /a\na\nEOF", "was not there"),
    ("a cache mount", "RUN apt-get install x", "RUN --mount=type=cache,target=/var/cache/apt apt-get install x", "other flags"),
    ("a command that is added", "RUN apt-get install x", "RUN apt-get install x && rm -rf /var/lib/apt/lists/*", "not deleted elsewhere"),
    ("another program for the same", "RUN apt install x", "RUN apt-get install x", "not made of commands"),
    ("an option that is added", "RUN apt-get install x", "RUN apt-get install -y x", "not made of commands"),
    ("a set -e heredoc of several RUNs", "RUN false; true\nRUN a", "RUN <<EOF\nset -e\nfalse; true\na\nEOF", "not made of commands"),
    ("a subshell for a body with `set -e`", "RUN set -e; a; b\nRUN c", "RUN ( set -e; a; b ) && ( c )", "`set -e` is off"),
    ("MAINTAINER as LABEL", "MAINTAINER a", "LABEL org.opencontainers.image.authors=a", "was not there"),
    ("a RUN that is new", "COPY package.json .", "RUN npx depcheck\nCOPY package.json .", "not made of commands"),
    ("a WORKDIR for a folder that was made", "RUN mkdir /a", "WORKDIR /a", "was not there"),
]
AGAIN = [
    ("a folder that a RUN removes", "WORKDIR /x\nRUN rm -rf /x\nWORKDIR /x", "WORKDIR /x\nRUN rm -rf /x", "not there any more"),
    ("a folder that a RUN moves, with the one above", "WORKDIR /x/y\nRUN a; mv /x /z\nWORKDIR /x/y", "WORKDIR /x/y\nRUN a; mv /x /z", "not there any more"),
    ("a folder that is relative", "WORKDIR x\nWORKDIR x", "WORKDIR x", "not there any more"),
    ("a folder with a slash", "WORKDIR /x\nWORKDIR /x/", "WORKDIR /x", "not there any more"),
]


PLANTED = JOINED + MOVED + COPIES + SHARED + RIVALS + AGAIN


@pytest.mark.parametrize(("before", "after", "said"), [case[1:] for case in PLANTED], ids=[case[0] for case in PLANTED])
def test_what_is_wrong_is_told(before: str, after: str, said: str):
    assert said in told(before, after)


@pytest.mark.parametrize(("before", "after"), [
    ("RUN a\nRUN b", "RUN a && b"),
    ("RUN a\nRUN b", "RUN ( a ) && b"),
    ("RUN a && cd /x && b\nRUN c", "RUN a && ( cd /x && b ) && c"),
    ("RUN a\nRUN cd /x && b\nRUN c || d", "RUN a && ( cd /x && b ) && { c || d; }"),
    ("RUN set -ex && a && cd /x\nRUN c", "RUN set -ex && a && ( cd /x ) && c"),
    ("RUN a && cp x /bin/a\nRUN a", "RUN a && cp x /bin/a && hash -r && a"),
    ("RUN a && cp x /bin/a\nRUN a; b", "RUN a && cp x /bin/a && hash -r && { a; b; }"),
    ("RUN for x in a; do b $x; done\nRUN echo 'for y' y", "RUN for x in a; do b $x; done && echo 'for y' y"),
    ("RUN echo 'for y'\nRUN c y", "RUN echo 'for y' && c y"),
    ("RUN NGINX_VERSION=1; curl $NGINX_VERSION\nRUN set -x; NGINX_VERSION=2; make", "RUN NGINX_VERSION=1; curl $NGINX_VERSION && { set -x; NGINX_VERSION=2; make; }"),
    ("RUN a || b\nRUN c", "RUN a || b && c"),
    ("RUN a; b\nRUN c || d", "RUN a; b && { c || d; }"),
    ("RUN set -e; a; b\nRUN set -e; c", "RUN set -e; a; b; set -e; c"),
    ("RUN cd /x && a\nRUN b", "RUN ( cd /x && a ); [ $? -eq 0 ] || exit 1; b"),
    ("RUN a\nLABEL b=c\nRUN d", "RUN a && d\nLABEL b=c"),
    ("RUN a\nRUN b", "RUN <<EOF\n( a )\n[ $? -eq 0 ] || exit 1\nb\nEOF"),
    ("ENV A=1\nENV B=2", "ENV A=1 B=2"),
    ("FROM a AS x\nFROM b", "FROM b"),
    ("COPY x /m/\nCOPY y /m/", "COPY x y /m/"),
    ("COPY x /x\nRUN chown 5 /x && chmod 600 /x", "COPY --chown=5:0 --chmod=600 x /x"),
    ("RUN mkdir -p /a\nWORKDIR /a", "WORKDIR /a"),
    ("RUN set -e; a; b\nENV X=1\nRUN set -e; c; d", "RUN ( set -e; a; b ); [ $? -eq 0 ] || exit 1; export X=1; set -e; c; d\nENV X=1"),
    ("FROM busybox\nCOPY f /tmp/f\nRUN mkdir /a && cp /tmp/f /a/ && rm /tmp/f", HANDED.format("mkdir /a && cp /tmp/f /a/ && rm /tmp/f", "rm -f /tmp/f", "/a")),
    ("COPY f /opt/x/f\nENV A=b\nRUN cat /opt/x/f && rm -r /opt/x", f"ENV A=b\n{MOUNT} mkdir -p /opt/x && cp -p /.dfopt-f /opt/x/f && cat /opt/x/f && rm -r /opt/x"),
    ("COPY f /tmp/f\nRUN ./x /tmp/f\nENV A=b\nRUN rm /tmp/f", f"{PUT} /tmp/f && ./x /tmp/f && rm /tmp/f\nENV A=b"),
    ("COPY f /tmp/f\nRUN ./x /tmp/f\nENV A=b\nRUN rm -rf /tmp/*", f"{PUT} /tmp/f && ./x /tmp/f && rm -f /tmp/f\nENV A=b\nRUN rm -rf /tmp/*"),
    ("COPY f /tmp/f\nRUN tar -xf /tmp/f -C /\nENV A=b\nRUN wc /tmp/f && rm /tmp/f", f"{PUT} /tmp/f && tar -xf /tmp/f -C / && rm /tmp/f\nENV A=b\n{PUT} /tmp/f && wc /tmp/f && rm /tmp/f"),
    ("COPY f /tmp/f\nRUN tar -xf /tmp/f -C /opt\nENV A=b\nRUN wc /tmp/f && rm /tmp/f", f"{PUT} /tmp/f && tar -xf /tmp/f -C /opt && rm /tmp/f\nENV A=b\n{PUT} /tmp/f && wc /tmp/f && rm /tmp/f"),
])
def test_what_is_right_is_let_pass(before: str, after: str):
    assert told(before, after) == ""


@pytest.mark.parametrize("case", [case for case in CASES if case.before != case.after and case.options.level == "same"], ids=str)
def test_what_the_rules_do_is_confirmed(case):
    assert unconfirmed(read(case.before), read(case.after)) == ""


@pytest.mark.parametrize("trap", [trap for trap in TRAPS if trap.verdicts["naive"] != "same"], ids=lambda trap: trap.name)
def test_no_naive_rewriting_is_confirmed(trap):
    after = read(trap.others["naive"])
    assert isinstance(after, Unreadable) or unconfirmed(read(trap.before), after)


def test_the_ledger_of_a_text_is_made_once():
    """What one change makes of it is what the next one begins with."""
    dockerfile = read("FROM a\nRUN b\n")
    assert not isinstance(dockerfile, Unreadable) and read_ledger(dockerfile) is read_ledger(dockerfile)
