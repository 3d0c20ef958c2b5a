"""A roster's way into the database: looked at first, then as a whole or not at all, and twice is once."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from hub.portal.errors import ConflictError
from hub.portal.models import (
    AuditEvent,
    Cohort,
    Company,
    Enrolment,
    EnrolmentEvent,
    EnrolmentState,
    Person,
    Role,
    RosterImport,
    RosterState,
    Track,
)
from hub.portal.services.audit import Actor
from hub.portal.services.programme import roster_imports as service
from hub.portal.services.programme.roster_columns import COLUMNS
from hub.portal.services.programme.roster_file import RosterFileError

HEADER = [column.name.ko for column in COLUMNS]
MINSU = dict(zip(HEADER, (column.example for column in COLUMNS), strict=True))


def csv_of(*people: dict[str, str]) -> bytes:
    rows = [MINSU | person for person in people]
    return "\n".join(",".join(row) for row in [HEADER, *([row[name] for name in HEADER] for row in rows)]).encode()


YUNA = {
    "이름": "이유나",
    "생년월일": "1990-05-06",
    "휴대전화": "010-2222-3333",
    "이메일": "yuna@example.kr",
    "구분": "재직자",
}


class Room:
    """A coordinator at work on the cohort gnu-1."""

    def __init__(self, campus):
        self.campus = campus
        self.actor = Actor("coordinator", campus.person("coordinator", Role.COORDINATOR, None))
        self.now = campus.now

    def cohort(self, session):
        return session.scalars(sa.select(Cohort).where(Cohort.slug == "gnu-1")).one()

    def upload(self, content: bytes) -> int:
        with self.campus.database.writing() as session:
            return service.take_roster(session, self.actor, self.cohort(session), "명단.csv", content, self.now).id

    def check(self, upload: int):
        with self.campus.database.reading() as session:
            plan = service.check_roster(session, session.get_one(RosterImport, upload), self.now).plan
            return plan.digest, [row.outcome.value for row in plan.rows], plan.counts

    def apply(self, upload: int, digest: str | None = None) -> dict[str, int]:
        expected = digest or self.check(upload)[0]
        with self.campus.database.writing() as session:
            return service.apply_roster(session, self.actor, session.get_one(RosterImport, upload), expected, self.now)

    def count(self, model) -> int:
        with self.campus.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(model))


@pytest.fixture
def room(sqlite_campus):
    return Room(sqlite_campus)


def test_a_new_person_is_enrolled_with_company_event_and_audit(campus):
    room = Room(campus)
    counts = room.apply(room.upload(csv_of({})))
    assert counts == {"created": 1, "enrolled": 0, "changed": 0, "unchanged": 0, "refused": 0}
    with room.campus.database.reading() as session:
        person = session.scalars(sa.select(Person).where(Person.name == "김민수")).one()
        assert (person.birth_date, person.phone, person.email) == (
            date(2001, 2, 3),
            "01012345678",
            "minsu@example.ac.kr",
        )
        enrolment = session.scalars(sa.select(Enrolment).where(Enrolment.person_id == person.id)).one()
        assert (enrolment.cohort.slug, enrolment.state) == ("gnu-1", EnrolmentState.ADMITTED)
        assert (enrolment.particulars.company.business_number, enrolment.particulars.work_region) == (
            "1234567891",
            "changwon",
        )
        event = session.scalars(sa.select(EnrolmentEvent).where(EnrolmentEvent.enrolment_id == enrolment.id)).one()
        assert (event.from_state, event.to_state, event.by_person_id) == (
            None,
            EnrolmentState.ADMITTED,
            room.actor.person_id,
        )
        applied = session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "roster.applied")).one()
        assert applied.detail["people"] == [person.id]


def test_the_same_roster_twice_changes_nothing_the_second_time(campus):
    room = Room(campus)
    room.apply(room.upload(csv_of({}, YUNA)))
    before = [room.count(model) for model in (Person, Enrolment, EnrolmentEvent, Company)]
    again = room.upload(csv_of({}, YUNA))
    assert room.check(again)[1] == ["unchanged", "unchanged"]
    assert room.apply(again)["unchanged"] == 2
    assert [room.count(model) for model in (Person, Enrolment, EnrolmentEvent, Company)] == before


def test_to_look_at_a_roster_changes_nothing(room):
    before = [room.count(model) for model in (Person, Enrolment, Company)]
    room.check(room.upload(csv_of({}, YUNA)))
    assert [room.count(model) for model in (Person, Enrolment, Company)] == before


def test_a_known_person_is_enrolled_and_not_made_again(room):
    with room.campus.database.writing() as session:
        session.add(Person(name="김민수", birth_date=date(2001, 2, 3), phone="01012345678"))
    people = room.count(Person)
    upload = room.upload(csv_of({}))
    assert room.check(upload)[1] == ["enrolled"]
    room.apply(upload)
    assert room.count(Person) == people


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        ({"구분": "구직자"}, ("track",)),
        ({"거주지 시군": "진주시"}, ("home_region",)),
        ({"회사명": "다른 회사", "사업자등록번호": "220-81-62517"}, ("company",)),
        ({"상태": "수강중"}, ("state",)),
        ({"상태": "신청"}, ()),  # nobody is moved back
        ({"이메일": "other@example.kr"}, ()),  # an address that is there stays
        ({"회사명": "", "사업자등록번호": "", "기업 규모": ""}, ()),  # an empty cell says nothing
    ],
)
def test_what_differs_is_named_and_carried_out_once(room, change, columns):
    room.apply(room.upload(csv_of({})))
    upload = room.upload(csv_of(change))
    with room.campus.database.reading() as session:
        row = service.check_roster(session, session.get_one(RosterImport, upload), room.now).plan.rows[0]
        assert row.changes == columns
    room.apply(upload)
    assert room.check(room.upload(csv_of(change)))[1] == ["unchanged"]


def test_lines_of_the_same_person_or_address_are_refused_after_the_first(room):
    upload = room.upload(csv_of({}, {}, YUNA | {"이메일": "minsu@example.ac.kr"}))
    assert room.check(upload)[1] == ["created", "refused", "refused"]


def test_somebody_elses_address_refuses_the_line(room):
    room.apply(room.upload(csv_of({})))
    assert room.check(room.upload(csv_of(YUNA | {"이메일": "minsu@example.ac.kr"})))[1] == ["refused"]


@pytest.mark.parametrize("change", [{"이름": "김민숙"}, {"휴대전화": "010-9999-9999"}, {"생년월일": "2001-03-02"}])
def test_two_of_three_the_same_is_pointed_out(room, change):
    room.apply(room.upload(csv_of({})))
    upload = room.upload(csv_of(change | {"이메일": ""}))
    with room.campus.database.reading() as session:
        row = service.check_roster(session, session.get_one(RosterImport, upload), room.now).plan.rows[0]
        assert row.outcome == "created"
        assert "이미 있습니다" in row.notes[0].ko


def test_good_lines_are_applied_beside_refused_ones(room):
    counts = room.apply(room.upload(csv_of({"휴대전화": "없음"}, YUNA)))
    assert (counts["created"], counts["refused"]) == (1, 1)


def test_what_was_looked_at_is_what_is_applied(room):
    upload = room.upload(csv_of({}))
    seen = room.check(upload)[0]
    with room.campus.database.writing() as session:
        session.add(Person(name="김민수", birth_date=date(2001, 2, 3), phone="01012345678"))
    with pytest.raises(ConflictError) as refused:
        room.apply(upload, seen)
    assert refused.value.code == "roster_changed"
    assert room.check(upload)[1] == ["enrolled"]


def test_an_error_in_the_middle_leaves_nothing(room, monkeypatch):
    upload = room.upload(csv_of({}, YUNA))
    people = room.count(Person)

    def fail(done: int, _total: int) -> None:
        raise OSError("the process ends here")

    digest = room.check(upload)[0]
    with pytest.raises(OSError, match="ends here"), room.campus.database.writing() as session:
        service.apply_roster(
            session, room.actor, session.get_one(RosterImport, upload), digest, room.now, service.Application(fail)
        )
    assert room.count(Person) == people
    assert room.apply(upload)["created"] == 2


@pytest.mark.parametrize("end", ["apply", "discard"])
def test_the_file_goes_when_it_is_no_longer_needed(room, end):
    upload = room.upload(csv_of({}))
    if end == "apply":
        room.apply(upload)
    else:
        with room.campus.database.writing() as session:
            service.discard_roster(session, room.actor, session.get_one(RosterImport, upload), room.now)
    with room.campus.database.reading() as session:
        row = session.get_one(RosterImport, upload)
        assert (row.content, row.state) == (None, RosterState.APPLIED if end == "apply" else RosterState.DISCARDED)
        with pytest.raises(ConflictError):
            service.check_roster(session, row, room.now + timedelta(days=1))


def test_a_roster_with_resident_numbers_is_not_kept_at_all(room):
    with pytest.raises(RosterFileError) as refused:
        room.upload(csv_of({"이메일": "900101-1234567"}, YUNA))
    assert "2행" in refused.value.ko
    assert "900101" not in refused.value.ko + refused.value.en
    assert room.count(RosterImport) == 0


def test_a_roster_without_its_columns_names_them(room):
    with pytest.raises(RosterFileError) as refused:
        room.upload("이름,연락처\n김,010-1234-5678\n".encode())
    assert "생년월일" in refused.value.ko
    assert "Birth date" in refused.value.en


def test_a_company_named_by_number_and_by_name_is_one(room):
    without = {"사업자등록번호": "", "기업 규모": ""}
    room.apply(room.upload(csv_of({}, YUNA | without)))
    assert room.count(Company) == 1
    with room.campus.database.reading() as session:
        assert {row.track for row in session.scalars(sa.select(Enrolment))} >= {Track.STUDENT, Track.EMPLOYEE}
