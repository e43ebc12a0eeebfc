"""Reading: what BuildKit sees in a text, and that nothing of the text is lost."""
from __future__ import annotations

import time

import pytest

from rewriter.source.flags import mounted
from rewriter.source.model import Blank, Dockerfile, Instruction, Unreadable
from rewriter.source.reading import read
from rewriter.source.words import quoted_words, words


def one(text: str) -> Instruction:
    """The last instruction of `text`."""
    dockerfile = read(text)
    assert isinstance(dockerfile, Dockerfile), dockerfile
    return dockerfile.instructions[-1]


def refused(text: str) -> Unreadable:
    unreadable = read(text)
    assert isinstance(unreadable, Unreadable)
    return unreadable


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "# only this", "\r\n\t\n"])
def test_a_text_without_instructions_is_read(text):
    assert read(text).instructions == ()


def test_pieces_in_order():
    dockerfile = read("\ufeff# syntax=docker/dockerfile:1\n\n  # why\r\nFROM a\n#last")
    assert dockerfile.bom == "\ufeff"
    assert [(type(piece).__name__, piece.line) for piece in dockerfile.pieces] == [
        ("Directive", 1), ("Blank", 2), ("Comment", 3), ("Instruction", 4), ("Comment", 5),
    ]  # fmt: skip
    assert dockerfile.pieces[2].text == "# why"
    assert dockerfile.pieces[3].span.of(dockerfile.text) == "FROM a\n"
    assert dockerfile.lead(dockerfile.instructions[0]) == dockerfile.pieces[1:3]


@pytest.mark.parametrize(
    ("text", "logical", "lines"),
    [
        ("RUN a \\\n  && b\n", "RUN a   && b", (1, 2)),
        ("RUN ec\\\nho", "RUN echo", (1, 2)),
        ("RU\\\nN a\n", "RUN a", (1, 2)),
        ("RUN a \\ \t\n b\n", "RUN a  b", (1, 2)),
        ("RUN a \\\r\n b\r\n", "RUN a  b", (1, 2)),
        ("RUN a \\\n# c\n\n \t\n b\nCMD x", "CMD x", (6, 6)),
        ("RUN 'a\\\n  # c \\\n b'\n", "RUN 'a b'", (1, 3)),
        ("RUN a \\\n", "RUN a", (1, 1)),
        ("RUN a \\\n# c\n\n", "RUN a", (1, 3)),
        ("RUN a\\\\\nRUN b", "RUN b", (2, 2)),
        ("RUN a\\\\\\\nRUN b", "RUN b", (2, 2)),
        ("\\\n  RUN a", "RUN a", (1, 2)),
        ("\t run  a # b \n", "run  a # b", (1, 1)),
        ("RUN a\rb\v\n", "RUN a\rb", (1, 1)),
        ("# escape=`\nRUN c:\\\nRUN d `\n e\n", "RUN d  e", (3, 4)),
        ("\x1c\n", "\x1c", (1, 1)),
    ],
)
def test_lines_are_joined(text, logical, lines):
    instruction = one(text)
    assert instruction.logical.text == logical
    assert (instruction.line, instruction.end_line) == lines


def test_comments_inside_are_kept():
    assert [(comment.line, comment.text) for comment in one("RUN a \\\n # b\n\n#c\n d").comments] == [(2, "# b"), (4, "#c")]


def test_what_stands_before_an_edit_is_not_read_again():
    before = read("# escape=`\nFROM a\n\nRUN b `\n  c\nRUN d\n")
    assert isinstance(before, Dockerfile)
    after = read(before.text.replace("RUN d", "RUN e"), before)
    assert isinstance(after, Dockerfile) and [one is other for one, other in zip(before.pieces, after.pieces)] == [True] * 4 + [False]
    assert after.instructions[-1].line == 6 and after.escape == "`"


