"""Headers on every answer and the list of host names that we answer to."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from hub.settings import Settings

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


def install_security(app: Flask, settings: Settings) -> None:
    """Answer only to our own host name and put the headers on every answer."""
    app.config["TRUSTED_HOSTS"] = [urlsplit(settings.portal_url).hostname]
    policy = content_policy(settings)

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
