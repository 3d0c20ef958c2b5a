"""Exports: a reason or nothing, only for who asked, only for a time, whole or not at all, logged with whose data."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
import sqlalchemy as sa

from graders.files import sha256_hex
from hub import jobs
from hub.portal.errors import ConflictError, InvalidError, NotFoundError
from hub.portal.models import (
    AuditEvent,
    Certificate,
    Cohort,
    Enrolment,
    Export,
    ExportKind,
    Job,
    JobState,
    Person,
    Programme,
    Role,
    RoleGrant,
)
from hub.portal.services import job_kinds
from hub.portal.services.audit import Actor
from hub.portal.services.certificates import register
from hub.portal.services.certificates.issuing import ask_issuing
from hub.portal.services.jobs import LEASE, cancel_job
from hub.portal.services.reports import exports, making
from hub.portal.services.reports.exports import Wish
from tests.hub.portal.services.certificates.completed_cohort import CompletedCohort
from tests.hub.portal.services.certificates.pdf_text import text_of


class Desk(CompletedCohort):
    """A coordinator who asks for exports of the cohort gnu-1."""

    def ask(self, kind: ExportKind, actor: Actor | None = None, *, of_cohort: bool = True, **changes) -> int:
        with self.campus.database.writing() as session:
            programme = session.scalars(sa.select(Programme)).one()
            cohort = self.cohort(session) if of_cohort else None
            wish = Wish(kind, programme, cohort, **({"reason": "정산 보고"} | changes))
            session.execute(sa.update(Enrolment).values(created_at=self.campus.now))  # not by the machine's clock
            return exports.ask_export(session, actor or self.actor, wish, self.now + timedelta(minutes=1)).id

    def run(self) -> None:
        runner = jobs.JobRunner(self.campus.database, runner=None)
        while runner.run_one():
            pass

    def fetch(self, export_id: int, actor: Actor | None = None, later: timedelta = timedelta()) -> exports.Made:
        with self.campus.database.writing() as session:
            row = session.get_one(Export, export_id)
            return exports.open_export(session, actor or self.actor, row, row.expires_at - exports.KEEP + later)

    def get(self, kind: ExportKind, **changes) -> bytes:
        number = self.ask(kind, **changes)
        self.run()
        return self.fetch(number).content

    def issue(self, *usernames: str) -> None:
        with self.campus.database.writing() as session:
            for name in usernames:
                register.issue(session, self.office, self.enrolment(session, name), self.now)


def sheet(content: bytes, name: str):
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(content))[name]]


def test_the_list_of_completions_has_its_people_and_their_certificates(campus) -> None:
    desk = Desk(campus, "kim", "lee")
    desk.issue("kim")
    heads, *rows = sheet(desk.get(ExportKind.COMPLETIONS), "수료자 명단")
    found = {row[heads.index("성명")]: row for row in rows}
    assert set(found) == {"Kim", "Lee"}
    assert found["Kim"][heads.index("수료증 번호")] == "제2026-GMA-0001호"
    assert found["Lee"][heads.index("수료증 번호")] is None
    assert found["Kim"][heads.index("실인원 산정")] == "예"


def test_the_list_of_enrolments_says_the_states(campus) -> None:
    desk = Desk(campus, "kim")
    campus.person("lee")
    rows = list(csv.DictReader(io.StringIO(desk.get(ExportKind.ENROLMENTS, file_format="csv").decode("utf-8-sig"))))
    assert {row["성명"]: row["상태"] for row in rows} == {"Kim": "수료", "Lee": "수강중"}


def test_the_register_says_revocations_with_their_reason(sqlite_campus) -> None:
    desk = Desk(sqlite_campus, "kim", "lee")
    desk.issue("kim", "lee")
    with sqlite_campus.database.writing() as session:
        register.revoke(session, desk.actor, session.get_one(Certificate, 1), "수료 취소", desk.now)
    heads, *rows = sheet(desk.get(ExportKind.REGISTER), "수료증 발급대장")
    assert [row[heads.index("상태")] for row in rows] == ["취소", "유효"]
    assert rows[0][heads.index("취소 사유")] == "수료 취소"


def test_the_report_has_all_tables_and_the_same_headcount(campus) -> None:
    desk = Desk(campus, "kim", "lee")
    content = desk.get(ExportKind.REPORT, of_cohort=False)
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == [
        *("성과지표", "상태별 현황", "수료자 명단", "수강생 명단", "수료증 발급대장"),
    ]
    heads, whole, *_rest = sheet(content, "성과지표")
    assert whole[heads.index("수료 실인원")] == 2
    assert whole[heads.index("목표")] == 300


def test_the_evidence_is_whole_and_its_manifest_proves_it(campus) -> None:
    desk = Desk(campus)
    desk.people["kim"] = campus.person("kim")
    campus.submit(desk.people["kim"])
    campus.grade(8)
    desk.complete("kim")
    desk.issue("kim")
    number = desk.ask(ExportKind.EVIDENCE)
    with campus.database.writing() as session:  # tests write with a clock of their own
        export = session.get_one(Export, number)
        export.options = {**export.options, "until": "2100-01-01T00:00:00+00:00"}
    desk.run()
    with zipfile.ZipFile(io.BytesIO(desk.fetch(number).content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    assert {each["name"]: each["sha256"] for each in manifest["files"]} == {n: sha256_hex(b) for n, b in files.items()}
    assert len(files) == 7
    heads, judged = sheet(files["03_수료_판정.xlsx"], "수료 판정")
    assert judged[heads.index("판정 근거")] == "만족도 조사: 응답함"
    assert judged[heads.index("수료 기준 판")] == 1
    heads, graded = sheet(files["04_평가_결과.xlsx"], "평가 결과")
    assert (graded[heads.index("점수")], graded[heads.index("만점")]) == (8, 10)
    assert json.loads(files["07_수료기준.json"])[0]["rules"]["condition"]["kind"] == "survey"


def test_the_same_evidence_comes_out_byte_for_byte_whatever_happened_since(campus) -> None:
    desk = Desk(campus, "kim", "lee")
    before = desk.get(ExportKind.EVIDENCE, as_of=desk.now.date())
    desk.now += timedelta(days=3)
    desk.issue("kim")
    desk.take_back("lee")
    assert desk.get(ExportKind.EVIDENCE, as_of=campus.now.date()) == before
    assert desk.get(ExportKind.EVIDENCE, as_of=desk.now.date()) != before


def test_all_certificates_of_a_cohort_are_one_file_to_print(sqlite_campus) -> None:
    desk = Desk(sqlite_campus, "kim", "lee")
    desk.issue("kim", "lee")
    text = text_of(desk.get(ExportKind.CERTIFICATES))
    assert text.count("CERTIFICATE OF COMPLETION") == 2
    assert "제2026-GMA-0002호" in text


def test_an_export_that_can_not_be_made_says_why_and_is_not_tried_again(sqlite_campus) -> None:
    desk = Desk(sqlite_campus, "kim")
    desk.ask(ExportKind.CERTIFICATES)
    desk.run()
    job = sqlite_campus.get(Job)
    assert (job.state, job.tries) == (JobState.DONE, 1)
    assert job.result["problem"]["ko"] == "발급된 수료증이 없습니다."


@pytest.mark.parametrize("reason", ["", " ", "x", "가" * 1001])
def test_no_export_without_a_reason(sqlite_campus, reason) -> None:
    desk = Desk(sqlite_campus, "kim")
    with pytest.raises(InvalidError, match="reason"):
        desk.ask(ExportKind.COMPLETIONS, reason=reason)
    assert sqlite_campus.count(Job) == 0


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        (ExportKind.EVIDENCE, {"of_cohort": False}, "cohort"),
        (ExportKind.EVIDENCE, {"file_format": "csv"}, "format"),
        (ExportKind.REPORT, {"file_format": "csv"}, "format"),
        (ExportKind.KPI, {"as_of": date(2026, 11, 23)}, "as_of"),  # tomorrow
    ],
)
def test_what_there_is_none_of_is_refused(sqlite_campus, kind, changes, code) -> None:
    with pytest.raises(InvalidError, match=code):
        Desk(sqlite_campus, "kim").ask(kind, **changes)


def test_nobody_else_gets_the_file_not_even_another_coordinator(sqlite_campus) -> None:
    desk = Desk(sqlite_campus, "kim")
    other = Actor("other", sqlite_campus.person("other", Role.COORDINATOR, None))
    number = desk.ask(ExportKind.COMPLETIONS)
    desk.run()
    with pytest.raises(NotFoundError):
        desk.fetch(number, other)
    with sqlite_campus.database.reading() as session:
        assert exports.find_own(session, other.person_id, number) is None


def test_who_lost_the_right_gets_nothing_any_more(sqlite_campus) -> None:
    desk = Desk(sqlite_campus, "kim")
    number = desk.ask(ExportKind.COMPLETIONS)
    desk.run()
    with sqlite_campus.database.writing() as session:
        session.execute(sa.update(RoleGrant).values(revoked_at=desk.now))
    with pytest.raises(NotFoundError):
        desk.fetch(number)


def test_an_export_holds_what_its_asker_sees_when_it_is_made(sqlite_campus) -> None:
    desk = Desk(sqlite_campus, "kim")
    number = desk.ask(ExportKind.ENROLMENTS, of_cohort=False)
    inje = Actor("inje", sqlite_campus.person("inje", Role.COORDINATOR, "inje"))
    other = desk.ask(ExportKind.ENROLMENTS, inje, of_cohort=False)
    desk.run()
    assert len(sheet(desk.fetch(number).content, "수강생 명단")) == 2
    assert len(sheet(desk.fetch(other, inje).content, "수강생 명단")) == 1, "heads only"


def test_the_file_goes_after_its_time_and_the_register_stays(campus) -> None:
    desk = Desk(campus, "kim")
    number = desk.ask(ExportKind.COMPLETIONS)
    desk.run()
    with pytest.raises(ConflictError, match="export_gone"):
        desk.fetch(number, later=exports.KEEP)
    made = campus.get(Export, id=number).expires_at
    with campus.database.writing() as session:
        assert exports.remove_expired(session, made - timedelta(seconds=1)) == 0
        assert exports.are_expired(session, made)
        assert exports.remove_expired(session, made) == 1
        assert not exports.are_expired(session, made)
    with campus.database.reading() as session:
        row = session.get_one(Export, number)
        assert (row.content, row.people, row.reason) == (None, 1, "정산 보고")
        assert [each.id for each in exports.list_exports(session, desk.actor.person_id)] == [number]


def test_every_step_is_logged_with_the_reason_and_whose_data_it_was(sqlite_campus) -> None:
    desk = Desk(sqlite_campus, "kim", "lee")
    desk.get(ExportKind.COMPLETIONS)
    with sqlite_campus.database.reading() as session:
        rows = list(session.scalars(sa.select(AuditEvent).where(AuditEvent.subject_type == "export")))
    assert [row.action for row in rows] == ["export.asked", "export.made", "export.downloaded"]
    assert {row.reason for row in rows} == {"정산 보고"}
    assert rows[1].detail["people"] == sorted(desk.people.values())


def test_a_cancelled_export_leaves_no_file(sqlite_campus, monkeypatch) -> None:
    desk = Desk(sqlite_campus, "kim")
    number = desk.ask(ExportKind.COMPLETIONS)

    def cancel_on_the_way(session, wanted):
        with sqlite_campus.database.writing() as own:
            assert cancel_job(own, sqlite_campus.get(Export, id=number).job_id, desk.now)
        return making.completions(session, wanted)

    monkeypatch.setitem(making.TABLES, ExportKind.COMPLETIONS, cancel_on_the_way)
    desk.run()
    with sqlite_campus.database.reading() as session:
        assert session.get_one(Export, number).content is None
    assert sqlite_campus.get(Job).state is JobState.CANCELLED


SLOW = """
import sys, time
from hub import jobs
from hub.portal.database import Database
from hub.portal.models import ExportKind
from hub.portal.services.reports import making
def stuck(session, wanted):
    print("on the way", flush=True)
    time.sleep(600)
