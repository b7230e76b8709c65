from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from nexuslims_core.errors import ConfigurationError
from nexuslims_core.record.paths import location, mirror, numbered, signal_paths

ROOT = Path("/mnt/data")


def test_the_mirror_keeps_the_relative_path():
    file = ROOT / "Titan" / "a.dm3"
    assert mirror(file, ROOT, Path("/srv/nx")) == Path("/srv/nx/Titan/a.dm3")


def test_a_root_that_occurs_twice_in_a_path_is_removed_once():
    file = Path("/mnt/data/mnt/data/a.dm3")
    assert mirror(file, ROOT, Path("/srv")) == Path("/srv/mnt/data/a.dm3")
    assert location(file, ROOT) == "/mnt/data/a.dm3"


@pytest.mark.parametrize(
    "path", ["/mnt/data2/a.dm3", "/etc/passwd", "/mnt/data/../x", "/mnt/data", "a.dm3"]
)
def test_files_outside_of_the_root_are_refused(path):
    with pytest.raises(ConfigurationError, match="is not below"):
        mirror(Path(path), ROOT, Path("/srv"))
    with pytest.raises(ConfigurationError, match="is not below"):
        location(Path(path), ROOT)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a b.dm3", "/a%20b.dm3"),
        ("a & b <1> 'x' \"y\" %41 #1?.tif", None),
        ("µ-é-\U0001f52c.dm3", "/%C2%B5-%C3%A9-%F0%9F%94%AC.dm3"),
        ("sub/deeper/a_b-c.~1.dm3", "/sub/deeper/a_b-c.~1.dm3"),
        ("line\nbreak.dm3", "/line%0Abreak.dm3"),
    ],
)
def test_locations_are_percent_encoded(name, expected):
    found = location(ROOT / name, ROOT)
    everything = "/a%20%26%20b%20%3C1%3E%20%27x%27%20%22y%22%20%2541%20%231%3F.tif"
    assert found == (expected or everything)


@pytest.mark.skipif(sys.platform == "win32", reason="names are text there")
def test_names_that_are_no_valid_text_have_locations_too():
    file = ROOT / os.fsdecode(b"caf\xe9.dm3")
    assert location(file, ROOT) == "/caf%E9.dm3"
    with pytest.raises(ConfigurationError):
        location(file, Path("/elsewhere"))


def test_a_signal_alone_has_plain_names():
    (only,) = signal_paths(Path("/srv/a.dm3"), 1)
    assert only.sidecar == Path("/srv/a.dm3.json")
    assert only.preview == Path("/srv/a.dm3.thumb.png")


def test_several_signals_are_numbered_from_zero():
    first, second = signal_paths(Path("/srv/a.dm3"), 2)
    assert first.sidecar == Path("/srv/a.dm3_signal0.json")
    assert second.preview == Path("/srv/a.dm3_signal1.thumb.png")
    assert numbered(Path("/srv/a.dm3"), 1) == second
