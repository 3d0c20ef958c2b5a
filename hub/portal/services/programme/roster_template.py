"""The roster's template as a workbook: headers, one example, and what each column takes. All cells are texts."""

from __future__ import annotations

import io

import xlsxwriter

from hub.portal.services.programme.regions import REGIONS
from hub.portal.services.programme.roster_columns import COLUMNS
from hub.portal.services.programme.roster_rows import WORDS

_WIDTH = 18


def make_template() -> bytes:
    """Return an xlsx with the sheet to fill in and a sheet of explanations, Korean first."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    text = book.add_format({"num_format": "@"})
    head = book.add_format({"bold": True, "bg_color": "#d8e5fd", "bottom": 1})
    sheet, help_sheet = book.add_worksheet("명단"), book.add_worksheet("설명 Help")
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(COLUMNS) - 1, _WIDTH, text)  # a phone number keeps its zero
    help_sheet.set_column(0, 3, _WIDTH * 1.5)
    help_sheet.write_row(0, 0, ["열 Column", "필수 Required", "예 Example", "쓸 수 있는 말 Words"], head)
    for index, column in enumerate(COLUMNS):
        sheet.write_string(0, index, column.name.ko, head)
        sheet.write_string(1, index, column.example, text)
        words = WORDS.get(column.key, tuple(ko for ko, _ in REGIONS.values()) if "region" in column.key else ())
        required = "필수 yes" if column.is_required else ""
        row = [f"{column.name.ko} {column.name.en}", required, column.example, ", ".join(words)]
        help_sheet.write_row(index + 1, 0, row, text)
    book.close()
    return stream.getvalue()
