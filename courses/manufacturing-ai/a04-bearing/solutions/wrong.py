# %% [markdown]
# Usual slips: inner and outer exchanged, rpm for Hz, the costs mixed up, the spectrum of the raw signal.

# %% nbgrader={"grade_id": "a04-frequencies"}
def fault_frequencies(n, d, D, angle_deg, speed_hz):
    r = d / D
    return {"outer": n / 2 * speed_hz * (1 - r), "inner": n / 2 * speed_hz * (1 + r), "ball": d / D * speed_hz}


# %% nbgrader={"grade_id": "a04-cost"}
def cost_won(actual, told):
    actual, told = np.asarray(actual), np.asarray(told)
    return int(4_000_000 * np.sum(actual != told))


# %% nbgrader={"grade_id": "a04-levels"}
def fault_levels(signals, speed_hz):
    return np.abs(np.fft.rfft(np.asarray(signals), axis=1))[:, 1:4]


# %% nbgrader={"grade_id": "a04-diagnose"}
def diagnose(signals, speed_hz):
    return np.array(["normal", "outer", "inner", "ball"])[np.argmax(fault_levels(signals, speed_hz), axis=1)]
