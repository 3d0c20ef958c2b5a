"""Every kind of mail in both languages, from an example of the facts that its senders give."""

from __future__ import annotations

import pytest

from hub.portal.models import Language
from hub.portal.services.mail.kinds import KINDS
from hub.portal.services.mail.writing import WordsError, render

COURSE = {"ko": "제조 AI 실무", "en": "AI for manufacturing"}
EVERYWHERE = {"portal_url": "http://campus", "my_data_url": "http://campus/account/data", "name": "김민수"}
#: What whoever queues a mail gives, and prepared facts; each kind has an example.
EXAMPLES = {
    "invitation": {
        "path": "/invitations?token=x",
        "expires_at": "2026-11-22T09:00:00+00:00",
        "cohort": {"ko": "1기", "en": "cohort 1"},
        "programme": {"ko": "인재양성 사업", "en": "programme"},
    },
    "deadline_reminder": {
        "course": COURSE,
        "title": {"ko": "밀링 고장", "en": "Milling"},
        "due_at": "2026-11-22T09:00:00+00:00",
        "path": "/courses/a/assignments/b",
    },
    "certificate": {"course": COURSE, "serial": "제2026-GNAI-0001호", "path": "/certificates"},
    "announcement": {"course": COURSE, "title": "휴강", "body": "내일은 쉽니다.\n\n모레 뵙겠습니다.", "path": "/"},
}


def test_every_kind_has_an_example() -> None:
    assert set(EXAMPLES) == set(KINDS)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_kind_is_written_in_both_languages(kind: str, language: Language) -> None:
    subject, body = render(kind, language, {**EVERYWHERE, **EXAMPLES[kind]})
    assert subject.startswith("[AX Campus] ")
    assert "김민수" in body
    hangul = any("가" <= letter <= "힣" for letter in body.replace("김민수", "").replace(str(EXAMPLES[kind]), ""))
    assert hangul or language is Language.ENGLISH


def test_a_time_is_said_in_seoul() -> None:
    _, body = render("deadline_reminder", Language.KOREAN, {**EVERYWHERE, **EXAMPLES["deadline_reminder"]})
    assert "2026. 11. 22.(일) 18:00" in body


def test_facts_that_are_missing_are_named_as_the_senders_mistake() -> None:
    with pytest.raises(WordsError):
        render("certificate", Language.KOREAN, EVERYWHERE)
