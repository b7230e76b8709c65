from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nexuslims_core.model.facility import Instrument
from nexuslims_core.model.files import DataFile
from nexuslims_core.model.metadata import flatten
from nexuslims_core.types import quantity


def test_fields_are_stored_in_their_preferred_unit(checked):
    fields = {
        "acceleration_voltage": quantity(15000, "V"),
        "horizontal_field_width": "4.14e-05 m",
        "magnification": quantity(5, "kX"),
        "stage_position": {"x": quantity(0.001, "m"), "tilt_alpha": "0.5 rad"},
        "data_dimensions": (np.int64(1024), 943),
        "detector_type": "ETD",
    }
    nx_meta = checked(fields=fields).nx_meta
    assert nx_meta["acceleration_voltage"] == {"value": 15.0, "unit": "kilovolt"}
    assert nx_meta["horizontal_field_width"] == {"value": 41.4, "unit": "micrometer"}
    assert nx_meta["magnification"] == 5000.0
    assert nx_meta["stage_position"]["x"] == {"value": 1000.0, "unit": "micrometer"}
    assert nx_meta["Data Dimensions"] == "(1024, 943)"
    assert nx_meta["detector_type"] == "ETD"


def test_the_head_has_the_names_that_repositories_look_for(checked):
    metadata = checked()
    assert metadata.nx_meta["Data Type"] == metadata.data_type == "SEM_Imaging"
    assert metadata.nx_meta["DatasetType"] == metadata.dataset_type == "Image"
    assert metadata.nx_meta["Instrument ID"] == "SEM-1"
    assert metadata.nx_meta["NexusLIMS Extraction"] == {
        "Date": "2024-03-02T00:00:00+00:00",
        "Module": "acme",
        "Version": "1.2",
    }
    assert next(iter(metadata.as_json())) == "nx_meta"


def test_an_unknown_instrument_is_left_out(checked):
    file = DataFile(path=Path("/data/a.tif"), size=1, mtime_ns=0)
    assert "Instrument ID" not in checked(file=file).nx_meta


def test_a_healthy_dataset_has_no_warnings(checked):
    metadata = checked(fields={"dwell_time": "1 µs"})
    assert metadata.notes == ()
    assert metadata.nx_meta["warnings"] == []


@pytest.mark.parametrize(
    ("name", "value", "shown", "stored"),
    [
        ("working_distance", "5 V", "Working Distance", "5 V"),
        ("beam_current", float("nan"), "Beam Current", "NaN"),
        ("dwell_time", quantity("nan", "s"), "Pixel Dwell Time", None),
        ("acceleration_voltage", 15, "Acceleration Voltage", 15),
        ("elements", ["Fe", {}], "elements", ["Fe", {}]),
        ("detector_type", ["ETD"], "Detector", ["ETD"]),
        ("stage_position", "here", "Stage Position", "here"),
        ("scan_rotation", np.zeros(2), "Scan Rotation", [0.0, 0.0]),
    ],
)
def test_a_field_that_does_not_fit_is_kept_with_a_note(
    checked, name, value, shown, stored
):
    metadata = checked(dataset_type="SpectrumImage", fields={name: value})
    assert name not in metadata.nx_meta
    kept = metadata.nx_meta["extensions"][shown]
    assert kept == (stored or {"value": "NaN", "unit": "second"})
    assert [name in note for note in metadata.notes] == [True]
    assert [shown] in metadata.nx_meta["warnings"]
    details = metadata.nx_meta["NexusLIMS Extraction"]
    assert details["Extractor Warnings"] == list(metadata.notes)


def test_an_unknown_field_is_kept_but_not_called_doubtful(checked):
    metadata = checked(fields={"spot_size": 3})
    assert metadata.nx_meta["extensions"]["Spot Size"] == 3
    assert "spot_size" in metadata.notes[0]
    assert metadata.nx_meta["warnings"] == []


def test_a_field_of_another_type_of_dataset_is_kept_and_normalised(checked):
    metadata = checked(dataset_type="Image", fields={"live_time": "1500 ms"})
    assert metadata.nx_meta["extensions"]["Live Time"] == {
        "value": 1.5,
        "unit": "second",
    }
    assert metadata.notes == ()


def test_one_bad_axis_costs_only_that_axis_of_the_stage(checked):
    metadata = checked(fields={"stage_position": {"x": "1 mm", "y": "off"}})
    assert set(metadata.nx_meta["stage_position"]) == {"x"}
    assert metadata.nx_meta["extensions"]["Stage Position"] == {"y": "off"}
    lines = {line.name: line for line in flatten(metadata.nx_meta)}
    assert lines["Stage Position – y"].warning
    assert not lines["Stage Position – x"].warning


def test_a_field_that_does_not_fit_replaces_no_extension(checked):
    metadata = checked(
        fields={"dwell_time": "5 V"}, extensions={"Pixel Dwell Time": "slow"}
    )
    assert metadata.nx_meta["extensions"]["Pixel Dwell Time"] == "slow"
    assert metadata.nx_meta["extensions"]["Pixel Dwell Time (unusable)"] == "5 V"


@pytest.mark.parametrize("name", ["warnings", "extensions", "creation_time"])
def test_fields_cannot_displace_what_is_not_theirs(checked, name):
    metadata = checked(fields={name: "surprise"})
    assert metadata.nx_meta["warnings"] == []
    assert metadata.nx_meta["Creation Time"].startswith("2024-03-01")
    assert "surprise" in metadata.nx_meta["extensions"].values()


