# %% [markdown]
# Usual slips: good and bad exchanged, ties forgotten, the light subtracted at the black edges too, costs exchanged.

# %% nbgrader={"grade_id": "a07-auroc"}
def auroc(defect, score):
    defect, score = np.asarray(defect), np.asarray(score)
    return float(np.mean(score[defect == 1][:, None] < score[defect == 0][None, :]))


# %% nbgrader={"grade_id": "a07-normalise"}
def normalise(images):
    return images - gaussian_filter(images, (0, 6, 6))


# %% nbgrader={"grade_id": "a07-map"}
def anomaly_map(images):
    return -np.abs(normalise(images))


# %% nbgrader={"grade_id": "a07-score"}
def anomaly_score(images):
    return anomaly_map(images).mean(axis=(1, 2))


# %% nbgrader={"grade_id": "a07-cost"}
def cost_won(defect, reject):
    defect, reject = np.asarray(defect), np.asarray(reject)
    return int(8_000 * np.sum((defect == 1) & (reject == 0)) + 60_000 * np.sum((defect == 0) & (reject == 1)))


# %% nbgrader={"grade_id": "a07-reject"}
def reject(images):
    return (anomaly_score(images) < np.median(anomaly_score(images))).astype(int)
