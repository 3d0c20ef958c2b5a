from __future__ import annotations

import json
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from fontTools.ttLib import TTFont
from matplotlib.ft2font import FT2Font
from threadpoolctl import threadpool_info

from courses.runtime import (
    AUTHOR_SEED,
    FONT_FILE,
    HIDDEN_SEED_VARIABLE,
    LEARNER_FILE,
    SeedError,
    hidden_seed,
    learner_seed,
    prepare_notebook,
    won,
)


def test_the_learners_seed_is_read_where_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / LEARNER_FILE).write_text(json.dumps({"seed": 2**64 - 1}))
    monkeypatch.chdir(tmp_path)
    assert learner_seed() == 2**64 - 1


def test_an_author_without_learner_file_gets_the_documented_seed(tmp_path: Path) -> None:
    assert learner_seed(tmp_path) == AUTHOR_SEED


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"seed": "1"}', '{"seed": -1}', '{"seed": true}', "\udcff"])
def test_a_damaged_learner_file_is_refused_in_both_languages(tmp_path: Path, content: str) -> None:
    (tmp_path / LEARNER_FILE).write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(SeedError, match=r"다시 받아.*fetch the assignment again"):
        learner_seed(tmp_path)


def test_the_hidden_seed_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HIDDEN_SEED_VARIABLE, "18446744073709551615")
    assert hidden_seed() == 2**64 - 1


def test_an_authors_hidden_seed_is_not_the_learner_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HIDDEN_SEED_VARIABLE, raising=False)
    assert hidden_seed() != AUTHOR_SEED


@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", str(2**64), "١"])
def test_a_damaged_hidden_seed_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(HIDDEN_SEED_VARIABLE, text)
    with pytest.raises(SeedError):
        hidden_seed()


def test_the_bundled_font_has_every_hangul_syllable_and_its_licence() -> None:
    glyphs = TTFont(FONT_FILE).getBestCmap()
    assert all(code in glyphs for code in range(0xAC00, 0xD7A4))
    assert "SIL OPEN FONT LICENSE" in FONT_FILE.with_name("OFL.txt").read_text(encoding="utf-8")
    assert FONT_FILE.stat().st_size < 2_500_000


def test_korean_labels_and_minus_signs_draw_without_a_missing_glyph() -> None:
    with mpl.rc_context():
        mpl.use("agg")
        prepare_notebook()
        figure, axes = plt.subplots()
        axes.set_title("공구 마모 − 토크 · wear ₩ µm")
        axes.plot([-1, 1], [1e-3, 1])
        axes.set_yscale("log")
        figure.canvas.draw()  # a missing glyph warns, and warnings are errors here
        plt.close(figure)
    assert FT2Font(str(FONT_FILE)).family_name == "NanumSquare"


def test_a_prepared_notebook_computes_in_one_thread() -> None:
    with mpl.rc_context():
        prepare_notebook()
    assert {pool["num_threads"] for pool in threadpool_info()} <= {1}


def test_won_is_grouped_by_thousands() -> None:
    assert won(1234567.8) == "1,234,568원"
