"""What is known of three microscopes, in whichever format their data are."""

from __future__ import annotations

from pathlib import Path

import pytest
from nexuslims_core.types import DataFile, Dataset, quantity
from nexuslims_extractors_gatan.plugin import nexuslims_instrument_profiles

PROFILES = {one.instrument_id: one for one in nexuslims_instrument_profiles()}
MU, DEGREE = "\N{GREEK SMALL LETTER MU}", "\N{DEGREE SIGN}"
THETA, PHI = "\N{GREEK SMALL LETTER THETA}", "\N{GREEK SMALL LETTER PHI}"

PARTS = (
    "Microscope Titan 300 kV ABCD1 SuperTwin",
    "User Ada",
    "Gun FEG HT 300 Extr volt 4500 V Gun Lens 3 Emission 140.5uA",
    "Mode TEM uP SA Zoom Diffraction Defocus -0.250 CL 0.380m",
    "Spot 3",
    "C2 40.285%",
    "C3 63.020%",
    "Obj 87.685%",
    "Dif 31.490%",
    "Image shift 0.289/-0.235um",
    "Stage 357.213 um, 40.045 um, 13.386 um, 2.03 deg, -0.38 deg",
    "C1 Aperture: 2000 um",
    "C2 Aperture: 150 um",
    "OBJ Aperture: retracted",
    "SA Aperture: 10 um",
    "Filter related settings:",
    "Mode: Spectroscopy",
    "Selected dispersion: 0.10[eV/Channel]",
    "Selected aperture: 3mm",
    "Prism shift: -0.50[eV]",
    "Drift tube: 1.25[eV]",
    "Total energy loss: 7.75[eV]",
)
EXPECTED = {
    "Tecnai Microscope Name": "Titan 300 kV ABCD1 SuperTwin",
    "Tecnai User": "Ada",
    "Gun Name": "FEG HT 300",
    "Extractor Voltage (V)": 4500,
    "Gun Lens #": 3,
    f"Emission Current ({MU}A)": 140.5,
    "Tecnai Mode": "TEM uP SA Zoom Diffraction",
    "Defocus": -0.25,
    "Camera Length (m)": 0.38,
    "Spot": 3,
    "C2 Lens Strength (%)": 40.285,
    "C3 Lens Strength (%)": 63.02,
    "Objective Lens Strength (%)": 87.685,
    "Diffraction Lens Strength (%)": 31.49,
    f"Image Shift X ({MU}m)": 0.289,
    f"Image Shift Y ({MU}m)": -0.235,
    f"C1 Aperture ({MU}m)": 2000,
    f"C2 Aperture ({MU}m)": 150,
    f"Objective Aperture ({MU}m)": None,
    f"Selected Area Aperture ({MU}m)": 10,
    f"Stage Position/X ({MU}m)": 357.213,
    f"Stage Position/Y ({MU}m)": 40.045,
    f"Stage Position/Z ({MU}m)": 13.386,
    f"Stage Position/{THETA} ({DEGREE})": 2.03,
    f"Stage Position/{PHI} ({DEGREE})": -0.38,
    "Tecnai Filter/Mode": "Spectroscopy",
    "Tecnai Filter/Dispersion (eV/channel)": 0.1,
    "Tecnai Filter/Aperture (mm)": 3,
    "Tecnai Filter/Prism Shift (eV)": -0.5,
    "Tecnai Filter/Drift Tube (eV)": 1.25,
    "Tecnai Filter/Total Energy Loss (eV)": 7.75,
}


def dataset(path="data/image.dm3", **told):
    file = DataFile(path=Path(path), size=0, mtime_ns=0)
    told = {"dataset_type": "Image", "data_type": "TEM_Imaging", **told}
    return Dataset(file=file, **told)


def profiled(instrument, found):
    for step in PROFILES[instrument].parsers.values():
        found = step(found)
    return found


def titan(text, *, group="Tecnai", specimen=None, **told):
    tags = {"Microscope Info": text}
    if specimen is not None:
        tags["Specimen Info"] = specimen
    raw = {"ImageList": {"TagGroup0": {"ImageTags": {group: tags}}}}
    return profiled("FEI-Titan-TEM", dataset(raw=raw, **told))


GROUPS = {"Stage Position", "Tecnai Filter"}


def _top(place):
    """Return the first part of a place; other names have slashes in their units."""
    name = place.partition("/")[0]
    return name if name in GROUPS else place


def _at(extensions, place):
    name = _top(place)
    if name in GROUPS:
        return extensions.get(name, {}).get(place.removeprefix(f"{name}/"))
    return extensions.get(place)


# Titan TEM.


@pytest.mark.parametrize("place", EXPECTED)
def test_a_part_of_the_tecnai_text_arrives(place):
    extensions = titan("\u2028".join(PARTS)).extensions
    assert _at(extensions, place) == EXPECTED[place]
    assert type(_at(extensions, place)) is type(EXPECTED[place])


def test_the_tecnai_text_says_nothing_else():
    extensions = titan("\u2028".join(PARTS)).extensions
    assert set(extensions) == {_top(place) for place in EXPECTED}


@pytest.mark.parametrize("missing", range(len(PARTS)))
def test_a_missing_part_costs_nothing_else(missing):
    text = "\u2028".join(one for place, one in enumerate(PARTS) if place != missing)
    extensions = titan(text).extensions
    lost = [one for one in EXPECTED if _at(extensions, one) != EXPECTED[one]]
    assert len(lost) <= (6 if "Filter" in PARTS[missing] else 5)


