"""What the exchange says to people: one vocabulary for receipts, status and what happened to files."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from graders.exchange.wire import AttemptStatus, Receipt, Words

SCREEN_ZONE = ZoneInfo("Asia/Seoul")

STATUS_WORDS = {
    AttemptStatus.RECEIVED: Words(ko="접수됨", en="received"),
    AttemptStatus.QUEUED: Words(ko="대기 중", en="queued"),
    AttemptStatus.GRADING: Words(ko="채점 중", en="grading"),
    AttemptStatus.GRADED: Words(ko="채점 완료", en="graded"),
    AttemptStatus.NOT_GRADED: Words(ko="채점 불가", en="not graded"),
    AttemptStatus.NEEDS_PERSON: Words(ko="확인 필요", en="needs a person"),
    AttemptStatus.REFUSED: Words(ko="채점 거절", en="refused"),
}

MANUAL_PENDING = Words(ko="사람이 채점할 부분이 남아 있습니다", en="a person still grades a part")


def screen_time(moment: datetime) -> str:
    """Korean time, readable and sortable: ``2026-11-22 18:00:03 KST``."""
    return moment.astimezone(SCREEN_ZONE).strftime("%Y-%m-%d %H:%M:%S KST")


def score_text(receipt: Receipt) -> str:
    """``8/10``, or nothing while there is no score."""
    if receipt.score is None:
        return ""
    return f"{receipt.score:g}" + (f"/{receipt.max_score:g}" if receipt.max_score is not None else "")


def status_text(receipt: Receipt) -> str:
    """``채점 완료 graded 8/10`` or ``대기 중 queued (3번째 / no. 3)``."""
    words = STATUS_WORDS[receipt.status]
    parts = [words.ko, words.en, score_text(receipt)]
    if receipt.manual_pending:
        parts.append(f"· {MANUAL_PENDING.both}")
    if receipt.status is AttemptStatus.QUEUED and receipt.queue_position is not None:
        parts.append(f"({receipt.queue_position}번째 / no. {receipt.queue_position})")
    return " ".join(filter(None, parts))


def receipt_words(receipt: Receipt) -> list[Words]:
    """What a student reads after handing in: receipt first, lateness, warnings, where to look."""
    moment = screen_time(receipt.received_at)
    said = [
        Words(
            ko=f"제출했습니다. 접수번호 {receipt.receipt_id} · {receipt.number}번째 제출 · {moment} · 파일 "
            f"{len(receipt.files)}개",
            en=f"Submitted. Receipt {receipt.receipt_id} · attempt {receipt.number} · {moment} · "
            f"{len(receipt.files)} files",
        )
    ]
    if receipt.team is not None:
        said.append(receipt.team.words)
    said += [receipt.late_text, *receipt.warnings]
    if receipt.portal_url:
        said.append(Words(ko=f"채점 결과: {receipt.portal_url}", en=f"Result: {receipt.portal_url}"))
    return [words for words in said if words.ko or words.en]
