"""Plain data for a NEMO under test; fills in what a test leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, Any]

VIEW_PERMISSIONS: Final = (
    "view_user",
    "view_tool",
    "view_project",
    "view_reservation",
    "view_usageevent",
)
"""What a harvester's account needs, and no more."""

BLANK: Final = object()
"""Answer to a question that was asked and left blank: NEMO stores no `user_input`."""

TABLES: Final = (
    "users",
    "accounts",
    "projects",
    "tools",
    "reservations",
    "usage_events",
    "tokens",
)
"""In the order in which rows can be created."""


def completed(table: str, row: Mapping[str, Any]) -> Row:
    """Return `row` with defaults for what NEMO demands of the table.

    Rows refer to others by primary key or by name (users: by user name).
    """
    return {**_defaults(table, row), **row}


def _defaults(table: str, row: Mapping[str, Any]) -> Row:
    if table == "users":
        name = row["username"]
        return {
            "first_name": name.capitalize(),
            "last_name": "Tester",
            "email": f"{name}@nemo.test",
        }
    if table == "projects":
        return {"account": "Grant 42", "application_identifier": row["name"]}
    if table == "tools":
        return {"_category": "Microscopy", "_location": "Building 1"}
    if table == "reservations":
        return {
            "user": "amaya",
            "creator": row.get("user", "amaya"),
            "short_notice": False,
        }
    if table == "usage_events":
        return {
            "user": "amaya",
            "operator": row.get("user", "amaya"),
            "project": "Alloys",
        }
    return {}


LABORATORY: Final[Mapping[str, list[Row]]] = {
    "users": [
        {"username": "amaya", "first_name": "Amaya", "last_name": "Iturbe"},
        {"username": "bram", "first_name": "Bram", "last_name": "Óskarsson"},
        {"username": "staff", "first_name": "Sam", "last_name": "Keeper"},
    ],
    "accounts": [{"name": "Grant 42"}],
    "projects": [{"name": "Alloys"}, {"name": "Catalysts"}],
    "tools": [{"name": "Titan TEM"}, {"name": "Quanta SEM"}, {"name": "Helios FIB"}],
}
"""People, projects and tools that every server begins with; tools have ids 1, 2, 3."""


def answers(
    *samples: Mapping[str, Any] | None, group: object = None, **inputs: object
) -> dict[str, Any]:
    """Return answers to questions as NEMO stores them.

    Parameters
    ----------
    samples
        Rows of the question ``sample_group``; `None` leaves a gap, as a removed row
        does.
    group
        Verbatim input of ``sample_group`` instead of `samples`.
    inputs
        Answers to other questions by name; `BLANK` for one left blank.
    """
    data = {name: _question(name, value) for name, value in inputs.items()}
    rows = {str(i): dict(row) for i, row in enumerate(samples) if row is not None}
    if samples or group is not None:
        user_input = rows if group is None else group
        data["sample_group"] = _question("sample_group", user_input, kind="group")
    return data


def _question(name: str, value: object, kind: str = "textbox") -> dict[str, Any]:
    asked = {"type": kind, "name": name, "title": name.replace("_", " ").title()}
    return asked if value is BLANK else {**asked, "user_input": value}
