"""Structured logs: one JSON line an event in a file, short lines for the person at the terminal."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import structlog


def configure_logs(path: Path, level: str) -> None:
    """Send our own log lines to a file as JSON and nowhere else: the terminal is for what a person has to know."""
    file = path.open("a", encoding="utf-8")
    steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(
        processors=steps,
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.WriteLoggerFactory(file=file),
        cache_logger_on_first_use=False,
    )
