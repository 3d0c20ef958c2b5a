"""Korean factory documents (manuals, work standards, complaint reports) and questions that operators ask about them.

Everything is put together from the tables below: a machine or product, what is documented of it, a figure, and one of
several ways to say it. Operators ask in other words than documents use ("기름" for "급유", "닦다" for "청소"), with other
particles, and with name and number in either order ("3호 프레스"). A quarter of what could be documented is not: questions
about it have no answer, though the machine's other pages and other machines' same page look much alike.

Nobody's documents are used. Scores usual for such retrieval are recall at 5 (is the right passage among the first five?)
and the share of right refusals. BM25: S. Robertson, H. Zaragoza, "The probabilistic relevance framework: BM25 and beyond",
Foundations and Trends in Information Retrieval 3(4), 2009. Character n-grams instead of words for Korean, whose
particles are glued to nouns: J. H. Lee, J. S. Ahn, "Using n-grams for Korean text retrieval", SIGIR 1996.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from courses.simulators.random_streams import random_stream

#: Share of things that are documented.
DOCUMENTED = 0.75
#: Share of questions about things that are not.
UNANSWERABLE = 0.3
NO_PASSAGE = -1

#: What an answer from the wrong passage costs (rework), and a refusal (somebody asks the foreman).
WRONG_WON, REFUSED_WON = 100_000, 40_000

PASSAGE_COLUMNS = ("passage", "document", "text")
QUESTION_COLUMNS = ("question", "passage", "answer")

#: Particles after a consonant and after a vowel.
_PARTICLES = (("은", "는"), ("을", "를"), ("이", "가"))

Draw = Callable[[np.random.Generator], str]


@dataclass(frozen=True)
class Topic:
    """Something that can be documented: how documents say it, how operators ask, and how its value is drawn."""

    said: tuple[str, ...]
    asked: tuple[str, ...]
    value: Draw


def _number(low: int, high: int, step: int = 1) -> Draw:
    return lambda rng: str(int(rng.integers(low // step, high // step + 1)) * step)


def _tenths(low: int, high: int) -> Draw:
    return lambda rng: f"{int(rng.integers(low, high + 1)) / 10:.1f}"


def _one_of(*texts: str) -> Draw:
    return lambda rng: texts[int(rng.integers(len(texts)))]


MACHINE_TOPICS = (
    Topic(
        ("{n}는 {v}시간 가동할 때마다 급유한다.", "{n}의 급유 주기는 {v}시간이다."),
        (
            "{n} 급유는 몇 시간마다 합니까?",
            "{n}에 기름은 몇 시간 만에 넣어야 하나요? 급유 주기요.",
            "{n} 급유 주기 알려 주세요",
        ),
        _number(200, 2000, 50),
    ),
    Topic(
        ("{n}에는 윤활유 ISO VG {v}을 쓴다.", "{n}의 윤활유는 ISO VG {v} 등급으로 정한다."),
        ("{n}에 쓰는 윤활유는 무엇입니까?", "{n} 윤활유 등급이 VG 몇인가요?", "{n} 윤활유 뭐 씁니까"),
        _one_of("32", "46", "68", "100", "150", "220"),
    ),
    Topic(
        ("{n}의 고정 볼트는 {v} N·m로 조인다.", "{n} 고정 볼트의 체결 토크는 {v} N·m이다."),
        ("{n} 고정 볼트를 몇 N·m로 조입니까?", "{n}의 볼트 체결 토크가 얼마죠?", "{n} 볼트 조이는 힘은?"),
        _number(20, 240, 5),
    ),
    Topic(
        ("{n}는 작업을 시작하기 전에 {v}분 동안 예열한다.", "{n}의 예열 시간은 {v}분이다."),
        ("{n} 예열은 몇 분 해야 합니까?", "작업 전에 {n}를 몇 분 예열하나요?", "{n} 예열 시간이 궁금합니다"),
        _number(5, 60, 5),
    ),
    Topic(
        ("{n}의 필터는 {v}일마다 청소한다.", "{n} 필터 청소 주기는 {v}일이다."),
        ("{n} 필터는 며칠에 한 번 청소합니까?", "{n}의 필터를 얼마나 자주 닦아야 하죠?", "{n} 필터 청소 주기는요?"),
        _number(3, 60),
    ),
    Topic(
        ("{n}의 허용 진동은 {v} mm/s 이하로 한다.", "{n}는 진동이 {v} mm/s를 넘으면 세운다."),
        ("{n} 진동은 몇 mm/s까지 괜찮습니까?", "{n}의 허용 진동이 얼마인가요?", "진동이 얼마면 {n}를 세웁니까?"),
        _tenths(18, 112),
    ),
    Topic(
        ("{n}의 냉각수는 {v} °C로 유지한다.", "{n} 냉각수 온도는 {v} °C로 맞춘다."),
        ("{n} 냉각수는 몇 도로 맞춥니까?", "{n}의 냉각수 온도가 얼마죠?", "{n} 냉각수 온도 설정값 알려 주세요"),
        _number(12, 45),
    ),
    Topic(
        ("{n}의 사용 압력은 {v} MPa이다.", "{n}는 압력 {v} MPa에서 운전한다."),
        ("{n} 압력은 몇 MPa로 씁니까?", "{n}의 사용 압력이 얼마인가요?", "{n} 운전 압력 알려 주세요"),
        _tenths(4, 180),
    ),
    Topic(
        ("{n}가 과열되면 경보 E-{v}가 뜬다.", "경보 E-{v}는 {n}의 과열을 뜻한다."),
        ("{n}가 과열되면 어떤 경보가 뜹니까?", "{n} 과열 경보 번호가 뭔가요?", "{n} 과열 때 무슨 경보죠?"),
        _number(100, 980),
    ),
    Topic(
        ("{n}의 일상 점검은 {v}이 맡는다.", "{n} 점검 담당은 {v}이다."),
        ("{n} 점검은 누가 합니까?", "{n}의 점검 담당은 어디인가요?", "{n} 일상 점검 누가 맡죠?"),
        _one_of("설비보전팀", "생산1팀", "생산2팀", "품질보증팀", "공무팀"),
    ),
    Topic(
        ("{n}의 예비 벨트 품번은 BT-{v}이다.", "{n}에는 품번 BT-{v} 벨트를 쓴다."),
        ("{n} 벨트 품번이 무엇입니까?", "{n}에 맞는 벨트는 몇 번이죠? 품번이요.", "{n} 예비 벨트 품번 좀요"),
        _number(1000, 9990, 10),
    ),
)

PRODUCT_TOPICS = (
    Topic(
        ("{n}는 한 상자에 {v}개씩 포장한다.", "{n}의 포장 수량은 상자마다 {v}개이다."),
        ("{n}는 한 상자에 몇 개 넣습니까?", "{n} 포장 수량이 얼마죠?", "{n} 상자 포장 몇 개씩 하나요?"),
        _number(10, 200, 10),
    ),
    Topic(
        ("{n}는 {v}개마다 치수를 잰다.", "{n}의 치수 검사 주기는 {v}개이다."),
        ("{n} 치수는 몇 개마다 잽니까?", "{n}의 치수 검사 주기가 몇 개죠?", "{n} 치수 검사 얼마나 자주 합니까?"),
        _number(20, 500, 20),
    ),
    Topic(
        ("{n}의 내경 공차는 ±{v} mm이다.", "{n} 내경은 ±{v} mm 안에 들어야 한다."),
        ("{n} 내경 공차가 얼마입니까?", "{n}의 내경은 몇 mm까지 벗어나도 됩니까?", "{n} 내경 공차 알려 주세요"),
        lambda rng: f"{int(rng.integers(2, 30)) / 100:.2f}",
    ),
    Topic(
        ("{n}의 표면 거칠기는 Ra {v} 이하로 한다.", "{n} 표면은 Ra {v}까지 다듬는다."),
        ("{n} 표면 거칠기 기준은 얼마입니까?", "{n}의 표면은 Ra 몇까지죠?", "{n} 표면 거칠기 좀 알려 주세요"),
        _one_of("0.8", "1.6", "3.2", "6.3", "12.5"),
    ),
    Topic(
        ("{n}를 다룰 때에는 {v}을 낀다.", "{n} 작업자는 반드시 {v}을 착용한다."),
        ("{n} 작업할 때 어떤 장갑을 낍니까?", "{n}를 다룰 때 착용할 장갑은 뭔가요?", "{n} 작업 장갑이 뭐죠?"),
        _one_of("면장갑", "니트릴 장갑", "내열 장갑", "방진 장갑", "절단 방지 장갑"),
    ),
)

REPORT_TOPICS = (
    Topic(
        ("{n}의 근본 원인은 {v}이다.", "조사 결과 {n}는 {v} 때문이었다."),
        ("{n}의 근본 원인이 무엇이었습니까?", "{n}는 왜 생겼나요? 원인이요.", "{n} 원인 좀 알려 주세요"),
        _one_of(
            "금형 온도 저하",
            "공구 마모",
            "냉각수 누설",
            "원료 수분",
            "고정구 풀림",
            "작업 순서 누락",
            "센서 오염",
            "용접 전류 저하",
        ),
    ),
    Topic(
        ("{n}의 재발 방지 대책은 {v}이다.", "{n}에 대한 대책으로 {v}를 시행했다."),
        ("{n}에 어떤 대책을 세웠습니까?", "{n} 재발 방지 대책이 뭐였죠?", "{n} 대책 알려 주세요"),
        _one_of(
            "온도 감시 추가",
            "공구 교환 주기 단축",
            "배관 교체",
            "건조 시간 연장",
            "풀림 방지 너트 적용",
            "체크시트 개정",
            "센서 세척 추가",
        ),
    ),
    Topic(
        ("{n}의 유효성은 {v}일 동안 확인했다.", "{n} 대책의 효과를 {v}일간 지켜보았다."),
        (
            "{n}의 유효성은 며칠 동안 확인했습니까?",
            "{n} 대책 효과를 며칠간 봤나요?",
            "{n} 유효성 확인 기간은 며칠이죠?",
        ),
        _number(14, 120),
    ),
)

_MACHINES = (("프레스", 4), ("사출기", 3), ("선반", 4), ("용접 로봇", 3), ("열처리로", 2), ("세척기", 2), ("집진기", 2))
_PRODUCTS = ("브래킷 BK", "하우징 HS", "커버 CV", "축 SH", "기어 GR")
_CUSTOMERS = ("가람정공", "누리중공업", "다온모터스", "라온기계")
_DEFECTS = ("긁힘", "누유", "크랙", "치수 불량")


@dataclass(frozen=True)
class _Subject:
    """A machine, product or complaint: its document, its name there, and names that operators use."""

    document: str
    name: str
    asked_as: tuple[str, ...]
    topics: tuple[Topic, ...]


@dataclass(frozen=True)
class Library:
    """All passages (see PASSAGE_COLUMNS), and per subject and topic the passage and value, if documented."""

    passages: pd.DataFrame
    entries: tuple[tuple[_Subject, Topic, int, str], ...]


def library(seed: int) -> Library:
    """Write the documents of a learner's plant: some 200 passages in random order."""
    rng = random_stream(seed, "factory documents")
    drawn = [
        (s, t, _pick(rng, t.said), t.value(rng), rng.random() < DOCUMENTED) for s in _subjects(rng) for t in s.topics
    ]
    order = iter(rng.permutation(sum(kept for *_, kept in drawn)))
    rows, entries = [], []
    for subject, topic, said, value, kept in drawn:
        number = int(next(order)) if kept else NO_PASSAGE
        entries.append((subject, topic, number, value if kept else ""))
        if kept:
            rows.append((number, subject.document, in_words(said, n=subject.name, v=value)))
    passages = pd.DataFrame(rows, columns=list(PASSAGE_COLUMNS)).sort_values("passage", ignore_index=True)
    return Library(passages, tuple(entries))