@pytest.mark.parametrize("odd", ["", "Gun", "Mode", "Stage one, two", "Spot x", "\0"])
def test_odd_text_costs_nothing(odd):
    assert titan(f"{odd}\u2028User Ada").extensions["Tecnai User"] == "Ada"


def test_a_magnification_in_the_tecnai_text_is_typed():
    text = "Mode TEM uP SA Zoom Image Defocus (um) 0.124 Magn 200000x"
    found = titan(text)
    assert found.fields["magnification"] == 200000
    assert found.extensions == {"Tecnai Mode": "TEM uP SA Zoom Image", "Defocus": 0.124}


def test_the_stage_of_the_tecnai_text_is_typed():
    fields = titan("\u2028".join(PARTS)).fields
    assert fields["stage_position"] == {
        "x": quantity(357.213, "µm"),
        "y": quantity(40.045, "µm"),
        "z": quantity(13.386, "µm"),
    }
    assert fields["emission_current"] == quantity(140.5, "µA")
    assert fields["camera_length"] == quantity(380, "mm")


def test_what_the_extractor_found_goes_before_the_tecnai_text():
    found = titan(
        "\u2028".join(PARTS),
        fields={"camera_length": quantity(1, "m"), "stage_position": {"x": "1 µm"}},
        extensions={"Spot": 9},
    )
    assert found.fields["camera_length"] == quantity(1, "m")
    assert found.fields["stage_position"]["x"] == "1 µm"
    assert found.fields["stage_position"]["y"] == quantity(40.045, "µm")
    assert found.extensions["Spot"] == 9


def test_the_group_has_a_name_that_ends_in_tecnai():
    assert titan("User Ada", group="FEI Tecnai").extensions == {"Tecnai User": "Ada"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Au on carbon", "Au on carbon"),
        ("Specimen information is not available yet", None),
        ("", None),
    ],
)
def test_the_specimen_is_told_if_somebody_did(text, expected):
    assert titan("User Ada", specimen=text).fields.get("specimen") == expected


@pytest.mark.parametrize(
    ("extensions", "expected"),
    [
        (
            {"Tecnai Mode": "STEM nP SA Zoom Diffraction"},
            ("Diffraction", "STEM_Diffraction"),
        ),
        (
            {
                "Tecnai Mode": "STEM nP SA Zoom Diffraction",
                "Operation Mode": "DIFFRACTION",
            },
            ("Diffraction", "STEM_Diffraction"),
        ),
        ({"Operation Mode": "DIFFRACTION"}, ("Diffraction", "TEM_Diffraction")),
        ({"Operation Mode": "SCANNING"}, ("Image", "TEM_Imaging")),
        ({}, ("Image", "TEM_Imaging")),
    ],
)
def test_modes_of_the_titan_tem(extensions, expected):
    found = profiled("FEI-Titan-TEM", dataset(extensions=extensions))
    assert (found.dataset_type, found.data_type) == expected


def test_the_mode_of_the_tecnai_text_counts():
    found = titan("Mode STEM nP SA Zoom Diffraction Defocus 0.000 CL 0.1m")
    assert found.data_type == "STEM_Diffraction"


# Titan STEM.


@pytest.mark.parametrize("name", ["Detector", "Operator", "Specimen"])
@pytest.mark.parametrize("typed", [True, False])
def test_doubtful_values_of_the_titan_stem(name, typed):
    fields = {"Detector": "detector_type"}.get(name, name.lower())
    place = {"fields": {fields: "x"}} if typed else {"extensions": {name: "x"}}
    assert profiled("FEI-Titan-STEM", dataset(**place)).flagged == ((name,),)


def test_what_is_not_there_is_not_doubtful():
    assert profiled("FEI-Titan-STEM", dataset()).flagged == ()


def test_what_is_doubtful_already_is_flagged_once():
    found = dataset(fields={"operator": "x"}, flagged=(("Operator",),))
    assert profiled("FEI-Titan-STEM", found).flagged == (("Operator",),)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("EFTEM DIFFRACTION", ("Diffraction", "TEM_EFTEM_Diffraction")),
        ("Eftem Diffraction 2", ("Diffraction", "TEM_EFTEM_Diffraction")),
        ("DIFFRACTION", ("Image", "TEM_Imaging")),
    ],
)
def test_filtered_diffraction_of_the_titan_stem(mode, expected):
    found = profiled("FEI-Titan-STEM", dataset(extensions={"Imaging Mode": mode}))
    assert (found.dataset_type, found.data_type) == expected


# JEOL TEM.


@pytest.mark.parametrize(
    ("path", "is_diffraction"),
    [
        ("data/Diff 1.dm3", True),
        ("data/SAED_2.dm3", True),
        ("data/area3_DP.dm3", True),
        ("data/saed/image.dm3", True),
        ("data/different.dm3", False),
        ("diff/data/image.dm3", False),
        ("data/DPCs.dm3", False),
        ("data/image.dm3", False),
    ],
)
def test_names_of_the_jeol_tem(path, is_diffraction):
    found = profiled("JEOL-JEM-TEM", dataset(path))
    expected = (
        ("Diffraction", "TEM_Diffraction")
        if is_diffraction
        else ("Image", "TEM_Imaging")
    )
    assert (found.dataset_type, found.data_type) == expected
    assert found.flagged == (("DatasetType",), ("Data Type",))