@pytest.mark.parametrize(
    ("text", "escape"),
    [
        ("# escape=`\n", "`"),
        ("#ESCAPE = ` \r\n", "`"),
        (" # syntax=a\n# escape=`", "`"),
        ("\ufeff# check=x\n# escape=`", "`"),
        ("\n# escape=`", "\\"),
        ("# c\n# escape=`", "\\"),
        ("# other=x\n# escape=`", "\\"),
        ("FROM a\n# escape=`", "\\"),
        ("# # escape=`", "\\"),
    ],
)
def test_directives(text, escape):
    assert read(text).escape == escape


def test_directives_hold_their_values():
    assert read("# Syntax = a b \n# check=skip=all;error=true\n").directives == {"syntax": "a b", "check": "skip=all;error=true"}


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("# escape=`\n#escape=`\n", 2, "only one escape"),
        ("# escape=x\n", 1, "invalid escape"),
        ("FROM a\nRUN \\\n <<E\nE \n", 2, "does not end"),
        ("RUN [1]", 1, "strings only"),
        ('HEALTHCHECK CMD ["a", null]', 1, "strings only"),
        ("\nCOPY [[]] x\nCOPY [[]]", 3, "strings only"),
        ("ENV a", 1, "two arguments"),
        ("LABEL a=b c", 1, "name=value"),
        ("ONBUILD ENV a", 1, "two arguments"),
        ("RUN << ${a:-" + "${b:-" * 99, 1, "nested too deep"),
        ("RUN " + "[" * 9999 + "]" * 9999, 1, "strings only"),
        ("RUN --a=à x", 1, "takes apart"),
        ("\n" + "é" * 32768, 2, "65535 bytes"),
    ],
)
def test_what_buildkit_refuses(text, line, part):
    unreadable = refused(text)
    assert unreadable.line == line and part in unreadable.reason


def test_the_longest_line():
    assert one("RUN " + "x" * 65_531 + "\n").arguments.text == "x" * 65_531
    assert refused("RUN " + "x" * 65_532)


@pytest.mark.parametrize(
    ("text", "flags", "arguments"),
    [
        ("COPY --from=b --link a /x", ["--from=b", "--link"], "a /x"),
        ("COPY \\\n --from=b \\\n a /x", ["--from=b"], "a /x"),
        ("RUN --mount=type=bind,target='/a b' x", ["--mount=type=bind,target=/a b"], "x"),
        ("RUN --a=\\ b\\", ["--a= b"], ""),
        ("RUN -- --a b", [], "--a b"),
        ("RUN --a --", ["--a"], ""),
        ("RUN -a --b", [], "-a --b"),
        ("RUN --a=é x", ["--a=Ã©"], "x"),
        ("ENV --a=b c=d", ["--a=b"], "c=d"),
        ("RUN", [], ""),
    ],
)
def test_flags(text, flags, arguments):
    instruction = one(text)
    assert [flag.text for flag in instruction.flags] == flags
    assert instruction.arguments.text == arguments


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("target=/x", {"type": "bind", "target": "/x", "rw": "false"}),
        ("dst=/x,src=a,RW", {"type": "bind", "target": "/x", "source": "a", "rw": "true"}),
        ("Type=BIND,destination=/x,readwrite=T", {"type": "bind", "target": "/x", "rw": "true"}),
        ("type=cache,target=/x,sharing=Locked", {"type": "cache", "target": "/x", "sharing": "locked", "rw": "true"}),
        ("type=cache,target=/x,readonly", {"type": "cache", "target": "/x", "rw": "false"}),
        ("type=cache,target=/x,ro=0", {"type": "cache", "target": "/x", "rw": "true"}),
        ("type=$A,target=/x,rw=$B", {"type": "$a", "target": "/x", "rw": "$B"}),
        ("type=secret,id=a,required", {"type": "secret", "id": "a", "required": "true", "rw": "false"}),
        ('"target=/a,b"', None),
    ],
)
def test_what_a_mount_says(value, said):
    (flag,) = one(f"RUN --mount='{value}' a").flags
    assert mounted(flag) == said
    assert mounted(one("RUN --network=none a").flags[0]) is None


