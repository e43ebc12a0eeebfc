"""What the names of well-known images tell."""
from __future__ import annotations

from itertools import takewhile

from rewriter.source.model import Instruction

# Official images whose user is root.
_ROOT = frozenset(
    "almalinux alpine amazoncorretto amazonlinux archlinux buildpack-deps busybox cirros clearlinux composer debian docker eclipse-temurin elixir erlang fedora gcc "
    "golang gradle haproxy haskell httpd ibmjava ibm-semeru-runtimes julia mageia maven mono mysql nginx node openjdk oraclelinux perl photon php postgres "
    "pypy python r-base rakudo-star redis rockylinux ruby rust sapmachine scratch swift swipl tomcat ubuntu wordpress centos opensuse sl".split()
)


def other_user(start: Instruction, instructions: tuple[Instruction, ...]) -> bool:
    """Whether the image of a FROM may have another user than root: the first USER behind it says root, and it is not known for that."""
    name = (start.arguments.text.split() or [""])[0].removeprefix("docker.io/").removeprefix("library/").partition("@")[0].partition(":")[0]
    said = [each.arguments.text.split(":")[0] for each in takewhile(lambda each: each.keyword != "FROM", instructions[start.index + 1 :]) if each.keyword == "USER"]
    return name not in _ROOT and said[:1] in (["root"], ["0"])
