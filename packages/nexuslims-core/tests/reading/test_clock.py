from __future__ import annotations

from datetime import UTC, datetime

import pytest
from nexuslims_core.reading.clock import iso_time, local_time, tiff_time

LATEST = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3/4/2024 2:05:06 PM", "2024-03-04T14:05:06"),
        ("4.3.2024 14:05:06", "2024-03-04T14:05:06"),
        ("2024-03-04 14:05", "2024-03-04T14:05:00"),
        ("13/4/2024 12:00:00 AM", "2024-04-13T00:00:00"),
        ("03/04/98 1:00:00", "1998-03-04T01:00:00"),
        # The tenth of December would be in the future of the file.
        ("12/10/2023 8:00:00", "2023-12-10T08:00:00"),
        ("12/1/2024 8:00:00", "2024-01-12T08:00:00"),
    ],
)
def test_local_times_are_read_in_the_order_that_was_meant(text, expected):
    assert local_time(text, LATEST).isoformat() == expected


@pytest.mark.parametrize("text", ["", "yesterday", "31/31/2024 1:00", "1/2/2024 25:00"])
def test_what_is_no_time_is_none(text):
    assert local_time(text, LATEST) is None


def test_iso_times_keep_their_zone():
    assert iso_time(" 2024-03-04T14:05:06+01:00 ").utcoffset().seconds == 3600
    assert iso_time("no time") is None


def test_times_of_tiff_tags_have_no_zone():
    assert tiff_time("2024:03:04 14:05:06\0").isoformat() == "2024-03-04T14:05:06"


@pytest.mark.parametrize("text", ["", "2024:03:04", "    :  :     :  :  ", "yesterday"])
def test_what_is_no_time_of_a_tiff_is_none(text):
    assert tiff_time(text) is None