@pytest.mark.parametrize("value", [None, "", "   "])
def test_empty_fields_are_left_out_silently(checked, value):
    metadata = checked(fields={"dwell_time": value, "detector_type": value})
    assert metadata.notes == ()
    assert not {"dwell_time", "detector_type"} & set(metadata.nx_meta)


@pytest.mark.parametrize(
    ("given_time", "expected"),
    [
        (datetime(2024, 7, 1, 12), "2024-07-01T12:00:00-04:00"),  # noqa: DTZ001
        (datetime(2024, 7, 1, 12, tzinfo=UTC), "2024-07-01T12:00:00+00:00"),
        ("2024-01-01T12:00:00", "2024-01-01T12:00:00-05:00"),
        (
            datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=5.5))),
            "2024-01-01T00:00:00+05:30",
        ),
    ],
)
def test_the_file_s_own_time_is_the_creation_time(checked, given_time, expected):
    nx_meta = checked(creation_time=given_time).nx_meta
    assert nx_meta["Creation Time"] == expected
    assert nx_meta["extensions"]["Creation Time Source"] == "file metadata"


def test_without_one_the_modification_time_is_in_the_instrument_s_zone(checked):
    nx_meta = checked().nx_meta
    assert nx_meta["Creation Time"] == "2024-03-01T07:00:00-05:00"
    assert nx_meta["extensions"]["Creation Time Source"] == "file modification time"


@pytest.mark.parametrize("given_time", ["yesterday", 5, object()])
def test_a_time_that_is_none_is_noted(checked, given_time):
    metadata = checked(creation_time=given_time)
    assert metadata.nx_meta["Creation Time"] == "2024-03-01T07:00:00-05:00"
    assert "no usable time" in metadata.notes[0]


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../etc", "America"])
def test_an_unusable_time_zone_is_noted(checked, zone):
    nowhere = Instrument(
        pid="X", display_name="X", location="", filestore_path="", timezone=zone
    )
    file = DataFile(path=Path("a"), size=1, mtime_ns=0, instrument=nowhere)
    metadata = checked(file=file)
    assert any("Time zone" in note for note in metadata.notes)
    assert datetime.fromisoformat(metadata.nx_meta["Creation Time"]).timestamp() == 0


def test_an_impossible_modification_time_is_noted(checked):
    file = DataFile(path=Path("a"), size=1, mtime_ns=10**30)
    metadata = checked(file=file)
    assert any("Modification time" in note for note in metadata.notes)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"dataset_type": "Hologram"}, ("Unknown", "SEM_Imaging")),
        ({"dataset_type": None}, ("Unknown", "SEM_Imaging")),
        ({"dataset_type": "Misc", "data_type": ""}, ("Misc", "Miscellaneous")),
        ({"dataset_type": "Unknown", "data_type": None}, ("Unknown", "Unknown")),
    ],
)
def test_types_that_nobody_knows_do_not_stop_a_dataset(checked, parts, expected):
    metadata = checked(**parts)
    assert (metadata.dataset_type, metadata.data_type) == expected


def test_raw_groups_cannot_displace_ours(checked):
    raw = {"nx_meta": 1, "nexuslims_source": 2, "ImageList": {"0": np.void(b"\0")}}
    found = checked(raw=raw).as_json()
    assert found["nx_meta"]["DatasetType"] == "Image"
    assert found["nx_meta (raw)"] == 1
    assert found["nexuslims_source (raw)"] == 2
    assert found["ImageList"] == {"0": "AA=="}


def test_flags_are_paths(checked):
    flagged = (("Operator",), ("EDS", "Live time"), "Detector")
    assert checked(flagged=flagged).nx_meta["warnings"] == [
        ["Operator"],
        ["EDS", "Live time"],
        ["Detector"],
    ]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=8)
    | st.sampled_from(["5 V", "1 m", "nan m", "3 kX", "1e400 V", "2 deg"])
    | st.builds(quantity, st.floats(), st.sampled_from(["V", "m", "deg", "degC", ""])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "unit", "units", "x", "tilt_alpha"]) | st.text(),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
names = st.sampled_from(
    [
        "acceleration_voltage",
        "dwell_time",
        "elements",
        "magnification",
        "stage_position",
        "Data Dimensions",
        "instrument_id",
        "Creation Time",
        "detector_type",
        "extensions",
    ]
) | st.text(max_size=12)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    fields=st.dictionaries(names, anything, max_size=6),
    extensions=st.dictionaries(names, anything, max_size=6),
    kind=st.sampled_from(["Image", "SpectrumImage", "Diffraction", "Misc", "?"]),
    time=st.none() | st.datetimes() | anything,
    flagged=st.lists(st.lists(st.text(max_size=5), max_size=3).map(tuple), max_size=3),
)
def test_nothing_that_an_extractor_finds_raises(
    checked, *, fields, extensions, kind, time, flagged
):
    metadata = checked(
        fields=fields,
        extensions=extensions,
        raw=extensions,
        dataset_type=kind,
        creation_time=time,
        flagged=tuple(flagged),
    )
    text = json.dumps(metadata.as_json(), allow_nan=False, ensure_ascii=False)
    stored = json.loads(text.encode())["nx_meta"]
    assert datetime.fromisoformat(stored["Creation Time"]).tzinfo
    assert flatten(stored) == flatten(metadata.nx_meta)
