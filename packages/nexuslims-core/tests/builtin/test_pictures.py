"""What is told of image files that no vendor package reads."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from nexuslims_core.builtin.pictures.extract import extract, supports
from nexuslims_core.errors import ExtractionError
from nexuslims_core.model.metadata import validate
from nexuslims_core.previews import render_image
from nexuslims_core.types import DataFile, quantity
from nexuslims_testing.samples.tiff import tiff_bytes
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

PIXELS = np.arange(40 * 30, dtype=np.uint16).reshape(30, 40)
IMAGEJ = (
    b"ImageJ=1.53t\nimages=6\nchannels=2\nslices=3\nunit=%b\nspacing=0.5\nfinterval=2\n"
)
OME = """<?xml version="1.0" encoding="UTF-8"?>
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
  <Instrument ID="Instrument:0">
    <Microscope Manufacturer="Acme" Model="Scope 3"/>
    <Detector ID="Detector:0" Manufacturer="Acme" Model="Acme Eye"/>
    <Objective ID="Objective:0" Model="Plan" NominalMagnification="63" LensNA="1.4"
               Immersion="Oil"/>
  </Instrument>
  <Image ID="Image:0" Name="cells">
    <AcquisitionDate>2026-03-01T10:20:30</AcquisitionDate>
    <Pixels ID="Pixels:0" SizeX="40" SizeY="30" SizeZ="2" SizeC="3" SizeT="1"
            PhysicalSizeX="0.25" PhysicalSizeY="250" PhysicalSizeYUnit="nm"
            PhysicalSizeZ="2" Type="uint16">
      <Channel ID="Channel:0" Name="DAPI"/><Channel ID="Channel:1" Name="GFP"/>
      <Plane TheZ="0" TheC="0" TheT="0" ExposureTime="20" ExposureTimeUnit="ms"
             PositionX="1.5" PositionXUnit="mm" PositionY="3"
             PositionYUnit="reference frame"/>
    </Pixels>
  </Image>
