# %% [markdown]
# An honest solution in another style: squared envelope, sums of harmonics, extremely randomised trees.

# %% nbgrader={"grade_id": "a04-frequencies"}
def fault_frequencies(n, d, D, angle_deg, speed_hz):
    tilt = np.cos(angle_deg * np.pi / 180) * d / D
    outer = 0.5 * n * speed_hz * (1 - tilt)
    return {"outer": outer, "inner": n * speed_hz - outer, "ball": speed_hz * (D / d) * (1 - tilt) * (1 + tilt)}


# %% nbgrader={"grade_id": "a04-split"}
def split_by_bearing(facts, test_share, seed):
    state_of = dict(zip(facts["bearing"], facts["fault"]))
    test = set()
    for state in sorted(set(state_of.values())):
        members = sorted(number for number in state_of if state_of[number] == state)
        np.random.RandomState(seed).shuffle(members)
        test.update(members[: max(1, round(len(members) * test_share))])
    return np.array([number in test for number in facts["bearing"]])


# %% nbgrader={"grade_id": "a04-cost"}
def cost_won(actual, told):
    total = 0
    for state, word in zip(actual, told):
        if state != word:
            total += 300_000 if state == "normal" else 4_000_000 if word == "normal" else 100_000
    return total


# %% nbgrader={"grade_id": "a04-levels"}
def squared_envelope(x):
    high = butter(3, [1700, 4600], "bandpass", fs=12_000, output="sos")
    envelope = np.abs(hilbert(sosfiltfilt(high, np.asarray(x)), axis=-1)) ** 2
    heights = np.abs(np.fft.rfft(envelope - envelope.mean(axis=1, keepdims=True), axis=1))
    return np.fft.rfftfreq(envelope.shape[1], 1 / 12_000), heights / np.median(heights[:, 8:200], axis=1)[:, None]


def fault_levels(signals, speed_hz):
    grid, heights = squared_envelope(signals)
    result = []
    for height, speed in zip(heights, speed_hz):
        near = [np.abs(grid - f) < 4.5 for f in fault_frequencies(9, 7.94, 39.04, 0, speed).values()]
        result.append([height[mask].max() for mask in near])
    return np.array(result)


# %% nbgrader={"grade_id": "a04-diagnose"}
from sklearn.ensemble import ExtraTreesClassifier


def harmonics_of(x, speed_hz):
    grid, heights = squared_envelope(x)
    rows = []
    for height, speed in zip(heights, speed_hz):
        row = []
        for f in fault_frequencies(9, 7.94, 39.04, 0, speed).values():
            peaks = [height[np.abs(grid - k * f) < 5].max() for k in (1, 2, 3)]
            row += [*peaks, sum(peaks)]
        rows.append(np.log(row))
    return np.array(rows)


trees = ExtraTreesClassifier(200, min_samples_leaf=2, random_state=3)
trees.fit(harmonics_of(signals, facts["speed_hz"]), facts["fault"])


def diagnose(signals, speed_hz):
    return list(trees.predict(harmonics_of(signals, speed_hz)))
