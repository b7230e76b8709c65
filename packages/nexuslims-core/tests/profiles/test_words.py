from __future__ import annotations

from pathlib import Path

import pytest
from nexuslims_core.profiles.words import path_words
from nexuslims_core.types import DataFile

DIFFRACTION = {"diff", "saed", "dp"}


def words(path, root=None):
    return path_words(DataFile(path=Path(path), size=0, mtime_ns=0), root)


@pytest.mark.parametrize(
    "name",
    [
        "DP_01",
        "DP01",
        "dp",
        "SAED-2",
        "SAED2",
        "my diff 3",
        "Diff",
        "DIFF (2)",
        "grain.saed",
        "grainDiff",
        "SAEDPattern",
        "2023-01-05_SAED",
        "Körnung_Diff",
    ],
)
def test_whole_words_are_found_in_names(name):
    assert words(f"/data/session/{name}.dm3") & DIFFRACTION
    assert words(f"/data/{name}/image 1.dm3") & DIFFRACTION


@pytest.mark.parametrize(
    "name",
    [
        "different",
        "udp",
        "UDP",
        "diffuse",
        "KDP",
        "DPs",
        "DPC",
        "DPCs",
        "DifferentGrain",
        "",
    ],
)
def test_parts_of_words_are_not(name):
    assert not words(f"/data/{name}/{name} image.dm3") & DIFFRACTION


def test_words_are_in_lower_case_whole_and_in_parts():
    assert words("/x/My C2-Lens/4D_stem.dm4") == {
        *("my", "c2", "c", "2", "lens"),
        *("4d", "4", "d", "stem"),
    }


def test_the_extension_is_no_word():
    assert words("/data/session/grain.diff") == {"session", "grain"}


def test_folders_above_the_file_s_own_do_not_count():
    assert not words("/data/diff/session/image.dm3") & DIFFRACTION


def test_all_folders_below_the_root_count():
    root = Path("/data/diff")

    assert words("/data/diff/SAED/session/image.dm3", root) & DIFFRACTION == {"saed"}
    assert words("/data/diff/image.dm3", root) == {"image"}


def test_a_root_that_the_file_is_not_in_changes_nothing():
    assert words("/data/diff/image.dm3", Path("/other")) == {"diff", "image"}


def test_a_bare_name_has_no_folder():
    assert words("image.dm3") == {"image"}
