# %% [markdown]
# # A07. 주조 표면 결함 검사 · Casting surface inspection
#
# 김해의 한 주물 공장은 펌프 덮개를 하루 1,800개 만듭니다. 검사원 두 명이 표면을 눈으로 봅니다. 저녁이 되면 눈이 흐려지고, 놓친 기공 하나가 펌프 회사에서 물이 새는 펌프가 됩니다.
# 카메라는 이미 달려 있습니다. 그런데 **결함 사진이 거의 없습니다.** 좋은 부품 사진만 보고도 이상한 곳을 찾을 수 있을까요?
#
# > A foundry in Gimhae casts 1,800 pump covers a day, inspected by two pairs of eyes that are tired by evening; a missed blowhole becomes a leaking pump.
# > There is a camera, but **hardly any pictures of defects**. Can one find what is odd after seeing good parts only?
#
# | 순서 · Step | 할 일 · What you do | 점수 · Points |
# |---|---|---|
# | 1 | 사진 보기 · look at the pictures | – |
# | 2–3 | 점수의 점수 AUROC, 99 %가 왜 틀렸는가 · AUROC; why 99 % is wrong | 2 |
# | 4 | 로트로 나누기 · split by lot | 2 |
# | 5 | 조명을 지우기 · remove the light | 3 |
# | 6 | 이상한 곳의 지도 · a map of what is odd | 5 |
# | 7 | 부품의 점수 · a score for each part | 4 |
# | 8 | 실수의 값, 불합격 판정 · price of mistakes, rejection | 2 + 2 |
# | 9 | 도입 회의 · go or no-go (사람이 채점 · graded by a person) | 5 |

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter

from courses.runtime import hidden_seed, learner_seed, prepare_notebook, won
from courses.simulators import casting

prepare_notebook()
good = casting.casting_set(learner_seed(), "good", good=80).images
check = casting.casting_set(learner_seed(), "check", good=80, bad=40)
check.facts.head()

# %% [markdown]
# ## 1. 사진부터 봅니다 · Look at the pictures
#
# `good`은 좋은 부품 80개의 사진(80 × 64 × 64, 0 = 검정, 1 = 하양)입니다. `check`는 검사원이 확인한 부품 120개로, 사진 `images`, 결함 자리 `masks`, 표 `facts`(로트, 결함 종류)가 있습니다.
# 결함은 기공 `blowhole`, 균열 `crack`, 긁힘 `scratch`, 수축공 `shrinkage`입니다. **위 줄만 보고 결함 자리를 짚어 보십시오.** 답은 아래 줄에 있습니다.
#
# > `good` holds pictures of 80 good parts; `check` holds 120 parts that inspectors have labelled: `images`, `masks` (where the defect is) and `facts` (lot, kind: blowhole, crack, scratch, shrinkage). **Point at each defect in the upper row**; the answers are below.

# %%
kind_names = {
    "blowhole": "기공 · blowhole",
    "crack": "균열 · crack",
    "scratch": "긁힘 · scratch",
    "shrinkage": "수축공 · shrinkage",
}
fig, axes = plt.subplots(2, 5, figsize=(10, 4.2))
shown = [int(np.flatnonzero(check.facts["kind"] == kind)[0]) for kind in ("", *kind_names)]
for column, number in zip(axes.T, shown, strict=True):
    column[0].imshow(check.images[number], cmap="gray", vmin=0, vmax=1)
    column[0].set_title(kind_names.get(check.facts["kind"][number], "정상 · good"), fontsize=9)
    column[1].imshow(check.masks[number], cmap="gray")
for ax in axes.flat:
    ax.set_axis_off()
plt.show()

# %% [markdown]
# 어렵습니다. 결함은 밝기의 10–20 %만 바꾸고, 주물의 거친 살결과 선반 자국, 한쪽에서 오는 조명이 그만큼 흔들립니다. 로트마다 조명의 방향과 세기도 다릅니다.
#
# ## 2. 점수의 점수: AUROC · Scoring a score
#
# 이상 점수가 있을 때 **결함 부품 하나와 좋은 부품 하나를 아무렇게나 골라, 결함 쪽의 점수가 더 클 확률**이 AUROC입니다. 동전 던지기는 0.5, 완벽하면 1입니다. 결함이 드물어도 값이 변하지 않아 정확도보다 믿을 만합니다.
#
# **문제 1 (2점).** `auroc(defect, score)`: 결함(0/1)과 점수의 배열에서 AUROC를 돌려주십시오. 점수가 같은 쌍은 0.5로 셉니다.
#
# > It is hard: a defect changes brightness by 10 to 20 %, and so do rough skin, tool marks and a lamp from one side that differs from lot to lot.
# > AUROC is **the probability that a random defective part scores higher than a random good one**: 0.5 for a coin, 1 for perfection, whatever the share of defects.
# > **Exercise 1 (2 points).** `auroc(defect, score)` for arrays of 0/1 and scores; pairs with equal scores count one half.