def test_a_flag_knows_its_place_and_value():
    text = 'COPY --chown="a:\\\nb" --link --link x y\n'
    chown, *_ = one(text).flags
    assert (chown.name, chown.value, chown.span.of(text)) == ("chown", "a:b", '--chown="a:\\\nb"')
    assert (one(text).flag("chown"), one(text).flag("link"), one(text).flag("from")) == ("a:b", "", None)


@pytest.mark.parametrize(
    ("text", "json"),
    [
        ('CMD ["a", "b c"]', ("a", "b c")),
        ('RUN --network=none ["a"]', ("a",)),
        ('COPY [ "a b",\\\n "/x" ]', ("a b", "/x")),
        ('HEALTHCHECK --interval=1s CMD ["a"]', ("a",)),
        ("SHELL []", ()),
        ('VOLUME ["\\u00e9\\ud83d\\ude00\\ud800"]', ("é😀\ufffd",)),
        ('RUN ["a"] && b', None),
        ("RUN ['a']", None),
        ('RUN ["a",]', None),
        ('RUN ["a" "]', None),
        ('RUN ["a""]', None),
        ('RUN ["a" "b"]', None),
        ('RUN ["\\q"]', None),
        ('RUN ["a\tb"]', None),
        ("RUN [NaN]", None),
        ("RUN [1e999]", None),
        ("RUN [ -d x ] && y", None),
        ("HEALTHCHECK NONE", None),
        ('ENV a=["b"]', None),
        ('USER ["a"]', None),
    ],
)
def test_exec_form(text, json):
    assert one(text).json == json


@pytest.mark.parametrize(
    ("text", "heredocs"),
    [
        ("RUN <<EOF\na\n\nEOF\n", [("EOF", True, False, "a\n\n")]),
        ("COPY <<a <<-'b' /x\n1\na\n\t2\n\tb", [("a", True, False, "1\n"), ("b", False, True, "\t2\n")]),
        ("ADD 3<<\"E F\" /x\r\nb\r\nE F\r\n", [("E F", False, False, "b\r\n")]),
        ("RUN a <<E\\\nF && b\nE\nEF\n", [("EF", True, False, "E\n")]),
        ("RUN (cat <<EOF)\nEOF)\n", [("EOF)", True, False, "")]),
        ("RUN echo 1 << 2\n2\n", [("2", True, False, "")]),
        ("RUN ${a:-b <<E}\nE}\n", [("E}", True, False, "")]),
        ("RUN <<$E\n$E\n", [("$E", True, False, "")]),
        ("RUN <<\\E\nE\n", [("E", True, False, "")]),
        ("# escape=`\nRUN <<\\E\nE\n", [("E", True, False, "")]),
        ("ONBUILD RUN <<E\nb\nE\n", [("E", True, False, "b\n")]),
        ("RUN cat << EOF", []),
        ("RUN cat << EOF <<F\nF\n", [("F", True, False, "")]),
        ("RUN cat<<EOF", []),
        ("RUN $((1<<2))", []),
        ("RUN (<<EOF cat)", []),
        ('RUN "<<EOF"', []),
        ("RUN a <<<b", []),
        ("RUN <<", []),
        ("RUN <<-", []),
        ("RUN it's <<E", []),
        ("RUN ${ <<E", []),
        ("RUN ${a!} <<E", []),
        ('RUN ["<<E"]', []),
        ("ENV a=<<E", []),
        ("ONBUILD ONBUILD RUN <<E", []),
    ],
)
def test_heredocs(text, heredocs):
    instruction = one(text)
    found = [(each.name, each.expand, each.chomp, each.content) for each in instruction.heredocs]
    assert found == heredocs
    assert instruction.span.end == len(text)
    for each in instruction.heredocs:
        assert each.body.of(text) == each.content and each.terminator.of(text).strip() == each.name


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("RUN a \\\n  b && c\n", "a   b && c"),
        ("RUN --network=none <<E\na\n\tb\n\nE\n", "a\n\tb\n\n"),
        ("RUN <<-E\n\t\ta\n b\n\n\tc\n\tE\n", "a\n b\n\nc\n"),
        ("RUN <<E\nE\n", ""),
        ("RUN a <<E \\\n  && b\nc\nE\n", "a <<E   && b\nc\nE"),
        ("RUN a <<E <<F\nb\nE\nc\nd\nF\n", "a <<E <<F\nb\nE\nc\nd\nF"),
        ("COPY <<E /x\na\nE\n", "<<E /x\na\nE"),
    ],
)
def test_a_body_knows_its_place(text, body):
    instruction = one(text)
    assert instruction.body.text == body
    assert all(text[instruction.body.at(at)] == char for at, char in enumerate(body))


