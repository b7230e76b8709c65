"""Real files of several instruments; values read in the files by hand."""

# ruff: noqa: DTZ001 - the clock of an instrument has no zone

from __future__ import annotations

from datetime import datetime

import pytest
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import DataFile

HELIOS = "rosettasciio/tiff/tiff_FEI_Helios.zip"

QUANTA = ("nexuslims/quanta_image.tif.tar.gz", "quanta_image.tif")
SCIOS_GAS = (
    "nexuslims/scios_multigis_metadata_sections.tif.tar.gz",
    "scios_multigis_metadata_sections.tif",
)
SCIOS_XML = ("nexuslims/scios_xml_metadata.tif.tar.gz", "scios_xml_metadata.tif")
QUAD = (
    "nexuslims/quad1image_001_no_beam_scan_or_system_meta.tar.gz",
    "quad1image_001_no_beam_scan_or_system_meta.tif",
)
TITAN = (
    "nexuslims/titan_tem_bf_image_dataZeroed.tif.tar.gz",
    "titan_tem_bf_image_dataZeroed.tif",
)
AUTOSLICE = ("thermo-autoslice/SEM_Image-SliceImage-001.tif",)


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        pytest.param(
            QUANTA,
            {
                "acceleration_voltage": "30000.0 volt",
                "emission_current": "0.000156 ampere",
                "chamber_pressure": "79.8238 pascal",
                "working_distance": "0.011051 meter",
                "horizontal_field_width": "0.000452548 meter",
                "vertical_field_width": "0.000390676 meter",
                "pixel_width": "4.41942e-07 meter",
                "pixel_height": "4.41942e-07 meter",
                "dwell_time": "3e-05 second",
                "scan_rotation": "0.0 degree",
                "detector_type": "LFD",
                "data_dimensions": "(1024, 884)",
                "stage_position/x": "0.009654 meter",
                "stage_position/rotation": "0.0010584 radian",
                "stage_position/tilt_alpha": "0.0121551 radian",
            },
            id="Quanta",
        ),
        pytest.param(
            SCIOS_GAS,
            {
                "acceleration_voltage": "5000.0 volt",
                "beam_current": "3.2e-09 ampere",
                "emission_current": "9.55941e-05 ampere",
                "horizontal_field_width": "1.036e-05 meter",
                "chamber_pressure": "0.000553 pascal",
                "detector_type": "CBS",
                "data_dimensions": "(3072, 2048)",
            },
            id="Scios",
        ),
        pytest.param(
            SCIOS_XML,
            {
                "working_distance": "0.00698462 meter",
                "beam_current": "1.6e-09 ampere",
                "dwell_time": "1e-05 second",
                "stage_position/rotation": "2.74789 radian",
            },
            id="Scios with XML",
        ),
        pytest.param(
            AUTOSLICE,
            {
                "acceleration_voltage": "15000.0 volt",
                "beam_current": "1.6e-09 ampere",
                "horizontal_field_width": "0.000592 meter",
                "dwell_time": "3e-07 second",
                "stage_position/tilt_alpha": "0.336851 radian",
                "detector_type": "ETD",
                "data_dimensions": "(1536, 1024)",
            },
            id="Helios with Auto Slice",
        ),
        pytest.param(
            (HELIOS, "FEI-Helios-Ebeam-16bits.tif"),
            {
                "acceleration_voltage": "5000.0 volt",
                "beam_current": "6.25e-12 ampere",
                "pixel_width": "3.3724e-06 meter",
                "stage_position/rotation": "-2.3611 radian",
            },
            id="Helios",
        ),
        pytest.param(
            (HELIOS, "FEI-Helios-navcam.tif"),
            {
                "horizontal_field_width": "0.202732 meter",
                "scan_rotation": "0.48150514 degree",
                "detector_type": "Nav-Cam",
            },
            id="navigation camera",
        ),
        pytest.param(
            TITAN,
            {
                "acceleration_voltage": "200.0 kilovolt",
                "magnification": "6300.0",
                "stage_position/x": "307.693 micrometer",
                "stage_position/y": "-151.271 micrometer",
                "stage_position/tilt_alpha": "0.01 degree",
            },
            id="Titan",
        ),
    ],
)
def test_typed_fields(real_file, extract_path, where, fields):
    dataset = extract_path(real_file(*where))
    flat = dict(dataset.fields)
    stage = flat.pop("stage_position")
    flat.update({f"stage_position/{axis}": value for axis, value in stage.items()})
    assert {name: str(flat[name]) for name in fields} == fields
    assert dataset.notes == ()


@pytest.mark.parametrize(
    ("where", "extensions"),
    [
        pytest.param(
            QUANTA,
            {
                "Vacuum Gas": "Wet",
                "Frames Integrated": "5",
                "Software Version": "4.1.9.2120 (build 2120)",
                "Column Type": "FEG SEM",
                "Detector Enhanced Contrast Setting": "51.5",
                "Operator": "user_",
                "Stage Description": "50 x 50 manual tilt",
                "Total Frame Time": "29.5667 second",
            },
            id="Quanta",
        ),
        pytest.param(
            SCIOS_GAS,
            {
                "Detector Signal": "BSE",
                "System Type": "Scios 2",
                "User Text": "LABEL",
            },
            id="Scios",
        ),
        pytest.param(
            (HELIOS, "FEI-Helios-Ebeam-8bits.tif"),
            {
                "System Type": 'Helios NanoLab" 660',
                "Detector Grid Voltage": "250.0 volt",
            },
            id="Helios",
        ),
        pytest.param(
            TITAN,
            {"Mode": "TEM uP SA Zoom Image", "Emission": "41.0 uA", "Gun type": "FEG"},
            id="Titan",
        ),
    ],
)
def test_extensions(real_file, extract_path, where, extensions):
    found = extract_path(real_file(*where)).extensions
    assert {name: str(found[name]) for name in extensions} == extensions