# %% nbgrader={"grade_id": "a07-auroc", "solution": true}
def auroc(defect, score):
    """결함 쪽 점수가 더 클 확률 · probability that a defective part scores higher."""
    ### BEGIN SOLUTION
    defect, score = np.asarray(defect), np.asarray(score, dtype=float)
    bad, fine = score[defect == 1][:, None], score[defect == 0][None, :]
    return float(np.mean((bad > fine) + 0.5 * (bad == fine)))
    ### END SOLUTION


# %% nbgrader={"grade_id": "a07-auroc-test", "grade": true, "points": 2}
assert auroc([0, 0, 1, 1], [0.1, 0.4, 0.3, 0.9]) == 0.75, "네 쌍 가운데 셋을 맞혔습니다 · three of four pairs are right"
assert auroc([0, 1], [0.5, 0.5]) == 0.5, "같은 점수는 0.5입니다 · equal scores count one half"
### BEGIN HIDDEN TESTS
dice = np.random.default_rng(hidden_seed() % 2**32)
for _ in range(3):
    truth, ranks = dice.permutation(np.repeat([0, 1], [30, 20])), dice.integers(0, 12, 50)
    pairs = [(a > b) + 0.5 * (a == b) for a in ranks[truth == 1] for b in ranks[truth == 0]]
    assert abs(auroc(truth, ranks) - np.mean(pairs)) < 1e-9
### END HIDDEN TESTS

# %% [markdown]
# ## 3. 99 %가 왜 틀렸는가 · Why 99 % is wrong here
#
# 한 업체가 납품한 모델은 자기 사진에서 AUROC 0.99를 보였습니다. 그 사진을 받아, 우스운 실험을 해 봅니다. 결함은 보지 않고 **사진의 평균 밝기만** 점수로 씁니다. **얼마나 나올까요?**
#
# > A vendor's model reached an AUROC of .99 on the vendor's own pictures. Try something silly on them: use **nothing but the mean brightness** as the score. **What will it reach?**

# %%
vendor = casting.casting_set(learner_seed(), "vendor", good=60, bad=60, from_laboratory=True)
silly = {"업체 사진 · vendor's pictures": vendor, "우리 라인 · our line": check}
fig, axes = plt.subplots(1, 2, figsize=(9, 3), sharex=True)
for ax, (name, parts) in zip(axes, silly.items(), strict=True):
    brightness = parts.images.mean(axis=(1, 2))
    for value, label, colour in ((0, "정상 · good", "#8a94a0"), (1, "결함 · defect", "#c8102e")):
        ax.hist(brightness[parts.facts["defect"] == value], bins=20, alpha=0.7, color=colour, label=label)
    ax.set(title=f"{name}: AUROC {auroc(parts.facts['defect'], brightness):.2f}", xlabel="평균 밝기 · mean brightness")
axes[0].legend()
plt.show()

# %% [markdown]
# 업체는 좋은 부품을 **라인에서**, 결함 부품을 **실험실에서** 찍었습니다. 실험실 조명이 더 밝으므로, 모델은 결함이 아니라 **어디서 찍었는지**를 맞힌 것입니다. 우리 라인에서는 동전 던지기와 같습니다.
# 영상 데이터에서는 열 이름에 답이 적혀 있지 않아도 이렇게 답이 샙니다. 물어야 할 것: *"결함 말고 두 무리를 가르는 것이 또 있는가?"*
#
# ## 4. 로트로 나눕니다 · Split by lot
#
# 같은 이유로, 같은 로트의 사진은 같은 조명을 나누어 가집니다. 한 로트가 학습과 시험에 함께 있으면 조명을 외운 모델이 좋아 보입니다.
#
# **문제 2 (2점).** `split_by_lot(facts, share, seed)`: 로트의 `share`만큼(로트 수 × `share`, 반올림)을 무작위로 골라, 그 로트의 **모든** 줄을 참으로 하는 불 배열을 돌려주십시오. 같은 `seed`에는 같은 결과가 나와야 합니다.
#
# > The vendor photographed good parts **on the line** and defective ones **in the laboratory**, under a brighter lamp: the model told **where a picture was taken**. In pictures the answer leaks without any column of that name; ask *"what else tells the two groups apart?"*
# > Pictures of one lot share their light, so a lot must not be on both sides.
# > **Exercise 2 (2 points).** `split_by_lot(facts, share, seed)` draws `share` of the lots (number of lots × `share`, rounded) and returns a boolean array, true for **all** their rows; same seed, same result.