def test_an_instruction_after_a_heredoc():
    dockerfile = read("RUN <<E\nCMD a\n# b\nE\n\nCMD c")
    assert [(each.keyword, each.line) for each in dockerfile.instructions] == [("RUN", 1), ("CMD", 6)]
    assert [type(piece) for piece in dockerfile.pieces] == [Instruction, Blank, Instruction]


def test_onbuild_holds_an_instruction():
    text = 'FROM a\nonbuild copy --from=b \\\n ["c", "/d"]\n'
    outer = one(text)
    trigger = outer.trigger
    assert (outer.keyword, outer.index, outer.flags, outer.json) == ("ONBUILD", 1, (), None)
    assert (trigger.keyword, trigger.index, trigger.json) == ("COPY", -1, ("c", "/d"))
    assert (trigger.span, trigger.line, trigger.end_line) == (outer.span, 2, 3)
    assert trigger.flags[0].span.of(text) == "--from=b"
    assert trigger.arguments.span(0, 4).of(text) == '["c"'
    assert trigger.trigger is None
    assert one("ONBUILD").trigger is None


@pytest.mark.parametrize(
    ("text", "keyword"),
    [("wor\\\nKdir /", "WORKDIR"), ("WOR\u212adir /", "WORKDIR"), ("ßx", "ßx"), ("ADD\xa0a", "ADD\xa0a")],
)
def test_keywords(text, keyword):
    assert one(text).keyword == keyword


def test_words_know_their_place():
    text = "COPY a \\\n\tb\\\nc /d"
    assert [(word.text, word.span(0, len(word.text)).of(text)) for word in words(one(text).arguments)] == [
        ("a", "a"), ("bc", "b\\\nc"), ("/d", "/d"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('a="b c" d=e\\ f', ['a="b c"', "d=e\\ f"]),
        ("a='b\\' c", ["a='b\\'", "c"]),
        ('a="b\\" c"', ['a="b\\" c"']),
        ('a="b c', ['a="b c']),
        ("a=b\\ ", ["a=b"]),
    ],
)
def test_quoted_words(arguments, expected):
    assert [word.text for word in quoted_words(one("# escape=`\nARG x " + arguments).arguments, "\\")][1:] == expected


@pytest.mark.parametrize(
    "text",
    [
        "RUN " + "a" * 10_000_000,
        "RUN a" + " \\\n  <<b" * 20_000,
        "RUN <<E" + " '' ${a}" * 5_000 + "\nE\n",
        "COPY " + "--a " * 16_000,
        "ENV " + "a=b \\\n" * 20_000,
        "RUN [" + '"a",\\\n' * 20_000 + '"b"]',
        "ONBUILD " * 8_000,
        "RUN a\n" * 20_000,
        " " * 60_000 + "x" + " " * 5_000 + "\n" + " \n" * 20_000,
        "RUN " + "<<E " * 10_000 + "\n" + "E\n" * 10_000,
    ],
    ids=range(10),
)
def test_no_text_takes_long(text):
    start = time.process_time()
    read(text)
    assert time.process_time() - start < 10
