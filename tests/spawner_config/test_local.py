from __future__ import annotations

from typing import Any

import pytest

from spawner_config.local import local_choice, local_environment, local_profiles
from spawner_config.settings import REFERENCE_FILE, load_notebooks

SITE = load_notebooks(REFERENCE_FILE)


def test_one_machine_offers_no_gpu_seats() -> None:
    assert local_profiles(SITE, ["role:administrator"]) == ("cpu",)


def test_a_seat_s_cores_are_what_libraries_use() -> None:
    environment = local_environment(SITE, "cpu")
    assert (environment["OMP_NUM_THREADS"], environment["MEM_LIMIT"]) == ("2", str(4 * 2**30))
    assert not [name for name in environment if "NVIDIA" in name]


@pytest.mark.parametrize(
    ("options", "profile"),
    [({}, "cpu"), (None, "cpu"), ({"profile": "cpu"}, "cpu"), ({"profile": "gpu-lab"}, None), ({"profile": [1]}, None)],
)
def test_a_choice_is_checked_like_on_a_cluster(options: Any, profile: str | None) -> None:
    assert local_choice(SITE, options, []) == profile