# %% nbgrader={"grade_id": "a07-split", "solution": true}
def split_by_lot(facts, share, seed):
    """참 = 시험용 줄 · true for rows of the test lots."""
    ### BEGIN SOLUTION
    lots = np.unique(facts["lot"])
    chosen = np.random.default_rng(seed).choice(lots, round(len(lots) * share), replace=False)
    return facts["lot"].isin(chosen).to_numpy()
    ### END SOLUTION


# %% nbgrader={"grade_id": "a07-split-test", "grade": true, "points": 2}
in_test = np.asarray(split_by_lot(check.facts, 0.25, seed=1))
assert in_test.shape == (len(check.facts),), "줄마다 값 하나 · one value for each row"
assert not set(check.facts["lot"][in_test]) & set(check.facts["lot"][~in_test]), (
    "한 로트가 양쪽에 있습니다 · a lot is on both sides"
)
### BEGIN HIDDEN TESTS
numbers = np.random.default_rng(hidden_seed() % 2**32).permutation(300)[:20]
other = pd.DataFrame({"part": range(100), "lot": np.tile(numbers, 5)})
masks_of_rows = [np.asarray(split_by_lot(other, 0.3, seed=number)).astype(bool) for number in (1, 1, 2, 3)]
for chosen_rows in masks_of_rows:
    assert not set(other["lot"][chosen_rows]) & set(other["lot"][~chosen_rows])
    assert other["lot"][chosen_rows].nunique() == 6
assert (masks_of_rows[0] == masks_of_rows[1]).all()
assert len({row.tobytes() for row in masks_of_rows}) > 1
### END HIDDEN TESTS

# %% [markdown]
# ## 5. 조명을 지웁니다 · Remove the light
#
# 사진은 **조명 × 표면**입니다. 조명은 천천히 변하고 결함은 작습니다. 그래서 크게 흐린 사진(= 조명)으로 나누면 표면만 남습니다. 이를 평탄화(flat-field)라 합니다.
#
# 조심할 것이 하나 있습니다. 배경은 검으므로 그냥 흐리면 부품 가장자리가 어두워집니다. 부품 안의 값만 평균해야 합니다: **흐린 (사진 × 부품) ÷ 흐린 (부품)**. 부품 자리는 `casting.PART`에 있습니다(참 = 부품).
#
# **문제 3 (3점).** `normalise(images)`: 사진 배열(n × 64 × 64)을 받아 같은 모양의 배열을 돌려주십시오.
#
# 1. 조명으로 나누고 1을 뺍니다(가우시안 σ = 6이면 좋습니다).
# 2. 사진마다 부품 안의 표준편차로 나눕니다.
# 3. 부품 밖은 0입니다.
#
# 채점: 조명을 더 세게 해도 그대로인가(1점), 다른 쪽에서 비추어도 거의 그대로인가(1점), 부품 밖은 0이고 안의 표준편차는 1인가(1점).
#
# > A picture is **light × surface**. Light changes slowly and defects are small, so dividing by a strongly blurred picture leaves the surface: *flat-fielding*. The background is black, so average over the part only: **blurred (picture × part) ÷ blurred (part)**, with `casting.PART`.
# > **Exercise 3 (3 points).** `normalise(images)`: divide by the light and subtract 1 (Gaussian, σ = 6, say), divide each picture by its standard deviation on the part, 0 outside. Points for: a stronger lamp changes nothing; a lamp from elsewhere changes little; 0 outside and standard deviation 1 inside.


