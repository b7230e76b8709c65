"""What each format's table and corrections say of our own samples."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest
from nexuslims_core.model.schema import MODELS, in_unit, known_fields
from nexuslims_core.reading.findings import number
from nexuslims_extractors_hyperspy.formats import FORMATS
from nexuslims_testing.samples.generic import (
    blockfile,
    bruker_spx,
    empad,
    hdf5,
    holder_logs,
    jeol,
    merlin,
    mrc,
    ripple,
    semper,
    tvips,
)

IMAGE = np.arange(48, dtype=np.uint8).reshape(6, 8)
FRAMES = np.arange(6 * 6 * 6, dtype=np.uint16).reshape(6, 6, 6)
VOLUME = np.arange(3 * 8 * 9, dtype="f4").reshape(3, 8, 9)

FEI1 = {
    "HT": 300_000.0,
    "Dose": 4e21,
    "Alpha tilt": -12.5,
    "Beta tilt": 1.5,
    "X-Stage": 1.5e-4,
    "Y-Stage": -2e-4,
    "Z-Stage": 3e-5,
    "Tilt axis angle": 84.0,
    "Pixel size X": 1.5e-10,
    "Pixel size Y": 1.5e-10,
    "Defocus": -2e-6,
    "Magnification": 96_000.0,
    "Spot index": 4,
    "Convergence angle": 0.02,
    "Illumination mode": b"NanoProbe",
    "Integration time": 1.25,
    "Camera name": b"BM-Falcon",
    "Binning Width": 2,
    "Microscope type": b"TITAN52336830",
    "Timestamp": 43_000.25,
}

MDOC = """PixelSpacing = 5.4
Voltage = 200

[T = SerialEM: Tilt axis angle = 84.9]

[ZValue = 0]
TiltAngle = -60.01
StagePosition = 12.5 -33.25
StageZ = 8.5
Magnification = 29000
ExposureDose = 1.5
SpotSize = 6
Defocus = -0.75
RotationAngle = 174.9
ExposureTime = 0.8
Binning = 2
CameraLength = 0.46
DateTime = 09-Dec-2014  14:34:07

