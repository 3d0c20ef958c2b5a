"""Both languages are complete, and the right one is spoken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import hub.portal

PORTAL = Path(hub.portal.__file__).parent
KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}


def first(message_id):
    return message_id if isinstance(message_id, str) else message_id[0]


@pytest.fixture(scope="module")
def messages():
    found = extract_from_dir(str(PORTAL), METHODS, OPTIONS, KEYWORDS)
    return {first(message) for _, _, message, _, _ in found}


@pytest.fixture(scope="module")
def korean():
    with (PORTAL / "translations/ko/LC_MESSAGES/messages.po").open("rb") as file:
        return {first(message.id): message for message in read_po(file, locale="ko") if message.id}


def test_every_message_has_its_korean(messages, korean):
    assert len(messages) > 200
    assert messages - set(korean) == set()


def test_no_korean_is_left_empty_doubtful_or_unused(messages, korean):
    assert [key for key, message in korean.items() if not message.string or message.fuzzy] == []
    assert set(korean) - messages == set()


def test_both_languages_fill_the_same_blanks(korean):
    for key, message in korean.items():
        text = message.string if isinstance(message.string, str) else message.string[0]
        assert set(re.findall(r"%\((\w+)\)s", key)) == set(re.findall(r"%\((\w+)\)s", text)), key


def test_templates_hold_no_korean_outside_the_catalogue():
    for template in (PORTAL / "templates").glob("*.html"):
        text = template.read_text().replace('"한국어"', "")
        assert not re.search("[가-힣]", text), template.name


@pytest.mark.parametrize(
    ("browser", "language"),
    [("ko-KR,ko;q=0.9", "ko"), ("en-US,en;q=0.9", "en"), ("fr-FR,en;q=0.5", "en"), ("fr", "ko"), ("", "ko")],
)
def test_the_browser_s_language_comes_first_and_korean_is_the_default(client, browser, language):
    assert f'<html lang="{language}">' in client.get("/", headers={"Accept-Language": browser}).text


def test_a_stranger_s_choice_is_kept_in_a_cookie(client):
    answer = client.post("/account/language", data={"language": "en", "next": "/auth/front-logout"})
    assert answer.headers["Location"] == "/auth/front-logout"
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "ko"}).text


def test_a_person_s_choice_follows_them_to_another_browser(sign_in):
    sign_in("student0").post("/account/language", data={"language": "en", "next": "/learn"})
    assert "Path to completion" in sign_in("student0").get("/learn", headers={"Accept-Language": "ko"}).text


def test_an_unknown_language_is_refused(client):
    assert client.post("/account/language", data={"language": "../../etc"}).status_code == 400
