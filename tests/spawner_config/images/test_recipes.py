"""Images are named by what is in them, and hold nothing that they must not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spawner_config.images import build, recipes
from spawner_config.images.build import BuildError, Workshop, stage
from spawner_config.images.recipes import (
    PROJECT,
    RECIPES,
    USUAL,
    Recipe,
    RecipeError,
    context_files,
    digest,
    image_name,
)

LOCKS = PROJECT / "requirements"
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one Dockerfile of its own."""
    (tmp_path / "images" / "a").mkdir(parents=True)
    (tmp_path / "images" / "a" / "Dockerfile").write_text(
        "ARG LIST=one\nFROM base AS first\nCOPY ${LIST}.lock /x\n"
        "FROM base\nCOPY --from=first /x /y\nCOPY code \\\n  /code\n"
    )
    (tmp_path / "one.lock").write_text("1")
    (tmp_path / "two.lock").write_text("2")
    (tmp_path / "secret.env").write_text("no")
    (tmp_path / "code" / "__pycache__").mkdir(parents=True)
    (tmp_path / "code" / "__pycache__" / "a.pyc").write_text("")
    (tmp_path / "code" / "a.py").write_text("1")
    for module in (recipes, build):
        monkeypatch.setattr(module, "PROJECT", tmp_path)
    monkeypatch.setattr(recipes, "HERE", tmp_path / "images")
    return tmp_path


def test_exactly_what_the_dockerfile_copies_goes_in(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("context")
    stage(Recipe("a", "a"), folder)
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert found == ["code/a.py", "images/a/Dockerfile", "one.lock"]


def test_a_build_argument_chooses_what_is_copied(project: Path) -> None:
    assert Path("two.lock") in context_files(Recipe("a", "a", {"LIST": "two"}))


CHANGES = {
    "a file": lambda project: (project / "code" / "a.py").write_text("2"),
    "its mode": lambda project: (project / "code" / "a.py").chmod(0o755),
    "a new file": lambda project: (project / "code" / "b.py").write_text(""),
    "the lock": lambda project: (project / "one.lock").write_text("2"),
    "the Dockerfile": lambda project: (project / "images" / "a" / "Dockerfile").write_text("COPY one.lock /x\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_tag_follows_every_change(project: Path, change: str) -> None:
    before = digest(Recipe("a", "a"))
    CHANGES[change](project)
    assert digest(Recipe("a", "a")) != before


def test_the_tag_ignores_what_is_not_in_the_image(project: Path) -> None:
    before = digest(Recipe("a", "a"))
    (project / "two.lock").write_text("3")
    (project / "code" / "__pycache__" / "b.pyc").write_text("")
    assert digest(Recipe("a", "a")) == before


def test_a_copy_of_nothing_is_an_error(project: Path) -> None:
    (project / "one.lock").unlink()
    with pytest.raises(RecipeError):
        digest(Recipe("a", "a"))


@pytest.mark.parametrize("name", RECIPES)
def test_every_image_has_its_files_and_no_moving_tag(name: str) -> None:
    assert re.fullmatch(rf"localhost/ax-campus/{name}:[0-9a-f]{{16}}", image_name(RECIPES[name]))


def test_no_course_folder_goes_into_the_notebook_image() -> None:
    folders = {
        path.parts[1]
        for path in context_files(RECIPES["notebook"])
        if path.parts[0] == "courses" and len(path.parts) > 2
    }
    assert folders == {"simulators", "fonts"}
    assert not any(path.parts[:2] == ("hub", "portal") for path in context_files(RECIPES["notebook"]))


@pytest.mark.parametrize("name", RECIPES)
def test_every_image_is_locked_with_hashes_unprivileged_and_health_checked(name: str) -> None:
    text = RECIPES[name].dockerfile.read_text()
    assert "--require-hashes" in text
    assert re.search(r"^USER 1000:1000$", text, re.MULTILINE)
    assert "HEALTHCHECK" in text


@pytest.mark.parametrize("lock", ["hub", "campus", "notebook"])
def test_images_have_the_versions_that_are_tested(lock: str) -> None:
    tested = dict(PIN.findall((LOCKS / "run.lock").read_text()))
    pins = dict(PIN.findall((LOCKS / f"image-{lock}.lock").read_text()))
    assert {name: version for name, version in pins.items() if tested.get(name) != version} == {}


def test_the_usual_images_can_be_built_without_gigabytes() -> None:
    assert "notebook-gpu" not in USUAL


def test_without_a_builder_it_says_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build.shutil, "which", lambda _name: None)
    with pytest.raises(BuildError, match="buildah"):
        Workshop.of({})


def test_a_cluster_that_pulls_gets_no_archive() -> None:
    assert Workshop.of({"AXCAMPUS_IMAGE_BUILDER": "false"}).ensure_on_nodes("image:1") is False


def test_a_builder_that_fails_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BuildError, match="exit status 1"):
        Workshop.of({"AXCAMPUS_IMAGE_BUILDER": "false"}).ensure(RECIPES["hub"])