[ZValue = 1]
TiltAngle = -57.98
StageZ = 9.5
"""

DIRECT = """Instrument Accelerating Voltage (V)    = 300000
Instrument Project Camera Length (centimeters) = 23
Instrument Project Magnification         = 1000
Timestamp (seconds since Epoch)          = 1600000000
Camera Model                             = CeleritasXS
Camera SN                                = 812
Scan - Rotation                          = -1
Scan - Dwell Time (microseconds)         = 20.3
Exposure Time (seconds)                  = 0.33
Frames Per Second                        = 40000
Temperature - Detector (Celsius)         = 25
"""


def _mrc(**told):
    return lambda path: path.write_bytes(mrc.mrc_bytes(VOLUME, **told))


def _with_mdoc(path):
    path.write_bytes(mrc.mrc_bytes(VOLUME))
    path.with_name(f"{path.name}.mdoc").write_text(MDOC)


def _with_info(path):
    path.write_bytes(mrc.mrc_bytes(VOLUME))
    path.with_name("20241021_00405_info.txt").write_text(DIRECT)


def _old_mrc(path):
    values = {"a_tilt": 10.0, "x_stage": 1e-4, "y_stage": 25.0, "defocus": 1.5}
    values |= {"exp_time": 0.5, "pixel_size": 2e-9, "magnification": 5000.0}
    path.write_bytes(mrc.mrc_bytes(VOLUME, extended=mrc.old_fei_header(values)))


WRITERS = {
    "fei.mrc": _mrc(
        kind=b"FEI1", extended=mrc.fei1_block(FEI1) * 3, labels=("by EPU", "twice")
    ),
    "old.mrc": _old_mrc,
    "cell.rec": _mrc(cell=(90.0, 80.0, 30.0), byte_order=">"),
    "tilts.st": _with_mdoc,
    "20241021_00405_movie.mrc": _with_info,
    "scan.blo": lambda p: blockfile.write_blockfile(p, FRAMES[None]),
    "a.spx": lambda p: bruker_spx.write_spx(p, list(range(64))),
    "a.img": lambda p: jeol.write_img(p, IMAGE),
    "a.pts": lambda p: jeol.write_pts(p, [(0, 0, 100), (3, 4, 200)]),
    "a.eds": lambda p: jeol.write_eds(p, np.arange(64)),
    "m.mib": lambda p: merlin.write_merlin(p, FRAMES),
    "e.xml": lambda p: empad.write_empad(p, 2),
    "x_000.tvips": lambda p: tvips.write_tvips(p, FRAMES),
    "b.emd": lambda p: hdf5.write_berkeley_emd(p, VOLUME),
    "h.hspy": lambda p: hdf5.write_hspy(p, {"one": IMAGE}),
    "a_master.h5": lambda p: hdf5.write_arina(p, FRAMES[:4]),
    "n.nxs": lambda p: hdf5.write_nexus(p, IMAGE),
    "s.unf": lambda p: semper.write_semper(p, IMAGE.astype("f4"), title="grid"),
    "p.csv": holder_logs.write_protochips,
    "d.dens": holder_logs.write_digiheater,
    "E_Synchronized data.csv": holder_logs.write_impulse,
    "r.rpl": lambda p: ripple.write_ripple(p, FRAMES),
}

TYPES = {
    "fei.mrc": ("Image", "TEM_Imaging"),
    "scan.blo": ("Diffraction", "TEM_Diffraction"),
    "a.spx": ("Spectrum", "SEM_EDS_Spectrum"),
    "a.img": ("Image", "TEM_Imaging"),
    "a.pts": ("SpectrumImage", "TEM_EDS_Spectrum_Imaging"),
    "a.eds": ("Spectrum", "TEM_EDS_Spectrum"),
    "m.mib": ("Diffraction", "Diffraction"),
    "e.xml": ("Diffraction", "Diffraction"),
    "x_000.tvips": ("Diffraction", "TEM_Diffraction"),
    "a_master.h5": ("Diffraction", "Diffraction"),
    "b.emd": ("Image", "Imaging"),
    "h.hspy": ("Image", "TEM_Imaging"),
    "n.nxs": ("Image", "Imaging"),
    "s.unf": ("Image", "Imaging"),
    "p.csv": ("Misc", "Time_Series"),
    "d.dens": ("Misc", "Time_Series"),
    "E_Synchronized data.csv": ("Misc", "Time_Series"),
    "r.rpl": ("SpectrumImage", "TEM_EDS_Spectrum_Imaging"),
}

# The microscope's clock has no time zone.
# ruff: noqa: DTZ001
TIMES = {
    "fei.mrc": datetime(2017, 9, 22, 6),
    "tilts.st": datetime(2014, 12, 9, 14, 34, 7),
    "20241021_00405_movie.mrc": datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC),
    "scan.blo": datetime(2017, 9, 22, 12, tzinfo=UTC),
    "a.spx": datetime(2018, 3, 2, 13, 53, 4),
    "a.img": datetime(2017, 4, 7, 12),
    "a.pts": datetime(2017, 4, 7, 12),
    "a.eds": datetime(2017, 4, 7, 12),
    "m.mib": datetime(2024, 7, 2, 11, 46, 44, tzinfo=UTC),
    "e.xml": datetime(2019, 6, 7, 13, 17, 22, 590_279),
    "h.hspy": datetime(2024, 5, 6, 7, 8, 9),
    "p.csv": datetime(2014, 11, 5, 14, 42, 51, 369_000),
    "d.dens": datetime(2015, 4, 16, 13, 53),
    "E_Synchronized data.csv": datetime(2021, 4, 16, 13, 40, 20),
    "cell.rec": None,
}

FIELDS = {
    ("fei.mrc", "acceleration_voltage"): (300, "kV"),
    ("fei.mrc", "stage_position/tilt_alpha"): (-12.5, "deg"),
    ("fei.mrc", "stage_position/tilt_beta"): (1.5, "deg"),
    ("fei.mrc", "stage_position/x"): (150, "µm"),
    ("fei.mrc", "stage_position/y"): (-200, "µm"),
    ("fei.mrc", "stage_position/z"): (0.03, "mm"),
    ("fei.mrc", "pixel_width"): (0.15, "nm"),
    ("fei.mrc", "pixel_height"): (0.15, "nm"),
    ("fei.mrc", "horizontal_field_width"): (1.35, "nm"),
    ("fei.mrc", "magnification"): (96_000, ""),
    ("fei.mrc", "convergence_angle"): (20, "mrad"),
    ("fei.mrc", "acquisition_time"): (1.25, "s"),
    ("fei.mrc", "illumination_mode"): "NanoProbe",
    ("fei.mrc", "acquisition_device"): "BM-Falcon",
    ("old.mrc", "stage_position/tilt_alpha"): (10, "deg"),
    ("old.mrc", "stage_position/x"): (100, "µm"),
    ("old.mrc", "stage_position/y"): (25, "µm"),
    ("old.mrc", "acquisition_time"): (0.5, "s"),
    ("old.mrc", "pixel_width"): (2, "nm"),
    ("old.mrc", "magnification"): (5000, ""),
    ("cell.rec", "pixel_width"): (1, "nm"),
    ("cell.rec", "data_dimensions"): "(3, 8, 9)",
    ("tilts.st", "acceleration_voltage"): (200, "kV"),
    ("tilts.st", "pixel_width"): (0.54, "nm"),
    ("tilts.st", "magnification"): (29_000, ""),
    ("tilts.st", "stage_position/tilt_alpha"): (-60.01, "deg"),
    ("tilts.st", "stage_position/x"): (12.5, "µm"),
    ("tilts.st", "stage_position/y"): (-33.25, "µm"),
    ("tilts.st", "stage_position/z"): (0.0085, "mm"),
    ("tilts.st", "acquisition_time"): (0.8, "s"),
    ("tilts.st", "camera_length"): (460, "mm"),
    ("20241021_00405_movie.mrc", "acceleration_voltage"): (300, "kV"),
    ("20241021_00405_movie.mrc", "camera_length"): (230, "mm"),
    ("20241021_00405_movie.mrc", "magnification"): (1000, ""),
    ("20241021_00405_movie.mrc", "dwell_time"): (20.3, "µs"),
    ("20241021_00405_movie.mrc", "acquisition_time"): (0.33, "s"),
    ("20241021_00405_movie.mrc", "acquisition_device"): "CeleritasXS",
    ("scan.blo", "acceleration_voltage"): (200, "kV"),
    ("scan.blo", "camera_length"): (250, "mm"),
    ("scan.blo", "scan_rotation"): (12.5, "deg"),
    ("scan.blo", "pixel_width"): (5, "nm"),
    ("a.spx", "acceleration_voltage"): (15, "kV"),
    ("a.spx", "working_distance"): (9, "mm"),
    ("a.spx", "magnification"): (650, ""),
    ("a.spx", "live_time"): (7.385, "s"),
    ("a.spx", "elevation_angle"): (35, "deg"),
    ("a.spx", "azimuthal_angle"): (45, "deg"),
    ("a.spx", "detector_type"): "XFlash 5010",
    ("a.spx", "elements"): ("Fe", "S"),
    ("a.spx", "channel_size"): (5, "eV"),
    ("a.spx", "starting_energy"): (-0.25, "keV"),
    ("a.img", "acceleration_voltage"): (200, "kV"),
    ("a.img", "magnification"): (40_000, ""),
    ("a.img", "beam_current"): (2500, "pA"),
    ("a.img", "working_distance"): (6, "mm"),
    ("a.img", "scan_rotation"): (239, "deg"),
    ("a.img", "horizontal_field_width"): (4.45, "µm"),
    ("a.pts", "acceleration_voltage"): (200, "kV"),
    ("a.pts", "dwell_time"): (100, "µs"),
    ("a.pts", "live_time"): (32.5, "s"),
    ("a.pts", "takeoff_angle"): (22.3, "deg"),
    ("a.pts", "beam_current"): (2500, "pA"),
    ("a.pts", "working_distance"): (6, "mm"),
    ("a.pts", "scan_rotation"): (239, "deg"),
    ("a.pts", "data_dimensions"): "(64, 64, 4096)",
    ("a.pts", "channel_size"): (10, "eV"),
    ("a.pts", "detector_energy_resolution"): (138, "eV"),
    ("a.eds", "acceleration_voltage"): (200, "kV"),
    ("a.eds", "live_time"): (30, "s"),
    ("a.eds", "operator"): "ada",
    ("a.eds", "specimen"): "pyrite",
    ("a.eds", "beam_current"): (2500, "pA"),
    ("a.eds", "working_distance"): (5.5, "mm"),
    ("a.eds", "takeoff_angle"): (22.3, "deg"),
    ("a.eds", "elements"): ("S", "Fe"),
    ("m.mib", "dwell_time"): (1000, "µs"),
    ("m.mib", "detector_type"): "Medipix 3RX",
    ("m.mib", "acquisition_device"): "Merlin Quad",
    ("m.mib", "data_dimensions"): "(2, 3, 6, 6)",
    ("e.xml", "dwell_time"): (1500, "µs"),
    ("x_000.tvips", "acceleration_voltage"): (200, "kV"),
    ("x_000.tvips", "stage_position/tilt_alpha"): (4, "deg"),
    ("x_000.tvips", "stage_position/tilt_beta"): (5, "deg"),
    ("x_000.tvips", "magnification"): (80, ""),
    ("b.emd", "pixel_width"): (0.5, "nm"),
    ("h.hspy", "acceleration_voltage"): (200, "kV"),
    ("h.hspy", "pixel_width"): (0.25, "nm"),
    ("a_master.h5", "data_dimensions"): "(2, 2, 6, 6)",
    ("n.nxs", "pixel_width"): (200, "nm"),
    ("p.csv", "operator"): "ada",
    ("p.csv", "acquisition_time"): (1.9, "s"),
    ("p.csv", "data_dimensions"): "(2, 20)",
    ("d.dens", "acquisition_time"): (19, "s"),
    ("E_Synchronized data.csv", "acquisition_time"): (9.5, "s"),
    ("r.rpl", "acceleration_voltage"): (15, "kV"),
    ("r.rpl", "live_time"): (12.5, "s"),
    ("r.rpl", "channel_size"): (10, "eV"),
    ("r.rpl", "pixel_width"): (500, "nm"),
}

EXTENSIONS = {
    ("fei.mrc", "Dose"): (4e21, "1/m**2"),
    ("fei.mrc", "Tilt Axis Angle"): (84, "deg"),
    ("fei.mrc", "Defocus"): (-2, "µm"),
    ("fei.mrc", "Spot Size"): 4,
    ("fei.mrc", "Binning X"): 2,
    ("fei.mrc", "Microscope"): "TITAN52336830",
    ("fei.mrc", "Labels"): "by EPU; twice",
    ("old.mrc", "Defocus"): (1.5, "µm"),
    ("tilts.st", "Tilt Range"): "-60.01 to -57.98 deg",
    ("tilts.st", "Exposure Dose"): (1.5, "1/Å**2"),
    ("tilts.st", "Defocus"): (-0.75, "µm"),
    ("tilts.st", "Tilt Axis Angle"): (174.9, "deg"),
    ("tilts.st", "Binning"): 2,
    ("20241021_00405_movie.mrc", "Frame Rate"): (40_000, "1/s"),
    ("20241021_00405_movie.mrc", "Camera Serial Number"): "812",
    ("20241021_00405_movie.mrc", "Detector Temperature"): (25, "°C"),
    ("scan.blo", "Notes"): "thin film",
    ("a.spx", "Dead Time"): (3, "%"),
    ("a.spx", "Input Count Rate"): (8927, "1/s"),
    ("a.spx", "Detector Temperature"): (-20, "°C"),
    ("a.spx", "Detector Thickness"): (0.45, "mm"),
    ("a.spx", "Detector Window"): "slew AP3.3",
    ("a.spx", "Detector Serial Number"): "9990",
    ("a.spx", "Number of Channels"): 64,
    ("a.img", "Microscope"): "JEM-2100F(UHR)",
    ("a.pts", "Number of Sweeps"): 1,
    ("a.pts", "Count Rate"): (561, "1/s"),
    ("a.pts", "Dead Time"): (4, "%"),
    ("a.pts", "Real Time"): (36.5, "s"),
    ("a.pts", "Detector Area"): (30, "mm**2"),
    ("a.eds", "Microscope"): "JEM-2100F(UHR)",
    ("a.eds", "Detector Insertion Distance"): (14.5, "mm"),
    ("a.eds", "Real Time"): (34.97, "s"),
    ("m.mib", "Counter Depth"): (12, "bit"),
    ("m.mib", "Chip Mode"): "SPM",
    ("m.mib", "Number of Frames"): 6,
    ("m.mib", "Sensor Bias"): "120 V",
    ("e.xml", "Software Version"): "0.51 211118",
    ("x_000.tvips", "Binning X"): 1,
    ("x_000.tvips", "Stage X (no unit stated)"): 1,
    ("x_000.tvips", "Stage Z (no unit stated)"): 3,
    ("s.unf", "Title"): "grid",
    ("p.csv", "Number of Readings"): 20,
    ("E_Synchronized data.csv", "Experiment type"): "Heating",
    ("E_Synchronized data.csv", "Live notes"): "ramp started",
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Return a function that extracts a sample, once for all tests."""
    from nexuslims_core.types import DataFile
    from nexuslims_extractors_hyperspy.extract import extract

    done = {}

    def dataset(name):
        if name not in done:
            path = tmp_path_factory.mktemp("sample") / name
            WRITERS[name](path)
            (done[name],) = extract(DataFile.at(path)).datasets
        return done[name]

    return dataset


