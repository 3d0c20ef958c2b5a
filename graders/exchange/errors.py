"""What can go wrong between a notebook server and the portal, in words a student can act on."""

from __future__ import annotations

from graders.exchange.wire import Fault, Words

SAFE = Words(ko="내 파일은 그대로 있습니다.", en="Your files are untouched.")


class PortalError(Exception):
    """The portal said no, or could not be asked; ``str()`` is one flat message, Korean first."""

    def __init__(self, code: str, words: Words, *, request_id: str = "", status: int | None = None) -> None:
        self.code = code
        self.words = words
        self.request_id = request_id
        self.status = status
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """Both languages on two lines, then the request id (what a person quotes when asking for help)."""
        lines = [self.words.ko, self.words.en]
        if self.request_id:
            lines.append(f"[{self.code} · {self.request_id}]")
        return "\n".join(filter(None, lines))

    @property
    def may_pass(self) -> bool:
        """The same request may succeed later: nothing is wrong with it."""
        return self.status is None or self.status in (429, 502, 503, 504)


class RefusedHereError(PortalError):
    """Refused on this side, before anything was sent."""

    def __init__(self, code: str, ko: str, en: str) -> None:
        super().__init__(code, Words(ko=ko, en=en), status=400)


def refused(fault: Fault, status: int) -> PortalError:
    """The portal's own words; a bare code gets the general sentence."""
    words = Words(ko=fault.ko, en=fault.en) if fault.ko or fault.en else _unexplained(status)
    return PortalError(fault.code, words, request_id=fault.request_id, status=status)


def unreadable(status: int) -> PortalError:
    """An answer that is not the portal's: a proxy's page, a half-written body."""
    return PortalError("unreadable_answer", _unexplained(status), status=status)


def unreachable(*, was_sending: bool) -> PortalError:
    """No answer at all. After an upload nobody knows whether it arrived, so we say how to find out."""
    if was_sending:
        return PortalError("no_answer", _SENT_UNKNOWN)
    return PortalError("unreachable", _UNREACHABLE)


def not_configured(variable: str) -> PortalError:
    """The notebook server was started without what it needs to reach the portal."""
    words = Words(
        ko=f"이 노트북 서버는 포털에 연결되어 있지 않습니다({variable} 없음). 서버를 다시 시작해 주십시오. {SAFE.ko}",
        en=f"This notebook server is not connected to the portal ({variable} is not set). "
        f"Restart the server. {SAFE.en}",
    )
    return PortalError("not_configured", words)


def _unexplained(status: int) -> Words:
    return Words(
        ko=f"포털이 요청을 처리하지 못했습니다(HTTP {status}). {SAFE.ko} 잠시 뒤 다시 시도해 주십시오.",
        en=f"The portal could not handle the request (HTTP {status}). {SAFE.en} Try again in a moment.",
    )


_UNREACHABLE = Words(
    ko=f"포털에 연결하지 못했습니다. {SAFE.ko} 1분쯤 뒤 다시 시도해 주십시오.",
    en=f"The portal could not be reached. {SAFE.en} Try again in about a minute.",
)
_SENT_UNKNOWN = Words(
    ko="포털의 답을 받지 못해 제출이 접수되었는지 알 수 없습니다. "
    f"{SAFE.ko} 같은 명령으로 다시 제출해 주십시오. "
    "이미 접수되었다면 같은 접수번호를 다시 받으며 두 번 제출되지 않습니다.",
    en="The portal did not answer, so it is unknown whether the submission arrived. "
    f"{SAFE.en} Submit again with the same command: if it did arrive you get the same receipt, never a second one.",
)