def questions(of: Library, seed: int, name: str, count: int) -> pd.DataFrame:
    """Ask ``count`` questions (see QUESTION_COLUMNS); ``passage`` is -1 and ``answer`` empty where nothing is documented."""
    rng = random_stream(seed, f"factory questions {name}")
    groups = [[entry for entry in of.entries if (entry[2] == NO_PASSAGE) is missing] for missing in (False, True)]
    rows = []
    for _ in range(count):
        pool = groups[int(rng.random() < UNANSWERABLE)]
        subject, topic, passage, value = pool[int(rng.integers(len(pool)))]
        asked = in_words(_pick(rng, topic.asked), n=_pick(rng, subject.asked_as))
        rows.append((asked, passage, value))
    return pd.DataFrame(rows, columns=list(QUESTION_COLUMNS))


def copied_questions(of: Library) -> pd.DataFrame:
    """Make questions as a vendor does: each passage itself, its value replaced by a question word."""
    rows = []
    for _subject, _topic, passage, value in of.entries:
        if passage != NO_PASSAGE:
            text = str(of.passages["text"].iloc[passage])
            rows.append((text.replace(value, "얼마", 1).rstrip(".") + "?", passage, value))
    return pd.DataFrame(rows, columns=list(QUESTION_COLUMNS))


