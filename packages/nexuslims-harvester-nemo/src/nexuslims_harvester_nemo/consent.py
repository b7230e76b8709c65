"""Whether a user consents to a record, and which answers describe the session."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Generic, Literal, TypeVar

from nexuslims_core.errors import NoConsentError, NoReservationError

DEFAULT_REFUSALS: Final = frozenset({"disagree", "no", "false", "negative"})

Tier = Literal["run_data", "pre_run_data", "reservation"]
Origin = TypeVar("Origin", covariant=True)  # noqa: PLC0105 - a short word reads better


class Consent(Enum):
    """What one set of answers says about consent."""

    UNKNOWN = "unknown"
    """There are no answers, or consent was not asked, or left blank."""
    GIVEN = "given"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Evidence(Generic[Origin]):
    """Answers, and the usage event or reservation that they were given for."""

    tier: Tier
    answers: Mapping[str, Any] | None
    origin: Origin


def decide(
    evidence: Iterable[Evidence[Origin]],
    *,
    refusals: frozenset[str] = DEFAULT_REFUSALS,
    refusal_falls_through: bool = False,
) -> Evidence[Origin]:
    """Return the first evidence of consent.

    Parameters
    ----------
    evidence
        In order of weight; looked at only as far as needed. That of a reservation is
        among it only if there is a reservation.
    refusals
        Answers that refuse, folded; every other answer gives consent.
    refusal_falls_through
        Whether to look on after a refusal.

    Raises
    ------
    NoConsentError
        If consent was refused, or there is a reservation and nobody gave consent.
    NoReservationError
        If nobody was asked and there is no reservation.
    """
    refused: Tier | None = None
    tiers: list[Tier] = []
    for each in evidence:
        tiers.append(each.tier)
        consent = consent_in(each.answers, refusals)
        if consent is Consent.GIVEN:
            return each
        if consent is Consent.REFUSED:
            refused = refused or each.tier
            if not refusal_falls_through:
                break
    raise _missing(refused, tiers)


def consent_in(
    answers: Mapping[str, Any] | None, refusals: frozenset[str] = DEFAULT_REFUSALS
) -> Consent:
    """Return what `answers`, as NEMO stores them, say about consent."""
    asked = (answers or {}).get("data_consent")
    if not isinstance(asked, Mapping):
        return Consent.UNKNOWN
    return _judge(asked.get("user_input"), refusals)


def _missing(refused: Tier | None, tiers: list[Tier]) -> Exception:
    if refused:
        return NoConsentError(f"the user refused consent in the answers of {refused}")
    if "reservation" in tiers:
        return NoConsentError(
            "nobody consented: neither the usage event nor its reservation has an "
            "answer to the question data_consent"
        )
    return NoReservationError(
        "the usage event has no answer to the question data_consent, and no "
        "reservation of the tool overlaps the session"
    )


def _judge(value: object, refusals: frozenset[str]) -> Consent:
    if isinstance(value, str):
        return _judge_text(value.strip().casefold(), refusals)
    if isinstance(value, int | float):
        if math.isnan(value):
            return Consent.UNKNOWN
        return Consent.GIVEN if value else Consent.REFUSED
    if isinstance(value, list):
        return _judge_choices([_judge(each, refusals) for each in value])
    return Consent.UNKNOWN


def _judge_text(word: str, refusals: frozenset[str]) -> Consent:
    if not word:
        return Consent.UNKNOWN
    return Consent.REFUSED if word in refusals else Consent.GIVEN


def _judge_choices(choices: list[Consent]) -> Consent:
    """Judge several boxes: one that refuses outweighs the others."""
    for verdict in (Consent.REFUSED, Consent.GIVEN):
        if verdict in choices:
            return verdict
    return Consent.UNKNOWN
