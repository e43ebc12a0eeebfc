"""The driver: what it declines, and what it reports."""
from __future__ import annotations

import pickle

import pytest

from rewriter import order
from rewriter.budget import STEPS, limited
from rewriter.checks import doubt, fault
from rewriter.folder import FolderContext
from rewriter.graph.build import build
from rewriter.graph.copies import copy_of
from rewriter.graph.fates import fate
from rewriter.graph.runs import joint_plan
from rewriter.optimize import optimize
from rewriter.options import Options
from rewriter.rule import Finding, Rule
from rewriter.shell.splitter import split
from rewriter.source.model import Instruction
from rewriter.source.reading import read
from rewriter.text import Edit, Span, delete, insert

TWO = "FROM busybox\nRUN touch /a\nRUN touch /b\n"


@pytest.mark.parametrize(("text", "reason"), [
    ("", "empty"),
    ("\n \n", "empty"),
    ("# only a comment\n", "no instructions"),
    ("RUN touch /x\n", "fragment"),
    ("ARG X\n", "fragment"),
    ("FROM {{ base }}\nRUN a\nRUN b\n", "template"),
    ("{% if x %}\nFROM busybox\n{% endif %}\n", "template"),
    ("FROM busybox\nRUN apt-get install {{ packages }}\n", "template"),
    ("FROM busybox\n<% each do %>\nRUN a\n", "template"),
    ("define(`X', `Y')\nFROM busybox\n", "template"),
    ("FROM busybox\nINCLUDE common\nRUN a\nRUN b\n", "INCLUDE"),
    ("# syntax=example.org/own-frontend\nFROM busybox\nRUN a\nRUN b\n", "frontend"),
    ("FROM busybox\nRUN touch " + "x" * 10_000_000 + "\n", "longer than BuildKit reads"),
    ("FROM busybox\n" + f"# {'x' * 98}\n" * 10_000, "more than 1000000 characters"),
    ("FROM busybox\n" + "\n" * 200_000, "more than 100000 lines"),
    ("FROM busybox\n" + "ENV a=b\n" * 10_000, "more than 2000 instructions"),
    ("FROM busybox\n" + "RUN touch /x\n" * 500, "more than 400 RUN, COPY and ADD"),
    ("FROM busybox\nRUN " + "(" * 10_000 + "true" + ")" * 10_000 + "\n", "nested"),
])
def test_what_is_not_for_dfopt_is_handed_back_with_a_note(text: str, reason: str):
    outcome = optimize(text)
    assert outcome.after == text and reason in outcome.note and not outcome.error


@pytest.mark.parametrize(("text", "reason", "line"), [
    ("FROM busybox\nRUN <<EOF\ntouch /x\n", "EOF does not end", 2),
    ("FROM busybox\nRUN a\0b\n", "NUL", 2),
    ("FROM busybox\nRUN a\nRUN b\nFROM\n", "FROM has too few arguments", 4),
    ("FROM busybox\nCOPY --link a\nRUN a\nRUN b\n", "COPY has too few arguments", 2),
])
def test_what_no_one_can_build_is_an_error(text: str, reason: str, line: int):
    outcome = optimize(text)
    assert outcome.after == text and reason in outcome.error and outcome.line == line


@pytest.mark.parametrize("text", [
    "FROM busybox\nRUN docker inspect --format '{{ .Id }}' x\nRUN b\n",
    "# syntax=docker/dockerfile:1\nFROM busybox\nRUN a\nRUN b\n",
    "# syntax=docker.io/docker/dockerfile:1.7-labs\nFROM busybox\nRUN a\nRUN b\n",
    "ARG V=1\nFROM busybox:$V\nRUN a\nRUN b\n",
])
def test_what_only_looks_odd_is_worked_on(text: str):
    assert optimize(text).changed


def test_lines_are_those_of_the_input():
    text = "FROM busybox\nRUN touch /a\n\n\nRUN touch /b\nLABEL a=b\nRUN cd /tmp\nUSER x\nRUN cd /tmp\nRUN pwd\n"
    outcome = optimize(text)
    assert [(change.rule, change.line) for change in outcome.changes] == [("merge-runs", 2), ("merge-runs-across", 2)]
    assert [kept.line for kept in outcome.kept] == [10]
    assert "line 9" in outcome.kept[0].reason


