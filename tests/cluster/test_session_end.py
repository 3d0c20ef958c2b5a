"""The end of a session as a student sees it in JupyterLab: told before, and kept longer on request."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from hub.settings import PROJECT_ROOT
from tests.cluster.conftest import Namespace
from tests.cluster.hub_on_cluster import PASSWORD, SEAT, HubOnCluster, Person, own_address
from tests.conftest import free_ports

pytestmark = [pytest.mark.cluster, pytest.mark.browser, pytest.mark.timeout(600)]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = PROJECT_ROOT / "artifacts" / "screenshots"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, namespace: Namespace, kubeconfig: Path) -> Iterator[HubOnCluster]:
    """A hub whose sessions last seventy seconds, with a notice a minute before."""
    made = HubOnCluster(namespace, tmp_path_factory.mktemp("hub"), own_address(), free_ports(4), kubeconfig)
    words = {"ko": "시험", "en": "trial"}
    made.prepare(
        pools={"cpu": {"seats": 5, "seat": SEAT, "session_hours": 0.02}},
        profiles={"cpu": {"name": words, "purpose": words, "pool": "cpu", "default": True}},
        culling={"enabled": True, "notice_minutes": 1, "longest_lease_hours": 4},
    )
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def minji(hub: HubOnCluster) -> Person:
    person = hub.person("minji.kim")
    person.start()
    return person


@pytest.fixture
def lab(hub: HubOnCluster, minji: Person) -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="ko-KR").new_page()
        page.goto(f"{hub.settings.hub_url}hub/login")
        page.fill("#username_input", minji.name)
        page.fill("#password_input", PASSWORD)
        page.click("#login_submit")
        page.goto(f"{minji.url}lab")
        yield page
        chromium.close()


def test_a_student_is_told_in_jupyterlab_and_keeps_the_server_with_one_click(
    hub: HubOnCluster, minji: Person, lab: Page
) -> None:
    banner = lab.locator("#axcampus-session-end")
    banner.wait_for(timeout=200_000)
    assert "파일은 그대로 남습니다" in banner.inner_text()
    PICTURES.mkdir(parents=True, exist_ok=True)
    lab.screenshot(path=PICTURES / "session-end-ko-1280.png")
    banner.get_by_role("button").click()
    banner.wait_for(state="detached", timeout=60_000)
    end = hub.session_end(minji.token).json()
    assert (end["stops_at"], bool(end["lease_until"])) == (None, True)
    assert minji.is_running()


def test_somebody_without_a_server_has_no_session_to_ask_about(hub: HubOnCluster) -> None:
    person = hub.person("no.server")
    answer = hub.session_end(person.token)
    assert answer.status_code == 404
    assert hub.session_end("not-a-token").status_code == 403
