"""Who consented where decides what becomes of a session, in every combination."""

from __future__ import annotations

import itertools
import json
import os
from datetime import timedelta

import pytest
from nexuslims_core.record import from_xml
from nexuslims_testing.servers.nemo_data import BLANK, answers

pytestmark = [pytest.mark.live, pytest.mark.slow]

IN_EVENT = ("yes", "no", "blank", "absent", "broken", "list", "nothing")
IN_RESERVATION = ("yes", "no", "blank", "absent", "unreserved")
TOOLS = ("Titan TEM", "Quanta SEM", "Helios FIB")
HALF_HOUR = timedelta(minutes=30)

COMBINATIONS = tuple(itertools.product(IN_EVENT, IN_EVENT, IN_RESERVATION))


def answer(kind: str, title: str) -> object:
    """Return what NEMO stores for a kind of answer."""
    return {
        "yes": answers(data_consent="Agree", experiment_title=title),
        "no": answers(data_consent="Disagree", experiment_title=title),
        "blank": answers(data_consent=BLANK, experiment_title=title),
        "absent": answers(experiment_title=title),
        "broken": '{"data_consent": {"user_input": "Agr',
        "list": json.dumps([{"data_consent": "Agree"}]),
        "nothing": "",
    }[kind]


def expected(run: str, before: str, reservation: str) -> str:
    """Return the status of a session, by the rules as a facility states them."""
    for kind in (run, before):
        if kind == "yes":
            return "COMPLETED"
        if kind == "no":
            return "NO_CONSENT"
    if reservation == "unreserved":
        return "NO_RESERVATION"
    return "COMPLETED" if reservation == "yes" else "NO_CONSENT"


@pytest.fixture
def surveyed(make_facility, nemo, connect_nemo, connect_cdcs, yesterday, write_image):
    """One session with one file for every combination of answers."""
    facility = make_facility(NX_HARVEST_DAYS=30)
    connect_nemo(facility, nemo)
    connect_cdcs(facility)
    folders = {
        name: facility.add_instrument(
            name.replace(" ", "-"), harvester="nemo", api_url=f"{nemo.url}tools/?id={n}"
        )
        for n, name in enumerate(TOOLS, start=1)
    }
    events, reservations = [], []
    template = write_image(facility.folder / "template.tif", yesterday).read_bytes()
    for number, (run, before, reservation) in enumerate(COMBINATIONS):
        tool = TOOLS[number % len(TOOLS)]
        # An hour for each, so that no reservation touches a neighbour's session.
        start = yesterday - timedelta(hours=1 + number // len(TOOLS))
        span = {"tool": tool, "start": start, "end": start + HALF_HOUR}
        title = f"case {number}"
        events.append(
            {
                **span,
                "run_data": answer(run, title),
                "pre_run_data": answer(before, title),
            }
        )
        if reservation != "unreserved":
            reservations.append({**span, "question_data": answer(reservation, title)})
        image = folders[tool] / f"{number}.tif"
        image.write_bytes(template)
        moment = (start + HALF_HOUR / 2).timestamp()
        os.utime(image, (moment, moment))
    seeded = nemo.seed(usage_events=events, reservations=reservations)
    identifiers = [
        f"{nemo.url}usage_events/?id={one}" for one in seeded["usage_events"]
    ]
    return facility, dict(zip(identifiers, COMBINATIONS, strict=True))


def test_every_combination_of_answers_ends_as_the_rules_say(
    surveyed, cdcs_server, catalogue_of
):
    facility, combinations = surveyed

    facility.build()

    found = facility.statuses()
    wanted = {one: expected(*kinds) for one, kinds in combinations.items()}
    assert {combinations[one]: found.get(one) for one in combinations} == {
        combinations[one]: wanted[one] for one in combinations
    }
    consented = sorted(
        f"case {number}"
        for number, kinds in enumerate(combinations.values())
        if expected(*kinds) == "COMPLETED"
    )
    records = [from_xml(one.xml.encode()) for one in cdcs_server.records()]
    assert sorted(one.title for one in records) == consented
    assert sorted(catalogue_of(facility).titles()) == consented
    side_cars = {path.name for path in facility.data_path.rglob("*.tif.json")}
    assert len(side_cars) == len(consented), "files were read without consent"
