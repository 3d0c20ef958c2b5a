"""Values that can't work end the rendering, and the words say which and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from helm.chart import Helm, HelmError, example_files
from helm.values_model import RENAMED


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("portel: {replicas: 2}", "portel"),
        ("settings: {log_levle: INFO}", "log_levle"),
        ("grading: {size: {slotz: 3}}", "slotz"),
        ("notebooks: {pools: {cpu: {seats: many}}}", "seats"),
        ("image: registry.example/ax/campus:latest", "image"),
        ("notebook_url: http://campus.test", "different hosts"),
        ("notebook_url: http://campus.test:8443", "different hosts"),
        ("database: {trial: {enabled: false}}", "database.peers"),
        ("notebooks: {namespace: axcampus}", "notebooks.namespace"),
        ("grading: {namespace: axcampus-users}", "grading.namespace"),
        ("jupyterhub: {hub: {db: {type: postgres}}}", "accounts: provider"),
        ("jupyterhub: {singleuser: {profileList: [{display_name: GPU}]}}", "notebooks.profiles"),
        *((f"{old}: {{}}", f"{old} is now {new}") for old, new in RENAMED.items()),
    ],
)
def test_values_that_can_t_work_are_refused_with_words(helm: Helm, more: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(more, encoding="utf-8")
    with pytest.raises(HelmError, match=words):
        helm.render(example_files()["minimal"], "-f", str(path))
