"""The person who did the experiment, as an entity of a crate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nexuslims_core.exporting.names import digest
from nexuslims_core.exporting.text import clean

if TYPE_CHECKING:
    from nexuslims_core.types import ExportContext

_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-?\d{4}-?\d{4}-?\d{3}[\dXx])/?")
_NAME_AND_USER = re.compile(r"(.+) \([^()]*\)")


def orcid_url(text: str | None) -> str | None:
    """Return the address of an ORCID iD; `None` for what is none.

    Its last character is a check digit (ISO 7064, MOD 11-2), so most mistyped ones are
    found out.
    """
    match = _ORCID.fullmatch((text or "").strip())
    if match is None:
        return None
    plain = match[1].replace("-", "").upper()
    total = 0
    for digit in plain[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    if plain[-1] != ("X" if check == 10 else str(check)):  # noqa: PLR2004 - ISO 7064
        return None
    return "https://orcid.org/" + "-".join(plain[i : i + 4] for i in range(0, 16, 4))


def person(context: ExportContext) -> dict[str, Any] | None:
    """Return the entity of the session's user; `None` if nobody is known."""
    user = context.user
    if user is None:
        return _from_record(context)
    name = f"{user.first_name} {user.last_name}".strip() or user.username
    if not name:
        return None
    orcid = orcid_url(context.external_ids.get("orcid"))
    fields = {
        "name": name,
        "givenName": user.first_name,
        "familyName": user.last_name,
        "email": user.email,
        "alternateName": user.username if user.username != name else "",
        "identifier": orcid or "",
    }
    known = {key: clean(value) for key, value in fields.items() if value}
    identifier = orcid or f"#person-{digest(user.username or name)[:12]}"
    return {"@id": identifier, "@type": "Person", **known}


def _from_record(context: ExportContext) -> dict[str, Any] | None:
    """Return the person as the record names it: a name, then the user name."""
    written = clean(context.record.experimenter).strip()
    if not written:
        return None
    match = _NAME_AND_USER.fullmatch(written)
    name = match[1] if match else written
    return {
        "@id": f"#person-{digest(written)[:12]}",
        "@type": "Person",
        "name": name,
    }
