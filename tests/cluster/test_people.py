"""The hub beside the real portal: who may start what follows from the portal, and help on the spot."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from hub.parts import portal
from hub.portal.database import Database, migrate
from hub.portal.models import Role, RoleGrant
from tests.cluster.conftest import Namespace
from tests.cluster.hub_on_cluster import PASSWORD, SEAT, WORDS, HubOnCluster, Person, own_address
from tests.conftest import free_ports
from tests.hub.portal.conftest import Campus

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

PROFILES = {
    "cpu": {"name": WORDS, "purpose": WORDS, "pool": "cpu", "default": True},
    "staff": {"name": WORDS, "purpose": WORDS, "pool": "cpu", "access": {"roles": ["instructor"]}},
}


@dataclass
class Town:
    """The hub on the cluster, the portal, and who the portal knows."""

    hub: HubOnCluster
    campus: Campus
    numbers: dict[str, int] = field(default_factory=dict)

    def person(self, name: str, role: Role) -> Person:
        self.numbers[name] = self.campus.person(name, role)
        return self.hub.person(name)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, namespace: Namespace, kubeconfig: Path) -> Iterator[Town]:
    hub = HubOnCluster(namespace, tmp_path_factory.mktemp("hub"), own_address(), free_ports(4), kubeconfig)
    hub.prepare(pools={"cpu": {"seats": 20, "seat": SEAT}}, profiles=PROFILES)
    migrate(hub.settings.database)
    campus = Campus(Database.at(hub.settings.database))
    campus.open_campus()
    part = portal(hub.settings.model_copy(update={"bind": "0.0.0.0"}))  # for pods and for the hub
    hub.start()
    hub.run("portal", part.command, part.environment)
    hub.until(lambda: answers(f"{hub.settings.inside_portal_api_url}/health"), 120, "the portal did not start")
    yield Town(hub, campus)
    hub.stop()
    campus.database.dispose()


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


@pytest.fixture(scope="module")
def minji(town: Town) -> Person:
    """A student with a running server."""
    person = town.person("minji.kim", Role.STUDENT)
    person.start()
    return person


@pytest.fixture(scope="module")
def prof(town: Town) -> Person:
    """An instructor of her course, who has no server."""
    return town.person("prof.kang", Role.INSTRUCTOR)


# groups ---------------------------------------------------------------------------------------------------------
def test_a_profile_for_instructors_is_there_for_whom_the_portal_calls_one(town: Town) -> None:
    teacher = town.person("prof.seo", Role.INSTRUCTOR)
    teacher.start(profile="staff")
    assert teacher.pod()["metadata"]["labels"]["axcampus/profile"] == "staff"
    teacher.stop()
    with town.campus.database.writing() as session:
        theirs = RoleGrant.person_id == town.numbers["prof.seo"]
        session.execute(sa.update(RoleGrant).where(theirs).values(revoked_at=town.campus.now))
    assert "쓸 수 있는 권한이 없습니다" in teacher.refusal(profile="staff")


def test_a_student_and_a_stranger_may_not_have_it(town: Town) -> None:
    for person in (town.person("jun.lee", Role.STUDENT), town.hub.person("stranger.one")):
        assert "쓸 수 있는 권한이 없습니다" in person.refusal(profile="staff")


def test_the_portal_has_no_right_to_change_groups(town: Town) -> None:
    token = town.hub.keys.portal_service_token
    assert town.hub.api("POST", "groups/mine", token=token).status_code == 403


ASK_PORTAL = """
import json, os, urllib.request as web
headers = {"Authorization": "Bearer " + os.environ["JUPYTERHUB_API_TOKEN"]}
me = json.load(web.urlopen(web.Request(os.environ["AXCAMPUS_PORTAL_API"] + "/me", headers=headers), timeout=30))
print([course["slug"] for course in me["courses"]])
"""


def test_a_pod_asks_the_portal_in_its_owner_s_name(minji: Person) -> None:
    assert minji.kernel().run(ASK_PORTAL) == "['ai']"


# help on the spot -------------------------------------------------------------------------------------------------
@dataclass
class Browser:
    """Somebody's browser, as far as forms and redirects go."""

    person: Person
    session: requests.Session = field(default_factory=requests.Session)

    def sign_in(self) -> Browser:
        page = self.session.get(f"{self.base}login", timeout=60)
        form = {"username": self.person.name, "password": PASSWORD, "_xsrf": hidden(page.text, "_xsrf")}
        assert self.session.post(f"{self.base}login", data=form, timeout=60, allow_redirects=False).status_code == 302
        return self

    @property
    def base(self) -> str:
        return f"{self.person.hub.settings.hub_url}hub/"

    def help(self, **form: str) -> requests.Response:
        """Send the form of the help page."""
        page = self.session.get(f"{self.base}password", timeout=60)
        data = {"_xsrf": hidden(page.text, "_xsrf"), **form}
        return self.session.post(f"{self.base}help", data=data, timeout=60)

    def enter(self, server: Person) -> int:
        """Open somebody's server, agreeing where the hub asks; return the status of what came."""
        page = self.session.get(f"{server.url}lab", timeout=60)
        if "oauth2/authorize" in page.url and page.ok:
            form = {
                "_xsrf": hidden(page.text, "_xsrf"),
                "scopes": re.findall(r'name="scopes"[^>]*value="([^"]+)"', page.text),
            }
            page = self.session.post(page.url, data=form, timeout=60)
        print(page.status_code, page.url, re.sub(r"<[^>]*>|\s+", " ", page.text)[-600:])
        return page.status_code


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}"\s+value="([^"]*)"', html)
    assert found, html[:500]
    return found[1]


@pytest.fixture(scope="module")
def student(minji: Person) -> Browser:
    return Browser(minji).sign_in()


@pytest.fixture
def teacher(prof: Person) -> Browser:
    return Browser(prof).sign_in()


def log_of(town: Town) -> list[tuple[str, str]]:
    path = town.hub.settings.logs / "help.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [(line["event"], line["helper"]) for line in lines]


def test_an_instructor_enters_nobody_s_server_uninvited(minji: Person, teacher: Browser, prof: Person) -> None:
    assert teacher.enter(minji) == 403
    assert requests.get(f"{minji.url}api/contents", headers=prof.headers, timeout=60).status_code == 403


def test_a_student_lets_an_instructor_in_both_see_it_and_it_ends(
    town: Town, minji: Person, prof: Person, student: Browser, teacher: Browser
) -> None:
    assert student.help(helper=prof.name, minutes="15").ok
    assert minji.name in teacher.session.get(f"{teacher.base}help", timeout=60).text
    assert teacher.enter(minji) == 200
    page = student.session.get(f"{student.base}help", timeout=60).text
    assert 'id="visits"' in page
    assert prof.name in page
    assert student.help(helper=prof.name, action="end").ok
    town.hub.until(lambda: teacher.enter(minji) == 403, 90, "the door stayed open")
    assert log_of(town) == [("allowed", prof.name), ("entered", prof.name), ("ended", prof.name)]
    assert minji.is_running()


@pytest.mark.parametrize(
    "form",
    [
        {"helper": "jun.lee", "minutes": "15"},
        {"helper": "nobody.at-all", "minutes": "15"},
        {"helper": "minji.kim", "minutes": "15"},
        {"helper": "prof.kang", "minutes": "600"},
        {"helper": "prof.kang"},
        {"helper": "", "minutes": "15"},
    ],
)
def test_what_the_rules_do_not_allow_opens_nothing(town: Town, student: Browser, form: dict[str, str]) -> None:
    before = log_of(town)
    answer = student.help(**form)
    assert answer.status_code == 400
    assert 'id="problem"' in answer.text
    assert log_of(town) == before


def test_a_form_of_another_site_and_a_visitor_without_an_account_open_nothing(student: Browser) -> None:
    form = {"helper": "prof.kang", "minutes": "15"}
    assert student.session.post(f"{student.base}help", data=form, timeout=60).status_code == 403
    assert requests.post(f"{student.base}help", data=form, timeout=60, allow_redirects=False).status_code in (302, 403)


def test_who_has_no_server_can_let_nobody_in(teacher: Browser) -> None:
    answer = teacher.help(helper="minji.kim", minutes="15")
    assert answer.status_code == 400
    assert "노트북 서버가 꺼져 있습니다. 먼저" in answer.content.decode()


def test_a_stop_of_the_server_closes_the_door(town: Town, minji: Person, prof: Person, student: Browser) -> None:
    assert student.help(helper=prof.name, minutes="60").ok
    minji.stop()
    minji.start()
    assert Browser(prof).sign_in().enter(minji) == 403
    assert log_of(town)[-2:] == [("allowed", prof.name), ("ended", prof.name)]
