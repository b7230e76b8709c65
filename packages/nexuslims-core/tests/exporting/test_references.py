from __future__ import annotations

from pathlib import Path

import pytest
from nexuslims_core.exporting.references import local_path

ROOT = Path("/root-of-data")


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("/a/b.png", "a/b.png"),
        ("/a%20b/%C3%85.png", "a b/Å.png"),
        ("/100%25.png", "100%.png"),
        ("/%252e%252e/x.png", "%2e%2e/x.png"),
        ("//a/./b.png", "a/b.png"),
    ],
)
def test_a_reference_is_decoded_once(reference, expected):
    assert local_path(ROOT, reference) == ROOT / expected


@pytest.mark.parametrize(
    "reference", ["", "/", "a.png", "/../a", "/a/%2E%2E/b", "/a%2F..%2Fb", "/a%00b"]
)
def test_a_reference_that_leads_elsewhere_is_refused(reference):
    assert local_path(ROOT, reference) is None
