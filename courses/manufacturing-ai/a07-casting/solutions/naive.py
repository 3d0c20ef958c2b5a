# %% [markdown]
# Careful with the bookkeeping, but compares with the mean picture, place by place.

# %% nbgrader={"grade_id": "a07-normalise"}
def normalise(images):
    return np.where(casting.PART, images, 0)


# %% nbgrader={"grade_id": "a07-map"}
mean_picture = good.mean(axis=0)


def anomaly_map(images):
    return np.abs(images - mean_picture) * casting.INSPECTED


# %% nbgrader={"grade_id": "a07-score"}
def anomaly_score(images):
    return anomaly_map(images).max(axis=(1, 2))
