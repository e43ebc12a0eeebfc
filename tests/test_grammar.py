"""bashlex with the tables that it ships, in a process of its own each: its import is what is tested."""
from __future__ import annotations

import subprocess
import sys

BODIES = [
    "a && b || c; d &", "( a; b ) | c > /x 2>&1", "if a; then b; elif c; then d; else e; fi", "for x in a b; do c; done",
    "{ a; } && f() { b; }; f", "while a; do b; done < /x", "A=b c $(d `e`) \"$(f)\"", "until a; do b; done", "! a | b", "a\nb\n\nc",
    "cat <<E\nx\nE\n", "a <(b) >(c)", "if a; then b", "a ) b", "case x in y) z;; esac", "a &&", "",
]
SAID = "repr([said(body) for body in BODIES])"
START = f"""
import sys
BODIES = {BODIES!r}

def said(body):
    try:
        return [tree.dump() for tree in bashlex.parse(body)]
    except Exception as error:
        return repr(error)
"""
READY = "from rewriter.shell import grammar\nbashlex = grammar.bashlex()\n"


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", START + code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_reads_as_it_does_with_the_tables_that_it_computes():
    assert run(f"import bashlex\nprint({SAID})") == run(f"{READY}print({SAID})")


def test_it_computes_nothing():
    watch = "seen = set()\nsys.setprofile(lambda frame, event, _: seen.add(frame.f_code.co_qualname))\n"
    assert run(watch + READY + "print('LRTable.__init__' in seen, 'LRParser.__init__' in seen)") == "False True\n"


def test_another_grammar_has_its_own_tables():
    """As a later version may have: the list of what was shipped fits no longer."""
    other = "import importlib.util\n" + READY + f"before = {SAID}\n" \
            "from bashlex import parsetab\nparsetab._lr_productions.pop()\n" \
            "for name in ('bashlex', 'bashlex.parser'):\n    del sys.modules[name]\n" \
            f"grammar.bashlex.cache_clear()\nbashlex = grammar.bashlex()\nprint(before == {SAID})"
    assert run(other) == "True\n"


def test_others_find_it_as_it_is():
    code = f"import rewriter\nhooks = list(sys.meta_path)\n{READY}import bashlex as other, inspect\n" \
           "print(other is bashlex, bashlex.yacc.yacc.__name__, sys.meta_path == hooks, inspect.getsource(other.parser.parse)[:9])"
    assert run(code) == "True yacc True def parse\n"
