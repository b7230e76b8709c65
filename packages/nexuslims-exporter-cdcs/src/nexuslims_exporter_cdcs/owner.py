"""Giving records to the people whose sessions they describe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core.errors import ExportError

if TYPE_CHECKING:
    from nexuslims_core.types import Person

    from nexuslims_exporter_cdcs.answers import StoredRecord, User
    from nexuslims_exporter_cdcs.client import CdcsClient

__all__ = ["account_of", "hand_over"]


def hand_over(client: CdcsClient, record: StoredRecord, person: Person) -> None:
    """Make `person` the owner of `record`; creates an account for people without one.

    Raises
    ------
    ExportError
        If the repository refuses: the record stays with its owner.
    """
    user = account_of(client.users(), person) or _new_account(client, person)
    if str(user.id) != str(record.user_id):
        client.change_owner(record, user)


def account_of(users: list[User], person: Person) -> User | None:
    """Return the account with the user name, else with the e-mail address, or `None`.

    User names are told apart by case only where two differ in nothing else.
    """
    username, email = person.username, person.email.strip().casefold()
    exact = [user for user in users if user.username == username]
    alike = [user for user in users if user.username.casefold() == username.casefold()]
    mailed = [
        user for user in users if email and (user.email or "").casefold() == email
    ]
    return next(iter([*exact, *alike, *mailed]), None)


def _new_account(client: CdcsClient, person: Person) -> User:
    try:
        return client.create_user(person)
    except ExportError:
        # Another runner, or a request whose answer was lost, may have made it.
        made = account_of(client.users(), person)
        if made is None:
            raise
        return made
