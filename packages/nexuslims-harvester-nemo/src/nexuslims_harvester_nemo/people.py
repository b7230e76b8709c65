"""The people of a NEMO server."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from nexuslims_core.types import Person

if TYPE_CHECKING:
    from nexuslims_harvester_nemo.client import NemoClient

PERSON_FIELDS = ("id", "username", "first_name", "last_name", "email")
"""What is asked of users."""

_AT_ONCE = 100
"""How many identifiers go into one question, so that its address stays short."""


class People:
    """Knows people by what NEMO says in place of a user; remembers them."""

    def __init__(self, client: NemoClient) -> None:
        self._client = client
        self._known: dict[int, Person | None] = {}

    def learn(self, references: Collection[object]) -> None:
        """Make sure that all users referred to are known.

        Servers that expand users into objects are asked nothing; others as little as
        can be.
        """
        numbers = {number for number in map(identifier, references) if number}
        for reference in references:
            if isinstance(reference, Mapping) and (number := identifier(reference)):
                self._known[number] = _person(reference)
        missing = sorted(numbers - self._known.keys())
        for first in range(0, len(missing), _AT_ONCE):
            self._ask(missing[first : first + _AT_ONCE])

    def find(self, reference: object) -> Person | None:
        """Return the person that a row refers to, as an identifier or as an object."""
        if reference is None:
            return None
        self.learn([reference])
        number = identifier(reference)
        return self._known.get(number) if number else None

    def _ask(self, numbers: list[int]) -> None:
        self._known.update(dict.fromkeys(numbers))
        wanted = ",".join(map(str, numbers))
        fields = ",".join(PERSON_FIELDS)
        for row in self._client.rows("users", id__in=wanted, fields=fields):
            if (number := identifier(row)) in numbers:
                self._known[number] = _person(row)


def identifier(reference: object) -> int | None:
    """Return the primary key that a row, or a reference to one, holds."""
    if isinstance(reference, Mapping):
        reference = reference.get("id")
    if isinstance(reference, int) and not isinstance(reference, bool):
        return reference
    return None


def _person(row: Mapping[str, object]) -> Person:
    names = PERSON_FIELDS[1:]
    return Person(**{name: str(row.get(name) or "").strip() for name in names})
