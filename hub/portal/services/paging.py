"""Which rows a page of a long list shows: what lists of all kinds tell ``macros.pages``."""

from __future__ import annotations

from typing import ClassVar


class Paged:
    """One page of a list. Who inherits has ``rows``, how many there are in all, and the page's number from 1."""

    page_rows: ClassVar[int]
    total: int
    page: int

    @property
    def page_count(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // self.page_rows))

    @property
    def first(self) -> int:
        """Number of the first row shown; 0 where there is none."""
        return (self.page - 1) * self.page_rows + 1 if self.total else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self.page * self.page_rows, self.total)