# %% nbgrader={"grade_id": "a07-normalise", "solution": true}
def normalise(images):
    """조명을 지운 표면 · the surface without its light."""
    ### BEGIN SOLUTION
    inside = np.where(casting.PART, images, 0)
    weight = np.maximum(gaussian_filter(casting.PART.astype(float), 6), 1e-3)
    light = np.maximum(gaussian_filter(inside, (0, 6, 6)) / weight, 1e-3)
    flat = np.where(casting.PART, inside / light - 1, 0)
    spread = np.sqrt((flat[:, casting.PART] ** 2).mean(axis=1))
    return flat / spread[:, None, None]
    ### END SOLUTION


# %% nbgrader={"grade_id": "a07-normalise-test", "grade": true, "points": 3}
flat_good = np.asarray(normalise(good))
assert flat_good.shape == good.shape, "모양이 같아야 합니다 · same shape"
assert np.isfinite(flat_good).all(), "0으로 나눈 곳이 있습니다 · something is divided by zero"
### BEGIN HIDDEN TESTS
fresh_parts = casting.casting_set(hidden_seed(), "flat", 12).images.astype(float)
before = np.asarray(normalise(fresh_parts), dtype=float)[:, casting.PART]
stronger = np.asarray(normalise(0.7 * fresh_parts), dtype=float)
slope = 1 + 0.4 * (np.arange(casting.SIDE) / casting.SIDE - 0.5)
turned = np.asarray(normalise(fresh_parts * slope[:, None]), dtype=float)[:, casting.PART]
alike = np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(before, turned, strict=True)])
points_flat = int(np.abs(stronger[:, casting.PART] - before).max() < 0.05)
points_flat += int(alike > 0.97)
points_flat += int(np.abs(stronger[:, ~casting.PART]).max() < 1e-6 and np.abs(before.std(axis=1) - 1).max() < 0.05)
points_flat
### END HIDDEN TESTS

# %% [markdown]
# 전과 후를 봅니다. **조명의 방향을 아직 알아볼 수 있습니까?**
#
# > Before and after. **Can you still tell where the lamp stands?**

# %%
fig, axes = plt.subplots(2, 4, figsize=(9, 4.6))
for number, column in zip((0, 15, 35, 75), axes.T, strict=True):
    column[0].imshow(good[number], cmap="gray", vmin=0, vmax=1)
    column[1].imshow(normalise(good[number : number + 1])[0], cmap="gray", vmin=-4, vmax=4)
for ax in axes.flat:
    ax.set_axis_off()
plt.show()

# %% [markdown]
# ## 6. 이상한 곳의 지도 · A map of what is odd
#
# 먼저 기준선입니다. 좋은 사진의 평균과 **얼마나 다른가**를 봅니다. **픽셀 AUROC는 얼마나 될까요?** (결함 부품의 검사 구역 `casting.INSPECTED` 안에서, 결함 픽셀의 값이 더 클 확률)
#
# > The baseline: how far is a pixel from the mean of the good pictures? **What pixel AUROC do you expect?** (On defective parts, inside `casting.INSPECTED`: the probability that a pixel of the defect has the higher value.)

# %%
from sklearn.metrics import roc_auc_score


def pixel_auroc(parts, maps):
    """결함 픽셀의 값이 더 클 확률 · AUROC over inspected pixels of defective parts."""
    bad = (parts.facts["defect"] == 1).to_numpy()
    return float(roc_auc_score(parts.masks[bad][:, casting.INSPECTED].ravel(), maps[bad][:, casting.INSPECTED].ravel()))


plain_difference = np.abs(check.images - good.mean(axis=0))
print(f"픽셀 AUROC · pixel AUROC: {pixel_auroc(check, plain_difference):.2f}")