making.TABLES[ExportKind.COMPLETIONS] = stuck
jobs.JobRunner(Database.at(sys.argv[1]), runner=None).run_one()
"""


def test_an_export_outlives_the_death_of_the_process_that_made_it(campus, database_url) -> None:
    desk = Desk(campus, "kim")
    number = desk.ask(ExportKind.COMPLETIONS)
    doomed = subprocess.Popen([sys.executable, "-c", SLOW, database_url], stdout=subprocess.PIPE, text=True)
    try:
        assert doomed.stdout is not None
        assert doomed.stdout.readline() == "on the way\n"
        os.kill(doomed.pid, signal.SIGKILL)
    finally:
        doomed.wait(30)
        doomed.stdout.close()
    assert campus.get(Job).state is JobState.RUNNING
    desk.run()
    assert campus.get(Job).state is JobState.RUNNING, "its lease has not run out"
    with campus.database.writing() as session:
        session.execute(sa.update(Job).values(lease_until=datetime.now(UTC) - LEASE))
    desk.run()
    job = campus.get(Job)
    assert (job.state, job.tries) == (JobState.DONE, 2)
    assert len(sheet(desk.fetch(number).content, "수료자 명단")) == 2


def test_a_whole_cohort_is_issued_by_a_job_that_goes_on_where_it_was_stopped(campus, monkeypatch) -> None:
    desk = Desk(campus, "kim", "lee", "park")
    with campus.database.writing() as session:
        session.get_one(Person, desk.people["lee"]).name = "金"  # can't be printed: must not stop the others
        asked = ask_issuing(session, desk.office, desk.cohort(session), desk.now).id
    desk.run()
    job = campus.get(Job, id=asked)
    assert (job.state, job.result["issued"], job.done) == (JobState.DONE, 2, 3)
    assert [each["code"] for each in job.result["refused"]] == ["unprintable"]
    with campus.database.writing() as session:
        session.get_one(Person, desk.people["lee"]).name = "이도윤"
        again = ask_issuing(session, desk.office, desk.cohort(session), desk.now).id
    desk.run()
    assert campus.get(Job, id=again).result == {"issued": 1, "refused": []}
    with campus.database.reading() as session:
        assert sorted(session.scalars(sa.select(Certificate.number))) == [1, 2, 3]


def test_the_kinds_of_this_room_are_known_to_the_jobs_process() -> None:
    assert {"make_export", "remove_exports", "issue_certificates"} <= set(job_kinds.KINDS)


def test_a_cohort_of_another_programme_is_not_there(sqlite_campus) -> None:
    desk = Desk(sqlite_campus, "kim")
    with sqlite_campus.database.writing() as session:
        other = Programme(
            slug="other",
            name_ko="다른 사업",
            name_en="Other",
            target=1,
            funding_source="x",
            starts_on=desk.now.date(),
            ends_on=desk.now.date(),
        )
        session.add(other)
        session.flush()
        cohort = session.scalars(sa.select(Cohort).limit(1)).one()
        with pytest.raises(NotFoundError):
            exports.ask_export(session, desk.actor, Wish(ExportKind.KPI, other, cohort, "보고"), desk.now)
