"""Headers on every answer and the list of host names that we answer to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Flask, Response, request

from hub.settings import Settings

_PORT = re.compile(r":\d+$")
YEAR_SECONDS = 365 * 24 * 3600

#: What a page made from a student's notebook may do: be looked at, in an origin of its own.
SANDBOX_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def origin_of(url: str) -> str:
    """Return scheme, host and port of ``url``."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_https(settings: Settings) -> bool:
    """Tell whether people reach the portal over TLS: decides Secure, __Host- and HSTS."""
    return settings.portal_url.startswith("https://")


def content_policy(settings: Settings) -> str:
    """Return the strict policy of our own pages: nothing inline, nothing from elsewhere.

    The hub's origin is a form target because signing out is a form whose answer redirects there.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "frame-src 'self'",
            f"form-action 'self' {origin_of(settings.hub_url)}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def is_own_host(host: str | None, settings: Settings, path: str = "/") -> bool:
    """Tell whether a Host header names the portal; ports are the proxy's business, names are what cookies go by.

    The API, which reads no cookie, is also reached by the names that hub and notebook servers use, here and in pods.
    """
    name = (host or "").rpartition(":")[0] if _PORT.search(host or "") else host
    own = {urlsplit(settings.portal_url).hostname}
    if path.startswith(f"{urlsplit(settings.portal_api_url).path}/"):
        own |= {urlsplit(url).hostname for url in (settings.portal_api_url, settings.inside_portal_api_url)}
    return name is not None and name.lower() in own


def install_security(app: Flask, settings: Settings) -> None:
    """Answer only to our own host name and put the headers on every answer."""
    policy = content_policy(settings)

    def refuse_other_hosts() -> tuple[str, int, dict[str, str]] | None:
        """A page of another name of this machine must not reach us with that name's cookies (DNS rebinding too)."""
        if is_own_host(request.environ.get("HTTP_HOST"), settings, request.path):
            return None
        text = f"주소가 다릅니다. 여기에서 열어 주십시오: {settings.portal_url}\nPlease open {settings.portal_url}\n"
        return text, 400, {"Content-Type": "text/plain; charset=utf-8"}

    app.before_request(refuse_other_hosts)

    def add_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        for name, value in _FIXED.items():
            response.headers.setdefault(name, value)
        if is_https(settings):
            response.headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}; includeSubDomains"
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    app.after_request(add_headers)