# %% [markdown]
# 거의 동전 던지기입니다. 살결과 자국은 부품마다 다르므로 평균 사진은 아무것도 말해 주지 않습니다.
#
# 자리가 아니라 **성질**을 견주어야 합니다. 픽셀마다 크기가 다른 얼룩을 얼마나 닮았는지 재고(흐린 사진 둘의 차이), 좋은 부품의 모든 픽셀이 그 값들에서 어디에 모이는지 배웁니다. 거기서 먼 픽셀이 이상한 곳입니다.
# 먼 정도는 **마할라노비스 거리** $d^2 = (x - \mu)^\top \Sigma^{-1} (x - \mu)$ 로 잽니다. 사전 학습된 신경망의 특징을 쓰면 이것이 PaDiM이라는 방법입니다.
#
# | 특징 · Feature | 보는 것 · Sees |
# |---|---|
# | $G_{0.7} - G_{1.4}$ | 가는 선과 점 · thin lines and dots |
# | $G_{1.4} - G_{2.8}$ | 굵은 얼룩 · larger blots |
# | $\sqrt{G_{1.5} \ast (G_{0.7} - G_{1.4})^2}$ | 그 둘레의 거칠기 · roughness around |
#
# ($G_\sigma$: `normalise`한 사진을 σ로 흐린 것)
#
# **문제 4 (5점).** `anomaly_map(images)`: 사진 배열을 받아 픽셀마다 이상한 정도(클수록 이상)를 담은 같은 모양의 배열을 돌려주십시오. `good`에서 **함수 밖에서 한 번만** 배우고, 검사 구역 밖은 0으로 두고, 끝으로 σ = 1로 조금 흐리면 잡음이 줄어듭니다.
# 채점: 새 부품의 픽셀 AUROC. 평균과의 차이와 같으면 0점, 참고 풀이와의 거리를 85 % 이상 좁히면 5점입니다.
#
# > Near a coin: skin and marks differ from part to part, so a mean picture says nothing. Compare **properties**, not places: how much does each pixel look like blots of several sizes (differences of blurred pictures), and where do all pixels of good parts gather? Pixels far from there are odd, by the **Mahalanobis distance**. With features of a pretrained network this is called PaDiM.
# > **Exercise 4 (5 points).** `anomaly_map(images)` returns for each pixel how odd it is (larger is odder). Learn from `good` **once, outside the function**; 0 outside the inspected zone; a final blur of σ = 1 reduces noise.
# > Graded by pixel AUROC on new parts: 0 points at the difference from the mean, 5 when 85 % of the way to our reference is covered.


# %% nbgrader={"grade_id": "a07-map", "solution": true}
### BEGIN SOLUTION
def pixel_features(images):
    surface = normalise(images)
    fine, middle, coarse = (gaussian_filter(surface, (0, sigma, sigma)) for sigma in (0.7, 1.4, 2.8))
    rough = np.sqrt(gaussian_filter((fine - middle) ** 2, (0, 1.5, 1.5)))
    return np.stack([fine - middle, middle - coarse, rough], axis=-1)


usual = pixel_features(good)[:, casting.INSPECTED].reshape(-1, 3)
centre, inverse = usual.mean(axis=0), np.linalg.inv(np.cov(usual.T))


def anomaly_map(images):
    away = pixel_features(images) - centre
    distance = np.einsum("nrci,ij,nrcj->nrc", away, inverse, away)
    return np.where(casting.INSPECTED, gaussian_filter(distance, (0, 1, 1)), 0)


### END SOLUTION


# %% nbgrader={"grade_id": "a07-map-test", "grade": true, "points": 5}
### BEGIN HIDDEN TESTS
def surface_of(pictures):
    inner = np.where(casting.PART, pictures, 0).astype(float)
    weight = np.maximum(gaussian_filter(casting.PART.astype(float), 6), 1e-3)
    lamp = np.maximum(gaussian_filter(inner, (0, 6, 6)) / weight, 1e-3)
    flat = np.where(casting.PART, inner / lamp - 1, 0)
    return flat / np.sqrt((flat[:, casting.PART] ** 2).mean(axis=1))[:, None, None]


def features_of(pictures):
    surface = surface_of(pictures)
    blurred = [gaussian_filter(surface, (0, sigma, sigma)) for sigma in (0.7, 1.4, 2.8)]
    rough = np.sqrt(gaussian_filter((blurred[0] - blurred[1]) ** 2, (0, 1.5, 1.5)))
    return np.stack([blurred[0] - blurred[1], blurred[1] - blurred[2], rough], axis=-1)


def distances(pictures, learnt):
    off = features_of(pictures) - learnt.mean(axis=0)
    far = np.einsum("nrci,ij,nrcj->nrc", off, np.linalg.inv(np.cov(learnt.T)), off)
    return np.where(casting.INSPECTED, gaussian_filter(far, (0, 1, 1)), 0)


def pixels_told(maps):
    return float(roc_auc_score(plant.masks[faulty][:, casting.INSPECTED].ravel(), maps[:, casting.INSPECTED].ravel()))


