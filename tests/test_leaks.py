"""What a body leaves in its shell."""
from __future__ import annotations

import pytest

from rewriter.shell.leaks import leaks
from rewriter.shell.reading import read_script


@pytest.mark.parametrize(
    "text",
    ["make", "(cd /x; umask 0; exit 0)", "cd x && make && cd ..", "make || exit 1", "echo $(cd /x; exit 0)", "X=1 make", "a | while read x; do y=1; done", "command -v x", "set -x", "set -e; set +e", "\"$X\"/bin/y", "f() { return 1; }", "wait"],
)
def test_nothing_but_names(text: str):
    found = leaks(read_script(text))
    assert not found.state and not found.away and not found.on - {"xtrace"} and not found.lasting


@pytest.mark.parametrize(
    "text",
    ["umask 0", "ulimit -n 1", "exec x", "exit 0", "exit", "exit $?", "exit 256", "exit \u00b2", "exit " + "9" * 5_000, ". x", "source x", "eval x", "alias a=b", "trap x EXIT", "set --", "set a", "set -f", "set -a", "shopt -s x", "readonly X", "declare X", "getopts a b", "shift",
     "$X", "\"$X\"", "command cd /x", "builtin cd", "export $X", "export -p", "read -a x", "printf -v x y", "echo $((x=1))", "echo $((x++))", "conda activate x", "nvm use 1", "x && { umask 0; }"],
)  # fmt: skip
def test_a_state_that_only_a_subshell_keeps(text: str):
    assert leaks(read_script(text)).state


@pytest.mark.parametrize(
    ("text", "names"),
    [("X=1; y=2", {"X", "y"}), ("for i in a; do :; done", {"i"}), ("export X=1 Y", {"X", "Y"}), ("unset X", {"X"}), ("read -r x y", {"x", "y"}), ("echo ${X:=1} ${Y:-2} ${z=3}", {"X", "z"}), ("X=1 :", {"X"}), ("X=1 true", set()), ("f() { :; }", {"f"}), ("(X=1)", set()), ("x=$(y=1)", {"x"})],
)
def test_the_names_that_it_gives_a_meaning(text: str, names: set[str]):
    assert leaks(read_script(text)).names == names


@pytest.mark.parametrize(
    ("text", "on", "off"),
    [("set -eux", {"errexit", "nounset", "xtrace"}, set()), ("set -e; x; set +e", set(), {"errexit"}), ("set -o pipefail", {"pipefail"}, set()), ("set -euo pipefail", {"errexit", "nounset", "pipefail"}, set()), ("(set -e)", set(), set()), ("if x; then set -e; fi; x || set +e", {"errexit"}, {"errexit"})],
)
def test_the_options_that_it_leaves(text: str, on: set[str], off: set[str]):
    found = leaks(read_script(text))
    assert (found.on, found.off) == (on, off)


@pytest.mark.parametrize("text", ["cd /x", "cd x; make; cd ..", "cd x || true", "cd $X && cd ..", "pushd x && popd", "cd x && cd /y", "cd ..", "cd -P x && cd .."])
def test_another_folder(text: str):
    assert leaks(read_script(text)).away


@pytest.mark.parametrize(
    ("text", "strict", "single"),
    [("set -e; x; y", True, True), ("set -e; x && y", True, False), ("set -e && x", False, False), ("x; set -e; y", False, True), ("set -e; set +e; y", False, True), ("set -e; x; if y; then z; fi", True, True), ("set -e; if x; then y && z; fi", True, False), ("set -e; { x; } > y", True, True), ("set -e; for i in 1; do x; done", True, True), ("set -e; case x in x) y;; z) v && w;; esac", True, False), ("set -e; while x && y; do z; done", True, True), ("set -e; { x; y || z; }", True, False), ("set -e; (x && y)", True, True), ("set -e; ! x", True, False), ("set -e; x | y", True, True), ("set -e; f() { x; }; f", True, False)],
)
def test_where_a_list_is_enough(text: str, strict: bool, single: bool):
    found = leaks(read_script(text))
    assert (found.strict, found.single) == (strict, single)
