from __future__ import annotations

from dataclasses import replace

import pytest
from nexuslims_core.extraction import read

PROFILE = """
@hookimpl
def nexuslims_extractors():
    yield acme(
        "acme",
        lambda file: one(
            file,
            fields={{"operator": "user"}},
            extensions={{"Facility": "unknown", "Kept": 1}},
            raw={{"Tags": {{"a": 1}}, "Other": 2}},
        ),
    )

def boom(value):
    raise ZeroDivisionError("in the profile")

def add(key):
    def step(dataset):
        known = dict(dataset.extensions)
        known["Order"] = known.get("Order", "") + key
        return replace(dataset, extensions=known)
    return step

@hookimpl
def nexuslims_instrument_profiles():
    {profiles}
"""


@pytest.fixture
def meta(file, manager_of):
    """Return a function that reads the file with profiles, and gives the signal."""

    def read_with(*profiles, instrument=file.instrument):
        lines = "; ".join(f"yield InstrumentProfile({one})" for one in profiles)
        manager = manager_of(PROFILE.format(profiles=lines))
        [signal] = read(replace(file, instrument=instrument), manager).signals
        return signal.metadata

    return read_with


def test_steps_run_in_order_parsers_first_and_fields_last(meta):
    found = meta(
        "name='ours', instrument_id='SEM-1',"
        "parsers={'one': add('1'), 'two': add('2')},"
        "transformations={'Tags': lambda tags: {**tags, 'b': 2}},"
        "extension_fields={'Facility': 'Nexus'}"
    )

    assert found.nx_meta["extensions"]["Order"] == "12"
    assert found.nx_meta["extensions"]["Facility"] == "Nexus"
    assert found.nx_meta["extensions"]["Kept"] == 1
    assert found.raw == {"Tags": {"a": 1, "b": 2}, "Other": 2}
    assert found.notes == ()


def test_profiles_of_one_instrument_run_by_name(meta):
    found = meta(
        "name='b', instrument_id='SEM-1', parsers={'x': add('b')}",
        "name='a', instrument_id='SEM-1', parsers={'x': add('a')}",
    )

    assert found.nx_meta["extensions"]["Order"] == "ab"


def test_profiles_of_other_instruments_do_nothing(meta):
    found = meta("name='ours', instrument_id='TEM-1', parsers={'x': add('1')}")

    assert "Order" not in found.nx_meta["extensions"]


def test_files_of_no_instrument_have_no_profile(meta):
    found = meta(
        "name='ours', instrument_id='SEM-1', parsers={'x': add('1')}", instrument=None
    )

    assert "Order" not in found.nx_meta["extensions"]


@pytest.mark.parametrize(
    ("step", "name", "reason"),
    [
        ("parsers={'x': boom}", "x", "ZeroDivisionError: in the profile"),
        (
            "transformations={'Tags': boom}",
            "Tags",
            "ZeroDivisionError: in the profile",
        ),
        (
            "parsers={'x': lambda dataset: None}",
            "x",
            "ExtractionError: returned NoneType, expected Dataset",
        ),
        (
            "parsers={'x': lambda dataset: replace(dataset, extensions=None)}",
            "x",
            "ExtractionError: extensions of a dataset is NoneType, expected a mapping",
        ),
        (
            "parsers={'x': lambda dataset: exit(0)}",
            "x",
            "it called sys.exit(0)",
        ),
    ],
)
def test_a_step_that_fails_is_skipped_and_said(meta, step, name, reason):
    found = meta(
        f"name='ours', instrument_id='SEM-1', {step}",
        "name='zeta', instrument_id='SEM-1', parsers={'last': add('z')}",
    )

    assert found.notes == (f"profile ours, step {name} failed: {reason}",)
    assert found.nx_meta["extensions"]["Order"] == "z"
    assert found.raw == {"Tags": {"a": 1}, "Other": 2}


def test_a_transformation_of_a_group_that_is_not_there_does_nothing(meta):
    found = meta(
        "name='ours', instrument_id='SEM-1', transformations={'Missing': boom}"
    )

    assert found.notes == ()


def test_profiles_apply_to_what_the_fallback_found(file, manager_of):
    manager = manager_of(
        """
        @hookimpl
        def nexuslims_instrument_profiles():
            yield InstrumentProfile(
                name="ours", instrument_id="SEM-1", extension_fields={"Facility": "N"}
            )
        """
    )

    [signal] = read(file, manager).signals

    assert signal.metadata.nx_meta["extensions"]["Facility"] == "N"
