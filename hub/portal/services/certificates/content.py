"""All that the paper of a certificate says: kept with the issue, so that the same paper comes out at any time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from graders.contract import Frozen, Text
from hub.portal.services.certificates.codes import SERIES

MAX_ISSUERS = 5
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Hours = Annotated[Decimal, Field(gt=0, le=10_000, decimal_places=1)]


class Named(Frozen):
    """A name in both languages, as it is printed."""

    ko: Words
    en: Words


class Terms(Frozen):
    """What a cohort's certificates say beside the person."""

    series: Annotated[str, StringConstraints(pattern=SERIES)]
    course: Named
    hours: Hours | None = None
    issuers: tuple[Named, ...] = Field(min_length=1, max_length=MAX_ISSUERS)
    has_birth_date: bool = False


class Content(Frozen):
    """One issue of one certificate. ``check_url`` is what its QR code opens."""

    serial: str
    issue_number: int
    code: str
    check_url: str
    name: str
    birth_date: date | None
    programme: Text
    course: Named
    cohort: Text
    starts_on: date
    ends_on: date
    hours: Hours | None
    issuers: tuple[Named, ...]
    first_issued_on: date
    issued_on: date
    layout: int = 1  # a later look of the paper gets a number of its own: what was issued stays as it looks

    @model_validator(mode="after")
    def _in_order(self) -> Content:
        if self.first_issued_on > self.issued_on or self.starts_on > self.ends_on:
            raise ValueError("dates out of order")
        return self
