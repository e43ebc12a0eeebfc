"""What SHELL names."""
from __future__ import annotations

import pytest

from rewriter.shell.shells import Shell, read_shell


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("/bin/sh -c", set()),
        ("/bin/bash -cu", {"nounset"}),
        ("/bin/bash -o pipefail -c", {"pipefail"}),
        ("bash -eo pipefail -c", {"errexit", "pipefail"}),
        ("/bin/bash -ceuxo pipefail", {"errexit", "nounset", "xtrace", "pipefail"}),
        ("/bin/bash -o errexit -o nounset -c", {"errexit", "nounset"}),
        ("/bin/ash -e -c", {"errexit"}),
    ],
)
def test_a_shell_and_its_options(words: str, options: set[str]):
    shell = read_shell(tuple(words.split()))
    assert shell == Shell(shell.name, frozenset(options)) and shell.errexit == ("errexit" in options)


@pytest.mark.parametrize("words", ["/bin/bash -lc", "/bin/bash -l -c", "/bin/bash --login -c", "/bin/bash -ic", "/bin/bash -lic"])
def test_a_shell_that_reads_files_as_it_starts(words: str):
    assert read_shell(tuple(words.split())).login


@pytest.mark.parametrize(
    "words",
    ["", "/bin/sh", "powershell -Command", "cmd /S /C", "/bin/busybox sh -c", "/bin/ksh -c", "/bin/zsh -c", "/bin/bash -c x", "/bin/bash +e -c", "/bin/bash -o", "/bin/bash -o posix -c", "/bin/bash --posix -c", "/bin/bash -nc", "/bin/bash - -c", "/usr/bin/env bash -c", "/bin/bash -oc"],
)
def test_what_is_no_shell_that_is_known(words: str):
    assert read_shell(tuple(words.split())) is None
