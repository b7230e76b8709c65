from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nexuslims_core.errors import NoConsentError, NoReservationError
from nexuslims_harvester_nemo.consent import Consent, Evidence, consent_in, decide
from nexuslims_harvester_nemo.questions import parsed

ASKED = {"type": "radio", "name": "data_consent", "title": "Consent"}
STORED = {
    "yes": json.dumps({"data_consent": {**ASKED, "user_input": "Agree"}}),
    "no": json.dumps({"data_consent": {**ASKED, "user_input": "Disagree"}}),
    "blank": json.dumps({"data_consent": ASKED}),
    "absent": json.dumps({"experiment_title": {"user_input": "Twins"}}),
    "broken": '{"data_consent": {"user_input": "Agree"',
    "list": json.dumps([{"data_consent": {"user_input": "Agree"}}]),
}
STATES = tuple(STORED)
COMBINATIONS = tuple(itertools.product(STATES, STATES, (*STATES, None)))
TIERS = ("run_data", "pre_run_data", "reservation")


def evidence(*states):
    """Yield evidence of the tiers; None stands for no reservation at all."""
    for tier, state in zip(TIERS, states, strict=True):
        if state is not None:
            yield Evidence(tier=tier, answers=parsed(STORED[state]), origin=state)


def outcome(states, **options):
    try:
        return decide(evidence(*states), **options).tier
    except (NoConsentError, NoReservationError) as error:
        return type(error)


@pytest.mark.parametrize("states", COMBINATIONS)
def test_the_first_plain_word_counts(states):
    spoken = [
        (tier, s) for tier, s in zip(TIERS, states, strict=True) if s in ("yes", "no")
    ]
    silent = NoReservationError if states[2] is None else NoConsentError
    tier, word = spoken[0] if spoken else (None, None)

    expected = {"yes": tier, "no": NoConsentError, None: silent}[word]

    assert outcome(states) == expected


@pytest.mark.parametrize("states", COMBINATIONS)
def test_a_refusal_falls_through_only_to_consent(states):
    agreed = [tier for tier, s in zip(TIERS, states, strict=True) if s == "yes"]
    nobody_asked = "no" not in states and states[2] is None
    silent = NoReservationError if nobody_asked else NoConsentError

    expected = agreed[0] if agreed else silent

    assert outcome(states, refusal_falls_through=True) == expected


def test_a_reservation_is_not_looked_for_after_plain_words():
    def tiers():
        yield Evidence(tier="run_data", answers=parsed(STORED["yes"]), origin=None)
        raise AssertionError

    assert decide(tiers()).tier == "run_data"


@pytest.mark.parametrize(
    "value",
    ["Agree", "agree", "Yes", "I consent", "1", True, 1, 2.5, ["Agree"], ["", "Agree"]],
)
def test_what_is_not_refusal_is_consent(value):
    assert consent_in({"data_consent": {"user_input": value}}) is Consent.GIVEN


@pytest.mark.parametrize(
    "value",
    [
        "disagree",
        "Disagree",
        " DISAGREE\r\n",
        "no",
        "No ",
        "FALSE",
        "negative",
        False,
        0,
        0.0,
        ["Disagree"],
        ["Agree", "No"],
    ],
)
def test_refusals_are_understood_however_they_are_written(value):
    assert consent_in({"data_consent": {"user_input": value}}) is Consent.REFUSED


@pytest.mark.parametrize(
    "value", [None, "", "  \r\n", [], [""], {}, {"0": "Agree"}, [[]], float("nan")]
)
def test_what_says_nothing_is_no_consent(value):
    assert consent_in({"data_consent": {"user_input": value}}) is Consent.UNKNOWN


@pytest.mark.parametrize("asked", [None, "Agree", ["Agree"], True, {}])
def test_an_answer_without_its_question_is_no_consent(asked):
    assert consent_in({"data_consent": asked}) is Consent.UNKNOWN


def test_a_facilitys_own_refusals_replace_the_usual_ones():
    refused = {"data_consent": {"user_input": "Nein"}}

    assert consent_in(refused, frozenset({"nein"})) is Consent.REFUSED
    assert consent_in(refused) is Consent.GIVEN


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_any_stored_answer_can_be_judged(value):
    stored = parsed(json.dumps({"data_consent": {"user_input": value}}))

    assert consent_in(stored) in Consent
