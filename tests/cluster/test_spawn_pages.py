"""The pages before and after a start, in a browser: what is free, what each profile is for, why it did not start."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from hub.settings import PROJECT_ROOT
from spawner_config.settings import REFERENCE_FILE
from tests.cluster.conftest import Namespace
from tests.cluster.hub_on_cluster import PASSWORD, HubOnCluster, notebook_image, own_address
from tests.conftest import free_ports

pytestmark = [pytest.mark.cluster, pytest.mark.browser, pytest.mark.timeout(600)]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = PROJECT_ROOT / "artifacts" / "screenshots"
LOOKS = [("ko-KR", 1280), ("en-US", 1280), ("ko-KR", 390)]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, namespace: Namespace, kubeconfig: Path) -> Iterator[HubOnCluster]:
    """A hub with the pools and profiles of the reference site; this cluster has none of its slices of GPUs."""
    made = HubOnCluster(namespace, tmp_path_factory.mktemp("hub"), own_address(), free_ports(4), kubeconfig)
    reference = yaml.safe_load(REFERENCE_FILE.read_text())
    image = {"reference": notebook_image(), "pull_policy": "Never"}
    reference["pools"]["full"] |= {"access": {"everyone": True}, "node_selector": {"axcampus/no-such": "node"}}
    made.prepare(
        pools=reference["pools"],
        profiles=reference["profiles"],
        images={"cpu": image, "gpu": image},
    )
    made.start()
    made.person("minji.kim")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


def signed_in(browser: Browser, hub: HubOnCluster, language: str, width: int) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}, locale=language).new_page()
    page.goto(f"{hub.settings.hub_url}hub/login")
    page.fill("#username_input", "minji.kim")
    page.fill("#password_input", PASSWORD)
    page.click("#login_submit")
    page.goto(f"{hub.settings.hub_url}hub/spawn")
    return page


OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll('.seat-choice')].map((one) => one.getBoundingClientRect());
  const inside = [...document.querySelectorAll('.seat-choice .text > *')].filter((one) => {
    const own = one.closest('.seat-choice').getBoundingClientRect(), text = one.getBoundingClientRect();
    return text.bottom > own.bottom || text.right > own.right;
  });
  const over = boxes.slice(1).filter((box, n) => box.top < boxes[n].bottom);
  return [...inside.map((one) => one.textContent), ...over.map(String)];
}"""


def overlaps(page: Page) -> list[str]:
    """Return the texts that stick out of their box, and boxes over each other."""
    found: list[str] = page.evaluate(OVERLAPS)
    return found


def keep(page: Page, name: str, language: str, width: int) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{language[:2]}-{width}.png", full_page=True)


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_the_page_says_what_is_free_and_what_each_profile_is_for(
    browser: Browser, hub: HubOnCluster, language: str, width: int
) -> None:
    page = signed_in(browser, hub, language, width)
    korean = language.startswith("ko")
    text = page.inner_text("main")
    assert ("빈자리 1 / 1" if korean else "1 of 1 free") in text
    assert ("지금은 없음" if korean else "Not available now") in text
    assert overlaps(page) == []
    assert ("대부분의 실습" in text) is korean
    assert page.is_checked("#profile-cpu")
    assert page.is_disabled("#profile-gpu-small")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    keep(page, "spawn", language, width)
    assert Axe().run(page).violations_count == 0, Axe().run(page).generate_report()
    page.context.close()


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_a_refusal_says_why_and_offers_a_cpu(browser: Browser, hub: HubOnCluster, language: str, width: int) -> None:
    page = signed_in(browser, hub, language, width)
    page.check("#profile-gpu-full")
    page.click("#spawn_form button")
    page.wait_for_selector(".problem:visible", timeout=60_000)
    page.reload()  # both pages say the same: the one that waited and the one for who comes later
    korean = language.startswith("ko")
    assert ("GPU 자리가 모두 사용 중" if korean else "All GPU seats of this kind are in use") in page.inner_text("main")
    assert page.is_visible("#start-cpu")
    keep(page, "refusal", language, width)
    assert Axe().run(page).violations_count == 0, Axe().run(page).generate_report()
    page.context.close()


def test_one_click_starts_on_cpu_instead(browser: Browser, hub: HubOnCluster) -> None:
    page = signed_in(browser, hub, "ko-KR", 1280)
    page.check("#profile-gpu-full")
    page.click("#spawn_form button")
    page.click("#start-cpu", timeout=60_000)
    page.wait_for_url("**/user/minji.kim/lab**", timeout=150_000)
    assert hub.pods()[0]["metadata"]["labels"]["axcampus/profile"] == "cpu"
    page.context.close()
