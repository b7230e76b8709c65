"""When an image was acquired, in the many ways files tell it."""

# ruff: noqa: DTZ001 - the clock of an instrument has no zone

from __future__ import annotations

from datetime import UTC, datetime

import pytest

DATE, TIME = "DataBar/Acquisition Date", "DataBar/Acquisition Time"
COUNTER = "DataBar/Acquisition Time (OS)"
NOVEMBER = 1.3218139911986714e17
"""100 ns from 1601 to 2019-11-13T17:31:51Z."""


@pytest.mark.parametrize(
    ("date", "time", "expected"),
    [
        ("11/13/2019", "12:31:51 PM", datetime(2019, 11, 13, 12, 31, 51)),
        ("11/3/2019", "1:05:00 AM", datetime(2019, 11, 3, 1, 5)),
        ("27/08/2016", "20:52:30", datetime(2016, 8, 27, 20, 52, 30)),
        ("04/11/2020", "14:41:01", datetime(2020, 11, 4, 14, 41, 1)),
        ("13.11.2019", "12:31:51", datetime(2019, 11, 13, 12, 31, 51)),
        ("2019-11-13", "12:31:51", datetime(2019, 11, 13, 12, 31, 51)),
        ("2019/11/13", "12:31:51", datetime(2019, 11, 13, 12, 31, 51)),
        ("13-11-2019", "12:31", datetime(2019, 11, 13, 12, 31)),
    ],
)
def test_the_bar_below_an_image_has_date_and_time(extract, date, time, expected):
    assert extract({DATE: date, TIME: time}).creation_time == expected


@pytest.mark.parametrize("group", ["SI", "EELS", "EDS", "CL"])
def test_an_acquisition_has_its_start(extract, group):
    tags = {
        f"{group}/Acquisition/Date": "5/21/2019",
        f"{group}/Acquisition/Start time": "3:49:18 PM",
        DATE: "5/21/2019",
        TIME: "4:00:00 PM",
    }
    assert extract(tags).creation_time == datetime(2019, 5, 21, 15, 49, 18)


def test_light_was_counted_from_a_time_on(extract):
    tags = {"CL/Acquisition/Acquisition begin": "27/10/2020 13:34:29 "}
    assert extract(tags).creation_time == datetime(2020, 10, 27, 13, 34, 29)


def test_a_counter_tells_day_from_month(extract):
    # 2020-04-11, though the clock has 24 hours.
    tags = {DATE: "04/11/2020", TIME: "14:41:01", COUNTER: 1.3231091326e17}
    assert extract(tags).creation_time == datetime(2020, 4, 11, 14, 41, 1)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({COUNTER: NOVEMBER}, datetime(2019, 11, 13, 17, 31, 51)),
        ({COUNTER: 132181399119867140}, datetime(2019, 11, 13, 17, 31, 51)),
        ({"DataBar/System Info": NOVEMBER}, datetime(2019, 11, 13, 17, 31, 51)),
        (
            {
                "Acquisition/Frame/Sequence/Acquisition Start Time (epoch)": (
                    1553279962296.0
                )
            },
            datetime(2019, 3, 22, 18, 39, 22),
        ),
    ],
)
def test_counters_are_read_where_no_clock_is(extract, tags, expected):
    found = extract(tags).creation_time
    assert found.replace(microsecond=0) == expected.replace(tzinfo=UTC)


def test_a_scan_has_a_stamp(extract):
    found = extract({"DigiScan/TimeStamp": "Wed Nov 13 12:29:20 2019\u2028"})
    assert found.creation_time == datetime(2019, 11, 13, 12, 29, 20)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {DATE: "11/13/2019"},
        {TIME: "12:31:51 PM"},
        {DATE: "yesterday", TIME: "12:31:51 PM"},
        {DATE: "11/13/2019", TIME: "noon"},
        {DATE: "1/1/1601", TIME: "0:00:00"},
        {COUNTER: 0.0},
        {COUNTER: 1e300},
        {COUNTER: float("nan")},
        {COUNTER: -1.0},
        {COUNTER: "soon"},
        {"DigiScan/TimeStamp": "Wed"},
    ],
    ids=repr,
)
def test_what_is_no_time_is_none(extract, tags):
    assert extract(tags).creation_time is None
