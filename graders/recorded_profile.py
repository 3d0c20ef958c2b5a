"""A reference's profile beside an assignment's source: recorded once by its author, used wherever it still fits.

Recording runs the reference and takes longer than a platform may take to start. The file says of which bundle, by which
recorder and for which engine it was made; anything else is refused, because a profile of other tests would hold
students to rules that nobody checked. It holds no times, so that recording again gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from pydantic import Field, ValidationError

from graders.bundle import (
    Bundle,
    BundleCell,
    BundleNotebook,
    CellKind,
    Json,
    helper_files,
    load_bundle,
    make_bundle_files,
)
from graders.check import Checked
from graders.check_findings import Finding
from graders.contract import Digest, Frozen, Isolation
from graders.engine.profile import PROFILE_VERSION
from graders.environment import ENGINE_VERSION
from graders.files import FileSet

PROFILE_FILE = "profile.json"
#: Findings that depend on the machine: a file that is the same everywhere can't hold them.
_MEASURED = frozenset({"slow"})


class StaleProfileError(ValueError):
    """The recorded profile is not one of this bundle, recorder and engine; the text says what differs."""


class RecordedCell(Frozen):
    """What was recorded at one test cell."""

    isolation: Isolation
    profile: Json


class RecordedNotebook(Frozen):
    """What was recorded of one notebook: grade_id -> test cell."""

    profile: Json = None
    cells: Mapping[str, RecordedCell]


class RecordedProfile(Frozen):
    """The content of ``profile.json``. Scores are automatic points of the check's three trial submissions."""

    format_version: Literal[1] = 1
    recorder_version: int = PROFILE_VERSION
    engine_version: int = ENGINE_VERSION
    of_bundle: Digest = Field(description="bundle before recording")
    makes_bundle: Digest = Field(description="bundle with this profile in it")
    reference_score: float
    empty_score: float
    hollow_score: float
    findings: tuple[Finding, ...] = ()
    notebooks: Mapping[str, RecordedNotebook]


def make_profile(bundle: FileSet, checked: Checked) -> RecordedProfile:
    """Take the profile out of a check that found nothing blocking; ValueError where there is none to take."""
    report, release = checked.report, checked.release
    if release is None or not report.publishable:
        raise ValueError("only an assignment that may be published has a profile to ship")
    return RecordedProfile(
        of_bundle=bundle.digest,
        makes_bundle=release.bundle.digest,
        reference_score=report.reference_score or 0,
        empty_score=report.empty_score or 0,
        hollow_score=report.hollow_score or 0,
        findings=tuple(finding for finding in report.findings if finding.code not in _MEASURED),
        notebooks={notebook.path: _record(notebook) for notebook in load_bundle(release.bundle).notebooks},
    )


def _record(notebook: BundleNotebook) -> RecordedNotebook:
    tests = (cell for cell in notebook.cells if cell.kind is CellKind.TEST)
    cells = {cell.grade_id or "": RecordedCell(isolation=cell.isolation, profile=cell.profile) for cell in tests}
    return RecordedNotebook(profile=notebook.profile, cells=cells)


def apply_profile(bundle: FileSet, recorded: RecordedProfile) -> FileSet:
    """Return the bundle with the profile in it: the very bytes that the check made, else StaleProfileError."""
    if (recorded.recorder_version, recorded.engine_version) != (PROFILE_VERSION, ENGINE_VERSION):
        raise StaleProfileError("recorded by another version of the engine")
    if recorded.of_bundle != bundle.digest:
        raise StaleProfileError("recorded of another content of the assignment")
    model = load_bundle(bundle)
    notebooks = tuple(_fill_in(notebook, recorded.notebooks.get(notebook.path)) for notebook in model.notebooks)
    made = make_bundle_files(_with(model, notebooks), helper_files(bundle))
    if made.digest != recorded.makes_bundle:
        raise StaleProfileError("changed by hand: it does not make the bundle that was checked")
    return made


def _with(model: Bundle, notebooks: tuple[BundleNotebook, ...]) -> Bundle:
    return model.model_copy(update={"notebooks": notebooks})


def _fill_in(notebook: BundleNotebook, recorded: RecordedNotebook | None) -> BundleNotebook:
    if recorded is None:
        return notebook
    cells = tuple(_fill_in_cell(cell, recorded.cells.get(cell.grade_id or "")) for cell in notebook.cells)
    return notebook.model_copy(update={"cells": cells, "profile": recorded.profile})


def _fill_in_cell(cell: BundleCell, recorded: RecordedCell | None) -> BundleCell:
    if recorded is None or cell.kind is not CellKind.TEST:
        return cell
    return cell.model_copy(update={"isolation": recorded.isolation, "profile": recorded.profile})


def dump_profile(recorded: RecordedProfile) -> str:
    """Encode for people who read a change: sorted, indented, the same text for the same recording."""
    body = recorded.model_dump(mode="json")
    return json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def load_profile_text(text: str) -> RecordedProfile:
    """Read what ``dump_profile`` wrote; StaleProfileError if it is of another format."""
    try:
        return RecordedProfile.model_validate_json(text)
    except ValidationError as error:
        raise StaleProfileError("not a profile of this format") from error
