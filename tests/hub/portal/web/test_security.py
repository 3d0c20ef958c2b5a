from __future__ import annotations

import re

import pytest

from hub.portal.security import is_own_host
from hub.settings import Settings

PAGES = ["/", "/nowhere", "/learn", "/static/portal.css", "/api/v1/health", "/auth/front-logout"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert re.fullmatch(r"[0-9a-f]{16}", headers["X-Request-ID"])


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "evil.example", "localhost.evil.example"])
def test_another_host_name_is_refused(client, host):
    assert client.get("/", base_url=f"http://{host}").status_code == 400


@pytest.mark.parametrize(
    ("host", "path", "is_own"),
    [
        ("campus.example", "/", True),
        ("campus.example:8000", "/api/v1/health", True),
        ("localhost:8000", "/api/v1/health", True),
        ("localhost", "/", False),
        ("localhost", "/learn", False),
        ("localhost", "/api/v10", False),
        ("127.0.0.1:8000", "/api/v1/health", False),
        ("evil.example", "/api/v1/health", False),
        (None, "/api/v1/health", False),
    ],
)
def test_under_another_name_only_the_api_also_answers_to_localhost(tmp_path, host, path, is_own):
    settings = Settings(home=tmp_path, portal_host="campus.example")
    assert is_own_host(host, settings, path) is is_own


def test_pages_are_never_kept_by_caches(client):
    assert client.get("/").headers["Cache-Control"] == "private, no-store"


def test_no_page_holds_inline_script_or_style(sign_in):
    page = sign_in("student0").get("/learn").text
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:", page)


def test_no_page_loads_anything_from_elsewhere(sign_in):
    page = sign_in("student0").get("/learn").text
    assert not re.search(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["'](?:https?:)?//""", page)


def test_a_caller_s_harmless_request_id_is_kept_and_a_harmful_one_replaced(client):
    assert client.get("/", headers={"X-Request-ID": "abcdef12-34"}).headers["X-Request-ID"] == "abcdef12-34"
    assert client.get("/", headers={"X-Request-ID": "x<script>"}).headers["X-Request-ID"] != "x<script>"


@pytest.mark.parametrize("path", ["/auth/logout", "/account/language", "/account/role", "/account/sessions/1/revoke"])
def test_a_form_without_its_token_is_refused(app, sign_in, path):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = sign_in("both").post(path, data={"language": "en", "role": "instructor"})
    assert answer.status_code == 400
    assert "X-Request-ID" in answer.headers


def test_publishing_without_the_form_token_changes_nothing(app, sign_in, campus):
    app.config["WTF_CSRF_ENABLED"] = True
    instructor = sign_in("instructor")
    assert instructor.post(f"/teach/{campus.course}/milling/versions/2/publish").status_code == 400
    assert "게시 대기" in instructor.get(f"/teach/{campus.course}/milling/versions/2").text


def test_signing_in_is_throttled(client):
    statuses = [client.get("/auth/login").status_code for _ in range(32)]
    assert statuses[:30] == [302] * 30
    assert statuses[-1] == 429


def test_student_html_is_shown_in_an_origin_of_its_own(sign_in, campus):
    answer = sign_in("instructor").get(f"/receipts/{campus.graded_receipt}/feedback/0")
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert policy.startswith("sandbox;")
    assert "allow-same-origin" not in policy
    assert "allow-scripts" not in policy


@pytest.mark.parametrize(
    ("host", "path", "is_own"),
    [
        ("10.250.0.1:8000", "/api/v1/me", True),
        ("10.250.0.1:8000", "/", False),
        ("10.250.0.2:8000", "/api/v1/me", False),
    ],
)
def test_pods_reach_the_api_by_their_name_for_this_machine_and_nothing_else(tmp_path, host, path, is_own):
    settings = Settings(home=tmp_path, inside_host="10.250.0.1")
    assert is_own_host(host, settings, path) is is_own
