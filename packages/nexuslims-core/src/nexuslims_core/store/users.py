"""Names that users have in other systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select

from nexuslims_core.errors import StoreError
from nexuslims_core.store.tables import EXTERNAL_SYSTEMS, EXTERNAL_USERS
from nexuslims_core.store.timestamps import write
from nexuslims_core.store.values import ExternalUser

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


def external_ids(connection: Connection, username: str) -> Mapping[str, str]:
    """Return the names of a user in other systems, by system."""
    return {
        one.system: one.external_id
        for one in external_users(connection)
        if one.username == username
    }


def external_users(connection: Connection) -> tuple[ExternalUser, ...]:
    """Return all users that have names in other systems, by name."""
    row = EXTERNAL_USERS.c
    columns = row.nexuslims_username, row.external_system, row.external_id
    rows = connection.execute(select(*columns).order_by(*columns))
    return tuple(
        ExternalUser(username=username, system=system, external_id=identifier)
        for username, system, identifier in rows
    )


def set_external_id(connection: Connection, user: ExternalUser, now: datetime) -> None:
    """Note a user's name in another system, in place of an earlier one.

    Raises
    ------
    StoreError
        If the system is unknown, or somebody else has that name there.
    """
    if user.system not in EXTERNAL_SYSTEMS:
        known = ", ".join(EXTERNAL_SYSTEMS)
        msg = f"{user.system!r} is no system that we know; known: {known}"
        raise StoreError(msg)
    for one in external_users(connection):
        taken = (one.system, one.external_id) == (user.system, user.external_id)
        if taken and one.username != user.username:
            msg = f"{user.external_id} in {user.system} is {one.username} already"
            raise StoreError(msg)
    remove_external_id(connection, user.username, user.system)
    connection.execute(
        insert(EXTERNAL_USERS).values(
            nexuslims_username=user.username,
            external_system=user.system,
            external_id=user.external_id,
            created_at=write(now),
        )
    )


def remove_external_id(connection: Connection, username: str, system: str) -> bool:
    """Forget a user's name in another system; return whether there was one."""
    done = connection.execute(
        delete(EXTERNAL_USERS).where(
            EXTERNAL_USERS.c.nexuslims_username == username,
            EXTERNAL_USERS.c.external_system == system,
        )
    )
    return bool(done.rowcount)
