"""Builds images with whatever builder the machine has, and brings them to the nodes of a cluster."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spawner_config.images.recipes import PREFIX, PROJECT, Recipe, context_files, image_name

BUILDERS = ("docker", "podman", "buildah")


class BuildError(Exception):
    """An image could not be made or moved; the text says which command failed."""


@dataclass(frozen=True)
class Workshop:
    """How images are made here. Commands come from the environment, because machines differ.

    ``options``: more options of the builder. ``load``: a command that takes an image archive to the nodes of a cluster
    that can't pull (e.g. ``kind load image-archive``). ``run``: a prefix for commands inside the cluster's network.
    """

    builder: str
    options: tuple[str, ...] = ()
    load: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    prefix: str = PREFIX

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Workshop:
        """Read ``AXCAMPUS_IMAGE_*`` and ``AXCAMPUS_CLUSTER_*``; BuildError if there is no builder."""
        builder = environment.get("AXCAMPUS_IMAGE_BUILDER") or next(filter(shutil.which, BUILDERS), "")
        if not builder:
            raise BuildError(
                "이미지를 만들 docker, podman, buildah 중 하나가 필요합니다. / "
                f"One of {', '.join(BUILDERS)} is needed to build images."
            )
        words = {
            field: tuple(shlex.split(environment.get(name, "")))
            for field, name in (
                ("options", "AXCAMPUS_IMAGE_OPTIONS"),
                ("load", "AXCAMPUS_CLUSTER_LOAD"),
                ("run", "AXCAMPUS_CLUSTER_RUN"),
            )
        }
        return cls(builder, prefix=environment.get("AXCAMPUS_IMAGE_PREFIX") or PREFIX, **words)

    def ensure(self, recipe: Recipe) -> str:
        """Build the image unless it is there; returns its name."""
        name = image_name(recipe, self.prefix)
        if not self._has(name):
            self._build(recipe, name)
        return name

    def ensure_on_nodes(self, name: str) -> bool:
        """Take the image to the nodes; False if nothing was to do: they pull for themselves, or have it."""
        if not self.load or name in self._on_nodes():
            return False
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "image.tar"
            self._call(*self._save_command(name, archive))
            self._call(*self.load, str(archive))
        return True

    def push(self, name: str) -> None:
        """Send the image to the registry that its name begins with."""
        self._call(self.builder, "push", name)

    def _has(self, name: str) -> bool:
        """Ask by the list: ``inspect`` is spelt differently in each builder."""
        return bool(self._call(self.builder, "images", "--quiet", "--filter", f"reference={name}").strip())

    def _build(self, recipe: Recipe, name: str) -> None:
        arguments = [word for item in recipe.arguments.items() for word in ("--build-arg", "=".join(item))]
        docker_format = [] if self.builder == "docker" else ["--format", "docker", "--layers"]  # OCI has no HEALTHCHECK
        with tempfile.TemporaryDirectory() as folder:
            stage(recipe, Path(folder))
            file = Path(folder) / recipe.dockerfile.relative_to(PROJECT)
            self._call(
                *(self.builder, "build", *docker_format, *self.options, *arguments),
                *("--file", str(file), "--tag", name, folder),
                quiet=False,
            )

    def _save_command(self, name: str, archive: Path) -> list[str]:
        if self.builder == "buildah":
            return ["buildah", "push", name, f"docker-archive:{archive}:{name}"]
        return [self.builder, "save", "--output", str(archive), name]

    def _on_nodes(self) -> set[str]:
        """Names of the images that every node says it has (it names 50 at most: one more load does no harm)."""
        query = "jsonpath={range .items[*]}{range .status.images[*]}{.names[*]} {end}{'\\n'}{end}"
        lines = self._call(*self.run, "kubectl", "get", "nodes", "-o", query).splitlines()
        nodes = [set(line.split()) for line in lines if line.strip()]
        return set.intersection(*nodes) if nodes else set()

    @staticmethod
    def _call(*command: str, quiet: bool = True) -> str:
        done = subprocess.run(command, text=True, check=False, stdout=subprocess.PIPE if quiet else None)
        if done.returncode:
            raise BuildError(f"{shlex.join(command)}: exit status {done.returncode}")
        return done.stdout or ""


def stage(recipe: Recipe, folder: Path) -> None:
    """Copy exactly what the Dockerfile names: nothing else of the project can get into an image or change it."""
    for path in (recipe.dockerfile.relative_to(PROJECT), *context_files(recipe)):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROJECT / path, target)
        # The same modes and times on every machine: the builder's cache looks at both.
        target.chmod(0o755 if os.access(PROJECT / path, os.X_OK) else 0o644)
        os.utime(target, (0, 0))
    for directory in (folder, *(each for each in folder.rglob("*") if each.is_dir())):
        directory.chmod(0o755)
