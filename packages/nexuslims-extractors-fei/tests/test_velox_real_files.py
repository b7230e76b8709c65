"""Real Velox files; expected values were read from them with h5py and JSON."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime

import h5py
import numpy as np
import pytest
from nexuslims_core.types import DataFile, quantity
from nexuslims_extractors_fei.plugin import nexuslims_extractors

FOLDER = "data/rosettasciio/emd"
EXTRACTOR = list(nexuslims_extractors())[2]

FOREIGN = [
    "Si100_2D_3D_DPC_potential_2slices.emd",
    "Si100_3D.emd",
    "example_bytes_string_metadata.emd",
    "example_metadata.emd",
    "example_object_dtype_data.emd",
    "example_signal.emd",
    "py4DSTEM_size2x3x4x5.h5",
]

MAPS = ["C", "Ca", "O", "Cu"]
SEGMENTS = ["SuperXG21", "SuperXG24", "SuperXG22", "SuperXG23"]


@pytest.fixture
def velox_file(shared_folder, tmp_path):
    """Return a function that finds a file, in an archive where there is one."""

    def velox_file(name, archive=None):
        folder = shared_folder / FOLDER
        if archive is None:
            return folder / name
        with zipfile.ZipFile(folder / archive) as opened:
            (member,) = (one for one in opened.namelist() if one.endswith(name))
            return tmp_path / opened.extract(member, tmp_path)

    return velox_file


def _datasets(path):
    file = DataFile.at(path)
    assert EXTRACTOR.supports(file)
    return EXTRACTOR.extract(file).datasets


def _part(path, place):
    with h5py.File(path) as tree:
        text = tree[f"Data/{place}/Metadata"][:, 0].tobytes().rstrip(b"\0")
        return json.loads(text), tree[f"Data/{place}/Data"][()]


@pytest.mark.parametrize("name", FOREIGN)
def test_files_of_other_programs_are_left_alone(velox_file, name):
    assert not EXTRACTOR.supports(DataFile.at(velox_file(name)))


def test_a_stem_image_and_its_fourier_transform(velox_file):
    path = velox_file("FFTComplexEven.emd")
    half, image = _datasets(path)
    metadata, pixels = _part(path, "Image/8874d5e77c3d40eab49d4325dc25f65d")
    assert half.extensions["Title"] == "FFT#1(HAADF)"
    assert half.preview.axes[0].unit == "1/nm"
    assert (image.dataset_type, image.data_type) == ("Image", "STEM_Imaging")
    assert (np.asarray(image.preview.read()) == pixels[..., 0]).all()
    assert image.fields["magnification"] == 28_500
    assert image.fields["camera_length"] == quantity(0.091, "m")
    assert image.fields["acceleration_voltage"] == quantity(300_000, "V")
    assert image.fields["detector_type"] == metadata["BinaryResult"]["Detector"]
    assert image.extensions["Spot Size"] == int(metadata["Optics"]["SpotIndex"])
    assert image.creation_time == datetime.fromtimestamp(1664324827, UTC)
    assert image.fields["pixel_width"].to("m").magnitude == pytest.approx(
        2.7115295630818652e-08
    )
    assert len(image.fields) == 14


def test_a_series_of_a_camera(velox_file):
    path = velox_file("fei_example_tem_stack.emd")
    (dataset,) = _datasets(path)
    _, pixels = _part(path, "Image/26f60320a61d4f66a73efd8cde34ffa9")
    assert dataset.data_type == "TEM_Imaging"
    assert dataset.fields["data_dimensions"] == "(2, 3, 3)"
    assert (np.asarray(dataset.preview.read()) == np.moveaxis(pixels, 2, 0)).all()
    assert dataset.fields["acquisition_time"] == quantity(0.8, "s")
    assert dataset.fields["magnification"] == pytest.approx(1271519.155)
    tilt = dataset.fields["stage_position"]["tilt_alpha"]
    assert tilt.to("rad").magnitude == pytest.approx(-0.2196735999999999)


def test_images_of_several_detectors_and_of_their_differences(velox_file):
    datasets = _datasets(velox_file("fei_example_dpc_titles.emd"))
    titles = {one.extensions["Title"] for one in datasets}
    assert len(datasets) == 9
    assert titles == {"DF4", "DF4-A", "DF4-B", "DF4-C", "DF4-D", "DPC", "iDPC"}
    assert sum(one.preview.read().dtype.kind == "c" for one in datasets) == 1
    assert {one.fields["magnification"] for one in datasets} == {910_000}


def test_a_spectrum_image_with_maps_and_spectra(velox_file):
    path = velox_file("Test SI 16x16 215 kx.emd", "velox_emd_version11.zip")
    datasets = _datasets(path)
    maps, spectra, whole = datasets[:4], datasets[5:9], datasets[9]
    assert [one.extensions["Title"] for one in maps] == MAPS
    assert {one.data_type for one in maps} == {"STEM_EDS_Imaging"}
    assert datasets[4].fields["data_dimensions"] == "(2, 16, 16)"
    assert [one.fields["detector_type"] for one in spectra] == SEGMENTS
    assert whole.data_type == "STEM_EDS_Spectrum_Imaging"
    assert whole.fields["data_dimensions"] == "(16, 16, 4096)"
    assert whole.fields["elements"] == ("C", "O", "Ca", "Cu")
    assert whole.extensions["Number of Frames"] == 2
    # Velox adds the stream of each segment to a spectrum itself.
    with h5py.File(path) as tree:
        added = sum(
            one["Data"][:, 0].astype(int) for one in tree["Data/Spectrum"].values()
        )
    assert np.array_equal(np.asarray(whole.preview.read()), added)
    (counts,) = whole.preview.panels
    assert np.asarray(counts.read()).sum() == added.sum() == 42_097
    live = spectra[0].fields["live_time"].to("s").magnitude
    assert live == pytest.approx(0.49210381111044865)
    assert all(len(one.fields) >= 12 for one in datasets)


def test_a_map_of_all_counts_is_that_of_another_reader(velox_file):
    emd = pytest.importorskip("rsciio.emd")
    path = velox_file("Test SI 16x16 215 kx.emd", "velox_emd_version11.zip")
    theirs = emd.file_reader(path, select_type="spectrum_image")[-1]["data"]
    whole = _datasets(path)[-1]
    (counts,) = whole.preview.panels
    assert np.array_equal(np.asarray(counts.read()), theirs.sum(axis=2))
    assert np.array_equal(np.asarray(whole.preview.read()), theirs.sum(axis=(0, 1)))


def test_a_pruned_spectrum_image(velox_file):
    path = velox_file("Test SI 16x16 ReducedData 215 kx.emd", "velox_emd_version11.zip")
    whole = _datasets(path)[-1]
    assert whole.fields["data_dimensions"] == "(16, 16, 4096)"
    assert whole.preview is None
    assert len(whole.notes) == 1


def test_energy_losses_beside_x_rays(velox_file):
    path = velox_file("example_velox_EELS_EDS.emd", "velox_EELS_EDS.zip")
    datasets = _datasets(path)
    losses = [one for one in datasets if one.data_type == "STEM_EELS_Spectrum_Imaging"]
    starts = [one.fields["starting_energy"].magnitude for one in losses]
    assert starts == pytest.approx([800, 480, -21.5026])
    _, numbers = _part(path, "EelsSpectrumImage/13270bdb2ecb41ccbf7fb78b57abad4e")
    found = np.asarray(losses[0].preview.read()[3, 5])
    assert (found == numbers[5, :, 3]).all()
    assert losses[0].fields["pixel_time"] == quantity(0.004, "s")
    kinds = [one.data_type for one in datasets]
    assert kinds.count("STEM_EELS_Imaging") == 3
    assert kinds.count("STEM_EDS_Imaging") == 3
    assert datasets[-1].fields["operator"] == "ortega"
    assert datasets[-1].fields["specimen"] == "4979A"
    assert np.asarray(datasets[-1].preview.read()).sum() == 11_093
