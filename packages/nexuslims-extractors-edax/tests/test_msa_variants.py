"""EMSA/MAS files as programs really write them."""

# ruff: noqa: DTZ001 - the instrument's clock

from __future__ import annotations

import os
from datetime import datetime

import numpy as np
import pytest
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import DataFile, quantity
from nexuslims_extractors_edax.msa.extract import extract, plain
from nexuslims_extractors_edax.msa.source import is_msa
from nexuslims_testing.samples.emsa import EDS, EELS, edge, write_msa


@pytest.fixture
def dataset(tmp_path, extract_path):
    """Return a function that writes changed lines of a header, and extracts."""

    def dataset(changes=(), *, header=EDS, **told):
        path = tmp_path / "a.msa"
        kept = {k: v for k, v in {**header, **dict(changes)}.items() if v is not None}
        write_msa(path, kept, **told)
        return extract_path(path)

    return dataset


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("20.", "20"),
        ("2.0 E-06", "2.0E-06"),
        ("1.5D-03", "1.5E-03"),
        ("12,5", "12.5"),
        ("-0,5", "-0.5"),
        ("12.5 13.5", "12.5"),
        ("12 Octane", "12 Octane"),
        ("8,27,16", "8,27,16"),
        ("  7 ", "7"),
    ],
)
def test_numbers_are_written_in_many_ways(text, number):
    assert plain(text) == number


# Kinds of spectra.


@pytest.mark.parametrize(
    ("signal", "mode", "voltage", "data_type"),
    [
        ("EDS", "", "15", "EDS_Spectrum"),
        ("EDX", "", "15", "EDS_Spectrum"),
        ("WDS", "", "15", "WDS_Spectrum"),
        ("ELS", "", "200", "EELS_Spectrum"),
        ("ELS", "IMAGE", "200", "TEM_EELS_Spectrum"),
        ("ELS", "SCIMG", "200", "STEM_EELS_Spectrum"),
        ("EDS", "DIFFR", "200", "TEM_EDS_Spectrum"),
        ("EDS", "SCIMG", "15", "EDS_Spectrum"),
        ("CLS", "", "5", "CL_Spectrum"),
        ("PES", "", "", "PES_Spectrum"),
        ("XPS", "", "", "PES_Spectrum"),
        ("AES", "", "5", "AES_Spectrum"),
        ("XRF", "", "", "XRF_Spectrum"),
        ("GAM", "", "", "GAM_Spectrum"),
        ("???", "", "", "Spectrum"),
    ],
)
def test_the_kind_of_spectrum_is_that_of_the_file(
    dataset, signal, mode, voltage, data_type
):
    found = dataset({"SIGNALTYPE": signal, "OPERMODE": mode, "BEAMKV   -kV": voltage})
    assert found.dataset_type == "Spectrum"
    assert found.data_type == data_type


@pytest.mark.parametrize(
    ("key", "data_type"),
    [("EDSDET", "EDS_Spectrum"), ("COLLANGLE", "EELS_Spectrum"), ("OWNER", "Spectrum")],
)
def test_without_signal_type_other_keywords_tell(dataset, key, data_type):
    found = dataset({key: "1"}, header={"FORMAT": EDS["FORMAT"]})
    assert found.data_type == data_type


def test_an_energy_loss_spectrum(dataset):
    found = dataset(header=EELS, data=edge(), paired=False, columns=4)
    assert found.notes == ()
    assert found.fields == {
        "acceleration_voltage": quantity(200, "kV"),
        "acquisition_time": quantity(1250, "ms"),
        "beam_current": quantity(0.25, "nA"),
        "channel_size": quantity(0.5, "eV"),
        "convergence_angle": quantity(22.5, "mrad"),
        "data_dimensions": "(128,)",
        "detector_type": "PARALL",
        "emission_current": quantity(12.5, "µA"),
        "magnification": 160000,
        "starting_energy": quantity(520.25, "eV"),
    }
    assert found.extensions["Collection Angle"] == quantity(40.5, "mrad")
    assert (found.preview.read() == edge()).all()


@pytest.mark.parametrize("mode", ["DIFFR", "SCDIF"])
def test_in_diffraction_modes_the_magnification_is_a_camera_length(dataset, mode):
    found = dataset({"OPERMODE": mode, "MAGCAM": "480"})
    assert found.fields["camera_length"] == quantity(480, "mm")
    assert "magnification" not in found.fields


@pytest.mark.parametrize("key", ["BEAMKV", "MAGCAM", "FWHMMNKA", "REALTIME"])
def test_a_zero_for_what_is_unknown_is_no_value(dataset, key):
    found = dataset({key: "0.0"}, header={"FORMAT": EDS["FORMAT"]})
    assert set(found.fields) == {"data_dimensions"}


# Units.


