"""verify: does it tell images apart that differ, and only those?"""
from __future__ import annotations

import pytest

BLOG = """\
FROM busybox
RUN mkdir /data
COPY data_low.csv /data/low.csv
RUN rm /data/low.csv
"""


def test_the_blogs_file_is_the_same_and_smaller_by_the_csv(same_image):
    csv = b"1,2,3\n" * 2_500_000
    result = same_image(BLOG, "FROM busybox\nRUN mkdir /data\n", {"data_low.csv": csv})
    assert result.verdict == "same", result
    assert result.sizes[0] - result.sizes[1] >= len(csv)


PLANTED = {
    "a byte": ("echo a >/x", "echo b >/x", ["/x: content 2 bytes 87428fc52280 -> 2 bytes 0263829989b6"]),
    "a mode": ("echo a >/x", "echo a >/x; chmod 600 /x", ["/x: mode 0644 -> 0600"]),
    "a setuid bit": ("echo a >/x", "echo a >/x; chmod 4644 /x", ["/x: mode 0644 -> 4644"]),
    "an owner": ("echo a >/x", "echo a >/x; chown 1:2 /x", ["/x: owner 0:0 -> 1:2"]),
    "a link": ("ln -s a /x", "ln -s b /x", ["/x: link a -> b"]),
    "a missing file": ("touch /x /y", "touch /y", ["/x: missing (file, 0644 0:0, 0 bytes)"]),
    "an extra file": ("touch /y", "touch /x /y", ["/x: extra (file, 0644 0:0, 0 bytes)"]),
    "an extra folder": ("true", "mkdir /x", ["/x: extra (folder, 0755 0:0)"]),
    "a type": ("touch /x", "mkdir /x", ["/x: type file -> folder"]),
    "a device": ("mknod /x c 1 3", "mknod /x c 1 5", ["/x: device (1, 3) -> (1, 5)"]),
    "a hard link split": (
        "touch /x; ln /x /y", "touch /x /y", ["/x: hard link /y -> none", "/y: hard link /x -> none"],
    ),
    "a file of the base": ("true", "rm /bin/awk", ["/bin/awk: missing (symlink, 0777 0:0)"]),
    "a folder emptied": ("true", "rm -r /home", [
        "/home: missing (folder, 0755 0:0)", "/home/app: missing (folder, 0755 0:0)",
    ]),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_difference_is_told(same_image, planted):
    before, after, told = PLANTED[planted]
    result = same_image(f"FROM busybox\nRUN {before}\n", f"FROM busybox\nRUN {after}\n")
    assert list(result.differences) == told


@pytest.mark.parametrize("before, after, told", [
    ("ENV a=1", "ENV a=2", ['Env a: setting "1" -> "2"']),
    ("ENV a=1 b=2", "ENV b=2 a=1", ['Env, in order: setting ["PATH", "a", "b"] -> ["PATH", "b", "a"]']),
    ("LABEL a=1", "LABEL a=1 b=2", ['Label b: setting not set -> "2"']),
    ('CMD ["a"]', "CMD a", ['Cmd: setting ["a"] -> ["/bin/sh", "-c", "a"]']),
    ("USER 1", "USER root", ['User: setting "1" -> "root"']),
    ("EXPOSE 1 2", "EXPOSE 2 1", []),
    ("EXPOSE 1", "EXPOSE 2", ['ExposedPorts: setting {"1/tcp": {}} -> {"2/tcp": {}}']),
    ("VOLUME /v", "VOLUME /w", ['Volumes: setting {"/v": {}} -> {"/w": {}}']),
    ("STOPSIGNAL 9", "STOPSIGNAL 15", ['StopSignal: setting "9" -> "15"']),
    ("ONBUILD RUN a", "ONBUILD RUN b", ['OnBuild: setting ["RUN a"] -> ["RUN b"]']),
    ("HEALTHCHECK NONE", "HEALTHCHECK CMD a", ['Healthcheck: setting {"Test": ["NONE"]} -> {"Test": ["CMD-SHELL", "a"]}']),
    ('SHELL ["/bin/sh"]', 'SHELL ["/bin/ash"]', ['Shell: setting ["/bin/sh"] -> ["/bin/ash"]']),
    ('ENTRYPOINT ["a"]', 'ENTRYPOINT ["b"]', ['Entrypoint: setting ["a"] -> ["b"]']),
])
def test_a_setting_that_differs_is_told(same_image, before, after, told):
    result = same_image(f"FROM busybox\n{before}\n", f"FROM busybox\n{after}\n")
    assert list(result.differences) == told


def test_a_capability_is_told(same_image):
    before = "FROM dfopt-test/sh\nRUN cp /bin/cat /x\n"
    after = "FROM dfopt-test/sh\nRUN cp /bin/cat /x && setcap cap_net_raw+ep /x\n"
    (told,) = same_image(before, after).differences
    assert told.startswith("/x: xattr none -> security.capability=")


def test_hard_links_across_layers_are_what_the_layers_make_of_them(same_image):
    separate = "FROM busybox\nRUN echo 1 >/a; ln /a /b\nRUN echo 2 >>/a\n"
    merged = "FROM busybox\nRUN echo 1 >/a; ln /a /b; echo 2 >>/a\n"
    result = same_image(separate, merged)
    assert [told.split(":")[0] for told in result.differences] == ["/b", "/a", "/b"]


@pytest.mark.parametrize("before, after, verdict", [
    ("false", "true", "before fails"), ("true", "false", "after fails"), ("false", "false", "both fail"),
])
def test_a_build_that_fails_is_told(same_image, before, after, verdict):
    assert same_image(f"FROM busybox\nRUN {before}\n", f"FROM busybox\nRUN {after}\n").verdict == verdict
