"""What each image is made of, and its name: the tag is the digest of all that goes in, so an image never changes.

The Dockerfile is the only list of what goes in: its COPY lines are read here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
PREFIX = "localhost/ax-campus"

_IGNORED = ("__pycache__", "node_modules", ".ipynb_checkpoints")
_ARGUMENT = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Recipe:
    """One image: the folder of its Dockerfile, and build arguments that differ from the Dockerfile's own."""

    name: str
    folder: str
    arguments: Mapping[str, str] = field(default_factory=dict)

    @property
    def dockerfile(self) -> Path:
        """The Dockerfile, which names everything else."""
        return HERE / self.folder / "Dockerfile"


#: Every image that can be built, and those that ``make images`` builds: the other needs gigabytes of CUDA libraries.
RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("hub", "hub"),
        Recipe("campus", "campus"),
        Recipe("notebook", "notebook"),
        Recipe("notebook-gpu", "notebook", {"LIBRARIES": "image-notebook-gpu"}),
    )
}
USUAL = ("hub", "campus", "notebook")


class RecipeError(ValueError):
    """A Dockerfile copies something that is not there."""


def context_files(recipe: Recipe) -> list[Path]:
    """Return the files that the Dockerfile copies, relative to the project's folder and sorted."""
    found = {path for pattern in copied_patterns(recipe) for path in _files_of(pattern)}
    return sorted(path.relative_to(PROJECT) for path in found)


def copied_patterns(recipe: Recipe) -> list[str]:
    """Return the sources of all COPY lines that copy from the project."""
    text = recipe.dockerfile.read_text().replace("\\\n", " ")
    values = {**dict(re.findall(r"^ARG (\w+)=(\S+)", text, re.MULTILINE)), **recipe.arguments}
    lines = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY ") and "--from=" not in line]
    return [_ARGUMENT.sub(lambda found: values[found[1]], source) for line in lines for source in line]


def _files_of(pattern: str) -> Iterator[Path]:
    found = list(PROJECT.glob(pattern))
    if not found:
        raise RecipeError(f"the Dockerfile copies {pattern}, which is not there")
    for path in found:
        files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
        yield from (each for each in files if not set(each.parts) & set(_IGNORED) and each.suffix != ".pyc")


def digest(recipe: Recipe) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 over the Dockerfile, its arguments and its files."""
    total = hashlib.sha256(repr(sorted(recipe.arguments.items())).encode())
    for path in (recipe.dockerfile, *(PROJECT / each for each in context_files(recipe))):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(PROJECT)} {path.stat().st_mode & 0o100:o} {content}\n".encode())
    return total.hexdigest()[:16]


def image_name(recipe: Recipe, prefix: str = PREFIX) -> str:
    """Return the whole name, e.g. ``localhost/ax-campus/hub:3f0c…``: what is in the image decides the tag."""
    return f"{prefix}/{recipe.name}:{digest(recipe)}"
