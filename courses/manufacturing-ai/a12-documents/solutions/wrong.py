# %% [markdown]
# Usual slips: pieces that don't overlap, -1 counted as a miss, no idf, prices exchanged, the lowest score first.

# %% nbgrader={"grade_id": "a12-ngrams"}
def ngrams(text, n):
    letters = text.replace(" ", "")
    return [letters[start : start + n] for start in range(0, len(letters), n)]


# %% nbgrader={"grade_id": "a12-recall"}
def recall_at(found, wanted, k):
    return sum(want in list(numbers)[:k] for numbers, want in zip(found, wanted)) / len(wanted)


# %% nbgrader={"grade_id": "a12-bm25"}
def bm25(question, documents, k1=1.2, b=0.75):
    return np.array([float(sum(document.count(term) for term in question)) for document in documents])


# %% nbgrader={"grade_id": "a12-search"}
def search(questions):
    return [list(range(5)) for _ in questions]


# %% nbgrader={"grade_id": "a12-cost"}
def cost_won(told, passages):
    told, passages = np.asarray(told), np.asarray(passages)
    return int(40_000 * np.sum((told >= 0) & (told != passages)) + 100_000 * np.sum((told < 0) & (passages >= 0)))


# %% nbgrader={"grade_id": "a12-reply"}
def reply(questions):
    return [0 for _ in questions]
