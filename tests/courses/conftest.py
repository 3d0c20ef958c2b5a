"""Course folders for the tests of the courses room."""

from __future__ import annotations

from pathlib import Path

import pytest

from courses.catalog import Assignment, Catalog, load_catalog
from courses.scaffold import scaffold_course


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="session")
def milling_assignment(catalog: Catalog) -> Assignment:
    return catalog.course("manufacturing-ai").assignment("a03-milling")


@pytest.fixture
def scaffold(tmp_path: Path) -> Path:
    """Return the root folder of a freshly scaffolded course ``fresh``."""
    scaffold_course(tmp_path, "fresh", "gnu")
    return tmp_path
