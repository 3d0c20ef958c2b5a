"""What published detectors reach on such sets (AUROC .97 to .99 from good parts alone), and what must not work."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.metrics import roc_auc_score

from courses.simulators import casting
from courses.simulators.casting import CastingSet

Values = npt.NDArray[np.float64]
SEEDS = range(4)


@pytest.fixture(scope="module")
def plants() -> list[CastingSet]:
    return [casting.casting_set(seed, "plant", good=120, bad=60) for seed in SEEDS]


def defective(parts: CastingSet) -> npt.NDArray[np.bool_]:
    return (parts.facts["defect"] == 1).to_numpy()


def features(images: npt.NDArray[np.float32]) -> Values:
    """Fine and coarse blots and roughness of the flat-fielded pictures, at the inspected pixels."""
    weight = np.maximum(gaussian_filter(casting.PART.astype(float), 6), 1e-3)
    inside = np.where(casting.PART, images, 0).astype(float)
    light = np.maximum(gaussian_filter(inside, (0, 6, 6)) / weight, 1e-3)
    flat = np.where(casting.PART, inside / light - 1, 0)
    fine, middle, coarse = (gaussian_filter(flat, (0, s, s)) for s in (0.7, 1.4, 2.8))
    rough = np.sqrt(gaussian_filter((fine - middle) ** 2, (0, 1.5, 1.5)))
    return np.stack([fine - middle, middle - coarse, rough], axis=-1)[:, casting.INSPECTED]


def maps_of(good: CastingSet, parts: CastingSet) -> Values:
    """Mahalanobis distance of each inspected pixel from those of good parts, as PaDiM does."""
    usual = features(good.images).reshape(-1, 3)
    away = features(parts.images) - usual.mean(axis=0)
    distance = np.zeros(parts.images.shape)
    inverse = np.linalg.inv(np.cov(usual.T))
    distance[:, casting.INSPECTED] = np.einsum("npi,ij,npj->np", away, inverse, away)
    return np.asarray(gaussian_filter(distance, (0, 1, 1)))


def score(maps: Values) -> Values:
    return np.asarray(np.sort(maps.reshape(len(maps), -1), axis=1)[:, -12:].mean(axis=1))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_detector_that_learns_from_good_parts_reaches_the_published_band(plants: list[CastingSet], seed: int) -> None:
    good = casting.casting_set(seed + 100, "good", good=80)
    maps = maps_of(good, plants[seed])
    bad = defective(plants[seed])
    assert 0.93 <= roc_auc_score(bad, score(maps)) <= 0.999
    masks = plants[seed].masks[bad][:, casting.INSPECTED].ravel()
    assert roc_auc_score(masks, maps[bad][:, casting.INSPECTED].ravel()) > 0.88


@pytest.mark.parametrize("seed", SEEDS)
def test_the_difference_from_a_mean_picture_is_little_better_than_a_coin(plants: list[CastingSet], seed: int) -> None:
    good = casting.casting_set(seed + 100, "good", good=80)
    largest = np.abs(plants[seed].images - good.images.mean(axis=0)).max(axis=(1, 2))
    assert 0.4 < roc_auc_score(defective(plants[seed]), largest) < 0.7


@pytest.mark.parametrize("seed", SEEDS)
def test_brightness_alone_tells_pictures_of_the_laboratory_apart(seed: int) -> None:
    vendor = casting.casting_set(seed, "vendor", good=60, bad=60, from_laboratory=True)
    assert roc_auc_score(defective(vendor), vendor.images.mean(axis=(1, 2))) > 0.97


def test_brightness_tells_nothing_on_the_line(plants: list[CastingSet]) -> None:
    told = [roc_auc_score(defective(parts), parts.images.mean(axis=(1, 2))) for parts in plants]
    assert abs(np.mean(told) - 0.5) < 0.1


def test_every_defect_has_a_mask_on_the_part_and_good_parts_have_none(plants: list[CastingSet]) -> None:
    for parts in plants:
        assert not parts.masks[~defective(parts)].any()
        assert parts.masks[defective(parts)].sum(axis=(1, 2)).min() >= 5
        assert not (parts.masks & ~casting.PART).any()


def test_a_defect_changes_its_mask_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    for kind in casting.KINDS:
        shade, mask = casting._defect(rng, kind, 0.3)
        assert (shade[~mask] == 1).all()
        assert (np.abs(shade[mask] - 1) > 0.02).all()


def test_a_scratch_is_bright_and_the_others_are_dark() -> None:
    rng = np.random.default_rng(1)
    for kind in casting.KINDS:
        shades = [casting._defect(rng, kind, 0.3) for _ in range(10)]
        mean = np.mean([shade[mask].mean() for shade, mask in shades])
        assert (mean > 1) == (kind == "scratch")


def test_every_kind_comes_equally_often_and_in_no_order(plants: list[CastingSet]) -> None:
    facts = plants[0].facts
    assert dict(facts.loc[facts["defect"] == 1, "kind"].value_counts()) == dict.fromkeys(casting.KINDS, 15)
    assert facts["defect"].to_numpy()[:60].any()
    assert not facts["defect"].is_monotonic_increasing


def test_parts_of_a_lot_share_their_light(plants: list[CastingSet]) -> None:
    inside = plants[0].images[:, casting.PART].mean(axis=1)
    lots = plants[0].facts.assign(level=inside).groupby("lot")["level"]
    assert lots.std().mean() < 0.6 * lots.mean().std()
    assert set(lots.size()) == {casting.PARTS_PER_LOT}


def test_pictures_lie_between_black_and_white_and_the_background_is_dark(plants: list[CastingSet]) -> None:
    images = plants[0].images
    assert images.dtype == np.float32
    assert 0 <= images.min() < images.max() <= 1
    assert images[:, ~casting.PART].max() < 0.12


def test_the_camera_gives_pictures_and_nothing_else(plants: list[CastingSet]) -> None:
    assert casting.pictures_only(plants[0]).shape == plants[0].images.shape


def test_the_same_seed_gives_the_same_pictures_and_names_others() -> None:
    first = casting.casting_set(2**64 - 1, "a", good=3, bad=2)
    again = casting.casting_set(2**64 - 1, "a", good=3, bad=2)
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, casting.casting_set(2**64 - 1, "b", good=3, bad=2).images)


def test_two_hundred_pictures_are_made_in_less_than_two_seconds_of_one_core() -> None:
    started = time.process_time()
    casting.casting_set(3, "speed", good=120, bad=80)
    assert time.process_time() - started < 2
