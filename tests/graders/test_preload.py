"""What is imported before a submission comes: slow libraries, and what our own courses bring."""

from __future__ import annotations

import pytest

from graders.preload import find_preload


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("import numpy as np", ("numpy",)),
        ("from sklearn.ensemble import RandomForestClassifier", ("sklearn", "sklearn.ensemble")),
        ("import matplotlib.pyplot as plt", ("matplotlib", "matplotlib.pyplot")),
        ("import antigravity, subprocess", ()),
        ("import helper", ()),
        ("%matplotlib inline\nimport pandas as pd", ("pandas",)),
        ("from courses.runtime import won", ("courses", "courses.runtime", "courses.runtime.won")),
        ("from courses.simulators import tool_wear", ("courses", "courses.simulators", "courses.simulators.tool_wear")),
        ("from . import courses", ()),
    ],
)
def test_modules_are_found_in_the_cells(code: str, wanted: tuple[str, ...]) -> None:
    assert find_preload([code]) == wanted
