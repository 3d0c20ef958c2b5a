from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask_babel import force_locale

from hub.portal.i18n_dates import ago, day, deadline, moment

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)  # a Sunday, 15:00 in Seoul


@pytest.fixture
def speak(app):
    def say(language, function, *arguments):
        with app.test_request_context("/"), force_locale(language):
            return function(*arguments)

    return say


@pytest.mark.parametrize(("language", "text"), [("ko", "2026. 11. 22.(일) 18:00"), ("en", "Sun 22 Nov 2026, 18:00")])
def test_a_moment_is_said_in_seoul_time(speak, language, text):
    assert speak(language, moment, NOW + timedelta(hours=3)) == text


def test_a_day_has_no_time(speak):
    assert speak("ko", day, date(2026, 11, 2)) == "2026. 11. 2."


@pytest.mark.parametrize(
    ("due", "korean", "english"),
    [
        (timedelta(hours=3), "오늘 18:00까지, 3시간 남음", "due today 18:00, 3 hours left"),
        (timedelta(hours=8, minutes=59), "오늘 23:59까지, 8시간 59분 남음", "due today 23:59, 8 hours 59 minutes left"),
        (timedelta(hours=9), "내일 00:00까지, 9시간 남음", "due tomorrow 00:00, 9 hours left"),
        (timedelta(seconds=30), "오늘 15:00까지, 1분 미만 남음", "due today 15:00, less than a minute left"),
        (timedelta(days=4), "2026. 11. 26.(목) 15:00까지, 4일 남음", "due Thu 26 Nov 2026, 15:00, 4 days left"),
        (timedelta(minutes=-18), "오늘 14:42 마감, 18분 지남", "was due today 14:42, 18 minutes ago"),
        (timedelta(days=-1), "어제 15:00 마감, 1일 지남", "was due yesterday 15:00, 1 day ago"),
    ],
)
def test_a_deadline_is_said_in_words_when_near(speak, due, korean, english):
    assert speak("ko", deadline, NOW + due, NOW) == korean
    assert speak("en", deadline, NOW + due, NOW) == english


def test_no_deadline_is_said_so(speak):
    assert speak("ko", deadline, None, NOW) == "마감 없음"


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=20), "방금"),
        (timedelta(minutes=5), "5분 전"),
        (timedelta(hours=2, minutes=30), "2시간 전"),
        (timedelta(days=2), "2026. 11. 20.(금) 15:00"),
    ],
)
def test_what_happened_is_said_roughly(speak, passed, text):
    assert speak("ko", ago, NOW - passed, NOW) == text
