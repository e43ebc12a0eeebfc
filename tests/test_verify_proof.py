"""The verdict, on an engine that hands out images made here."""
from __future__ import annotations

import io
import json
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from rewriter.optimize import optimize
from rewriter.options import Options
from rewriter.order import RULES
from rewriter.verify.engine import Built, Request
from rewriter.verify.proof import Manner, verify
from rewriter.verify.verdict import SAME, Verdict, as_json, as_text
from test_verify_images import member, saved, tar


@dataclass
class Shelf:
    """An engine that builds a text to the next of its files, each `{path: content}`, None where the build fails."""

    images: dict[str, list[dict[str, bytes] | None]]
    reason: str = ""
    name: str = "shelf"
    removed: list[str] = field(default_factory=list)
    asked: list[tuple[str, bool]] = field(default_factory=list)

    def missing(self) -> str:
        return self.reason

    def build(self, dockerfile, mark, request, progress) -> Built:
        text = dockerfile.read_text()
        self.asked.append((text, request.no_cache))
        progress("[1/1] FROM scratch", 0.1)
        found = self.images[text]
        files = found.pop(0) if len(found) > 1 else found[0]
        return Built("" if files is None else json.dumps({name: content.decode() for name, content in files.items()}), "the log\n", 1.0)

    @contextmanager
    def saved(self, image):
        members = [member(name, content.encode()) for name, content in json.loads(image).items()]
        yield io.BufferedReader(io.BytesIO(saved(tar(*members))))

    def remove(self, image) -> None:
        self.removed.append(image)

    def tidy(self, dockerfile) -> None:
        pass

    def sweep(self, ours) -> None:
        pass


def proved(tmp_path, before, after, manner=Manner(), **more):
    shelf = Shelf({"before": list(before), "after": list(after)} | more.pop("images", {}), **more)
    return verify("before", "after", shelf, Request(tmp_path), manner), shelf


A, B = {"a": b"1"}, {"a": b"2"}


@pytest.mark.parametrize("before, after, verdict, code", [
    (A, A, "same", 0), (A, B, "different", 1), (None, A, "original does not build", 1),
    (A, None, "rewritten does not build", 1), (None, None, "neither builds", 2),
])
def test_the_verdict_and_its_exit_code(tmp_path, before, after, verdict, code):
    found, shelf = proved(tmp_path, [before], [after])
    assert (found.verdict, found.exit_code) == (verdict, code)
    assert len(shelf.removed) == (before is not None) + (after is not None)
    assert json.loads(json.dumps(as_json(found)))["verdict"] == verdict
    assert as_text(found).startswith(verdict)


def test_without_an_engine_it_says_so(tmp_path):
    found, _ = proved(tmp_path, [A], [A], reason="no `docker` command")
    assert (found.verdict, found.exit_code) == ("not verified", 2)
    assert "no `docker` command" in as_text(found)


def test_an_image_that_can_t_be_read_is_not_verified(tmp_path):
    found, _ = proved(tmp_path, [{"../x": b""}], [A])
    assert (found.verdict, found.exit_code) == ("not verified", 2)


NOISE = [{"id": b"1", "a": b"1"}, {"id": b"2", "a": b"1"}]


def test_what_differs_between_two_originals_is_noise_and_shown(tmp_path):
    found, shelf = proved(tmp_path, NOISE, [{"id": b"3", "a": b"1"}], Manner(repeat=True))
    assert found.verdict == "same"
    assert [each.where for each in found.noise] == ["/id"]
    assert "/id" in as_text(found)
    assert shelf.asked == [("before", True), ("after", True), ("before", True)]


def test_noise_hides_nothing_else(tmp_path):
    found, _ = proved(tmp_path, NOISE, [{"id": b"3", "a": b"2"}], Manner(repeat=True))
    assert found.verdict == "different"
    assert [each.where for each in found.differences] == ["/a"]


def dated(*names: str) -> dict[str, bytes]:
    return {f"log/2026-01-0{name}.log": name.encode() for name in names}


@pytest.mark.parametrize("rewritten, verdict", [
    (dated("3"), "same"),  # the log of another day
    (dated("1"), "same"),
    (dated("3", "4"), "different"),  # one more
    (dated(), "different"),
    ({"log/x-2026-01-03.log": b"3"}, "different"),  # another name
    (dated("3") | {"log/1.sh": b""}, "different"),
])
def test_a_name_with_a_time_in_it_is_noise_where_as_many_are_gone_as_are_new(tmp_path, rewritten, verdict):
    kept = {"log/kept": b""}
    found, _ = proved(tmp_path, [kept | dated("1"), kept | dated("2")], [kept | rewritten], Manner(repeat=True))
    assert found.verdict == verdict