def test_a_copy_is_told_of_where_its_author_wrote_it():
    text = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y gcc\nCOPY a.c /src/\nRUN gcc -o /bin/a /src/a.c\nEXPOSE 80\nRUN touch /x\nRUN rm /src/a.c\nRUN apt-get purge -y gcc\n"
    told = [(change.line, change.reason) for change in optimize(text).changes if change.rule == "fold-copy-delete"]
    assert told == [(3, "the RUN at line 7 deletes it: mounted for that RUN alone, it is in no layer")]


def test_what_can_t_be_confirmed_of_a_group_is_left_apart_alone(monkeypatch):
    monkeypatch.setattr("rewriter.optimize.doubt", lambda before, after: "no" if "touch /c && \\\n    touch /d" in after.text else doubt(before, after))
    outcome = optimize("FROM debian\n" + "".join(f"RUN touch /{name}\n" for name in "abcdef"))
    first, second = (" && \\\n    ".join(f"touch /{name}" for name in names) for names in ("abc", "def"))
    assert outcome.after == f"FROM debian\nRUN {first}\nRUN {second}\n"
    assert [(change.line, change.joins) for change in outcome.changes] == [(2, 3), (5, 3)]
    assert [(each.line, each.reason) for each in outcome.kept] == [(2, "its result could not be confirmed: no")]


def test_what_the_forms_are_for_is_told():
    runs = "RUN cd /x && touch a\nRUN npm install -g npm\nRUN npm install x\nRUN a; b\nRUN c\n"
    told = [change.reason for change in optimize(f"FROM debian\n{runs}").changes]
    assert told == [
        "joins 5 RUNs: 4 layers less; `( )` keeps a folder, a variable or an option from what follows; "
        "`{ }` holds together what is parted by more than `&&`; `hash -r` has the shell look again for a program that may be another now"
    ]


def test_what_may_stay_is_named():
    kept = optimize("FROM debian\nRUN touch /x && sudo gpg --recv-keys A\nRUN touch /y\n").kept
    assert [(each.line, each.reason) for each in kept] == [(3, "not joined to the RUN at line 2: `gpg` in it may leave a process running, which the next RUN would meet")]


def test_groups_that_could_be_one_are_told_of_in_a_line():
    kept = optimize("FROM debian\nENV A=b\nENV B=c\nRUN a\nENV C=d\nENV D=e\n").kept
    assert [(each.line, each.reason) for each in kept] == [(2, "2 ENVs could be one, and those from line 5 on, which saves no layer and no bytes (--merge all joins them)")]


def test_runs_that_come_to_be_one_in_several_steps_are_told_of_once():
    copied = "COPY f /opt/f\nRUN cat /opt/f && rm /opt/f\n"
    outcome = optimize(f"FROM busybox\nRUN touch /a\nRUN rm /a\n{copied}RUN touch /b\nLABEL a=b\nRUN touch /c\nLABEL b=c\nRUN touch /d\n")
    told = [(change.rule, change.line, change.reason) for change in outcome.changes if change.joins]
    assert told == [
        ("merge-runs", 2, "joins 4 RUNs: 3 layers less, and what a later one deletes is in none"),
        ("merge-runs-across", 5, "joins 3 RUNs: 2 layers less; no RUN sees what stands between"),
    ]


def test_what_is_deleted_where_the_base_has_its_workdir_is_told():
    text = "FROM debian\nRUN wget https://example.org/a.deb\nRUN dpkg -i a.deb\nRUN rm a.deb\n"
    assert [(each.reason, each.saved) for each in optimize(text).changes] == [("joins 3 RUNs: 2 layers less, and what a later one deletes is in none", None)]
    assert [each.saved for each in optimize(text.replace("rm a.deb", "rm b.deb")).changes] == [0]


@pytest.mark.parametrize(("text", "saved"), [
    ("COPY a.sh /etc/\nRUN chown 5:6 /etc/a.sh && chmod 700 /etc/a.sh\n", 1000),
    ("COPY a.sh /etc/\nRUN chown 5:6 /etc/a.sh\nRUN chmod 700 /etc/a.sh\n", 2000),
    ("COPY a.sh b.sh /etc/\nRUN chmod 700 /etc/a.sh /etc/b.sh && echo >> /etc/b.sh\n", 1000),
])
def test_no_byte_is_saved_twice(tmp_path, text: str, saved: int):
    for name in ("a.sh", "b.sh"):
        (tmp_path / name).write_bytes(b"#" * 1000)
    outcome = optimize(f"FROM debian:bookworm-slim\n{text}", context=FolderContext(str(tmp_path)))
    assert sum(change.saved for change in outcome.changes) == saved