def test_a_unit_of_the_file_goes_before_that_of_the_standard(dataset):
    found = dataset({"BEAMKV   -kV": None, "BEAMKV -V": "15000"})
    assert found.fields["acceleration_voltage"] == quantity(15000, "V")


def test_a_unit_of_another_kind_is_noted(dataset):
    found = dataset({"LIVETIME  -s": None, "LIVETIME -mm": "60"})
    assert found.fields["live_time"] == quantity(60, "s")
    assert found.notes == ("LIVETIME: expected a unit like s, found 'mm'.",)


def test_stage_positions_without_unit_are_taken_as_millimetres_and_noted(dataset):
    found = dataset({"XPOSITION": "12.5", "ZPOSITION": "000"})
    assert found.fields["stage_position"]["x"] == quantity(12.5, "mm")
    assert found.notes == ("XPOSITION has no unit; it was taken as mm.",)


@pytest.mark.parametrize(
    ("units", "label", "name", "unit"),
    [
        ("eV", "Energy Loss", "Energy Loss", "eV"),
        ("Energy (EV)", "X-RAY Energy", "X-RAY Energy", "eV"),
        ("Energy (KeV)", "", "Energy", "keV"),
        ("keV", "Energy (keV)", "Energy (keV)", "keV"),
        ("", "Wavelength (nm)", "Wavelength (nm)", "nm"),
        ("channel", "", "", "channel"),
        ("", "", "", ""),
    ],
)
def test_the_axis_has_the_unit_of_the_file(dataset, units, label, name, unit):
    (axis,) = dataset({"XUNITS": units, "XLABEL": label}).preview.axes
    assert (axis.name, axis.unit) == (name, unit)


def test_a_spectrum_over_wavelengths_has_no_energies(dataset):
    fields = dataset({"XUNITS": "nm", "SIGNALTYPE": "CLS"}).fields
    assert "channel_size" not in fields
    assert "starting_energy" not in fields


# Times.


@pytest.mark.parametrize(
    ("date", "time", "when"),
    [
        ("01-OCT-1991", "12:00", datetime(1991, 10, 1, 12, 0)),
        ("29-Aug-2022", "10:14:08", datetime(2022, 8, 29, 10, 14, 8)),
        ("7-dec-99", "1:05 PM", datetime(1999, 12, 7, 13, 5)),
        ("05-Mai-2021", "09:00", datetime(2021, 5, 5, 9, 0)),
        ("05-Okt-2021", "09:00", datetime(2021, 10, 5, 9, 0)),
        ("17 March 2021", "09:00", datetime(2021, 3, 17, 9, 0)),
        ("2021-03-17", "09:00", datetime(2021, 3, 17, 9, 0)),
        ("17.03.2021", "09:00", datetime(2021, 3, 17, 9, 0)),
        ("03/17/2021", "09:00", datetime(2021, 3, 17, 9, 0)),
    ],
)
def test_the_time_is_that_of_the_file(dataset, date, time, when):
    found = dataset({"DATE": date, "TIME": time})
    assert found.creation_time == when
    assert found.notes == ()


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("01-09-1991", "12:100"),
        ("31-FEB-1991", "12:00"),
        ("01-OCT-1991", ""),
        ("", "1:00"),
    ],
)
def test_a_wrong_time_is_noted(dataset, date, time):
    found = dataset({"DATE": date, "TIME": time})
    assert found.creation_time is None
    (note,) = found.notes
    assert note.startswith("DATE and TIME: expected a date such as 01-OCT-1991 and ")
    assert note.endswith(
        f"found {date!r} and {time!r}; the file's modification time counts."
    )


def test_a_file_without_time_says_nothing_of_it(dataset):
    found = dataset({"DATE": None, "TIME": ""})
    assert found.creation_time is None
    assert found.notes == ()


# Keywords.


def test_keywords_of_other_programs_are_kept_under_their_names(dataset):
    found = dataset(
        {"#ALPHA-1": "3.14", "#OXINSTLABEL": "8, 0.525, O", "SCANDATE": "x"}
    )
    shown = {"ALPHA-1": 3.14, "OXINSTLABEL": "8, 0.525, O", "SCANDATE": "x"}
    assert shown.items() <= found.extensions.items()


def test_keywords_of_other_programs_do_not_repeat_typed_fields(dataset):
    assert "Live Time" not in dataset({"#Live Time": "7"}).extensions


@pytest.mark.parametrize(
    ("lines", "key", "shown"),
    [
        (("TITLE", "TITLE"), "EDAX Title", "one two"),
        (("COMMENT", "COMMENT"), "EDAX Comment", "one two"),
        (("#OXINSTLABEL", "#OXINSTLABEL"), "OXINSTLABEL", "one; two"),
        (("XLABEL", "XLABEL"), "X Column Label", "two"),
    ],
)
def test_a_keyword_may_come_again(tmp_path, extract_path, lines, key, shown):
    path = tmp_path / "a.msa"
    values = zip(lines, ("one", "two"), strict=True)
    write_msa(path, [("FORMAT", EDS["FORMAT"]), *values])
    assert extract_path(path).extensions[key] == shown


