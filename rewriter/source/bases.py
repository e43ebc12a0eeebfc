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
# What the names of images begin with whose user is another.
_OTHERS = (
    "apache/airflow", "cimg/", "circleci/", "codercom/", "docker.elastic.co/kibana/", "docker.elastic.co/logstash/", "homebrew/", "jboss/", "jenkins/", "jetty", "jupyter/", "kibana",
    "linuxbrew/", "logstash", "mambaorg/micromamba", "quay.io/jupyter/", "quay.io/keycloak/", "selenium/", "solr",
)
# What the names of images begin with that have a SHELL, and its words.
_SHELLS = {
    "cimg/": ("/bin/bash", "-exo", "pipefail", "-c"), "mambaorg/micromamba": ("/usr/local/bin/_dockerfile_shell.sh",),
    "jupyter/": ("/bin/bash", "-o", "pipefail", "-c"), "quay.io/jupyter/": ("/bin/bash", "-o", "pipefail", "-c"),
}


def other_shell(start: Instruction) -> tuple[str, ...]:
    """The SHELL that the image of a FROM is known to have, as words; () for none."""
    name = _name(start)
    return next((said for beginning, said in _SHELLS.items() if name.startswith(beginning)), ())


def other_user(start: Instruction, instructions: tuple[Instruction, ...]) -> bool:
    """Whether the image of a FROM may have another user than root: it is known for one, or not for root, which the first USER behind it says."""
    name = _name(start)
    said = [each.arguments.text.split(":")[0] for each in takewhile(lambda each: each.keyword != "FROM", instructions[start.index + 1 :]) if each.keyword == "USER"]
    return name.startswith(_OTHERS) or name not in _ROOT and said[:1] in (["root"], ["0"])


def _name(start: Instruction) -> str:
    """The name of the image, without the registry that any has, a tag or a digest."""
    return (start.arguments.text.split() or [""])[0].removeprefix("docker.io/").removeprefix("library/").partition("@")[0].partition(":")[0]
