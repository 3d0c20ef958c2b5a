"""Wires the REST API into the portal."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect


def install_api(app: Flask, csrf: CSRFProtect) -> None:
    """Register the API; no cookie is looked at, so there is no form token to check."""
