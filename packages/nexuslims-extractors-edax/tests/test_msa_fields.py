"""Every keyword of the table arrives under its name, in its place, with its unit."""

from __future__ import annotations

import pytest
from nexuslims_core.types import quantity
from nexuslims_extractors_edax.msa.fields import FIELDS
from nexuslims_testing.samples.emsa import EDS, write_msa

# Keyword as in the file, place, unit, "text" for text. Written out, so that a slip in
# the table of the program is not repeated here.
ROWS = """
VERSION | MSA Format Version | text
TITLE | EDAX Title | text
OWNER | EDAX Owner | text
NCOLUMNS | Number of Data Columns | -
YUNITS | Y Column Units | text
XPERCHAN | X Units Per Channel | -
OFFSET | Offset | -
CHOFFSET | Channel Offset | -
XLABEL | X Column Label | text
YLABEL | Y Column Label | text
COMMENT | EDAX Comment | text
BEAMKV   -kV | acceleration_voltage | kV
EMISSION -uA | emission_current | µA
PROBECUR -nA | beam_current | nA
BEAMDIAM -nm | Beam Diameter | nm
MAGCAM | magnification | -
CONVANGLE-mR | convergence_angle | mrad
THICKNESS-nm | Specimen Thickness | nm
XTILTSTGE-dg | stage_position/tilt_alpha | deg
YTILTSTGE-dg | stage_position/tilt_beta | deg
XPOSITION mm | stage_position/x | mm
YPOSITION mm | stage_position/y | mm
ZPOSITION-um | stage_position/z | µm
DWELLTIME-ms | dwell_time | ms
INTEGTIME-ms | acquisition_time | ms
COLLANGLE-mR | Collection Angle | mrad
ELSDET | detector_type | text
ELEVANGLE-dg | elevation_angle | deg
AZIMANGLE-dg | azimuthal_angle | deg
SOLIDANGLE-sR | Solid Angle | sr
SOLIDANGL-sR | Solid Angle | sr
LIVETIME  -s | live_time | s
REALTIME  -s | Real Time | s
FWHMMNKA | detector_energy_resolution | eV
TBEWIND  -cm | Be Window Thickness | cm
TAUWIND  -cm | Au Window Thickness | cm
TDEADLYR -cm | Dead Layer Thickness | cm
TACTLYR  -cm | Active Layer Thickness | cm
TACTYLR  -cm | Active Layer Thickness | cm
TALWIND  -cm | Al Window Thickness | cm
TPYWIND  -cm | Pyrolene Window Thickness | cm
TBNWIND  -cm | BN Window Thickness | cm
TDIWIND  -cm | Diamond Window Thickness | cm
THCWIND  -cm | Hydrocarbon Window Thickness | cm
EDSDET | detector_type | text
#FILENAME | Originating File of MSA Export | text
#AmpTime (usec) | Amplifier Time | µs
#FPGA Version | FPGA Version | -
#RESO (MnKa) | detector_energy_resolution | eV
#EDAX Detector | detector_type | text
#Analyzer Type | Analyzer Type | text
#Tilt Angle | stage_position/tilt_alpha | deg
#TakeOff Angle | takeoff_angle | deg
#Elements | User-Selected Elements | text
#OXINSTELEMS | Elements of the Analysis | text
"""
CASES = [
    tuple(part.strip() for part in row.split(" | ")) for row in ROWS.split("\n")[1:-1]
]
MINIMAL = {"FORMAT": "EMSA/MAS Spectral Data File"}
ELSEWHERE = {"FORMAT", "DATE", "TIME", "NPOINTS", "XUNITS", "DATATYPE", "SIGNALTYPE"}
ELSEWHERE |= {"OPERMODE"}
"""Keywords whose values are not any: tested below, and with variants."""


def test_the_table_has_no_other_rows():
    tested = {
        key.lstrip("#") if key.startswith("#") else key.replace("-", " ").split()[0]
        for key, _, _ in CASES
    } - {"MAGCAM"}
    assert {row.key for row in FIELDS} == tested | ELSEWHERE


@pytest.mark.parametrize(("key", "place", "unit"), CASES, ids=[c[0] for c in CASES])
def test_a_keyword_arrives(tmp_path, extract_path, found, key, place, unit):
    path = tmp_path / "a.msa"
    write_msa(path, {**MINIMAL, key: "37.25E-002"})
    value = found(extract_path(path), place)
    expected = {"text": "37.25E-002", "-": 0.3725}.get(unit)
    if expected is None:
        expected = quantity(0.3725, unit)
    assert value == expected
    assert str(value) == str(expected)


@pytest.mark.parametrize(("key", "place", "unit"), CASES, ids=[c[0] for c in CASES])
def test_an_empty_keyword_is_skipped(tmp_path, extract_path, found, key, place, unit):
    path = tmp_path / "a.msa"
    write_msa(path, {**MINIMAL, key: ""})
    assert found(extract_path(path), place) is None


def test_the_other_keywords_of_an_ordinary_file(tmp_path, extract_path):
    path = tmp_path / "a.msa"
    write_msa(path)
    dataset = extract_path(path)
    assert dataset.dataset_type == "Spectrum"
    assert dataset.data_type == "EDS_Spectrum"
    assert dataset.notes == ()
    shown = {
        "File Format": EDS["FORMAT"],
        "EDAX Date": "17-Mar-2026",
        "EDAX Time": "14:05",
        "Number of Data Points": 4096,
        "X Column Units": "Energy (EV)",
        "Data Format": "XY",
        "Signal Type": "EDS",
    }
    assert shown.items() <= dataset.extensions.items()


def test_an_ordinary_file_fills_typed_fields(tmp_path, extract_path):
    path = tmp_path / "a.msa"
    write_msa(path)
    fields = extract_path(path).fields
    assert fields == {
        "acceleration_voltage": quantity(15, "kV"),
        "acquisition_time": quantity(71.5, "s"),
        "azimuthal_angle": quantity(45, "deg"),
        "channel_size": quantity(5, "eV"),
        "data_dimensions": "(4096,)",
        "detector_energy_resolution": quantity(127.5, "eV"),
        "detector_type": "Octane Elite 25",
        "elements": ("O", "Cr", "Fe"),
        "elevation_angle": quantity(33.75, "deg"),
        "live_time": quantity(60, "s"),
        "stage_position": {"tilt_alpha": quantity(2.5, "deg")},
        "starting_energy": quantity(0, "eV"),
        "takeoff_angle": quantity(36.25, "deg"),
    }
