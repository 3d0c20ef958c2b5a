# %% [markdown]
# Careful with the bookkeeping, but words between spaces, and an answer to everything.

# %% nbgrader={"grade_id": "a12-ngrams"}
def ngrams(text, n):
    return text.split()


# %% nbgrader={"grade_id": "a12-bm25"}
def bm25(question, documents, k1=1.2, b=0.75):
    return np.array([sum(term in document for term in question) for document in documents], dtype=float)


# %% nbgrader={"grade_id": "a12-search"}
def search(questions):
    return [by_words(question) for question in questions]


# %% nbgrader={"grade_id": "a12-reply"}
def reply(questions):
    return [by_words(question)[0] for question in questions]
