"""Previews beside pictures of how they ought to look.

Where a picture is wanted to change, look at the new one and renew the reference::

    NEXUSLIMS_RENEW_REFERENCES=1 pytest -k looks_as_it_did

They are kept at half their size, on a page that is neither black nor white.

Versions of Pillow and FreeType smooth edges a little differently, so that pictures may
differ by little on average, and by much in few pixels.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from nexuslims_core.previews import render_array, render_text_file
from nexuslims_core.types import Annotation, Axis, PreviewSource
from PIL import Image

REFERENCES = Path(__file__).parent / "references"
RENEW = "NEXUSLIMS_RENEW_REFERENCES"
MEAN_DIFFERENCE = 2.5
"""Shades, of 255."""
OTHER_PIXELS = 0.02
"""Part of the pixels that may differ by more than a quarter of all shades."""
MOST_BYTES = 60_000

KA = "K\N{GREEK SMALL LETTER ALPHA}"
NM, PER_NM = "nm", "1/nm"


def axis(size, scale=1.0, unit="", name="", offset=0.0, **more):
    return Axis(name=name, size=size, scale=scale, unit=unit, offset=offset, **more)


def steps(size, **more):
    return axis(size, navigation=True, **more)


def source(array, *axes, **more):
    return PreviewSource(read=lambda: array, axes=axes, **more)


def rings(rows, columns, pitch=20.0):
    y, x = np.mgrid[0:rows, 0:columns]
    return 100 + 80 * np.cos(np.hypot(x - columns / 2, y - rows / 3) / pitch * np.pi)


def spots(size, spacing):
    y, x = np.mgrid[0:size, 0:size] - size / 2
    lattice = np.cos(x * 2 * np.pi / spacing) * np.cos(y * 2 * np.pi / spacing)
    return 5 + 9000 * lattice.clip(0) ** 30 * np.exp(-np.hypot(x, y) / size * 8)


def spectrum(size=1024, lines=((0.52, 900), (1.49, 5000), (6.4, 2200), (8.05, 700))):
    energy = np.arange(size) * 20 / size
    background = 150 * np.exp(-energy / 6) * (1 - np.exp(-energy * 3))
    peaks = [h * np.exp(-((energy - e) ** 2) / 0.012) for e, h in lines]
    return (background + sum(peaks)).round().astype("u4")


def energy(size=1024):
    return axis(size, 20 / size, "keV", "Energy")


def image():
    return source(rings(384, 512).astype("u2"), axis(384, 2, NM), axis(512, 2, NM))


def annotated():
    drawn = (
        Annotation(kind="text", points=((430, 350),), text="grain boundary"),
        Annotation(kind="line", points=((20, 30), (200, 120)), colour=(255, 220, 0)),
        Annotation(kind="arrow", points=((400, 300), (280, 150)), colour=(0, 230, 255)),
        Annotation(
            kind="double arrow",
            points=((40, 250), (200, 270)),
            text="320 nm",
            colour=(255, 255, 255),
        ),
        Annotation(
            kind="rectangle",
            points=((300, 60), (420, 150)),
            text=KA,
            colour=(90, 255, 90),
        ),
        Annotation(kind="ellipse", points=((220, 180), (330, 280))),
        Annotation(kind="points", points=((60, 160), (80, 190), (120, 180))),
    )
    return source(
        rings(384, 512).astype("f4"),
        axis(384, 2, NM),
        axis(512, 2, NM),
        annotations=drawn,
        title="HAADF, camera length 115 mm",
    )


def diffraction():
    return source(spots(256, 24), axis(256, 0.05, PER_NM), axis(256, 0.05, PER_NM))


def transform():
    lattice = np.fft.fftshift(np.fft.fft2(spots(256, 12) + rings(256, 256, 3.7)))
    return source(lattice, axis(256, 0.05, PER_NM), axis(256, 0.05, PER_NM))


def colours():
    picture = np.dstack([rings(150, 200, pitch) for pitch in (15, 25, 40)])
    return source(picture.astype("u1"), axis(150), axis(200))


def channels():
    maps = np.dstack([rings(128, 128, pitch) for pitch in (40, 70, 110)])
    named = axis(3, labels=("Al⁺", "Si⁺", "Ga⁺"))
    return source(maps, axis(128, 0.1, "µm"), axis(128, 0.1, "µm"), named)


def series():
    stack = np.stack([rings(96, 128, 8 + index) for index in range(12)])
    return source(stack, steps(12), axis(96, 1, NM), axis(128, 1, NM), title="Heating")


def hyperimage():
    frames = np.stack([spots(48, 9 + index / 12) for index in range(48)])
    scan = frames.reshape(6, 8, 48, 48)
    return source(
        scan, steps(6), steps(8), axis(48, 0.2, PER_NM), axis(48, 0.2, PER_NM)
    )


def maps():
    stack = np.stack([rings(64, 96, 6 + 3 * index) for index in range(5)])
    named = axis(5, labels=("O K", "Al K", "Si K", f"Fe {KA}", f"Cu {KA}"))
    return source(stack, named, axis(64, 1, NM), axis(96, 1, NM), title="EDS maps")


def curve():
    return source(spectrum(), energy(), title="EDS, point 3")


def zero_peak():
    loss = np.arange(1000) * 0.1 - 10
    counts = 1e6 * np.exp(-(loss**2) / 0.3) + 2e4 * np.exp(-((loss - 22) ** 2) / 30)
    counts += 900 * np.exp(-loss.clip(0) / 30)
    return source(counts.round(), axis(1000, 0.1, "eV", "Energy loss", -10))


def mass_spectrum():
    masses = np.arange(20_000) * 0.01
    peaks = ((12, 4e4), (15.99, 9e3), (26.98, 8e5), (68.93, 3e3), (70.92, 2e3))
    counts = sum(h * np.exp(-((masses - m) ** 2) / 0.002) for m, h in peaks) + 1.5
    names = ("C⁺", "O⁺", "Al⁺", "⁶⁹Ga⁺", "⁷¹Ga⁺")
    labels = tuple(
        Annotation(
            kind="text", points=((mass * 100, 0),), text=name, colour=(30, 30, 30)
        )
        for (mass, _), name in zip(peaks, names, strict=True)
    )
    mass = axis(20_000, 0.01, "Da", "m/z")
    return source(counts, mass, annotations=labels, title="Sum mass spectrum")


def named_curves():
    depth = np.arange(80)
    profiles = [
        height / (1 + np.exp((depth - middle) / width)) + 3
        for height, middle, width in ((5e4, 30, 3), (2e4, 40, -4), (900, 60, -2))
    ]
    named = axis(3, labels=("Al⁺", "Si⁺", "Ga⁺"))
    return source(np.stack(profiles), named, axis(80, 12.5, NM, "Depth"))


def line_scan():
    rows = [spectrum(512, ((1.49, 50 * i), (6.4, 3000 - 50 * i))) for i in range(60)]
    position = steps(60, name="Position", scale=2.5e-9, unit="m")
    return source(np.stack(rows), position, energy(512))


def spectrum_image():
    rows = [spectrum(512, ((1.49, 90 * i), (6.4, 900))) for i in range(42)]
    return source(np.stack(rows).reshape(6, 7, 512), steps(6), steps(7), energy(512))


def strip():
    return source(
        rings(20, 600),
        axis(20, 1, NM),
        axis(600, 1, NM),
        annotations=(Annotation(kind="text", points=((590, 10),), text="the end"),),
        title="A strip",
    )


def oddities():
    picture = rings(60, 60)
    picture[:10], picture[20:30], picture[50:, :20] = np.nan, np.inf, -np.inf
    return source(picture)


KINDS = (
    image,
    annotated,
    diffraction,
    transform,
    colours,
    channels,
    series,
    hyperimage,
    maps,
    curve,
    zero_peak,
    mass_spectrum,
    named_curves,
    line_scan,
    spectrum_image,
    strip,
    oddities,
)


@pytest.fixture
def compare(tmp_path):
    """Return a function that compares a picture with the reference of that name."""

    def compare(picture, name):
        reference, new = REFERENCES / f"{name}.png", tmp_path / f"{name}.png"
        small = flattened(picture)
        if os.environ.get(RENEW):
            small.save(reference, optimize=True)
            pytest.skip(f"renewed {reference}")
        picture.save(new)
        with Image.open(reference) as image:
            wanted = np.asarray(image.convert("RGB")).astype(float)
        found = np.asarray(small).astype(float)
        assert found.shape == wanted.shape, message(new)
        difference = np.abs(found - wanted)
        far = float((difference.max(axis=-1) > 64).mean())
        assert difference.mean() <= MEAN_DIFFERENCE, message(new)
        assert far <= OTHER_PIXELS, message(new)

    return compare


def flattened(picture):
    page = Image.new("RGBA", picture.size, (120, 150, 180, 255))
    page.alpha_composite(picture.convert("RGBA"))
    return page.convert("RGB").reduce(max(2, picture.width // 250))


def message(new):
    return f"the preview changed: compare {new} with the one in {REFERENCES}"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_preview_looks_as_it_did(kind, compare):
    compare(render_array(kind()), kind.__name__)


def test_a_composite_looks_as_it_did(compare):
    panels = (channels(), mass_spectrum(), named_curves())
    whole = source(
        rings(96, 128), axis(96, 0.1, "µm"), axis(128, 0.1, "µm"), title="FIB"
    )
    composite = render_array(PreviewSource(**{**vars(whole), "panels": panels}))
    assert composite.size == (1500, 1500)
    compare(composite, "composite")


def test_a_text_looks_as_it_did(compare, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text(
        "Größe 12 µm, Winkel 35°\n\n" + KA + "-Linie\n" + "words and words " * 9
    )
    compare(render_text_file(path), "text")


def test_references_are_small_and_all_used():
    names = {kind.__name__ for kind in KINDS} | {"composite", "text"}
    assert {path.stem for path in REFERENCES.glob("*.png")} == names
    assert max(path.stat().st_size for path in REFERENCES.iterdir()) < MOST_BYTES