def cost_won(told: list[int], passages: list[int]) -> int:
    """Price of answers: ``told`` is a passage or -1 (refused); refusing what has no answer is free."""
    pairs = list(zip(told, passages, strict=True))
    wrong = sum(t not in (NO_PASSAGE, p) for t, p in pairs)
    refused = sum(t == NO_PASSAGE and p != NO_PASSAGE for t, p in pairs)
    return WRONG_WON * wrong + REFUSED_WON * refused


def in_words(template: str, **words: str) -> str:
    """Fill in a template and give each word the particle that fits its last sound: 선반 + 는 -> 선반은."""

    def with_particle(match: re.Match[str]) -> str:
        word, particle = words[match[1]], match[2] or ""
        closed, open_ = next((pair for pair in _PARTICLES if particle in pair), (particle, particle))
        return word + (closed if _ends_closed(word) else open_)

    return re.sub(r"\{([nv])\}((?:은|는|을|를|이|가)(?=\s|$))?", with_particle, template)


def _ends_closed(word: str) -> bool:
    """Whether a word ends in a consonant as it is read: Hangul by its final letter, digits by their names."""
    last = re.sub(r"[^0-9가-힣]", "", word)[-1:]
    if last.isdigit():
        return last in "013678"
    return bool(last) and (ord(last) - ord("가")) % 28 > 0