@pytest.mark.parametrize(("name", "place"), FIELDS)
def test_a_value_becomes_a_typed_field(name, place, dataset):
    found = dataset(name).fields
    for part in place.split("/"):
        found = found[part]
    _assert_is(found, FIELDS[name, place])


@pytest.mark.parametrize(("name", "place"), EXTENSIONS)
def test_a_value_becomes_an_extension(name, place, dataset):
    _assert_is(dataset(name).extensions[place], EXTENSIONS[name, place])


def _assert_is(found, expected):
    if not isinstance(expected, tuple) or isinstance(expected[0], str):
        assert found == expected
        return
    value, unit = expected
    magnitude = in_unit(found, unit).magnitude if unit else number(found)
    assert magnitude == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("name", TYPES)
def test_a_sample_has_its_type(name, dataset):
    assert (dataset(name).dataset_type, dataset(name).data_type) == TYPES[name]


@pytest.mark.parametrize("name", TIMES)
def test_a_sample_has_its_time(name, dataset):
    found = dataset(name).creation_time
    assert found == TIMES[name]
    if found is not None:
        assert found.tzinfo == TIMES[name].tzinfo


@pytest.mark.parametrize("name", WRITERS)
def test_typed_fields_belong_to_the_type_and_stand_nowhere_else(name, dataset):
    found = dataset(name)
    assert set(found.fields) <= set(MODELS[found.dataset_type].model_fields)
    shown = {
        known_fields()[one].display_name
        for one in found.fields
        if one in known_fields()
    }
    assert not shown & set(found.extensions)