@pytest.mark.parametrize(
    ("key", "text"), [("#Elements", "O, Cr, Fe"), ("#OXINSTELEMS", "8,24,26")]
)
def test_elements_have_symbols_or_numbers(dataset, key, text):
    found = dataset({"#Elements": None, key: text})
    assert found.fields["elements"] == ("O", "Cr", "Fe")


def test_what_are_no_elements_is_left_out(dataset):
    assert dataset({"#Elements": "0, 26, 200, Xx"}).fields["elements"] == ("Fe",)


def test_blanks_around_the_colon_are_not_needed(tmp_path, extract_path):
    path = tmp_path / "a.msa"
    path.write_text(
        "#FORMAT:EMSA/MAS Spectral Data File\n\n#NPOINTS:2\n#BEAMKV -kV:20\n"
        "#TITLE: a: b\n#DATATYPE:Y\n#SPECTRUM:\n1 2\n#ENDOFDATA:\n"
    )
    found = extract_path(path)
    assert found.notes == ()
    assert found.fields["acceleration_voltage"] == quantity(20, "kV")
    assert found.extensions["EDAX Title"] == "a: b"
    assert found.preview.read().tolist() == [1, 2]


def test_text_for_a_typed_number_is_kept_and_noted(dataset):
    found = dataset({"BEAMKV   -kV": "high"})
    assert found.extensions["Beam Energy"] == "high"
    assert found.notes == ("Beam Energy: expected a number in kV, found 'high'.",)


# Encodings and data.


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_encodings_and_line_ends(tmp_path, extract_path, newline, encoding):
    path = tmp_path / "a.msa"
    write_msa(path, {**EDS, "TITLE": "Größe 5 µm"}, newline=newline, encoding=encoding)
    found = extract_path(path)
    assert found.notes == ()
    if encoding != "utf-16":  # of which only the Latin part can be told
        assert found.extensions["EDAX Title"] == "Größe 5 µm"
    assert found.preview.read().size == 4096


@pytest.mark.parametrize("columns", [1, 2, 5])
@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("written", [True, False], ids=["said", "unsaid"])
def test_data_may_stand_in_columns(dataset, columns, paired, written):
    kind = "XY" if paired else "Y"
    found = dataset(
        {"DATATYPE": kind if written else None, "NPOINTS": "128"},
        data=edge(),
        columns=columns,
        paired=paired,
    )
    assert found.notes == ()
    assert (found.preview.read() == edge()).all()


def test_without_a_scale_positions_tell_it(dataset):
    found = dataset({"XPERCHAN": None, "OFFSET": None}, scale=2.5, offset=-100)
    (axis,) = found.preview.axes
    assert (axis.scale, axis.offset) == (2.5, -100)


def test_missing_data_points_are_noted(dataset):
    found = dataset(data=np.arange(4000))
    assert found.fields["data_dimensions"] == "(4000,)"
    assert found.notes == ("NPOINTS says 4096 data points, but the file holds 4000.",)


def test_words_among_the_data_are_noted(tmp_path, extract_path):
    path = tmp_path / "a.msa"
    path.write_text("#FORMAT: EMSA/MAS\n#DATATYPE: Y\n#SPECTRUM:\n1\n2.5D1\nx\n--\n4\n")
    found = extract_path(path)
    assert found.preview.read().tolist() == [1, 25, 4]
    assert found.notes == ("2 of the values after #SPECTRUM are no numbers.",)


def test_a_file_cut_within_its_header_gives_what_is_there(tmp_path, extract_path):
    path = tmp_path / "a.msa"
    write_msa(path)
    path.write_bytes(path.read_bytes()[:700])
    found = extract_path(path)
    assert found.fields["acceleration_voltage"] == quantity(15, "kV")
    assert found.preview is None
    assert "data_dimensions" not in found.fields
    assert "The file ends before its data: there is no line #SPECTRUM." in found.notes


# Which files.


def test_another_text_is_not_taken(tmp_path):
    path = tmp_path / "a.msa"
    path.write_text("#TITLE : EMSA\n1 2 3\n")
    file = DataFile.at(path)
    assert not is_msa(file)
    with pytest.raises(ExtractionError, match="expected a line '#FORMAT : EMSA/MAS"):
        extract(file)


@pytest.mark.parametrize("name", ["a.msa", "b.EMSA", "c.ems", "d.mas"])
def test_it_is_taken_under_any_of_its_names(tmp_path, extract_path, name):
    path = tmp_path / name
    write_msa(path)
    os.utime(path, (0, 0))
    assert extract_path(path).data_type == "EDS_Spectrum"