own_good = casting.casting_set(learner_seed(), "good", good=80).images
plant = casting.casting_set(hidden_seed(), "plant", good=120, bad=60)
faulty = (plant.facts["defect"] == 1).to_numpy()
good_pixels = features_of(own_good)[:, casting.INSPECTED].reshape(-1, 3)
reference_maps = distances(plant.images, good_pixels)
naive_maps = np.abs(plant.images - own_good.mean(axis=0)) * casting.INSPECTED
### END HIDDEN TESTS
own_maps = np.asarray(anomaly_map(check.images), dtype=float)
assert own_maps.shape == check.images.shape, "모양이 같아야 합니다 · same shape"
assert np.isfinite(own_maps).all(), "비어 있는 값이 있습니다 · a value is missing"
print(f"픽셀 AUROC · pixel AUROC: {pixel_auroc(check, own_maps):.3f}")
### BEGIN HIDDEN TESTS
given_maps = np.asarray(anomaly_map(plant.images[faulty]), dtype=float)
assert given_maps.shape == plant.images[faulty].shape and np.isfinite(given_maps).all()
pixel = pixels_told(given_maps)
pixel_naive, pixel_reference = pixels_told(naive_maps[faulty]), pixels_told(reference_maps[faulty])
pixel_mark = pixel_naive + 0.85 * (pixel_reference - pixel_naive)
measured = {
    "pixel_auroc": pixel,
    "pixel_naive": pixel_naive,
    "pixel_reference": pixel_reference,
    "pixel_mark": pixel_mark,
}
5 * float(np.clip((pixel - pixel_naive) / (pixel_mark - pixel_naive), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# 지도를 사진 곁에 놓습니다. **어느 결함을 짚었고 어느 것을 놓쳤습니까?**
#
# > The maps beside the pictures. **Which defects are marked, which are missed?**

# %%
maps = anomaly_map(check.images[shown])
fig, axes = plt.subplots(2, 5, figsize=(10, 4.2))
for picture, heat, number, column in zip(check.images[shown], maps, shown, axes.T, strict=True):
    column[0].imshow(picture, cmap="gray", vmin=0, vmax=1)
    column[0].contour(check.masks[number], levels=[0.5], colors="#c8102e", linewidths=1)
    column[1].imshow(heat, cmap="magma", vmin=0, vmax=np.quantile(maps, 0.999))
for ax in axes.flat:
    ax.set_axis_off()
plt.show()

# %% [markdown]
# ## 7. 부품의 점수 · A score for each part
#
# 지도에서 부품 하나의 점수를 냅니다. 평균은 작은 결함을 묻어 버리고, 최댓값 하나는 잡음에 흔들립니다. **가장 이상한 픽셀 몇 개의 평균**은 어떻습니까?
#
# **문제 5 (4점).** `anomaly_score(images)`: 부품마다 이상 점수(클수록 이상)를 담은 1차원 배열을 돌려주십시오.
# 채점: 새 부품 180개의 AUROC. 평균 사진과의 가장 큰 차이와 같으면 0점, 참고 풀이와의 거리를 85 % 이상 좁히면 4점입니다.
#
# > From map to part: the mean drowns a small defect, a single maximum follows the noise; what about **the mean of the few oddest pixels**?
# > **Exercise 5 (4 points).** `anomaly_score(images)` returns one score for each part. Graded by AUROC on 180 new parts: 0 points at the largest difference from the mean picture, 4 when 85 % of the way to our reference is covered.


# %% nbgrader={"grade_id": "a07-score", "solution": true}
### BEGIN SOLUTION
def anomaly_score(images):
    sorted_pixels = np.sort(anomaly_map(images).reshape(len(images), -1), axis=1)
    return sorted_pixels[:, -12:].mean(axis=1)


### END SOLUTION


# %% nbgrader={"grade_id": "a07-score-test", "grade": true, "points": 4}
### BEGIN HIDDEN TESTS
def oddest(maps_of_parts, count):
    return np.sort(maps_of_parts.reshape(len(maps_of_parts), -1), axis=1)[:, -count:].mean(axis=1)


### END HIDDEN TESTS
own_scores = np.asarray(anomaly_score(check.images), dtype=float)
assert own_scores.shape == (len(check.images),), "부품마다 값 하나 · one value for each part"
print(f"AUROC: {roc_auc_score(check.facts['defect'], own_scores):.3f}")
### BEGIN HIDDEN TESTS
given_scores = np.asarray(anomaly_score(plant.images), dtype=float)
assert given_scores.shape == (len(plant.images),) and np.isfinite(given_scores).all()
part_auroc = float(roc_auc_score(faulty, given_scores))
part_naive = float(roc_auc_score(faulty, oddest(naive_maps, 1)))
part_reference = float(roc_auc_score(faulty, oddest(reference_maps, 12)))
part_mark = part_naive + 0.85 * (part_reference - part_naive)
measured = {"auroc": part_auroc, "auroc_naive": part_naive, "auroc_reference": part_reference, "auroc_mark": part_mark}
4 * float(np.clip((part_auroc - part_naive) / (part_mark - part_naive), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# ## 8. 실수의 값과 불합격 판정 · The price of mistakes, and rejection
#
# - 결함을 **놓치면**: 펌프 회사의 선별 비용과 반품 → **60,000원**
# - 좋은 부품을 **불합격시키면**: 사람이 다시 봄 → **8,000원**
# - 결함을 불합격시키거나 좋은 부품을 합격시키면 0원
#
# **문제 6 (2점).** `cost_won(defect, reject)`: 결함(0/1)과 불합격(0/1) 배열에서 총비용(원)을 돌려주십시오.
#
# > A **missed** defect costs **60,000** won (sorting and returns at the pump maker), a good part **rejected** **8,000** (a person looks again); right decisions are free.
# > **Exercise 6 (2 points).** `cost_won(defect, reject)` returns the total for two arrays of 0/1.


# %% nbgrader={"grade_id": "a07-cost", "solution": true}
def cost_won(defect, reject):
    """총비용(원) · total cost in won."""
    ### BEGIN SOLUTION
    defect, reject = np.asarray(defect), np.asarray(reject)
    return int(60_000 * np.sum((defect == 1) & (reject == 0)) + 8_000 * np.sum((defect == 0) & (reject == 1)))
    ### END SOLUTION


# %% nbgrader={"grade_id": "a07-cost-test", "grade": true, "points": 2}
assert cost_won([1, 0, 1], [0, 0, 1]) == 60_000, "놓친 결함 하나 · one missed defect"
assert cost_won([0, 0], [1, 0]) == 8_000, "다시 본 좋은 부품 하나 · one good part looked at again"
### BEGIN HIDDEN TESTS
coin = np.random.default_rng(hidden_seed() % 2**32)
for _ in range(3):
    bad_parts, thrown = coin.integers(0, 2, 40), coin.integers(0, 2, 40)
    wanted_won = sum(
        {(1, 0): 60_000, (0, 1): 8_000}.get((int(a), int(b)), 0) for a, b in zip(bad_parts, thrown, strict=True)
    )
    assert abs(cost_won(bad_parts, thrown) - wanted_won) < 1
### END HIDDEN TESTS

# %% [markdown]
# 문턱을 바꾸며 `check`에서 비용을 그려 봅니다. **모두 사람이 볼 때와 견주어 얼마나 쌉니까?**
#
# > The cost on `check` against the threshold. **How much cheaper than looking at everything?**

# %%
check_scores = np.asarray(anomaly_score(check.images))
limits = np.quantile(check_scores, np.linspace(0, 1, 60))
curve = [cost_won(check.facts["defect"], (check_scores > limit).astype(int)) for limit in limits]
fig, ax = plt.subplots()
ax.plot(limits, np.array(curve) / 1e4, color="#1f5fa8")
ax.axhline(8_000 * 80 / 1e4, color="#888888", linestyle="--", label="모두 사람이 봄 · look at all")
ax.set(xlabel="문턱 · threshold", ylabel="비용 (만 원) · cost (10,000 won)", ylim=(0, None))
ax.legend()
plt.show()
print(f"가장 싼 문턱 · cheapest: {limits[int(np.argmin(curve))]:.2f}, {won(min(curve))}")

# %% [markdown]
# **문제 7 (2점).** `reject(images)`: 사진 배열을 받아 부품마다 0 또는 1(불합격)을 담은 배열을 돌려주십시오. 문턱은 여러분이 정합니다.
# 채점: 새 부품 180개의 비용. 모두 사람이 볼 때와 같으면 0점, 참고 풀이와의 거리를 절반 이상 좁히면 2점입니다.
#
# > **Exercise 7 (2 points).** `reject(images)` returns 0 or 1 (reject) for each part; the threshold is yours. Graded by the cost of 180 new parts: 0 points at looking at all of them, 2 when half of the way to our reference is covered.


# %% nbgrader={"grade_id": "a07-reject", "solution": true}
### BEGIN SOLUTION
threshold = limits[int(np.argmin(curve))]


def reject(images):
    return (anomaly_score(images) > threshold).astype(int)


### END SOLUTION


# %% nbgrader={"grade_id": "a07-reject-test", "grade": true, "points": 2}
### BEGIN HIDDEN TESTS
def bill(verdicts):
    return float(60_000 * np.sum(faulty & (verdicts == 0)) + 8_000 * np.sum(~faulty & (verdicts == 1)))


own_check = casting.casting_set(learner_seed(), "check", good=80, bad=40)
check_reference = np.sort(oddest(distances(own_check.images, good_pixels), 12))
known = (own_check.facts["defect"] == 1).to_numpy()
check_unsorted = oddest(distances(own_check.images, good_pixels), 12)
bills = [
    60_000 * np.sum(known & (check_unsorted <= t)) + 8_000 * np.sum(~known & (check_unsorted > t))
    for t in check_reference
]
reference_limit = check_reference[int(np.argmin(bills))]
### END HIDDEN TESTS
verdict = np.asarray(reject(check.images))
assert verdict.shape == (len(check.images),), "부품마다 값 하나 · one value for each part"
assert set(np.unique(verdict)) <= {0, 1}, "0 또는 1만 · only 0 or 1"
### BEGIN HIDDEN TESTS
given_verdict = np.asarray(reject(plant.images)).astype(int)
assert given_verdict.shape == (len(plant.images),) and set(np.unique(given_verdict)) <= {0, 1}
cost, cost_all = bill(given_verdict), bill(np.ones(len(faulty), int))
cost_reference = bill((oddest(reference_maps, 12) > reference_limit).astype(int))
cost_mark = cost_all - 0.5 * (cost_all - cost_reference)
measured = {"cost": cost, "cost_all": cost_all, "cost_reference": cost_reference, "cost_mark": cost_mark}
2 * float(np.clip((cost_all - cost) / (cost_all - cost_mark), 0, 1))
### END HIDDEN TESTS

# %% [markdown]
# ## 9. 도입 회의 · Go or no-go
#
# 회의 전에 종류별로 놓친 결함을 셉니다. **어느 결함이 가장 어렵습니까?**
#
# > Before the meeting, what was missed, by kind. **Which defect is hardest?**

# %%
verdicts = check.facts.assign(rejected=np.asarray(reject(check.images)))
summary = verdicts.groupby("kind")["rejected"].agg(["size", "sum"])
summary.index = [kind_names.get(kind, "정상 · good") for kind in summary.index]
summary.columns = ["부품 · parts", "불합격 · rejected"]
summary

# %% [markdown]
# **문제 8 (5점, 사람이 채점).** 도입 회의에 낼 글을 쓰십시오 (5–8문장, 한국어나 영어).
#
# 1. AUROC, 놓친 결함과 다시 본 부품의 수, 비용을 모두 사람이 볼 때와 자신의 숫자로 견주십시오. (2점)
# 2. 업체의 0.99는 왜 나왔고, 사진을 어떻게 다시 모아야 하는지 쓰십시오. (2점)
# 3. 램프를 교체하면 어떤 일이 생기며, 무엇으로 알아차릴지 한 가지를 제안하십시오. (1점)
#
# > **Exercise 8 (5 points, graded by a person).** For the meeting (5–8 sentences): AUROC, defects missed, parts looked at again and the cost against looking at everything, in your figures (2); where the vendor's .99 came from and how pictures must be collected (2); what happens when the lamp is replaced, and one way to notice (1).

# %% [markdown] nbgrader={"grade_id": "a07-meeting", "grade": true, "solution": true, "points": 5}
# 우리 사진에서 AUROC는 0.95 안팎이고, 결함 40개 가운데 서너 개를 놓치고 좋은 부품 여남은 개를 다시 봅니다. 모두 사람이 보면 64만 원, 이 방법으로는 20만 원 안팎이 듭니다.
# 업체는 결함 사진만 실험실의 밝은 조명에서 찍었으므로 평균 밝기만으로도 0.99 안팎이 나옵니다. 좋은 부품과 결함 부품을 같은 라인, 같은 카메라에서, 여러 로트에 걸쳐 섞어 찍어야 합니다.
# 평탄화가 세기와 방향을 지우므로 램프가 조금 달라져도 견디지만, 그림자가 새로 생기면 좋은 부품의 점수가 함께 올라갑니다. 좋은 부품의 이상 점수 중앙값을 날마다 그려 올라가면 다시 배우게 합니다.