@pytest.mark.parametrize("name", WRITERS)
def test_previews_can_be_read(name, dataset):
    source = dataset(name).preview
    pixels = np.asarray(source.read())
    assert pixels.shape == tuple(axis.size for axis in source.axes)
    assert pixels.any()


def test_every_row_of_the_tables_names_a_known_unit_and_field():
    for one in FORMATS:
        for row in one.table:
            name = row.typed.partition("/")[0]
            assert not name or name in {*known_fields(), "stage_position"}
            descriptor = known_fields().get(name)
            if descriptor is not None and descriptor.unit:
                in_unit(f"1 {row.unit}", descriptor.unit)


def test_bruker_stages_are_in_micrometres(tmp_path):
    from nexuslims_extractors_hyperspy.extract import corrected

    bruker = next(one for one in FORMATS if one.name == "Bruker")
    stage = {"Stage": {"x": 67_358.85, "rotation": 325.5}}
    signal = {"metadata": {"Acquisition_instrument": {"SEM": stage}}, "data": None}
    found = corrected(signal, bruker.factors)["metadata"]
    assert found["Acquisition_instrument"]["SEM"]["Stage"] == {
        "x": 67.35885,
        "rotation": 325.5,
    }


def test_the_tree_of_luminescence_is_read(tmp_path):
    path = tmp_path / "h.hspy"
    hdf5.write_hspy(path, {"one": IMAGE})
    import h5py
    from nexuslims_core.types import DataFile
    from nexuslims_extractors_hyperspy.extract import extract

    with h5py.File(path, "r+") as file:
        group = file["Experiments/one/metadata/Acquisition_instrument"]
        group.create_group("Laser").attrs["wavelength"] = 532.0
        detector = group.create_group("Detector")
        detector.attrs.update({"integration_time": 2.5, "model": "Newton"})
    (found,) = extract(DataFile.at(path)).datasets
    _assert_is(found.extensions["Laser Wavelength"], (532, "nm"))
    _assert_is(found.fields["acquisition_time"], (2.5, "s"))
    assert found.fields["acquisition_device"] == "Newton"


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_seconds_since_1970_are_the_same_instant_everywhere(zone, tmp_path):
    path = tmp_path / "x_000.tvips"
    tvips.write_tvips(path, FRAMES)
    code = (
        "import sys; from pathlib import Path\n"
        "from nexuslims_core.types import DataFile\n"
        "from nexuslims_extractors_hyperspy.extract import extract\n"
        "(found,) = extract(DataFile.at(Path(sys.argv[1]))).datasets\n"
        "print(found.creation_time.timestamp())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TZ": zone},
    )
    assert float(done.stdout) == 1_600_000_000


def test_an_image_whose_axes_are_all_stepped_through_is_looked_at():
    from nexuslims_extractors_hyperspy.extract import corrected

    axes = [{"name": name, "navigate": True} for name in "yx"]
    found = corrected({"data": IMAGE, "axes": axes, "metadata": {}}, {})["axes"]
    assert [one["navigate"] for one in found] == [False, False]
