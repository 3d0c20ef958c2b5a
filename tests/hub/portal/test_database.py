"""Sessions that write: how durable, and one after the other."""

import threading

import pytest
import sqlalchemy as sa

from hub.portal.database import Database
from hub.portal.models import University


def durability(database: Database, session) -> str:
    """What the server says of the running transaction: both call the levels by other names."""
    if database.engine.dialect.name == "sqlite":
        return {1: "in passing", 2: "durable"}[session.scalar(sa.text("PRAGMA synchronous"))]
    return {"off": "in passing", "on": "durable"}[session.scalar(sa.text("SHOW synchronous_commit"))]


def test_what_is_written_is_on_the_disk_unless_it_is_written_in_passing(database: Database) -> None:
    for _ in range(2):  # the same connection serves both kinds in turn
        with database.writing() as session:
            assert durability(database, session) == "durable"
        with database.writing_in_passing() as session:
            assert durability(database, session) == "in passing"
    with database.writing() as session:
        assert durability(database, session) == "durable"


@pytest.mark.parametrize("kind", ["writing", "writing_in_passing"])
def test_both_kinds_commit_at_the_end_and_roll_back_when_the_block_raises(database: Database, kind: str) -> None:
    begin = getattr(database, kind)
    with begin() as session:
        session.add(University(slug="kept", name_ko="남음", name_en="Kept"))
    with pytest.raises(sa.exc.IntegrityError), begin() as session:
        session.add_all([University(slug=slug, name_ko="버림", name_en="Dropped") for slug in ("dropped", "kept")])
    with database.reading() as session:
        assert session.scalars(sa.select(University.slug)).all() == ["kept"]


def test_many_writers_at_once_all_get_their_turn(database: Database) -> None:
    def write(number: int) -> None:
        with database.writing() as session:
            session.add(University(slug=f"u{number}", name_ko="대학", name_en="University"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(University)) == 40