@pytest.mark.parametrize(
    ("where", "when"),
    [
        (QUANTA, datetime(2017, 12, 18, 13, 4, 14)),
        (SCIOS_GAS, datetime(2024, 2, 20, 9, 46, 32)),
        (SCIOS_XML, datetime(2024, 5, 1, 12, 56, 16)),
        (AUTOSLICE, datetime(2020, 8, 18, 13, 40, 3)),
        ((HELIOS, "FEI-Helios-Ebeam-8bits.tif"), datetime(2016, 6, 13, 17, 6, 40)),
        (TITAN, None),
    ],
    ids=["Quanta", "Scios", "Scios with XML", "Auto Slice", "Helios", "Titan"],
)
def test_time_of_acquisition(real_file, extract_path, where, when):
    assert extract_path(real_file(*where)).creation_time == when


@pytest.mark.parametrize(
    ("where", "shape", "dtype", "scale", "unit"),
    [
        (QUANTA, (943, 1024), "uint8", 0.441942, "µm"),
        (SCIOS_XML, (1024, 1536), "uint8", 0.0269792, "µm"),
        (
            (HELIOS, "FEI-Helios-Ebeam-16bits.tif"),
            (471, 512),
            "uint16",
            0.0033724,
            "mm",
        ),
        (TITAN, (2115, 2048), "uint8", 0.00363049, "µm"),
    ],
    ids=["Quanta", "Scios", "Helios 16 bit", "Titan"],
)
def test_previews(real_file, extract_path, where, shape, dtype, scale, unit):
    source = extract_path(real_file(*where)).preview
    pixels = source.read()
    assert (pixels.shape, str(pixels.dtype)) == (shape, dtype)
    assert [axis.unit for axis in source.axes] == [unit, unit]
    assert source.axes[1].scale == pytest.approx(scale, rel=1e-5)


def test_raw_groups_keep_repeated_gases(real_file, extract_path):
    raw = extract_path(real_file(*SCIOS_GAS)).raw
    assert raw["MultiGISUnit4"] == {"Port": "0", "NozzleState": "Unknown"}
    assert raw["MultiGISUnit4.MultiGISGas6"]["GasState"] == "Unknown"
    assert raw["ColdStage"]["SampleBias"] == ""


@pytest.mark.parametrize("where", [SCIOS_XML, AUTOSLICE], ids=["Scios", "Auto Slice"])
def test_raw_groups_keep_the_xml(real_file, extract_path, where):
    group = extract_path(real_file(*where)).raw["FEI_XML_Metadata"]
    assert group["Instrument"]["Manufacturer"] == "FEI Company"
    assert [gas["PortName"] for gas in group["GasInjectionSystems"]["Gis"]] == [
        "Port1",
        "Port2",
    ]


def test_a_file_that_was_sent_as_text_still_tells_its_metadata(real_file, extract_path):
    dataset = extract_path(real_file(*QUAD))
    assert str(dataset.fields["acceleration_voltage"]) == "30000.0 volt"
    assert dataset.extensions["Beam Name"] == "EBeam"
    assert dataset.extensions["Vacuum Mode"] == "Low vacuum"
    assert "Software Version" not in dataset.extensions
    assert dataset.creation_time == datetime(2017, 12, 18, 13, 4, 14)
    assert dataset.preview is None
    assert len(dataset.notes) == 4


@pytest.mark.parametrize(
    "member",
    [
        "FEI-Helios-navcam-with-no-IRBeam.tif",
        "FEI-Helios-navcam-with-no-IRBeam-bad-floats.tif",
    ],
)
def test_a_camera_without_its_section_is_read(real_file, extract_path, member):
    dataset = extract_path(real_file(HELIOS, member))
    assert dataset.extensions["Beam Name"] == "IRBeam"
    assert "acceleration_voltage" not in dataset.fields
    assert dataset.preview.axes == ()


@pytest.mark.parametrize(
    "where",
    [
        ("nexuslims/quanta_bad_metadata.tif",),
        ("nexuslims/quanta_image_32bit.tif.tar.gz", "quanta_image_32bit.tif"),
        ("nexuslims/orion-zeiss_dataZeroed.tif",),
        ("zeiss-smartsem/FeMoOx_AntiA_04_1k5x_CN.tif",),
        ("rosettasciio/tiff/optical_Zeiss_AxioVision_BW.tif",),
        ("rosettasciio/tiff/test_loading_image_saved_with_DM.tif",),
        ("rosettasciio/tiff/test_loading_image_saved_with_imageJ.tif",),
        ("nexuslims/test_STEM_image.dm3",),
    ],
    ids=lambda where: where[-1].rpartition("/")[2],
)
def test_files_of_others_are_left_to_others(real_file, extractor, where):
    file = DataFile.at(real_file(*where))
    assert not extractor.supports(file)
    with pytest.raises(ExtractionError):
        extractor.extract(file)
