"""nbgrader's ``release_assignment``, ``collect`` and ``release_feedback`` over the portal."""

from __future__ import annotations

from pathlib import Path

from nbgrader.exchange.abc import ExchangeCollect, ExchangeReleaseAssignment, ExchangeReleaseFeedback
from traitlets import Bool

from graders.exchange.errors import RefusedHereError
from graders.exchange.plugin import PortalExchange, write_line
from graders.exchange.teaching import CollectOptions, collect_assignment, stage_assignment


class PortalReleaseAssignment(PortalExchange, ExchangeReleaseAssignment):
    """``nbgrader release_assignment``: stages a version; a click in the portal makes it live."""

    def work(self) -> None:
        """Upload ``source/<assignment>``, not the stripped release: the portal builds release and tests from it."""
        course, assignment = self.course(), self.assignment()
        source = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment))
        version, said = stage_assignment(self.client, source, course, assignment, self.coursedir.ignore)
        self.say(said)
        write_line(version.portal_url)


class PortalCollect(PortalExchange, ExchangeCollect):
    """``nbgrader collect``: the attempts of a class into ``submitted/``."""

    all_attempts = Bool(False, help="Bring all attempts, older ones into folders of their own.").tag(config=True)

    def work(self) -> None:
        """Collect the current attempts, or all of them."""
        options = CollectOptions(all_attempts=self.all_attempts, update=self.update)
        self.say(collect_assignment(self.client, self.course(), self.assignment(), self._place, options))

    def _place(self, username: str, assignment: str) -> Path:
        return Path(self.coursedir.format_path(self.coursedir.submitted_directory, username, assignment))


class PortalReleaseFeedback(PortalExchange, ExchangeReleaseFeedback):
    """``nbgrader release_feedback``: not from here; a notebook server's token may not change what students see."""

    def work(self) -> None:
        """Refuse, and say where it is done."""
        raise RefusedHereError(
            "in_the_portal",
            "피드백은 포털의 과제 페이지에서 공개합니다. 채점 결과는 이미 저장되어 있습니다.",
            "Feedback is released on the assignment's page in the portal. The results are already stored there.",
        )
