"""A real cluster for tests: namespaces of their own, removed at the end, and nothing outside them is ever touched.

``KUBECONFIG`` names the cluster (``tests/conftest.py`` leaves the tier out, loudly, where there is none); ``kubectl``
speaks to it. ``make test-cluster`` builds the images first.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from spawner_config.images.recipes import PREFIX, PROJECT, RECIPES, USUAL, image_name

#: Namespaces of tests carry this label: leftovers of a killed run are found by it.
OURS = "axcampus.test=1"
WAIT_SECONDS = 120


class KubectlError(AssertionError):
    """kubectl refused; the text is its own."""


@dataclass(frozen=True)
class Namespace:
    """One namespace of a test, and the commands that stay inside it."""

    name: str

    def kubectl(self, *words: str, stdin: str | None = None, seconds: float = WAIT_SECONDS) -> str:
        """Run kubectl in this namespace; returns what it prints."""
        return kubectl("--namespace", self.name, *words, stdin=stdin, seconds=seconds)

    def get(self, kind: str, *words: str) -> list[dict[str, Any]]:
        """Return the objects of one kind."""
        found: list[dict[str, Any]] = json.loads(self.kubectl("get", kind, *words, "-o", "json"))["items"]
        return found

    def apply(self, *objects: dict[str, Any]) -> None:
        """Create or change objects; one that names another namespace is refused."""
        for each in objects:
            assert each.get("metadata", {}).get("namespace", self.name) == self.name, each
        items = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        self.kubectl("apply", "-f", "-", stdin=json.dumps(items))

    def wait(self, condition: str, *what: str, seconds: int = WAIT_SECONDS) -> None:
        """Wait until ``what`` has the condition."""
        self.kubectl("wait", f"--for={condition}", f"--timeout={seconds}s", *what, seconds=seconds + 10)


def kubectl(*words: str, stdin: str | None = None, seconds: float = WAIT_SECONDS) -> str:
    """Run kubectl; KubectlError with its own words if it fails."""
    done = subprocess.run(
        ["kubectl", *words], input=stdin, text=True, capture_output=True, timeout=seconds, check=False
    )
    if done.returncode:
        raise KubectlError(f"kubectl {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


@pytest.fixture(scope="session")
def kubeconfig() -> Path:
    """The file that names the cluster."""
    return Path(os.environ["KUBECONFIG"])


@pytest.fixture(scope="session")
def make_namespace(kubeconfig: Path) -> Iterator[Callable[..., Namespace]]:
    """Makes namespaces for tests; ``level`` is the Pod Security level that is enforced. All go at the end."""
    made: list[str] = []

    def make(purpose: str, *, level: str = "restricted") -> Namespace:
        name = f"axtest-{purpose}-{secrets.token_hex(3)}"
        made.append(name)
        labels = {"axcampus.test": "1", "pod-security.kubernetes.io/enforce": level}
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        kubectl("create", "-f", "-", stdin=json.dumps(body))
        return Namespace(name)

    yield make
    if made:
        kubectl("delete", "namespace", "--ignore-not-found", "--wait=true", "--timeout=100s", *made)


@pytest.fixture(scope="module")
def namespace(request: pytest.FixtureRequest, make_namespace: Callable[..., Namespace]) -> Namespace:
    """A namespace for the tests of one file."""
    purpose = request.module.__name__.rsplit(".", 1)[-1].removeprefix("test_").replace("_", "-")[:30]
    return make_namespace(purpose)


@pytest.fixture(scope="session")
def images() -> dict[str, str]:
    """Names of our images, by what they are for: as `make images` noted them, else as they would be named now."""
    note = PROJECT / "artifacts" / "images.json"
    if note.is_file():
        noted: dict[str, str] = json.loads(note.read_text())
        return noted
    prefix = os.environ.get("AXCAMPUS_IMAGE_PREFIX") or PREFIX
    return {name: image_name(RECIPES[name], prefix) for name in USUAL}