def test_the_reason_of_a_delete_names_the_run_that_made_what_it_deletes():
    runs = "RUN apt-get update\nRUN apt-get install -y openssl\nRUN openssl version\n"
    outcome = optimize(f"FROM debian:bookworm-slim\n{runs}COPY a /etc/a\nRUN rm -rf /var/lib/apt/lists/*\n")
    told = next(change.reason for change in outcome.changes if change.rule == "delete-where-created")
    assert told == "the RUN at line 2 made what this deletes: deleted in the RUN at line 4, which is joined to that, it is in no layer"


def test_rules_can_be_chosen():
    assert optimize(TWO, Options(select=("merge-runs",))).changed
    assert not optimize(TWO, Options(select=("fold-copy-delete",))).changed
    assert not optimize(TWO, Options(ignore=("merge-runs",))).changed


def test_an_outcome_can_be_sent_to_another_process():
    outcome = optimize(TWO)
    assert pickle.loads(pickle.dumps(outcome)) == outcome


def _planted(monkeypatch, find, level="same"):
    planted = Rule(find.__name__.replace("_", "-"), level, find, __name__)
    monkeypatch.setattr("rewriter.optimize.RULES", (*order.RULES, planted))


@pytest.mark.parametrize(("planted", "reason"), [
    ("LABEL a=b", "not there any more"),
    ("# note", "comment"),
    ("RUN set -e", "can't be read"),
    ("USER", "not there any more"),
    ("COPY", "not there any more"),
])
def test_a_rule_that_does_wrong_costs_no_more_than_its_own_change(monkeypatch, planted: str, reason: str):
    text = "FROM busybox\nLABEL a=b\nRUN set -e; touch /a\nUSER x\n# note\nRUN touch /b\nRUN touch /c\nCOPY x /x\n"

    def drop_what_counts(scene):
        dockerfile = scene.graph.dockerfile
        at = dockerfile.text.find(planted)
        if at >= 0:
            edit = Edit(Span(at, at + len(planted)), "RUN <<EOF") if "set" in planted else delete(Span(at, dockerfile.text.index("\n", at) + 1))
            yield Finding(dockerfile.instructions[0], "wrong", (edit,))

    _planted(monkeypatch, drop_what_counts)
    outcome = optimize(text)
    assert outcome.after == text.replace("/b\nRUN", "/b && \\\n   ") and not outcome.error
    kept = [each.reason for each in outcome.kept if each.rule == "drop-what-counts"]
    assert len(kept) == 1 and reason in kept[0] and "could not be confirmed" in kept[0]


def test_a_rule_that_never_rests_is_refused(monkeypatch):
    def add_a_line(scene):
        yield Finding(scene.graph.dockerfile.instructions[0], "again", (insert(0, "# more\n"),))

    _planted(monkeypatch, add_a_line)
    outcome = optimize(TWO)
    assert outcome.after == TWO and "come to rest" in outcome.error


def test_a_higher_level_is_counted_but_not_applied(monkeypatch):
    def drop_something(scene):
        yield Finding(scene.graph.dockerfile.instructions[0], "bold", (insert(0, ""),))

    _planted(monkeypatch, drop_something, level="bold")
    assert optimize("FROM busybox\nRUN x\n").higher == (("bold", 1),)


def test_a_finding_may_be_stricter_than_its_rule(monkeypatch):
    def drop_something(scene):
        if (first := scene.graph.dockerfile.instructions[0]).line == 1:
            yield Finding(first, "not sure", (insert(0, "# note\n"),), level="bold")

    _planted(monkeypatch, drop_something)
    outcome = optimize("FROM busybox\nRUN x\n")
    assert outcome.higher == (("bold", 1),) and [kept.reason for kept in outcome.kept] == ["only with --level bold: not sure"]
    assert optimize("FROM busybox\nRUN x\n", Options(level="bold")).changed
    assert not optimize("FROM busybox\nRUN x\n", Options(level="leaner")).changed


def test_a_result_that_can_not_be_read_is_a_fault():
    assert "can't be read" in fault(read(TWO), read("FROM busybox\nRUN <<EOF\n"))


def test_deletes_that_can_not_be_moved_are_no_work_without_end(monkeypatch):
    """Each looks at all between it and what made its files, but not at all of these for each of them."""
    many, looks, equal = 40, 0, Instruction.__eq__

    def counted(one, other):
        nonlocal looks
        looks += 1
        return equal(one, other)

    monkeypatch.setattr(Instruction, "__eq__", counted)
    text = "FROM a\n" + "".join(f"RUN wget -O /t/{at} x && make\nENV PATH=/x{at}\n" for at in range(many))
    text += "".join(f"RUN rm /t/{at}\nENV PATH=/y{at}\n" for at in range(many))
    assert not optimize(text).changed
    assert looks < 2 * 40 * many * many  # two that are not the same are asked both ways


