"""What kinds of background jobs there are: to add one, write a function and add a row to ``KINDS``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog

from graders.check import check_assignment
from graders.contract import Fault, GradeReport, GradeRequest
from graders.files import FileSet
from graders.release import ReleaseOptions
from graders.runners.base import ProgressListener, Runner
from hub.portal.models import VersionState
from hub.portal.services.blob_sweep import KEEP, count_unused, sweep_unused
from hub.portal.services.certificates.issuing import ISSUE_CERTIFICATES, issue_certificates
from hub.portal.services.job_context import JobContext
from hub.portal.services.mail.outbox import SEND_MAIL
from hub.portal.services.mail.sending import MailRun, PostOffice, make_transport
from hub.portal.services.programme.closing import CLOSE_MONTHS, close_months
from hub.portal.services.programme.roster_jobs import APPLY_ROSTER, apply_in_background
from hub.portal.services.publishing import CHECK_VERSION, publish_checked
from hub.portal.services.reminders import REMIND_DEADLINES, remind_deadlines
from hub.portal.services.reports.exports import MAKE_EXPORT
from hub.portal.services.reports.making import REMOVE_EXPORTS, make_export, remove_exports
from hub.portal.services.version_checks import begin_check, end_check
from hub.settings import Settings

logger = structlog.stdlib.get_logger(__name__)


class PlatformFaultError(Exception):
    """We broke, not the author's work: no verdict may come of it, the job is tried again."""


class FaultlessRunner:
    """A runner whose platform faults are exceptions: a check must not blame an author for a process that died."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def grade(
        self,
        request: GradeRequest,
        bundle: FileSet,
        submission: FileSet,
        *,
        on_progress: ProgressListener | None = None,
        cancel: threading.Event | None = None,
    ) -> GradeReport:
        """Grade; PlatformFaultError where the report is ours to mend."""
        report = self._runner.grade(request, bundle, submission, on_progress=on_progress, cancel=cancel)
        if report.fault is Fault.PLATFORM:
            raise PlatformFaultError(report.staff_reason or "platform fault")
        return report

    def close(self) -> None:
        """Close the runner behind."""
        self._runner.close()


def check_version(context: JobContext) -> dict[str, Any]:
    """Check a staged version with the grading engine; the catalogue's first versions go live when they pass."""
    with context.database.writing() as session:
        found = begin_check(session, int(context.params["version_id"]))
    if found is None:
        return {"skipped": True}
    context.progress(0, 1)
    runner = FaultlessRunner(context.runner)
    checked = check_assignment(found.source, runner, assignment=found.name, options=ReleaseOptions(limits=found.limits))
    context.progress(1, 1)
    with context.database.writing() as session:
        version = end_check(session, found.version_id, checked, context.clock())
        if version.state is VersionState.READY and context.params.get("publish"):
            publish_checked(session, version, context.clock())
        return {"state": version.state.value, "findings": len(checked.report.findings)}


def sweep_blobs(context: JobContext) -> dict[str, Any]:
    """Remove stored bytes that nobody refers to; ``keep_days`` says how old they must be, ``dry_run`` only counts."""
    now = context.clock()
    before = now - timedelta(days=float(context.params.get("keep_days", KEEP.days)))
    if context.params.get("dry_run"):
        with context.database.reading() as session:
            return vars(count_unused(session, before))
    swept = sweep_unused(context.database, before, now, lambda done: context.progress(done.file_sets + done.blobs))
    logger.info("blobs swept", **vars(swept), stored_before=before.isoformat())
    return vars(swept)


def send_mail(context: JobContext) -> dict[str, Any]:
    """Send the mail that is due."""
    settings = context.settings or Settings()
    run = MailRun(context.database, PostOffice.of(settings), make_transport(settings), context.clock)
    return {"mails": run.send_all(context.progress), "server_away": run.is_server_away}


SWEEP_BLOBS = "sweep_blobs"
KINDS: Mapping[str, Callable[[JobContext], dict[str, Any]]] = {
    CHECK_VERSION: check_version,
    SWEEP_BLOBS: sweep_blobs,
    SEND_MAIL: send_mail,
    APPLY_ROSTER: apply_in_background,
    REMIND_DEADLINES: remind_deadlines,
    CLOSE_MONTHS: close_months,
    ISSUE_CERTIFICATES: issue_certificates,
    MAKE_EXPORT: make_export,
    REMOVE_EXPORTS: remove_exports,
}