def test_a_name_with_a_number_is_no_noise_where_two_originals_agree(tmp_path):
    found, _ = proved(tmp_path, [dated("1")], [dated("2")], Manner(repeat=True))
    assert found.verdict == "different"


def test_a_noisy_content_does_not_excuse_a_missing_file(tmp_path):
    found, _ = proved(tmp_path, NOISE, [{"a": b"1"}], Manner(repeat=True))
    assert [str(each) for each in found.differences] == ["/id: missing (file, 0644 0:0, 1 bytes)"]


def test_without_repeat_well_known_noise_is_named_and_counts(tmp_path):
    log = {"var/log/apt/history.log": b"1"}
    found, _ = proved(tmp_path, [log], [{"var/log/apt/history.log": b"2"}])
    assert (found.verdict, found.exit_code) == ("different", 1)
    assert len(found.possible_noise) == 1
    assert "--repeat tells" in as_text(found)


def test_declared_paths_may_be_gone_and_no_others(tmp_path):
    before = {"var/lib/apt/lists/x": b"1", "a": b"1"}
    declared = Manner(declared=("/var/lib/apt/*",))
    found, _ = proved(tmp_path, [before], [A], declared)
    # the folder that the file implied is gone with it
    assert found.verdict == "different"
    found, _ = proved(tmp_path, [before], [A], Manner(declared=("/var", "/var/*")))
    assert (found.verdict, found.exit_code) == ("same but for declared paths", 0)
    found, _ = proved(tmp_path, [A], [A | {"var/lib/apt/y": b"1"}], Manner(declared=("/var*",)))
    assert found.verdict == "different"
    found, _ = proved(tmp_path, [before], [{"var/lib/apt/lists/x": b"2", "a": b"1"}], Manner(declared=("/var*",)))
    assert found.verdict == "different"


def test_an_original_that_builds_only_sometimes_is_not_verified(tmp_path):
    found, _ = proved(tmp_path, [A, None], [A], Manner(repeat=True))
    assert (found.verdict, found.exit_code) == ("not verified", 2)


TEXT = "FROM busybox\nRUN mkdir /data\nRUN touch /b\nCOPY x /x\nRUN cat /x\nRUN rm /x\n"


@pytest.mark.parametrize("lost", ["COPY x /x", "RUN mkdir /data\n"])
def test_the_rule_to_blame_is_found_by_bisecting(tmp_path, lost):
    """The images differ as soon as a line is no longer there: the first rule, in order, that takes it is to blame."""
    outcome = optimize(TEXT, Options())
    names = [rule.name for rule in RULES if any(change.rule == rule.name for change in outcome.changes)]
    assert len(names) > 1, "the text no longer takes two rules"
    texts = [optimize(TEXT, Options(select=tuple(names[:count]))).after if count else TEXT for count in range(len(names) + 1)]
    assert lost not in texts[-1], "no rule takes the line"
    shelf = Shelf({text: [A if lost in text else B] for text in texts})
    found = verify(TEXT, outcome.after, shelf, Request(tmp_path), Manner(options=Options()))
    assert found.verdict == "different"
    culprit = next(name for name, text in zip(names, texts[1:]) if lost not in text)
    assert found.blame.startswith(f"{culprit} (at line ")


def test_a_file_that_dfopt_did_not_write_has_no_rule_to_blame(tmp_path):
    shelf = Shelf({TEXT: [A], "FROM busybox\n": [None]})
    found = verify(TEXT, "FROM busybox\n", shelf, Request(tmp_path), Manner(options=Options()))
    assert (found.verdict, found.blame) == ("rewritten does not build", "")


def test_progress_says_which_build_it_is(tmp_path):
    told = []
    proved(tmp_path, [A], [A], Manner(show=lambda name, step, seconds: told.append((name, step))))
    assert told == [("original", "[1/1] FROM scratch"), ("rewritten", "[1/1] FROM scratch")]


def test_a_path_can_t_command_the_terminal(tmp_path):
    found, _ = proved(tmp_path, [A], [A | {"\x1b[2J\u202e": b""}])
    assert "\x1b" not in as_text(found) and "\u202e" not in as_text(found)


def test_all_differences_are_in_the_json_and_the_first_in_the_text(tmp_path):
    found, _ = proved(tmp_path, [{}], [{f"f{number:02}": b"" for number in range(30)}])
    assert len(as_json(found)["differences"]) == 30
    assert "/f09" in as_text(found) and "/f10" not in as_text(found) and "and 20 more" in as_text(found)


def test_paths_of_another_time_are_counted():
    assert "differ on 1 path\n" in as_text(Verdict(SAME, times=1)) and "differ on 2 paths\n" in as_text(Verdict(SAME, times=2))
