"""The engines that can build a Dockerfile, each through its own command."""
from __future__ import annotations

import re
from dataclasses import replace

from rewriter.verify.compare import OWN_LABEL
from rewriter.verify.engine import Engine

DOCKER = {
    "save_words": ("docker", "image", "save"),
    "remove_words": ("docker", "image", "rm", "--no-prune"),
    "list_words": ("docker", "image", "ls", "--quiet", "--no-trunc"),
    "label_words": ("docker", "image", "inspect", f'--format={{{{index .Config.Labels "{OWN_LABEL}"}}}}'),
}
VERSION = ("docker", "version", "--format={{.Server.Version}}")

ENGINES = {
    engine.name: engine for engine in (
        Engine(
            "docker",
            build_words=("docker", "buildx", "build", "--load", "--progress=plain"),
            ask_words=(VERSION, ("docker", "buildx", "version")),
            env={"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"},
            **DOCKER,
        ),
        Engine(
            "classic",
            build_words=("docker", "build", "--force-rm"),
            ask_words=(VERSION,),
            env={"DOCKER_BUILDKIT": "0"},
            keeps_steps=True,
            **DOCKER,
        ),
        Engine(
            "podman",
            build_words=("podman", "build", "--format=docker", "--layers"),
            save_words=("podman", "image", "save", "--quiet", "--format=docker-archive"),
            remove_words=("podman", "image", "rm", "--no-prune"),
            list_words=("podman", "image", "ls", "--quiet", "--no-trunc"),
            label_words=("podman", "image", "inspect", f'--format={{{{index .Labels "{OWN_LABEL}"}}}}'),
            ask_words=(("podman", "info"),),
            keeps_steps=True,
            containers=(("podman", "rm", "--force"), ("podman", "info", "--format={{.Store.GraphRoot}}")),
        ),
        Engine(
            "buildah",
            build_words=("buildah", "build", "--format=docker", "--layers"),
            save_words=("buildah", "push", "--quiet"),
            save_after=("docker-archive:/dev/stdout",),
            remove_words=("buildah", "rmi"),
            list_words=("buildah", "images", "--quiet", "--no-trunc"),
            label_words=("buildah", "inspect", "--type=image", f'--format={{{{index .OCIv1.Config.Labels "{OWN_LABEL}"}}}}'),
            ask_words=(("buildah", "info"),),
            keeps_steps=True,
            containers=(("buildah", "rm"), ("buildah", "info", "--format={{.store.GraphRoot}}")),
        ),
    )
}

# those that are tried where none is named; the classic builder is for who asks for it
PREFERRED = ("docker", "podman", "buildah")


def find_engine(name: str) -> Engine:
    """The engine of that name; with "", the first that can be used, or else the first."""
    if name:
        return ENGINES[name]
    return next((ENGINES[each] for each in PREFERRED if not ENGINES[each].missing()), ENGINES[PREFERRED[0]])


def with_builder(builder: str) -> Engine:
    """BuildKit through the builder of that name of `docker buildx`, wherever it runs.

    A builder apart from an engine hands back an archive; that of an engine is named as its context, and loads.
    """
    docker = ENGINES["docker"]
    inspect = ("docker", "buildx", "inspect", builder)
    if re.search(r"^Driver:\s+docker$", docker.run(inspect).stdout, re.M):
        other = {"DOCKER_CONTEXT": builder, "DOCKER_HOST": ""} if builder != "default" else {}
        return replace(docker, env=docker.env | other)
    words = ("docker", "buildx", "build", "--progress=plain", f"--builder={builder}")
    return replace(docker, build_words=words, to_file=True, ask_words=(inspect,))
