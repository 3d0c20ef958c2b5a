from __future__ import annotations

from pathlib import Path

import pytest

from hub.settings import PROJECT_ROOT
from spawner_config.environment import notebook_environment
from spawner_config.packages import ensure_packages
from spawner_config.settings import LocalNotebooks
from spawner_config.walls import WallError, make_walls


def make_notebooks(folder: Path, project: Path = PROJECT_ROOT) -> LocalNotebooks:
    return LocalNotebooks(
        homes=folder / "homes",
        logs=folder / "log",
        packages=folder / "packages",
        project=project,
        prefix=Path("/usr"),
        base_prefix=Path("/usr"),
        portal_api_url="http://localhost:8000/api/v1",
        instance=str(folder),
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "homes" / "minji.kim"
    made.mkdir(parents=True)
    return made


def test_of_all_homes_only_the_own_one_is_inside(tmp_path: Path, home: Path) -> None:
    walls = make_walls(make_notebooks(tmp_path), home)
    assert [path for path in walls.write if path.is_relative_to(tmp_path)] == [home]
    assert not [path for path in walls.read if path.is_relative_to(tmp_path)]


def test_no_folder_with_solutions_is_inside(tmp_path: Path, home: Path) -> None:
    walls = make_walls(make_notebooks(tmp_path), home)
    courses = {path.parent for path in (PROJECT_ROOT / "courses").glob("*/course.yaml")}
    assert courses
    assert not [
        (course, path)
        for course in courses
        for path in (*walls.read, *walls.execute, *walls.write)
        if course.is_relative_to(path)
    ]


def test_homes_inside_a_readable_folder_are_refused(home: Path, tmp_path: Path) -> None:
    notebooks = make_notebooks(tmp_path).model_copy(update={"prefix": tmp_path})
    with pytest.raises(WallError, match="AXCAMPUS_HOME"):
        make_walls(notebooks, home)


def test_only_paths_that_exist_are_named(tmp_path: Path, home: Path) -> None:
    walls = make_walls(make_notebooks(tmp_path), home)
    assert all(path.exists() for path in (*walls.read, *walls.execute, *walls.write))


def test_the_environment_is_a_short_list_without_secrets(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFIGPROXY_AUTH_TOKEN", "secret")
    environment = notebook_environment(make_notebooks(tmp_path), "minji.kim", home)
    assert "secret" not in environment.values()
    assert environment["HOME"] == str(home)
    assert not [name for name in environment if "TOKEN" in name or "KEY" in name or "DATABASE" in name]


def test_packages_hold_the_engine_and_no_course(tmp_path: Path) -> None:
    ensure_packages(tmp_path / "packages", PROJECT_ROOT)
    names = {path.name for path in (tmp_path / "packages" / "courses").iterdir()}
    assert (tmp_path / "packages" / "graders" / "files.py").is_file()
    assert "runtime.py" in names
    assert not [name for name in names if (PROJECT_ROOT / "courses" / name / "course.yaml").exists()]


def test_a_link_that_leads_elsewhere_is_made_right(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "graders").symlink_to("/nowhere")
    (packages / "hub").symlink_to(PROJECT_ROOT / "hub")
    ensure_packages(packages, PROJECT_ROOT)
    assert (packages / "graders").resolve() == PROJECT_ROOT / "graders"
    assert not (packages / "hub").exists()
