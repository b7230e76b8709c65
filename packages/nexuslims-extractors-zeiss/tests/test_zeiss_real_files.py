"""Real images of a helium ion microscope and a CrossBeam; values read by hand."""

from __future__ import annotations

from datetime import datetime

import pytest
from nexuslims_core.types import DataFile

ORION = ("nexuslims/orion-zeiss_dataZeroed.tif",)
FIBICS = (
    "nexuslims/orion-fibics_dataZeroed.tif.tar.gz",
    "orion-fibics_dataZeroed.tif",
)
BSD = ("zeiss-smartsem/1-as-cast_18_Sch_10k_BSD-Compo.tif",)
INLENS = ("zeiss-smartsem/FeMoOx_AntiA_04_1k5x_CN.tif",)


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        pytest.param(
            ORION,
            {
                "acceleration_voltage": "29.997 kilovolt",
                "acquisition_device": "_Orion_",
                "beam_current": "0.938 picoampere",
                "chamber_pressure": "4.89e-07 torr",
                "data_dimensions": "(1024, 1120)",
                "detector_type": "ETDetector",
                "dwell_time": "0.5 microsecond",
                "horizontal_field_width": "1.0 micrometer",
                "magnification": "114300",
                "pixel_height": "0.97656606023011 nanometer",
                "pixel_width": "0.9765625 nanometer",
                "scan_rotation": "0.0 degree",
                "stage_position/rotation": "1.2 degree",
                "stage_position/tilt_alpha": "0.16 degree",
                "stage_position/x": "25157.23 micrometer",
                "stage_position/y": "25101.9 micrometer",
                "stage_position/z": "0.01 millimeter",
                "vertical_field_width": "1.0000036456756325 micrometer",
                "working_distance": "11.977 millimeter",
            },
            id="Orion",
        ),
        pytest.param(
            FIBICS,
            {
                "acceleration_voltage": "30.0 kilovolt",
                "beam_current": "1.3275146484375 picoampere",
                "data_dimensions": "(2048, 2048)",
                "detector_type": "ET",
                "dwell_time": "10.0 microsecond",
                "horizontal_field_width": "2.5 micrometer",
                "pixel_height": "1.220703125 nanometer",
                "pixel_width": "1.220703125 nanometer",
                "scan_rotation": "1.23797181004193e-05 degree",
                "stage_position/m": "0.0 millimeter",
                "stage_position/rotation": "46.2030220031738 degree",
                "stage_position/tilt_alpha": "0.191424190998077 degree",
                "stage_position/x": "-21319.2368624182 micrometer",
                "stage_position/y": "-27311.808629448 micrometer",
                "stage_position/z": "10.80012316379 micrometer",
                "vertical_field_width": "2.5 micrometer",
            },
            id="Fibics",
        ),
        pytest.param(
            BSD,
            {
                "acceleration_voltage": "10.0 kilovolt",
                "acquisition_device": "Auriga 60",
                "beam_current": "200000.0 picoampere",
                "chamber_pressure": "5.63e-06 millibar",
                "data_dimensions": "(1024, 768)",
                "detector_type": "NTS BSD",
                "dwell_time": "0.1 microsecond",
                "emission_current": "290.4 microampere",
                "horizontal_field_width": "11.43 micrometer",
                "magnification": "10000.0",
                "pixel_height": "11.16 nanometer",
                "pixel_width": "11.16 nanometer",
                "scan_rotation": "0.0 degree",
                "stage_position/m": "0.1 millimeter",
                "stage_position/rotation": "15.0 degree",
                "stage_position/tilt_alpha": "0.0 degree",
                "stage_position/x": "74.9182 millimeter",
                "stage_position/y": "93.5093 millimeter",
                "stage_position/z": "36.853 millimeter",
                "vertical_field_width": "8.575 micrometer",
                "working_distance": "4.967 millimeter",
            },
            id="SmartSEM 5",
        ),
        pytest.param(
            INLENS,
            {
                "acceleration_voltage": "5.0 kilovolt",
                "acquisition_device": "Auriga 60",
                "beam_current": "200000.0 picoampere",
                "chamber_pressure": "2.16e-06 millibar",
                "data_dimensions": "(1024, 768)",
                "detector_type": "InLens",
                "dwell_time": "0.1 microsecond",
                "emission_current": "280.3 microampere",
                "horizontal_field_width": "76.22 micrometer",
                "magnification": "1500.0",
                "pixel_height": "74.43 nanometer",
                "pixel_width": "74.43 nanometer",
                "scan_rotation": "0.0 degree",
                "stage_position/m": "6.292 millimeter",
                "stage_position/rotation": "46.8 degree",
                "stage_position/tilt_alpha": "54.0 degree",
                "stage_position/x": "74.8291 millimeter",
                "stage_position/y": "71.5701 millimeter",
                "stage_position/z": "41.835 millimeter",
                "vertical_field_width": "57.16 micrometer",
                "working_distance": "5.1 millimeter",
            },
            id="SmartSEM 6",
        ),
    ],
)
def test_typed_fields(real_file, extract_path, where, fields):
    dataset = extract_path(real_file(*where))
    flat = dict(dataset.fields)
    stage = flat.pop("stage_position")
    flat.update({f"stage_position/{axis}": value for axis, value in stage.items()})
    assert {name: str(value) for name, value in flat.items()} == fields
    assert dataset.notes == ()


