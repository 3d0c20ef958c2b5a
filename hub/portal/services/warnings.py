"""What a student should know the moment they submit: missing, empty or copied cells, files that can't be graded."""

from __future__ import annotations

import threading
from collections import OrderedDict

import structlog
from sqlalchemy.orm import Session

from graders.bundle import Bundle, BundleError, helper_files, load_bundle
from graders.contract import Text
from graders.files import FileSet
from graders.intake import IntakeLimits, Refusal
from graders.intake import accept as read_submission
from graders.rebuild import submit_warnings
from hub.portal.services.acceptance import Upload, find_version
from hub.portal.services.file_sets import load_file_set

logger = structlog.stdlib.get_logger(__name__)


class BundleShelf:
    """The bundles used last, parsed: a deadline burst asks for the same one three hundred times."""

    def __init__(self, size: int = 16) -> None:
        self._size = size
        self._parsed: OrderedDict[str, tuple[Bundle, FileSet]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, session: Session, digest: str) -> tuple[Bundle, FileSet]:
        """Return a bundle and its helper files; BundleError if it is none."""
        with self._lock:
            known = self._parsed.get(digest)
        if known is not None:
            return known
        files = load_file_set(session, digest)
        parsed = load_bundle(files), helper_files(files)
        with self._lock:
            self._parsed[digest] = parsed
            while len(self._parsed) > self._size:
                self._parsed.popitem(last=False)
        return parsed


def find_warnings(session: Session, upload: Upload, shelf: BundleShelf, limits: IntakeLimits) -> tuple[Text, ...]:
    """Return warnings about an upload. None of them keeps it from being accepted: work is never turned away here."""
    version = find_version(session, upload)
    if version is None:
        return ()
    try:
        bundle, helpers = shelf.get(session, version.bundle_digest)
    except BundleError as error:
        logger.error("bundle can't be read", version_id=version.id, cause=str(error))
        return ()
    submission = read_submission(upload.files, limits, expected=[notebook.path for notebook in bundle.notebooks])
    if isinstance(submission, Refusal):
        return (submission.text,)
    return tuple(submit_warnings(bundle, submission, helpers))
