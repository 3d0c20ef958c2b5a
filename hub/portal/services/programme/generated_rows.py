"""Rows of a generated programme on their way into the database: ids given here, inserted many at a time."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import Base

_CHUNK = 5_000


class BulkRows:
    """Collects rows by table; ``flush`` inserts them in the order of their references.

    All rows of one table have the same keys. Ids count on from the largest there is, so that rows can refer to each
    other before any is inserted: nobody else may write meanwhile.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._next: dict[str, int] = {}
        self.counts: dict[str, int] = defaultdict(int)

    def add(self, model: type[Base], **values: Any) -> int:
        """Collect a row and return the id that it has."""
        number = self.add_id(model)
        self.put(model, id=number, **values)
        return number

    def put(self, model: type[Base], **values: Any) -> None:
        """Collect a row that has no id, or has one already."""
        self._rows[model.__tablename__].append(values)
        self.counts[model.__tablename__] += 1

    def add_id(self, model: type[Base]) -> int:
        """Return the id of a row that is put later."""
        name = model.__tablename__
        if name not in self._next:
            column = Base.metadata.tables[name].c.id
            self._next[name] = (self._session.scalar(sa.select(sa.func.max(column))) or 0) + 1
        self._next[name] += 1
        return self._next[name] - 1

    def flush(self) -> None:
        """Insert everything that was collected."""
        for table in Base.metadata.sorted_tables:
            rows = self._rows.pop(table.name, [])
            for begin in range(0, len(rows), _CHUNK):
                self._session.execute(sa.insert(table), rows[begin : begin + _CHUNK])

    def finish(self) -> None:
        """Insert the rest, and let PostgreSQL's own counters go on after our ids."""
        self.flush()
        if self._session.get_bind().dialect.name != "postgresql":
            return
        for name in self._next:
            sequence = sa.func.pg_get_serial_sequence(name, "id")
            newest = sa.select(sa.func.max(Base.metadata.tables[name].c.id)).scalar_subquery()
            self._session.execute(sa.select(sa.func.setval(sequence, newest)))
