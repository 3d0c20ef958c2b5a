"""How much the database is asked while everybody waits for the write lock, and while a class watches.

The figures stand in docs/reliability.md; processor time would depend on the machine, the number of questions does not.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from hub.portal.web import DATABASE


@contextmanager
def statements(api) -> Iterator[list[str]]:
    """Collect what the portal asks its database."""
    engine, asked = api.app.extensions[DATABASE].engine, []

    def note(_connection, _cursor, statement, *_rest) -> None:
        asked.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(engine, "before_cursor_execute", note)


def test_a_first_submission_holds_the_write_lock_for_20_statements_at_most(sqlite_api) -> None:
    with statements(sqlite_api) as asked:
        assert sqlite_api.submit({"a.ipynb": b"{}"}).status_code == 201
    begins = [place for place, statement in enumerate(asked) if statement.startswith("BEGIN")]
    writes = asked.index("BEGIN IMMEDIATE")
    after = next(place for place in begins if place > writes)
    assert after - writes <= 20
    assert len(asked) <= 42


def test_a_look_that_finds_nothing_new_asks_5_statements_and_takes_no_lock(sqlite_api) -> None:
    sqlite_api.submit({"a.ipynb": b"{}"})
    etag = sqlite_api.get("/me").headers["ETag"]
    with statements(sqlite_api) as asked:
        assert sqlite_api.get("/me", headers={"If-None-Match": etag}).status_code == 304
    assert len(asked) <= 5
    assert "BEGIN IMMEDIATE" not in asked
