from __future__ import annotations

import numpy as np
import pytest

from courses.simulators.random_streams import random_stream, wandering


def test_equal_seed_and_name_give_equal_draws() -> None:
    assert random_stream(2**64 - 1, "a").random() == random_stream(2**64 - 1, "a").random()


def test_names_and_seeds_give_independent_streams() -> None:
    draws = {random_stream(seed, name).random() for seed in (0, 1, 2**63) for name in "abc"}
    assert len(draws) == 9


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_outside_64_bits_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="0 to 2"):
        random_stream(seed, "a")


def test_a_wandering_series_is_stationary_with_the_given_memory() -> None:
    series = wandering(random_stream(1, "w"), 400_000, memory=50)
    assert abs(series.mean()) < 0.05
    assert abs(series.std() - 1) < 0.02
    assert abs(np.corrcoef(series[:-50], series[50:])[0, 1] - np.exp(-1)) < 0.03
