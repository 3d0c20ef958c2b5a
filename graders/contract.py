"""The contract between whoever wants something graded and whoever grades it: data in, data out.

A ``GradeRequest`` names everything that can change a score, so its digest is the key under which a
report is stored exactly once. A ``GradeReport`` keeps three facts apart: what the score is, whether
the submission was gradable at all, and whether grading it succeeded.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graders.files import canonical_json, sha256_hex

CONTRACT_VERSION = 1

#: The file in which a learner's notebook finds its own seed. The portal writes it on fetch, the engine
#: writes it anew before grading; a copy inside a submission is ignored.
LEARNER_FILE = "learner.json"

#: Environment variable of the trusted test process alone: the seed of hidden data.
HIDDEN_SEED_VARIABLE = "AXCAMPUS_HIDDEN_SEED"

Digest = str
MAX_SEED = 2**64 - 1


class Frozen(BaseModel):
    """Base of all contract models: immutable, unknown keys refused, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Text(Frozen):
    """One sentence for a person, in both languages."""

    ko: str
    en: str


class Limits(Frozen):
    """What a submission may use. Times are wall-clock seconds unless the name says CPU."""

    cell_seconds: float = Field(default=60, gt=0)
    notebook_seconds: float = Field(default=300, gt=0)
    submission_seconds: float = Field(default=600, gt=0)
    cpu_seconds: float = Field(default=600, gt=0)
    test_cell_seconds: float = Field(default=60, gt=0)
    memory_bytes: int = Field(default=2 * 2**30, gt=0)
    processes: int = Field(default=64, gt=0)
    output_bytes_per_cell: int = Field(default=1_000_000, gt=0)
    disk_bytes: int = Field(default=200 * 2**20, gt=0)
    allow_shell: bool = True


class GradeRequest(Frozen):
    """Everything that can change a score; equal requests have equal digests."""

    contract_version: Literal[1] = 1
    assignment: str = Field(min_length=1, description="course/assignment, for people and logs")
    bundle_digest: Digest = Field(pattern=r"^[0-9a-f]{64}$")
    submission_digest: Digest = Field(pattern=r"^[0-9a-f]{64}$")
    seed: int = Field(ge=0, le=MAX_SEED, description="the learner's own 64-bit seed")
    hidden_seed: int = Field(ge=0, le=MAX_SEED, description="seed of the hidden data, never shown to students")
    limits: Limits = Limits()
    environment_digest: Digest = Field(pattern=r"^[0-9a-f]{64}$")

    @property
    def digest(self) -> Digest:
        """SHA-256 of the canonical JSON of this request."""
        return sha256_hex(canonical_json(self.model_dump(mode="json")))


class Outcome(StrEnum):
    """What happened at one graded cell."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"  # an assertion did not hold
    ERROR = "error"  # any other exception
    TIMEOUT = "timeout"
    MEMORY = "memory"
    KILLED = "killed"
    AUTHOR_ERROR = "author_error"  # the test returned something that is no score: a person must look
    MANUAL = "manual"  # a person gives the points
    NOT_RUN = "not_run"  # grading ended before this cell


class Isolation(StrEnum):
    """Where a test cell ran, seen from the student's code: what its points prove."""

    ISOLATED = "isolated"
    LOCAL_MODULES = "isolated_local_modules"
    IN_PROCESS = "in-process"
    NONE = "none"  # nothing ran (manual and not-run cells)


class Fault(StrEnum):
    """Whose fault it is that a submission has no full automatic score."""

    NOBODY = "nobody"
    STUDENT = "student"
    TEST = "test"
    PLATFORM = "platform"


class ReportState(StrEnum):
    """The one word shown for a whole submission."""

    GRADED = "graded"
    REFUSED = "refused"  # intake: the bytes can't be graded; the student can mend that
    NOT_GRADED = "not_graded"  # we failed: retried, never a score of 0
    NEEDS_PERSON = "needs_person"  # a test is broken: staff must look


class CellReport(Frozen):
    """One graded cell of the instructor's notebook."""

    notebook: str = Field(description="path of the notebook in the bundle, with .ipynb")
    grade_id: str
    points: float | None = Field(description="None: no automatic points are known (manual, author error, not run)")
    max_points: float = Field(ge=0)
    outcome: Outcome
    isolation: Isolation
    hidden: bool = Field(default=False, description="the cell holds hidden tests")
    message: Text | None = Field(default=None, description="for the student: never quotes a hidden test")
    staff_message: str | None = Field(default=None, description="for staff: traceback, printed text")
    output_digest: Digest | None = None
    seconds: float = Field(default=0, ge=0)


class Flag(Frozen):
    """Something a person may want to look at; costs no points by itself."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    notebook: str | None = None
    cell: str | None = None
    message: Text


class RebuiltNotebook(Frozen):
    """The instructor's notebook with the student's solutions and the outputs of this run (nbformat 4 JSON)."""

    path: str
    content: str


class GradeReport(Frozen):
    """The result of one request."""

    contract_version: Literal[1] = 1
    request_digest: Digest
    state: ReportState
    fault: Fault
    gradable: bool
    succeeded: bool
    score: float | None = Field(description="sum of the automatic points; None unless succeeded")
    max_score: float = Field(ge=0, description="maximum of the automatic points")
    manual_max_score: float = Field(default=0, ge=0)
    cells: tuple[CellReport, ...] = ()
    flags: tuple[Flag, ...] = ()
    notebooks: tuple[RebuiltNotebook, ...] = ()
    reason: Text | None = None
    staff_reason: str | None = None
    layers: tuple[str, ...] = Field(default=(), description="sandbox layers that were on")
    seconds: float = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _facts_agree(self) -> Self:
        if self.succeeded != (self.state in (ReportState.GRADED, ReportState.NEEDS_PERSON)):
            raise ValueError("succeeded says that grading ran to its end: states graded and needs_person")
        if (self.score is not None) != self.succeeded:
            raise ValueError("a score is known exactly when grading succeeded")
        if self.state is not ReportState.GRADED and self.reason is None:
            raise ValueError(f"state {self.state} needs a reason")
        return self
