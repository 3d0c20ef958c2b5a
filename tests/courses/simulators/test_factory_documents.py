"""Documents hold what is asked of them, questions use other words, and letters find what words do not."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from courses.simulators import factory_documents
from courses.simulators.factory_documents import NO_PASSAGE, Library

SEEDS = range(4)
Cut = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def libraries() -> list[Library]:
    return [factory_documents.library(seed) for seed in SEEDS]


def words(text: str) -> list[str]:
    return text.rstrip("?.").split()


def pairs(text: str) -> list[str]:
    letters = re.sub(r"[\s.,?]", "", text.lower())
    return [letters[at : at + 2] for at in range(len(letters) - 1)]


def recall_at_5(library: Library, asked: pd.DataFrame, cut: Cut) -> float:
    """BM25 over the passages, cut into words or pairs."""
    counts = [Counter(cut(text)) for text in library.passages["text"]]
    lengths = np.array([count.total() for count in counts])
    having = Counter(term for count in counts for term in count)
    hits = []
    for question, passage in zip(asked["question"], asked["passage"], strict=True):
        if passage == NO_PASSAGE:
            continue
        scores = np.zeros(len(counts))
        for term in cut(question):
            often = np.array([count[term] for count in counts])
            idf = np.log(1 + (len(counts) - having[term] + 0.5) / (having[term] + 0.5))
            scores += idf * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * lengths / lengths.mean()))
        hits.append(passage in np.argsort(-scores, kind="stable")[:5])
    return float(np.mean(hits))


def test_passages_are_numbered_and_hold_their_answers(libraries: list[Library]) -> None:
    for library in libraries:
        assert list(library.passages["passage"]) == list(range(len(library.passages)))
        for subject, _, passage, value in library.entries:
            if passage != NO_PASSAGE:
                row = library.passages.iloc[passage]
                assert value in row["text"]
                assert row["document"] == subject.document


def test_each_passage_answers_one_thing(libraries: list[Library]) -> None:
    for library in libraries:
        numbers = [passage for *_, passage, _ in library.entries if passage != NO_PASSAGE]
        assert sorted(numbers) == list(range(len(library.passages)))
        assert library.passages["text"].is_unique


def test_about_a_quarter_is_not_documented(libraries: list[Library]) -> None:
    missing = [np.mean([passage == NO_PASSAGE for *_, passage, _ in library.entries]) for library in libraries]
    assert np.mean(missing) == pytest.approx(1 - factory_documents.DOCUMENTED, abs=0.03)


def test_questions_without_an_answer_are_about_what_is_not_documented(libraries: list[Library]) -> None:
    asked = factory_documents.questions(libraries[0], 9, "test", 600)
    assert (asked["passage"] == NO_PASSAGE).mean() == pytest.approx(factory_documents.UNANSWERABLE, abs=0.06)
    assert ((asked["answer"] == "") == (asked["passage"] == NO_PASSAGE)).all()
    told = [
        answer in libraries[0].passages["text"][passage]
        for passage, answer in zip(asked["passage"], asked["answer"], strict=True)
        if passage != NO_PASSAGE
    ]
    assert all(told)


@pytest.mark.parametrize("seed", SEEDS)
def test_pairs_of_letters_find_what_words_do_not(libraries: list[Library], seed: int) -> None:
    """Published for Korean: n-grams do without a morphological analyser what words between spaces cannot."""
    asked = factory_documents.questions(libraries[seed], seed + 50, "test", 200)
    assert recall_at_5(libraries[seed], asked, words) < 0.7
    assert recall_at_5(libraries[seed], asked, pairs) > 0.8


@pytest.mark.parametrize("cut", [words, pairs])
def test_questions_copied_from_the_documents_are_all_found(libraries: list[Library], cut: Cut) -> None:
    assert recall_at_5(libraries[0], factory_documents.copied_questions(libraries[0]), cut) > 0.97


def test_wrong_answers_cost_more_than_refusals_and_right_ones_nothing() -> None:
    wrong, refused = factory_documents.WRONG_WON, factory_documents.REFUSED_WON
    assert factory_documents.cost_won([3, -1], [3, -1]) == 0
    assert factory_documents.cost_won([3, 3], [4, -1]) == 2 * wrong
    assert factory_documents.cost_won([-1], [4]) == refused < wrong


@pytest.mark.parametrize(
    ("template", "words_of", "text"),
    [
        ("{n}는 쉰다.", {"n": "2호 선반"}, "2호 선반은 쉰다."),
        ("{n}는 쉰다.", {"n": "프레스 2호기"}, "프레스 2호기는 쉰다."),
        ("{n}를 연다", {"n": "커버 CV-217"}, "커버 CV-217을 연다"),
        ("{n}가 온다", {"n": "긁힘(가람정공)"}, "긁힘(가람정공)이 온다"),
        ("{n}의 값은 {v}이다.", {"n": "축", "v": "3.2"}, "축의 값은 3.2이다."),
        ("{v}을 쓴다", {"v": "VG 32"}, "VG 32를 쓴다"),
    ],
)
def test_particles_fit_the_last_sound(template: str, words_of: dict[str, str], text: str) -> None:
    assert factory_documents.in_words(template, **words_of) == text


def test_the_same_seed_gives_the_same_documents_and_names_other_questions() -> None:
    first, again = (factory_documents.library(2**64 - 1) for _ in range(2))
    assert first.passages.equals(again.passages)
    one, other = (factory_documents.questions(first, 5, name, 30) for name in ("a", "b"))
    assert one.equals(factory_documents.questions(again, 5, "a", 30))
    assert not one.equals(other)
    assert not first.passages.equals(factory_documents.library(1).passages)


def test_documents_and_questions_are_made_in_less_than_a_second_of_one_core() -> None:
    started = time.process_time()
    factory_documents.questions(factory_documents.library(3), 3, "speed", 300)
    assert time.process_time() - started < 1
