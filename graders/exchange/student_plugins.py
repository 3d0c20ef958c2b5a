"""nbgrader's ``fetch_assignment``, ``submit`` and ``fetch_feedback`` over the portal."""

from __future__ import annotations

from nbgrader.exchange.abc import ExchangeFetchAssignment, ExchangeFetchFeedback, ExchangeSubmit

from graders.exchange.plugin import PortalExchange
from graders.exchange.wire import Receipt, Words
from graders.exchange.work import fetch_assignment, fetch_feedback, submit_assignment


class PortalFetchAssignment(PortalExchange, ExchangeFetchAssignment):
    """``nbgrader fetch_assignment``: the current version, without touching work that is there."""

    def work(self) -> None:
        """Fetch into ``<assignment_dir>/<course>/<assignment>``."""
        self.say(fetch_assignment(self.desk, self.course(), self.assignment()))


class PortalSubmit(PortalExchange, ExchangeSubmit):
    """``nbgrader submit``: done only when the portal has confirmed a receipt."""

    receipt: Receipt | None = None

    def work(self) -> Receipt:
        """Submit and return the receipt; whose it is, the server decides."""
        if self.coursedir.student_id not in ("", "*"):
            self.say([_IDENTITY])
        done = submit_assignment(self.desk, self.course(), self.assignment(), self.coursedir.ignore, strict=self.strict)
        self.receipt = done.receipt
        self.say(done.words)
        return done.receipt


class PortalFetchFeedback(PortalExchange, ExchangeFetchFeedback):
    """``nbgrader fetch_feedback``: HTML pages of graded attempts, in the assignment's folder."""

    def work(self) -> None:
        """Fetch the feedback of all own graded attempts."""
        self.say(fetch_feedback(self.desk, self.course(), self.assignment()))


_IDENTITY = Words(
    ko="--student는 쓰이지 않습니다. 제출자는 로그인한 본인으로 기록됩니다.",
    en="--student is ignored: the submission is recorded under your own sign-in.",
)
