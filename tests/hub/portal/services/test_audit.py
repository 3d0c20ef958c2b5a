"""The audit log is a chain: a changed or missing row shows."""

import sqlalchemy as sa

from hub.portal.models import AuditEvent
from hub.portal.services.audit import Actor, Deed, Subject, find_break, newest_events, record


def write(campus, count: int = 3) -> None:
    person = campus.person("kim")
    for number in range(count):
        with campus.database.writing() as session:
            deed = Deed("attempt.viewed", Subject("attempt", str(number), person), {"n": number, "ko": "한글"})
            record(session, Actor("park", None, "127.0.0.1"), deed, campus.now)


def test_the_chain_holds(campus) -> None:
    write(campus)
    with campus.database.reading() as session:
        assert find_break(session) is None
        assert len(newest_events(session, campus.person("kim"))) == 3


def test_a_row_changed_behind_the_triggers_back_shows(sqlite_campus) -> None:
    write(sqlite_campus)
    with sqlite_campus.database.writing() as session:
        session.execute(sa.text("DROP TRIGGER audit_event_no_update"))
        second = session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id).offset(1)).first()
        session.execute(sa.update(AuditEvent).where(AuditEvent.id == second.id).values(actor="nobody"))
        session.expire_all()
        assert find_break(session) == second.id


def test_a_row_taken_out_shows(sqlite_campus) -> None:
    write(sqlite_campus)
    with sqlite_campus.database.writing() as session:
        session.execute(sa.text("DROP TRIGGER audit_event_no_delete"))
        ids = session.scalars(sa.select(AuditEvent.id).order_by(AuditEvent.id)).all()
        session.execute(sa.delete(AuditEvent).where(AuditEvent.id == ids[1]))
        assert find_break(session) == ids[2]
