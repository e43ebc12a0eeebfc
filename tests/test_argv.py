"""An exec form as a command of a shell."""
from __future__ import annotations

import pytest

from rewriter.shell.argv import command
from rewriter.shell.model import Opaque


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("touch", "/x"), "touch /x"),
        (("/bin/mkdir", "-p", "a b", "$c", "it's", ""), "/bin/mkdir -p 'a b' '$c' 'it'\\''s' ''"),
        (("chmod", "a=r", "*", "~"), "chmod a=r '*' '~'"),
        (("npm", "run", "build"), "npm run build"),
        (("bash", "-c", "source x && make"), "bash -c 'source x && make'"),
    ],
)
def test_words_are_quoted_where_they_need_to_be(words: tuple[str, ...], text: str):
    assert command(words) == text


@pytest.mark.parametrize(
    "words",
    [(), ("env",), ("printenv", "PWD"), ("./run",), ("echo", "x"), ("test", "-e", "/x"), ("pwd",), ("bash", "-c", "env"), ("sh", "-c", "echo $SHLVL"),
     ("touch", "a\nb"), ("touch", "<<EOF"), ("FOO=1", "x"), ("time", "x"), ("sudo", "env")],
)  # fmt: skip
def test_what_could_tell_the_difference_is_left_alone(words: tuple[str, ...]):
    assert isinstance(command(words), Opaque)