def test_what_several_ask_is_worked_out_once():
    graph = build(dockerfile := read(TWO), (1, 2, 3, 4))
    runs = tuple(each for each in dockerfile.instructions if each.keyword == "RUN")
    assert joint_plan(graph, runs) is joint_plan(graph, runs) and split(TWO) is split(TWO)


def test_a_copy_is_compared_with_no_run_that_removes_nothing():
    many = 100
    text = "FROM a\nCOPY x /tmp/x\n" + "RUN touch /a/b && chmod +x /a/b\n" * many
    graph = build(dockerfile := read(text), tuple(range(1, many + 3)))
    with limited() as left:
        assert fate(graph, graph.stages[0], copy_of(graph, dockerfile.instructions[1]), None) == ""
    assert STEPS - left[0] < 10 * many  # all of them are read


def test_what_was_not_confirmed_is_asked_again_once_others_have_changed():
    text = (
        "FROM dfopt-test/sh\nENV APP /data/app\n"
        "RUN mkdir -p /data/new/old /data/new/bin && touch /data/new/old/a && mv /data/new ${APP}\n"
        "RUN chmod +x ${APP}/bin/*sh\n"
        "WORKDIR /data/app\nRUN rm -rf /data/app/old/*\nRUN touch /data/app/old/b\n"
    )
    after = optimize(text).after
    assert after.index("rm -rf /data/app/old/*") < after.index("WORKDIR")
    assert optimize(after).after == after


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_last_line_without_a_line_end_leaves_none_behind(newline: str):
    text = newline.join(["FROM busybox", "RUN a", "WORKDIR /c", "# the same", "WORKDIR /c"])
    outcome = optimize(text)
    assert outcome.after == newline.join(["FROM busybox", "RUN a", "WORKDIR /c", "# the same"])
    assert optimize(text + newline).after == outcome.after + newline


def test_what_a_fold_parts_no_more_is_joined_and_folded_in_the_same_sweep(monkeypatch):
    monkeypatch.setattr("rewriter.optimize._SWEEPS", 2)  # one that changes something, one that does not
    text = (
        "FROM busybox\nCOPY f.txt /data/\nCOPY g.txt /data/\nRUN touch /data/f.txt && chmod 755 /data/f.txt && chown 1000 /data/f.txt\n"
        "COPY f.txt /data/f.txt\nRUN cp -p /data/f.txt /kept && rm /data/f.txt\n"
    )
    outcome = optimize(text)
    assert [change.rule for change in outcome.changes] == ["fold-copy-delete", "merge-runs", "fold-copy-delete"] and not outcome.error


@pytest.mark.parametrize("steps", [
    ("COPY a{0} /tmp/{0}/\n", "RUN make -C /tmp/{0} && cp /tmp/{0}/x /usr/bin/x{0}\n", "RUN rm -rf /tmp/{0}\n"),
    ("COPY a{0}.tar /tmp/\n", "RUN tar -xf /tmp/a{0}.tar -C /opt && rm /tmp/a{0}.tar\n"),
    ("RUN apt-get update\n", "RUN apt-get install -y p{0}\n", "ENV A{0}=1\n", "RUN rm -rf /var/lib/apt/lists/*\n"),
    ("RUN touch /x{0}\n",),
])
def test_a_stage_as_long_as_engines_take_is_worked_on(steps):
    """What is asked for each COPY and RUN must not take a look at all others: that was too much work for forty of these."""
    count = 120 // sum(step.startswith(("RUN", "COPY")) for step in steps)
    outcome = optimize("FROM debian:12\n" + "".join(step.format(at) for at in range(count) for step in steps))
    assert not outcome.note and not outcome.error and outcome.changes


@pytest.mark.parametrize(("step", "count"), [("RUN touch /x{0}\n", 300), ("RUN seq 2 > /x{0}; cp /bin/true /usr/local/bin/seq{0}\n", 150)])
def test_long_chains_are_joined(step: str, count: int):
    """Each RUN is asked whether it moves a program that those before it have run: of what it does not move none is looked for."""
    outcome = optimize("FROM debian:12\n" + "".join(step.format(at) for at in range(count)))
    assert outcome.after.count("RUN") == 1
