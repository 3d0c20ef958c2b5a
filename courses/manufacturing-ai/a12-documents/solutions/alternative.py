# %% [markdown]
# An honest solution in another style: cosine of weighted pairs and triples, and a rule with two limits in place of a classifier.

# %% nbgrader={"grade_id": "a12-ngrams"}
import re


def ngrams(text, n):
    letters = re.sub(r"[\s.,?]", "", text).lower()
    return ["".join(run) for run in zip(*(letters[shift:] for shift in range(n)))]


# %% nbgrader={"grade_id": "a12-recall"}
def recall_at(found, wanted, k):
    right = total = 0
    for numbers, want in zip(found, wanted):
        if want != -1:
            total += 1
            right += want in numbers[:k]
    return right / total


# %% nbgrader={"grade_id": "a12-bm25"}
def bm25(question, documents, k1=1.2, b=0.75):
    mean = sum(map(len, documents)) / len(documents)
    scores = np.zeros(len(documents))
    for term in question:
        f = np.array([terms.count(term) for terms in documents])
        idf = np.log((len(documents) + 1) / (np.count_nonzero(f) + 0.5))
        scores += [
            idf * count * (k1 + 1) / (count + k1 * (1 - b + b * len(terms) / mean))
            for count, terms in zip(f, documents)
        ]
    return scores


# %% nbgrader={"grade_id": "a12-search"}
from sklearn.feature_extraction.text import TfidfVectorizer

tfidf = TfidfVectorizer(analyzer=lambda text: ngrams(text, 2) + ngrams(text, 3), sublinear_tf=True)
index = tfidf.fit_transform(passages["text"])


def search(questions):
    likeness = (tfidf.transform(questions) @ index.T).toarray()
    return [np.argsort(-row)[:5].tolist() for row in likeness]


# %% nbgrader={"grade_id": "a12-cost"}
def cost_won(told, passages):
    total = 0
    for said, right in zip(told, passages):
        if said != right:
            total += 40_000 if said == -1 else 100_000
    return total


# %% nbgrader={"grade_id": "a12-reply"}
def likeness_of(questions):
    likeness = (tfidf.transform(questions) @ index.T).toarray()
    best = likeness.argmax(axis=1)
    top = np.sort(likeness, axis=1)
    numbers = [
        set(re.findall(r"\d+", question)) <= set(re.findall(r"\d+", passages["text"][number]))
        for question, number in zip(questions, best)
    ]
    return best, top[:, -1] - top[:, -2], np.array(numbers)


def with_limit(questions, limit):
    best, gap, numbers = likeness_of(questions)
    return np.where(numbers & (gap > limit), best, -1).tolist()


tries = np.linspace(0, 0.3, 31)
practised = list(asked["question"])
limit = tries[int(np.argmin([cost_won(with_limit(practised, each), asked["passage"]) for each in tries]))]


def reply(questions):
    return with_limit(list(questions), limit)
