"""Rebuilding tables that facilities have lived with for years."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.operations.base import BatchOperations


@contextmanager
def rebuilding(table: str, *, autoincrement: bool = False) -> Iterator[BatchOperations]:
    """Yield operations on `table`; SQLite copies its rows into a new one at the end.

    Columns and indexes that somebody added stay.
    """
    with warnings.catch_warnings():
        # The checks that we add say the same, and have names.
        warnings.filterwarnings("ignore", message="Unnamed CHECK constraint")
        with op.batch_alter_table(
            table,
            reflect_kwargs={"listeners": [("column_reflect", _requote)]},
            table_kwargs={"sqlite_autoincrement": True} if autoincrement else {},
        ) as batch:
            yield batch


def drop_checks(
    table: str, names: tuple[str, ...], *, autoincrement: bool = True
) -> None:
    """Drop named checks; in SQLite, by a copy of the table without any."""
    if op.get_bind().dialect.name != "sqlite":
        for name in names:
            op.drop_constraint(name, table, type_="check")
        return
    reflected = sa.Table(
        table,
        sa.MetaData(),
        autoload_with=op.get_bind(),
        listeners=[("column_reflect", _requote)],
        sqlite_autoincrement=autoincrement,
    )
    for constraint in list(reflected.constraints):
        if isinstance(constraint, sa.CheckConstraint):
            reflected.constraints.discard(constraint)
    with op.batch_alter_table(table, recreate="always", copy_from=reflected):
        pass


def _requote(inspector: object, table: object, column: dict[str, Any]) -> None:
    """Put a default into single quotes; in double ones, SQLite takes it as it is.

    It does so in ``DEFAULT "text"``, but not in the ``DEFAULT ("text")`` that Alembic
    writes for it.
    """
    del inspector, table
    default = column.get("default")
    if isinstance(default, str) and default[:1] == default[-1:] == '"':
        text = default[1:-1].replace('""', '"').replace("'", "''")
        column["default"] = f"'{text}'"
