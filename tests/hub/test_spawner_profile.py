from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.spawner import SpawnException

from hub.spawner import CampusSpawner
from spawner_config.settings import REFERENCE_FILE, load_notebooks
from tests.spawner_config.test_walls import make_notebooks


def make_spawner(folder: Path, options: Any) -> CampusSpawner:
    user = SimpleNamespace(name="minji.kim", groups=[])
    spawner = CampusSpawner(user=user, settings=load_notebooks(REFERENCE_FILE), notebooks=make_notebooks(folder))
    spawner.user_options = options
    return spawner


def test_a_local_server_has_the_seat_that_the_settings_give(tmp_path: Path) -> None:
    environment = make_spawner(tmp_path, {}).user_env({})
    assert (environment["AXCAMPUS_PROFILE"], environment["OMP_NUM_THREADS"]) == ("cpu", "2")
    assert environment["HOME"] == str(tmp_path / "homes" / "minji.kim")


def test_the_seat_s_memory_is_what_the_launcher_keeps_to(tmp_path: Path) -> None:
    spawner = make_spawner(tmp_path, {})
    spawner.home.mkdir(parents=True)
    assert spawner._plan(None).memory_bytes == int(spawner.user_env({})["MEM_LIMIT"]) > 0


@pytest.mark.parametrize("profile", ["gpu-lab", "bogus", ["cpu"]])
def test_a_profile_that_this_machine_has_not_is_refused_in_words(tmp_path: Path, profile: Any) -> None:
    with pytest.raises(SpawnException) as caught:
        make_spawner(tmp_path, {"profile": profile})._choose_profile()
    assert "기본 환경으로 시작" in caught.value.jupyterhub_message