@pytest.mark.parametrize(
    ("where", "extensions"),
    [
        pytest.param(
            ORION,
            {
                "GFIS/Ion Gas": "Helium",
                "GFIS/Crossover Position": "-246.999 millimeter",
                "Beam/Extraction Voltage": "-36.769 kilovolt",
                "Scan/Number of Averages": "64",
                "Optics/Lens 2 Voltage": "18.535 kilovolt",
                "Detector/Scintillator": "10.0 kilovolt",
                "System/Gun Temperature": "75.5 kelvin",
                "Flood Gun/Energy": "677.0 electron_volt",
                "Calibration/X Scale": "9.765625e-10 meter",
                "Stage Position/X Location": "25157.23 micrometer",
            },
            id="Orion",
        ),
        pytest.param(
            FIBICS,
            {
                "Application/Software Version": "NPVE v4.5",
                "Image/Machine Name": "CONSOLE18",
                "Image/Aperture Description": "[1] Ne 10 µm (30.0kV|s=5.0)",
                "Detector/Collector Voltage": "500.0 volt",
                "Detector/Contrast": "32.466667175293",
                "Beam/GFIS Gas Type": "He",
                "Scan/Affine Vy": "-0.001220703125",
            },
            id="Fibics",
        ),
        pytest.param(
            BSD,
            {
                "Aperture Size": "120.0 micrometer",
                "BSD Mode": "Compo",
                "Filament Current": "2.29 ampere",
                "Frame Average": "11",
                "Gun Vacuum": "2.31e-10 millibar",
                "Line Time": "63.43 millisecond",
                "Total Frame Time": "48.7 second",
                "Operator": "SABINE",
                "Serial Number": "Auriga 60-46-18",
                "Software Version": "V05.07.00.00 : 08-Jul-14",
                "User Text": "1 as cast",
                "FIB/Emission Current": "0.2 microampere",
                "FIB/Magnification": "114",
            },
            id="SmartSEM 5",
        ),
        pytest.param(
            INLENS,
            {
                "Beam": "SEM",
                "Landing Energy": "5.0 kilovolt",
                "Total Frame Time": "96.0 second",
                "Tilt Correction Angle": "36.0 degree",
                "FIB/Acceleration Voltage": "30.0 kilovolt",
                "FIB/Extractor Voltage": "-7.78 kilovolt",
                "FIB/Imaging Probe": "30kV:4nA",
            },
            id="SmartSEM 6",
        ),
    ],
)
def test_extensions(real_file, extract_path, where, extensions):
    found = extract_path(real_file(*where)).extensions
    for path, expected in extensions.items():
        group, _, name = path.partition("/")
        value = found[group][name] if name else found[group]
        assert str(value) == expected, path


@pytest.mark.parametrize(
    ("where", "when"),
    [
        (ORION, "2025-01-01T13:00:00"),
        (FIBICS, "2025-05-27T10:32:12.498000-04:00"),
        (BSD, "2019-12-09T11:21:55"),
        (INLENS, "2021-07-13T18:23:36"),
    ],
    ids=["Orion", "Fibics", "SmartSEM 5", "SmartSEM 6"],
)
def test_time_of_acquisition(real_file, extract_path, where, when):
    found = extract_path(real_file(*where)).creation_time
    assert found == datetime.fromisoformat(when)
    assert (found.tzinfo is None) == (where != FIBICS)


@pytest.mark.parametrize(
    ("where", "shape", "scale"),
    [
        (ORION, (1120, 1024, 4), 0.0009765625),
        (FIBICS, (2048, 2048), 0.001220703125),
        (BSD, (768, 1024), 11.43 / 1024),
        (INLENS, (768, 1024), 76.22 / 1024),
    ],
    ids=["Orion", "Fibics", "SmartSEM 5", "SmartSEM 6"],
)
def test_previews(real_file, extract_path, where, shape, scale):
    source = extract_path(real_file(*where)).preview
    pixels = source.read()
    assert (pixels.shape, str(pixels.dtype)) == (shape, "uint8")
    assert [axis.unit for axis in source.axes] == ["µm", "µm"]
    assert source.axes[1].scale == pytest.approx(scale)


def test_all_settings_are_kept(real_file, extract_path):
    assert len(extract_path(real_file(*BSD)).raw["CZ_SEM"]) == 724
    assert len(extract_path(real_file(*INLENS)).raw["CZ_SEM"]) == 778
    assert len(extract_path(real_file(*ORION)).raw["ImageTags"]) == 89


@pytest.mark.parametrize(
    "where",
    [
        ("nexuslims/quanta_image.tif.tar.gz", "quanta_image.tif"),
        ("nexuslims/scios_xml_metadata.tif.tar.gz", "scios_xml_metadata.tif"),
        ("nexuslims/tescan-pfib_dataZeroed.tar.gz", "tescan-pfib_dataZeroed.tif"),
        ("thermo-autoslice/SEM_Image-SliceImage-001.tif",),
        ("rosettasciio/tiff/optical_Zeiss_AxioVision_BW.tif",),
        ("rosettasciio/tiff/test_loading_image_saved_with_DM.tif",),
    ],
    ids=lambda where: where[-1].rpartition("/")[2],
)
def test_files_of_others_are_left_to_others(real_file, him, smartsem, where):
    file = DataFile.at(real_file(*where))
    assert not him.supports(file)
    assert not smartsem.supports(file)
