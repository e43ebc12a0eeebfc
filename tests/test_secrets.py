"""What is said of files that look like secrets, besides that they are folded."""
from __future__ import annotations

import pytest

from rewriter.optimize import optimize

_HEAD = "FROM busybox\nCOPY {name} /tmp/x\n"


@pytest.mark.parametrize("name", [".npmrc", "keys/id_rsa", "server.p12", "my-private-key.pem", "app.secret", "credentials.json", "db_password.txt", "token"])
def test_a_secret_was_in_a_layer(name: str):
    folded = optimize(_HEAD.format(name=name) + "RUN cat /tmp/x && rm /tmp/x\n")
    assert ["--mount=type=secret" in change.reason for change in folded.changes] == [True]
    kept = optimize(_HEAD.format(name=name) + "RUN ls / && rm /tmp/x\n")
    assert ["--mount=type=secret" in each.reason for each in kept.kept if each.rule == "fold-copy-delete"] == [True]


@pytest.mark.parametrize("name", ["id_rsa.pub", "jenkins.key", "tokenizer.py", "secretary.txt", "install.sh", "passwords/readme.md"])
def test_nothing_is_said_of_other_files(name: str):
    folded = optimize(_HEAD.format(name=name) + "RUN cat /tmp/x && rm /tmp/x\n")
    assert ["secret" in change.reason for change in folded.changes] == [False]
