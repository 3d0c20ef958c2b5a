"""The chart with its dependency beside it, rendered by Helm itself: for checks, tests and the operator's own look."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from helm.values_schema import CHART

EXAMPLES = CHART / "examples"
EVERYTHING = CHART.parents[1] / "tests" / "helm" / "everything.yaml"
STUB = CHART.parents[1] / "tests" / "helm" / "stub" / "jupyterhub"

#: The namespace that the settings models name in their defaults.
NAMESPACE = "axcampus"

Manifest = dict[str, Any]


class HelmError(Exception):
    """Helm refused; the text is its own."""


def find_helm() -> str | None:
    """Return the program: ``HELM``, or ``helm`` of the PATH."""
    return shutil.which(os.environ.get("HELM") or "helm")


def example_files() -> dict[str, Path]:
    """Return every file of values that must render, by name."""
    return {path.stem: path for path in (*sorted(EXAMPLES.glob("*.yaml")), EVERYTHING)}


def assemble(folder: Path, dependency: Path) -> Path:
    """Copy the chart into ``folder`` with ``dependency`` (a folder of zero-to-jupyterhub, or the stand-in) inside.

    Helm quietly leaves out a dependency of another version than the one that is pinned. A copy of the public
    repository has no version yet: it gets the pinned one.
    """
    chart = folder / CHART.name
    shutil.copytree(CHART, chart, ignore=shutil.ignore_patterns("charts", "__pycache__"))
    inside = chart / "charts" / "jupyterhub"
    shutil.copytree(dependency, inside)
    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["dependencies"][0]["version"]
    about = inside / "Chart.yaml"
    about.write_text(re.sub(r"^version:.*$", f"version: {version}", about.read_text(), flags=re.MULTILINE))
    return chart


@dataclass(frozen=True)
class Helm:
    """Helm with one assembled chart."""

    program: str
    chart: Path

    def lint(self, values: Path) -> str:
        """Return what ``helm lint --strict`` says; HelmError if it finds something."""
        return self._call("lint", "--strict", str(self.chart), "-n", NAMESPACE, "-f", str(values))

    def render(self, values: Path, *options: str, namespace: str = NAMESPACE) -> list[Manifest]:
        """Return all objects of the release, hooks included."""
        text = self._call("template", "campus", str(self.chart), "-n", namespace, "-f", str(values), *options)
        return [item for item in yaml.safe_load_all(text) if item]

    def _call(self, *arguments: str) -> str:
        done = subprocess.run([self.program, *arguments], capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise HelmError(f"{done.stdout}\n{done.stderr}".strip())
        return done.stdout


#: Made anew at each rendering; their length and place stay in golden files.
_MADE = re.compile(r"^[A-Za-z0-9+/=]{40,}$")


def steady(manifest: Manifest) -> Manifest:
    """Return the object without what differs between renderings: keys and passwords."""
    if manifest["kind"] != "Secret":
        return manifest
    data = {name: "(made)" if _MADE.fullmatch(text) else text for name, text in manifest.get("data", {}).items()}
    return {**manifest, "data": data}


def is_of_the_dependency(manifest: Manifest) -> bool:
    """Whether zero-to-jupyterhub made it: its checks are its own."""
    return "axcampus" not in manifest["metadata"]["name"] and manifest["metadata"].get("namespace") is None
