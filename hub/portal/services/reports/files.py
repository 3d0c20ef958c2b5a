"""Tables as files: workbooks with typed cells, CSV as Excel in Korea reads it, archives that come out the same again.

No text is ever a formula: in a workbook text cells are text cells, in a CSV file a guarded text begins with ``'``.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from hub.portal.services.reports.tables import Kind, Table, Value, is_formula_like, without_controls
from hub.portal.services.timetable import KST

#: Files carry no time of their own making: the same rows give the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
    "remove_timezone": True,
}
_FORMATS: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"num_format": "@"},
    Kind.NUMBER: {"num_format": "#,##0.##"},
    Kind.DATE: {"num_format": "yyyy-mm-dd"},
    Kind.MOMENT: {"num_format": "yyyy-mm-dd hh:mm"},
}
_MAX_CELL = 32_767


def write_workbook(tables: Sequence[Table]) -> bytes:
    """Return an xlsx file with one sheet for each table."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        book.set_properties({"created": _CREATED.replace(tzinfo=None), "author": "AX Campus"})
        head = book.add_format({"bold": True, "bg_color": "#ECF2FE", "border": 1, "text_wrap": True})
        formats = {kind: book.add_format(wanted) for kind, wanted in _FORMATS.items()}
        guarded = book.add_format({"num_format": "@", "quote_prefix": True})
        for table in tables:
            _write_sheet(book.add_worksheet(table.name[:31]), table, head, formats, guarded)
    return _same_again(out.getvalue())


def _write_sheet(sheet: Any, table: Table, head: Any, formats: Mapping[Kind, Any], guarded: Any) -> None:
    for index, column in enumerate(table.columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, column.head, head)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.columns) - 1)
    for line, row in enumerate(table.rows, start=1):
        for index, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            _write_cell(sheet, (line, index), column.kind, value, formats, guarded)


def _write_cell(
    sheet: Any, place: tuple[int, int], kind: Kind, value: Value, formats: Mapping[Kind, Any], guarded: Any
) -> None:
    if value is None:
        return
    if kind is Kind.TEXT:
        text = without_controls(str(value))[:_MAX_CELL]
        sheet.write_string(*place, text, guarded if is_formula_like(text) else formats[kind])
    elif kind is Kind.NUMBER:
        sheet.write_number(*place, float(value), formats[kind])  # type: ignore[arg-type]  # a column of numbers
    else:
        sheet.write_datetime(*place, _seoul(value), formats[kind])


def _seoul(value: Value) -> datetime | date:
    if isinstance(value, datetime):
        return value.astimezone(KST).replace(tzinfo=None)
    if isinstance(value, date):
        return value
    raise TypeError(f"{type(value).__name__} in a column of dates")


def write_csv(table: Table) -> bytes:
    """Return a CSV file: UTF-8 with a byte order mark, CRLF, dates as YYYY-MM-DD."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.head for column in table.columns])
    for row in table.rows:
        writer.writerow([_csv_cell(c.kind, value) for c, value in zip(table.columns, row, strict=True)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _csv_cell(kind: Kind, value: Value) -> str:
    if value is None:
        return ""
    if kind is Kind.NUMBER:
        return f"{Decimal(str(value)).normalize():f}"
    if kind is Kind.TEXT:
        text = without_controls(str(value))
        return f"'{text}" if is_formula_like(text) else text
    found = _seoul(value)
    return f"{found:%Y-%m-%d %H:%M}" if kind is Kind.MOMENT else f"{found:%Y-%m-%d}"


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """Return an archive of ``files``, in the order of their names, the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(entry, files[name])
    return out.getvalue()


def _same_again(workbook: bytes) -> bytes:
    """A workbook is an archive: take the times out of its entries, keep their order, which readers rely on."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            fresh = zipfile.ZipInfo(entry.filename, _NO_TIME)
            fresh.compress_type, fresh.external_attr, fresh.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            new.writestr(fresh, old.read(entry))
    return out.getvalue()
