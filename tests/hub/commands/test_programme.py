"""``axcampus programme generate`` fills a database of its own and keeps away from real people."""

import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from hub.cli import main
from hub.portal.database import Database, migrate
from hub.portal.models import Person


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("AXCAMPUS_HOME", str(tmp_path))
    return tmp_path


def generate(*arguments):
    return CliRunner().invoke(main, ["programme", "generate", "--trainees", "8", "--today", "2026-11-23", *arguments])


def people(home) -> int:
    database = Database.at(f"sqlite:///{home / 'axcampus.db'}")
    with database.reading() as session:
        found = session.scalar(sa.select(sa.func.count()).select_from(Person)) or 0
    database.dispose()
    return found


def test_an_empty_home_gets_a_database_with_a_programme(home):
    done = generate("--seed", "5", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["programme"] == "g5-programme"
    assert told["counts"]["person"] + len(told["staff"]) == people(home)


def test_people_are_told_which_logins_the_staff_has(home):
    assert "g1-coordinator" in generate().output


def add_somebody(home) -> None:
    migrate(f"sqlite:///{home / 'axcampus.db'}")
    database = Database.at(f"sqlite:///{home / 'axcampus.db'}")
    with database.writing() as session:
        session.add(Person(name="김실제"))
    database.dispose()


def test_a_database_with_people_is_refused_and_says_how_to_go_on(home):
    add_somebody(home)
    done = generate()
    assert done.exit_code == 1
    assert "--beside-others" in done.output
    assert people(home) == 1


def test_who_asks_for_it_gets_it_beside_others(home):
    add_somebody(home)
    assert generate("--beside-others").exit_code == 0
    assert people(home) > 8


def test_a_platform_for_real_use_is_refused_whatever_is_asked(home, monkeypatch):
    monkeypatch.setenv("AXCAMPUS_DEMO", "false")
    done = generate("--beside-others")
    assert done.exit_code == 1
    assert "AXCAMPUS_DEMO=false" in done.output
    assert not (home / "axcampus.db").exists()
