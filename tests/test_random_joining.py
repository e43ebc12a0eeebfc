"""Random bodies, joined and apart: commands of `test_joining.py` put together in every way, on real shells."""
from __future__ import annotations

from pathlib import Path

import pytest
from conftest import examples
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from test_joining import FIRST, SECOND, SHELLS, Scratch, agree

_ONE = ("( {} )", "{{ {}; }}", "if {}; then touch t; fi", "if true; then {}; fi", "if false; then :; else {}; fi", "! {}", "for k in 1 2; do {}; done", "while true; do {}; break; done", "until {}; do break; done",
        "h() {{ {}; }}; h", "h() ( {} ); h", "echo $( {} ) > s", "echo \"`{}`\" > s", "case $FOO in env) {} ;; esac", "case $FOO in x) {} ;; esac", "set -e; {}", "set -ex; {}", "set -eu\\\n; {}", "{} || true", "true && {}", "{}; true", "false || {}",
        "{} > out", "{} < file", "{} | cat > p", "{{ {}; }} > out 2>&1", "( {} ) || touch no", "{} || exit 1", "{} && exit 0", "{};")  # fmt: skip
_TWO = ("{} && {}", "{} && {}", "{}; {}", "{}; {}", "{} || {}", "if {}; then {}; fi", "{} && {} || touch no", "{{ {}; }} && ( {} )", "( {} ) && {}", "{} && \\\n {}", "while {}; do {}; break; done")
BODIES = st.recursive(
    st.sampled_from([*FIRST, *SECOND]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(_ONE), inner).map(lambda drawn: drawn[0].format(drawn[1])),
        st.tuples(st.sampled_from(_TWO), inner, inner).map(lambda drawn: drawn[0].format(*drawn[1:])),
    ),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return Scratch(Path(tmp_path_factory.mktemp("joining")) / "root")


@given(st.lists(BODIES, min_size=2, max_size=3), st.sampled_from(list(SHELLS)))
@examples(100, long=20_000, suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much))
def test_random_bodies_do_what_they_did_apart(scratch: Scratch, bodies: list[str], name: str):
    agree(scratch, bodies, name)