</OME>"""


@pytest.fixture
def read(tmp_path):
    """Return a function that extracts from a new file of the given content."""

    def read(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        file = DataFile.at(path)
        assert supports(file)
        [dataset] = extract(file).datasets
        return dataset

    return read


@pytest.fixture
def saved(tmp_path):
    """Return a function that extracts from a picture that Pillow saves."""

    def saved(name, image, **options):
        path = tmp_path / name
        image.save(path, **options)
        [dataset] = extract(DataFile.at(path)).datasets
        return dataset

    return saved


def chunk(name, data):
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(*chunks, width=40, height=30, bits=8, colour=0, end=True):
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    rows = zlib.compress(bytes(41 * 30))
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *(chunk(*one) for one in chunks),
            chunk(b"IDAT", rows),
            *([chunk(b"IEND", b"")] if end else []),
        ]
    )


# How the picture is stored

LAYOUTS = [
    ("a.png", Image.new("L", (40, 30)), "PNG", "Greyscale", 8, "Deflate"),
    ("a.png", Image.new("I;16", (40, 30)), "PNG", "Greyscale", 16, "Deflate"),
    ("a.png", Image.new("RGBA", (40, 30)), "PNG", "RGBA", 8, "Deflate"),
    # Pillow writes no more bits than the shades there are need.
    ("a.png", Image.new("P", (40, 30)), "PNG", "Palette", 1, "Deflate"),
    ("a.jpg", Image.new("RGB", (40, 30)), "JPEG", "RGB", 8, "JPEG"),
    ("a.jpeg", Image.new("L", (40, 30)), "JPEG", "Greyscale", 8, "JPEG"),
    ("a.gif", Image.new("P", (40, 30)), "GIF", "Palette", 8, "LZW"),
    ("a.bmp", Image.new("RGB", (40, 30)), "BMP", "RGB", 8, "none"),
    ("a.tif", Image.new("L", (40, 30)), "TIFF", "Greyscale", 8, "none"),
    ("a.tiff", Image.new("RGB", (40, 30)), "TIFF", "RGB", 8, "none"),
    ("a.tif", Image.new("F", (40, 30)), "TIFF", "Greyscale", 32, "none"),
    ("a.tif", Image.new("I;16", (40, 30)), "TIFF", "Greyscale", 16, "none"),
]


@pytest.mark.parametrize(
    ("name", "image", "format_", "colour", "bits", "compression"), LAYOUTS
)
def test_every_format_tells_its_layout(
    saved, name, image, format_, colour, bits, compression
):
    dataset = saved(name, image)

    assert (dataset.dataset_type, dataset.data_type) == ("Image", "Miscellaneous")
    assert dataset.fields["data_dimensions"] == "(40, 30)"
    assert dataset.extensions["File Format"] == format_
    assert dataset.extensions["Color Mode"] == colour
    assert dataset.extensions["Bit Depth"] == bits
    assert dataset.extensions["Compression"] == compression
    assert dataset.extensions["Number of Images"] == 1
    assert dataset.notes == ()


def test_floating_point_is_told(saved):
    dataset = saved("a.tif", Image.new("F", (4, 3)))

    assert dataset.extensions["Sample Format"] == "floating point"


def test_compression_of_a_tiff_is_told(saved):
    dataset = saved("a.tif", Image.new("L", (4, 3)), compression="tiff_lzw")

    assert dataset.extensions["Compression"] == "LZW"


@pytest.mark.parametrize(("name", "frames"), [("a.tif", 3), ("a.gif", 3), ("a.png", 3)])
def test_several_images_are_counted(saved, name, frames):
    images = [Image.new("L", (8, 8), 40 * one) for one in range(frames)]

    dataset = saved(name, images[0], save_all=True, append_images=images[1:])

    assert dataset.extensions["Number of Images"] == frames


@pytest.mark.parametrize("byte_order", "<>")
@pytest.mark.parametrize("big", [False, True])
def test_tiff_and_bigtiff_of_either_byte_order(read, byte_order, big):
    dataset = read("a.tif", tiff_bytes(PIXELS, {}, byte_order=byte_order, big=big))

    assert dataset.fields["data_dimensions"] == "(40, 30)"
    assert np.array_equal(dataset.preview.read(), PIXELS)


def test_numbers_that_pillow_does_not_know_are_no_matter(read):
    pixels = np.linspace(0, 1, 12).reshape(3, 4).view(np.uint64)

    dataset = read("a.tif", tiff_bytes(pixels, {339: 3}))

    assert dataset.extensions["Bit Depth"] == 64
    assert dataset.preview.read()[2, 3] == 1.0


def test_a_picture_is_told_by_content_whatever_it_is_called(read):
    assert read("a.jpg", png()).extensions["File Format"] == "PNG"


def test_a_picture_too_big_to_be_decoded_is_described(read):
    dataset = read("a.png", png(width=100_000, height=90_000))

    assert dataset.fields["data_dimensions"] == "(100000, 90000)"


# Size of pixels


@pytest.mark.parametrize(
    ("unit", "ours"),
    [
        (b"micron", "µm"),
        (b"um", "µm"),
        (b"\\u00B5m", "µm"),
        (b"nm", "nm"),
        (b"mm", "mm"),
        (b"A", "Å"),
    ],
)
def test_imagej_tells_the_size_of_pixels(read, unit, ours):
    tags = {270: IMAGEJ % unit, 282: (4, 1), 283: (2, 1), 296: 1}

    dataset = read("a.tif", tiff_bytes(PIXELS, tags))

    assert dataset.fields["pixel_width"] == quantity(0.25, ours)
    assert dataset.fields["pixel_height"] == quantity(0.5, ours)
    assert dataset.fields["horizontal_field_width"] == quantity(10, ours)
    assert dataset.fields["vertical_field_width"] == quantity(15, ours)
    assert dataset.extensions["Slice Spacing"] == quantity(0.5, ours)
    assert "Resolution" not in dataset.extensions


def test_imagej_tells_what_its_images_are(read):
    dataset = read("a.tif", tiff_bytes(PIXELS, {270: IMAGEJ % b"nm"}))

    assert dataset.extensions["Number of Images"] == 6
    assert dataset.extensions["Channels"] == 2
    assert dataset.extensions["Slices"] == 3
    assert dataset.extensions["Frame Interval"] == quantity(2, "s")
    assert dataset.extensions["Software"] == "ImageJ 1.53t"
    assert dataset.raw["ImageJ"]["unit"] == "nm"


@pytest.mark.parametrize("byte_order", "<>")
def test_what_imagej_keeps_of_the_file_before_is_kept(read, byte_order):
    encoding = "utf-16-le" if byte_order == "<" else "utf-16-be"
    label, info = "grain 1".encode(encoding), "HV = 15 kV".encode(encoding)
    kinds = [b"labl", b"info"] if byte_order == ">" else [b"lbal", b"ofni"]
    magic = b"IJIJ" if byte_order == ">" else b"JIJI"
    header = magic + b"".join(kind + struct.pack(f"{byte_order}I", 1) for kind in kinds)
    tags = {
        270: IMAGEJ % b"nm",
        50838: (len(header), len(label), len(info)),
        50839: header + label + info,
    }

    dataset = read("a.tif", tiff_bytes(PIXELS, tags, byte_order=byte_order))

    assert dataset.raw["ImageJ"]["Info"] == "HV = 15 kV"


@pytest.mark.parametrize("unit", [b"inch", b"cm", b"pixel", b"", b"sec", b"1/nm"])
def test_a_resolution_for_print_is_no_size_of_a_pixel(read, unit):
    tags = {270: IMAGEJ % unit, 282: (300, 1), 283: (300, 1), 296: 2}

    dataset = read("a.tif", tiff_bytes(PIXELS, tags))

    assert "pixel_width" not in dataset.fields
    assert dataset.extensions["Resolution"] == quantity(300, "1/inch")


@pytest.mark.parametrize(("unit", "length"), [(2, "inch"), (3, "cm")])
def test_the_resolution_of_a_tiff_has_its_unit(read, unit, length):
    tags = {282: (300, 1), 283: (150, 1), 296: unit}

    dataset = read("a.tif", tiff_bytes(PIXELS, tags))

    assert dataset.extensions["Resolution X"] == quantity(300, f"1/{length}")
    assert dataset.extensions["Resolution Y"] == quantity(150, f"1/{length}")
    assert set(dataset.fields) == {"data_dimensions"}


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bmp"])
def test_the_resolution_of_other_formats_is_kept(saved, name):
    dataset = saved(name, Image.new("L", (40, 30)), dpi=(300, 300))

    assert dataset.extensions["Resolution"] == quantity(300, "1/inch")
    assert set(dataset.fields) == {"data_dimensions"}


def test_png_tells_the_size_of_pixels_on_the_subject(read):
    dataset = read("a.png", png((b"sCAL", b"\x012.5e-9\x005e-9")))

    assert dataset.fields["pixel_width"] == quantity(2.5e-9, "m")
    assert dataset.fields["pixel_height"] == quantity(5e-9, "m")
    assert dataset.fields["horizontal_field_width"] == quantity(1e-7, "m")


@pytest.mark.parametrize(
    "content", [b"\x021\x001", b"\x01-1\x001", b"\x011", b"\x01a\x00b", b"\x01"]
)
def test_other_scales_of_png_are_none(read, content):
    assert "pixel_width" not in read("a.png", png((b"sCAL", content))).fields


def test_ome_xml_is_read(read):
    dataset = read("a.ome.tif", tiff_bytes(PIXELS, {270: OME.encode()}))

    assert dataset.fields == {
        "data_dimensions": "(40, 30)",
        "pixel_width": quantity(0.25, "µm"),
        "pixel_height": quantity(250, "nm"),
        "horizontal_field_width": quantity(10, "µm"),
        "vertical_field_width": quantity(7500, "nm"),
        "magnification": 63,
        "acquisition_time": quantity(20, "ms"),
        "acquisition_device": "Acme Eye",
        # The unit of the other is no length.
        "stage_position": {"x": quantity(1.5, "mm")},
    }
    assert dataset.creation_time == datetime(2026, 3, 1, 10, 20, 30)  # noqa: DTZ001
    shown = dataset.extensions
    assert shown["Number of Images"] == 6
    assert shown["Microscope"] == "Acme Scope 3"
    assert (shown["Objective"], shown["Numerical Aperture"]) == ("Plan", 1.4)
    assert shown["Channel Names"] == ["DAPI", "GFP"]
    assert shown["Slice Spacing"] == quantity(2, "µm")
    assert shown["Image Name"] == "cells"
    assert "OME" in dataset.raw


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><OME>&b;</OME>', "without a document type"),
        (OME[:700], "expected well-formed XML"),
    ],
)
def test_xml_that_is_odd_is_read_as_far_as_it_goes(read, text, told):
    dataset = read("a.tif", tiff_bytes(PIXELS, {270: text.encode()}))

    [note] = dataset.notes
    assert note.startswith("OME-XML: ")
    assert told in note
    assert dataset.fields["data_dimensions"] == "(40, 30)"


def test_what_digitalmicrograph_exports_has_the_size_of_pixels(read):
    tags = {65003: b"nm\0", 65004: b"nm\0", 65009: (0, 0), 65010: (0, 0)}
    content = bytearray(tiff_bytes(PIXELS, tags))
    for tag, scale in ((65009, 0.5), (65010, 0.25)):
        # Twice four bytes, as the fraction that our writer made, are one double.
        entry = content.index(struct.pack("<HHI", tag, 5, 1))
        content[entry + 2 : entry + 4] = struct.pack("<H", 12)
        [place] = struct.unpack_from("<I", content, entry + 8)
        content[place : place + 8] = struct.pack("<d", scale)

    dataset = read("a.tif", bytes(content))

    assert dataset.fields["pixel_width"] == quantity(0.5, "nm")
    assert dataset.fields["pixel_height"] == quantity(0.25, "nm")


# Who, with what, when

EXIF = {
    271: "Acme",
    272: "Acme Eye 5",
    305: "Capture 1.0",
    315: "J. Doe",
    33432: "Facility",
}
CAMERA = {
    33434: 0.005,
    33437: 2.8,
    34855: 200,
    37386: 50.0,
    36867: "2026:03:01 10:20:30",
    36881: "+01:00",
}


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
def test_exif_tells_the_camera_and_its_time(saved, name):
    tags = ImageFileDirectory_v2() if name == "a.tif" else Image.Exif()
    for tag, value in {**EXIF, 0x8769: CAMERA}.items():
        tags[tag] = value
    option = "tiffinfo" if name == "a.tif" else "exif"

    dataset = saved(name, Image.new("L", (40, 30)), **{option: tags})

    assert dataset.fields["acquisition_device"] == "Acme Eye 5"
    assert dataset.fields["operator"] == "J. Doe"
    assert dataset.flagged == (("Operator",),)
    assert dataset.fields["acquisition_time"] == quantity(0.005, "s")
    assert dataset.extensions["Software"] == "Capture 1.0"
    assert dataset.extensions["Copyright"] == "Facility"
    assert dataset.extensions["F-Number"] == 2.8
    assert dataset.extensions["ISO Speed"] == 200
    assert dataset.extensions["Focal Length"] == quantity(50, "mm")
    assert dataset.creation_time == datetime(
        2026, 3, 1, 10, 20, 30, tzinfo=timezone(timedelta(hours=1))
    )


def test_damaged_tags_are_noted_and_cost_no_others(read):
    content = tiff_bytes(PIXELS, {271: b"Acme", 0x8769: 10**6})

    dataset = read("a.tif", content)

    assert dataset.fields["acquisition_device"] == "Acme"
    assert dataset.notes[0].startswith("The tags of EXIF cannot be read: ")


@pytest.mark.parametrize(
    ("make", "model", "device"),
    [
        (b"Acme", b"Eye", "Acme Eye"),
        (b"Acme", b"ACME Eye", "ACME Eye"),
        (b"Acme", b"", "Acme"),
        (b"", b"Eye", "Eye"),
    ],
)
def test_maker_and_model_are_one_name(read, make, model, device):
    dataset = read("a.tif", tiff_bytes(PIXELS, {271: make, 272: model}))

    assert dataset.fields["acquisition_device"] == device


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"2026:03:01 10:20:30\0", datetime(2026, 3, 1, 10, 20, 30)),  # noqa: DTZ001
        (b"2026/03/01 10:20:30", datetime(2026, 3, 1, 10, 20, 30)),  # noqa: DTZ001
        (b"2026-03-01T10:20:30Z", datetime(2026, 3, 1, 10, 20, 30, tzinfo=UTC)),
        (b"0000:00:00 00:00:00", None),
        (b"    :  :     :  :  ", None),
        (b"", None),
    ],
)
def test_the_date_of_a_tiff(read, text, expected):
    dataset = read("a.tif", tiff_bytes(PIXELS, {306: text}))

    assert dataset.creation_time == expected
    assert dataset.notes == ()


@pytest.mark.parametrize("text", [b"2026:13:41 10:20:30", b"yesterday"])
def test_a_date_that_is_none_is_noted(read, text):
    dataset = read("a.tif", tiff_bytes(PIXELS, {306: text}))

    assert dataset.creation_time is None
    assert dataset.notes == (
        f"Expected a date and time in tag 306, found {text.decode()!r}.",
    )


TIME = (b"tIME", struct.pack(">HBBBBB", 2026, 3, 1, 10, 20, 30))


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([TIME], datetime(2026, 3, 1, 10, 20, 30, tzinfo=UTC)),
        (
            [TIME, (b"tEXt", b"Creation Time\0Sun, 01 Feb 2026 09:00:00 +0100")],
            datetime(2026, 2, 1, 8, tzinfo=UTC),
        ),
        (
            [(b"tEXt", b"Creation Time\x002026-02-01T09:00:00")],
            datetime(2026, 2, 1, 9),  # noqa: DTZ001
        ),
        ([(b"tEXt", b"Creation Time\0once")], None),
        ([(b"tIME", b"\0" * 7)], None),
    ],
)
def test_when_a_png_was_made(read, chunks, expected):
    assert read("a.png", png(*chunks)).creation_time == expected


def test_the_texts_of_a_png_are_shown_and_kept(read):
    dataset = read(
        "a.png",
        png(
            (b"tEXt", b"Author\0J. Doe"),
            (b"tEXt", b"Description\0a grain"),
            (b"zTXt", b"Software\0\0" + zlib.compress(b"Capture 1")),
            (b"iTXt", "Sample\0\0\0\0\0Körnung".encode()),
            (b"iTXt", b"Mode\0\1\0\0\0" + zlib.compress(b"BSE")),
            (b"tEXt", b"Long\0" + b"x" * 5000),
        ),
    )

    assert dataset.fields["operator"] == "J. Doe"
    assert dataset.flagged == (("Operator",),)
    assert dataset.extensions["Image Description"] == "a grain"
    assert dataset.extensions["Software"] == "Capture 1"
    assert dataset.extensions["PNG Text"] == {"Sample": "Körnung", "Mode": "BSE"}
    assert len(dataset.raw["PNG Text"]["Long"]) == 5000


def test_a_text_that_is_a_bomb_is_left_out(read):
    bomb = zlib.compress(bytes(2**26))

    dataset = read("a.png", png((b"zTXt", b"Comment\0\0" + bomb)))

    assert "PNG Text" not in dataset.extensions
    assert "expected at most 1048576 bytes of text" in dataset.notes[0]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ((b"iTXt", b"Mode\0\0\0de"), "expected a language, a key and a text"),
        ((b"iTXt", b"Mode\0\0\0\0\0\xff"), "can't decode byte 0xff"),
        ((b"zTXt", b"Mode\0\0plain"), "incorrect header check"),
    ],
)
def test_a_text_that_is_damaged_is_noted(read, content, told):
    dataset = read("a.png", png(content, (b"tEXt", b"Title\0a")))

    [note] = dataset.notes
    assert note.startswith("Text 'Mode' cannot be read: ")
    assert told in note
    assert dataset.extensions["Title"] == "a"


def test_a_description_beyond_all_bounds_is_left_out_and_said(read):
    content = bytearray(tiff_bytes(PIXELS, {270: b"a grain\0"}))
    entry = content.index(struct.pack("<HHI", 270, 2, 8))
    content[entry + 4 : entry + 8] = struct.pack("<I", 2**30)

    dataset = read("a.tif", bytes(content))

    assert "Image Description" not in dataset.extensions
    assert dataset.notes[0].startswith("The description should have 1073741824 bytes")


def test_a_comment_in_a_jpeg_is_shown(saved):
    dataset = saved("a.jpg", Image.new("L", (4, 3)), comment=b"over lunch")

    assert dataset.extensions["Comment"] == "over lunch"


def test_a_description_is_shown_and_a_long_one_kept(read):
    short = read("a.tif", tiff_bytes(PIXELS, {270: b"a grain\0"}))
    long = read("a.tif", tiff_bytes(PIXELS, {270: b"x" * 3000}))

    assert short.extensions["Image Description"] == "a grain"
    assert "Image Description" not in long.extensions
    assert len(long.raw["Image Description"]) == 3000


# Previews


def test_a_calibrated_picture_has_axes_in_its_unit(read):
    tags = {270: IMAGEJ % b"nm", 282: (4, 1), 283: (4, 1), 296: 1}

    dataset = read("a.tif", tiff_bytes(PIXELS, tags))

    [y, x] = dataset.preview.axes
    assert (y.size, y.scale, y.unit) == (30, 0.25, "nm")
    assert (x.size, x.scale, x.unit) == (40, 0.25, "nm")
    assert np.array_equal(dataset.preview.read(), PIXELS)


@pytest.mark.parametrize(("name", "image"), [(one[0], one[1]) for one in LAYOUTS])
def test_every_format_has_a_preview(saved, name, image):
    assert render_image(saved(name, image)).size == (500, 500)


# Damage


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.png", png()[:20], "expected a PNG that begins with its header"),
        ("a.png", png(colour=9), "expected a PNG image, found 40 by 30 pixels, type 9"),
        ("a.png", png(width=0), "found 0 by 30 pixels"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "a.jpg: not read as a JPEG"),
        ("a.gif", b"GIF89a", "a.gif: not read as a GIF"),
        ("a.tif", b"II*\0\0\0\0\0", "found no directory"),
        ("a.tif", b"II*\0\x08\0\0", "not read as a TIFF"),
        ("a.tif", b"II*\0\x08\0\0\0\0\0\0\0\0\0", "found one of 0 by 0 pixels"),
        ("a.tif", b"text", "expected the signature of an image, found b'text'"),
    ],
)
def test_a_damaged_header_is_an_extraction_error(tmp_path, name, content, told):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(ExtractionError) as caught:
        extract(DataFile.at(path))

    assert told in str(caught.value)


def test_a_png_that_breaks_off_is_read_and_said(read):
    dataset = read("a.png", png((b"tEXt", b"Title\0a"), end=False))

    assert dataset.extensions["Title"] == "a"
    assert dataset.notes == ("The file breaks off before its end mark, IEND.",)


def test_a_tiff_whose_image_breaks_off_is_read_and_said(read):
    # Its data would have to end far beyond the file.
    dataset = read("a.tif", tiff_bytes(PIXELS, {279: 10**6, 305: b"Capture"}))

    assert dataset.extensions["Software"] == "Capture"
    assert dataset.preview is None
    assert dataset.notes[0].startswith("Image data should end at byte 1000008, the ")


@pytest.mark.parametrize("content", [b"BM", b"BM" + bytes(60), b"BMW is a car" * 9])
def test_two_letters_do_not_make_a_bitmap(tmp_path, content):
    path = tmp_path / "a.bmp"
    path.write_bytes(content)

    assert not supports(DataFile.at(path))


def test_all_of_it_fits_the_schema(read):
    tags = {270: OME.encode(), 271: b"Acme", 306: b"2026:03:01 10:20:30", 315: b"J"}
    dataset = read("a.tif", tiff_bytes(PIXELS, tags))

    metadata = validate(dataset, date=datetime.now(tz=UTC), module="core", version="1")

    assert metadata.notes == ()
    assert metadata.nx_meta["pixel_width"] == {"value": 250.0, "unit": "nanometer"}
    assert metadata.nx_meta["pixel_height"] == {"value": 250.0, "unit": "nanometer"}
    assert metadata.nx_meta["warnings"] == [["Operator"]]
