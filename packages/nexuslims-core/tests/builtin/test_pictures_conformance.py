"""The conformance suite, with pictures of every format."""

from __future__ import annotations

import numpy as np
from nexuslims_core.builtin import plugin as built_in
from nexuslims_core.types import SampleFile
from nexuslims_testing.samples.tiff import tiff_bytes
from nexuslims_testing.suites.extractor import ExtractorSuite
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

PIXELS = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64)
OME = b"""<OME><Image><AcquisitionDate>2026-03-01T10:20:30</AcquisitionDate>
<Pixels PhysicalSizeX="0.25" PhysicalSizeY="0.25" SizeZ="2"/></Image></OME>"""


def _exif_jpeg(path):
    _photo().save(path, exif=_with_tags(Image.Exif()))


def _exif_tiff(path):
    _photo().save(path, tiffinfo=_with_tags(ImageFileDirectory_v2()))


def _photo():
    return Image.fromarray((PIXELS >> 4).astype(np.uint8))


def _with_tags(tags):
    camera = {33434: 0.01, 36867: "2026:03:01 10:20:30"}
    for tag, value in {271: "Acme", 315: "J. Doe", 0x8769: camera}.items():
        tags[tag] = value
    return tags


def _gif(path):
    images = [Image.new("L", (16, 16), shade) for shade in (10, 90, 200)]
    images[0].save(path, save_all=True, append_images=images[1:])


def _imagej(path):
    tags = {270: b"ImageJ=1.53t\nunit=nm\n", 282: (4, 1), 283: (4, 1), 296: 1}
    path.write_bytes(tiff_bytes(PIXELS, tags))


def _ome(path):
    path.write_bytes(tiff_bytes(PIXELS, {270: OME, 306: b"2026:03:01 10:20:30"}))


class TestImageFiles(ExtractorSuite):
    extractor = next(
        one
        for one in built_in.nexuslims_extractors()
        if one.name == "image_file_extractor"
    )
    plugin = "nexuslims_core.builtin.plugin"
    samples = (
        *(
            one
            for one in built_in.nexuslims_sample_files()
            if one.name in {"grey-png", "grey-tiff"}
        ),
        SampleFile(name="exif-jpeg", filename="photo.jpg", write=_exif_jpeg),
        SampleFile(name="exif-tiff", filename="photo.tif", write=_exif_tiff),
        SampleFile(name="gif", filename="film.gif", write=_gif),
        SampleFile(name="imagej", filename="grain.tif", write=_imagej),
        SampleFile(name="ome", filename="cells.ome.tif", write=_ome),
    )