def _pick(rng: np.random.Generator, texts: tuple[str, ...]) -> str:
    return texts[int(rng.integers(len(texts)))]


def _subjects(rng: np.random.Generator) -> Iterator[_Subject]:
    for kind, count in _MACHINES:
        for number in range(1, count + 1):
            name = f"{kind} {number}호기"
            asked = (name, f"{number}호 {kind}", f"{kind}{number}호기")
            yield _Subject(f"{name} 설비 설명서", name, asked, MACHINE_TOPICS)
    for kind in _PRODUCTS:
        for code in rng.choice(np.arange(101, 990), 3, replace=False):
            name = f"{kind}-{code}"
            first, short = name.split(" ")
            yield _Subject(f"{name} 작업표준서", name, (name, short, f"{short} {first}"), PRODUCT_TOPICS)
    pairs = [(customer, defect) for customer in _CUSTOMERS for defect in _DEFECTS]
    for number, at in enumerate(rng.choice(len(pairs), 10, replace=False), start=1):
        customer, defect = pairs[at]
        name = f"{customer} {defect}"
        asked = (f"{customer} {defect} 건", f"{customer}에서 나온 {defect}", f"{defect}({customer})")
        yield _Subject(f"8D 보고서 25-{number:03}", f"{name} 건", asked, REPORT_TOPICS)
