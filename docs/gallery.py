"""Draw the pictures of ``docs/previews.md``: ``python docs/gallery.py``.

Of each kind of preview one, of data made up here, so that the page shows what the
renderer does today. With ``--check`` nothing is written, and the exit code says whether
the page lists every kind and every picture is there and looks as drawn now.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from nexuslims_core.previews import render_array, render_text_file
from nexuslims_core.types import Annotation, Axis, PreviewSource
from nexuslims_testing.samples import micrograph
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    Array = npt.NDArray[np.generic]

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER / "previews.md"
PICTURES = FOLDER / "previews"
MOST_DIFFERENCE = 2.0
"""Shades that pictures may differ by on average, with other versions of Pillow."""
ALPHA = "\N{GREEK SMALL LETTER ALPHA}"

# Data, all of it made up.


def axis(
    size: int, scale: float = 1.0, unit: str = "", name: str = "", offset: float = 0.0
) -> Axis:
    """Return an axis that one looks at."""
    return Axis(name=name, size=size, scale=scale, unit=unit, offset=offset)


def steps(size: int, scale: float = 1.0, unit: str = "", name: str = "") -> Axis:
    """Return an axis that one steps through."""
    return replace(axis(size, scale, unit, name), navigation=True)


def names(*labels: str) -> Axis:
    """Return an axis along which things have names."""
    return replace(axis(len(labels)), labels=labels)


def source(array: Array, *axes: Axis, title: str = "") -> PreviewSource:
    """Return a source of an array that is in memory."""
    return PreviewSource(read=lambda: array, axes=axes, title=title)


def noise(values: Array, seed: int) -> Array:
    """Return counts around values."""
    expected = np.asarray(values, dtype=np.float64).clip(0)
    return np.random.default_rng(seed).poisson(expected).astype(np.uint32)


def zone_axis(size: int, spacing: float, turn: float, seed: int) -> Array:
    """Return a diffraction pattern: spots of a lattice around a bright one."""
    y, x = np.mgrid[0:size, 0:size] - size / 2
    along = x * np.cos(turn) + y * np.sin(turn)
    across = y * np.cos(turn) - x * np.sin(turn)
    lattice = np.cos(along * np.pi / spacing) * np.cos(across * np.pi / spacing)
    distance = np.hypot(x, y) / size
    counts = 900 * lattice**40 * np.exp(-distance * 7)
    counts += 4e4 * np.exp(-((distance * 60) ** 2)) + 60 * np.exp(-distance * 9)
    return noise(counts, seed)


def x_rays(lines: Mapping[float, float], seed: int, channels: int = 2048) -> Array:
    """Return an X-ray spectrum from 0 to 20 keV with lines of given heights."""
    energy = np.arange(channels) * 20 / channels
    counts = 300 * np.exp(-energy / 5) * (1 - np.exp(-energy * 2))
    for line, height in lines.items():
        width = 0.03 + 0.003 * line
        counts += height * np.exp(-((energy - line) ** 2) / 2 / width**2)
    return noise(counts, seed)


def energies(channels: int = 2048) -> Axis:
    """Return the axis of these spectra."""
    return axis(channels, 20 / channels, "keV", "Energy")


@cache
def steel() -> Array:
    """Return a micrograph of grains, of 16 bits."""
    return micrograph.as_integers(micrograph.grains(1024, 768, seed=11), bits=16)


# The kinds of previews.


def image() -> PreviewSource:
    """Return an image with a scale."""
    return source(steel(), axis(768, 5, "nm"), axis(1024, 5, "nm"))


def annotations() -> PreviewSource:
    """Return an image onto which somebody drew."""
    yellow, blue, white = (255, 220, 0), (0, 230, 255), (255, 255, 255)
    drawn = (
        Annotation(kind="text", points=((700, 700),), text="twin boundary"),
        Annotation(kind="arrow", points=((790, 690), (735, 520)), colour=blue),
        Annotation(
            kind="double arrow",
            points=((60, 560), (330, 600)),
            text="1.37 µm",
            colour=white,
        ),
        Annotation(
            kind="rectangle",
            points=((560, 90), (830, 300)),
            text="EDS map",
            colour=yellow,
        ),
        Annotation(kind="ellipse", points=((170, 130), (330, 290))),
        Annotation(kind="line", points=((400, 640), (560, 380)), colour=yellow),
        Annotation(kind="points", points=((90, 80), (140, 330), (420, 250))),
    )
    return replace(image(), annotations=drawn, title="HAADF, camera length 115 mm")


def diffraction() -> PreviewSource:
    """Return a diffraction pattern."""
    pattern = zone_axis(512, 34, 0.3, seed=1)
    return source(pattern, axis(512, 0.05, "1/nm"), axis(512, 0.05, "1/nm"))


def transform() -> PreviewSource:
    """Return the Fourier transform of a lattice image."""
    y, x = np.mgrid[0:512, 0:512]
    lattice = np.cos(x / 1.6 + y / 5) + np.cos(y / 1.7 - x / 4) + np.cos((x + y) / 2.4)
    image = noise(40 + 8 * lattice, seed=2)
    amplitudes = np.fft.fftshift(np.fft.fft2(image))
    return source(amplitudes, axis(512, 0.06, "1/nm"), axis(512, 0.06, "1/nm"))


def colour() -> PreviewSource:
    """Return a photograph."""
    channels = [micrograph.particles(640, 480, seed=seed) for seed in (1, 1, 5)]
    photograph = micrograph.as_integers(np.dstack(channels))
    return source(photograph, axis(480), axis(640))


def channels() -> PreviewSource:
    """Return three maps as one picture."""
    maps = [
        noise(micrograph.particles(256, 256, seed=seed) ** 2 * counts, seed)
        for seed, counts in ((3, 900), (8, 90), (21, 12))
    ]
    plane = axis(256, 0.1, "µm"), axis(256, 0.1, "µm")
    return source(np.dstack(maps), *plane, names("Al⁺", "Si⁺", "Ga⁺"))


def series() -> PreviewSource:
    """Return images of something that changes."""
    stack = np.stack(
        [micrograph.particles(384, 384, seed=9, number=8 + 6 * n) for n in range(12)]
    )
    plane = axis(384, 0.5, "nm"), axis(384, 0.5, "nm")
    return source(stack, steps(12, 30, "s", "Time"), *plane, title="Heating to 700 °C")


def hyperimage() -> PreviewSource:
    """Return a diffraction pattern for each position of a scan."""
    patterns = [zone_axis(96, 13, 0.1 + n / 60, seed=n) for n in range(48)]
    scan = np.stack(patterns).reshape(6, 8, 96, 96)
    plane = axis(96, 0.2, "1/nm"), axis(96, 0.2, "1/nm")
    return source(scan, steps(6, 2, "nm"), steps(8, 2, "nm"), *plane)


def maps() -> PreviewSource:
    """Return maps of elements."""
    found = [
        noise(micrograph.particles(256, 192, seed=seed, number=25) ** 2 * 60, seed)
        for seed in range(31, 36)
    ]
    elements = names("O K", "Al K", "Si K", f"Fe K{ALPHA}", f"Cu K{ALPHA}")
    plane = axis(192, 10, "nm"), axis(256, 10, "nm")
    return source(np.stack(found), elements, *plane, title="EDS maps")


def spectrum() -> PreviewSource:
    """Return an X-ray spectrum with names of lines."""
    lines = {0.525: 2500.0, 1.487: 9000.0, 1.74: 3500.0, 6.4: 2100.0, 7.06: 330.0}
    labels = ("O K", "Al K", "Si K", f"Fe K{ALPHA}", "Fe Kβ")
    found = tuple(
        Annotation(
            kind="text",
            points=((line / 20 * 2048, 0),),
            text=label,
            colour=(150, 40, 40),
        )
        for line, label in zip(lines, labels, strict=True)
    )
    counts = x_rays(lines, seed=3)
    return replace(source(counts, energies(), title="Point 3"), annotations=found)


def logarithmic() -> PreviewSource:
    """Return an energy-loss spectrum with its zero-loss peak."""
    loss = np.arange(1500) * 0.1 - 10
    counts = 2e6 * np.exp(-(loss**2) / 0.4)
    for plasmon, height, width in ((15, 5e4, 12), (30, 4e3, 30), (45, 4e2, 60)):
        counts += height * np.exp(-((loss - plasmon) ** 2) / width)
    counts += 600 * np.exp(-loss.clip(0) / 40) * (loss > 0) + 20
    return source(noise(counts, seed=4), axis(1500, 0.1, "eV", "Energy loss", -10))


def curves() -> PreviewSource:
    """Return depth profiles."""
    depth = np.arange(90)
    profiles = [
        noise(height / (1 + np.exp((depth - middle) / width)) + floor, seed)
        for seed, (height, middle, width, floor) in enumerate(
            ((5e4, 30, 3, 25), (2e4, 45, -4, 60), (4e3, 70, -2, 8), (700, 20, 3, 2))
        )
    ]
    ions = names("Al⁺", "Si⁺", "Ga⁺", "In⁺")
    return source(np.stack(profiles), ions, axis(90, 12.5, "nm", "Depth"))


def line_scan() -> PreviewSource:
    """Return spectra along a line."""
    aluminium = 900 / (1 + np.exp((np.arange(60) - 31) / 1.5))
    spectra = [
        x_rays({1.487: height, 1.74: 900 - height, 6.4: 12.0 * n}, seed=n)
        for n, height in enumerate(aluminium)
    ]
    position = steps(60, 2.5e-9, "m", "Position")
    below_10_kev = replace(energies(), size=1024)
    return source(np.stack(spectra)[:, :1024], position, below_10_kev)


def spectrum_image() -> PreviewSource:
    """Return a spectrum for each position of a scan."""
    spectra = [
        x_rays({0.525: 400.0, 1.487: 60.0 * (n % 7), 6.4: 50.0 * (n // 7)}, n, 1024)
        for n in range(42)
    ]
    cube = np.stack(spectra).reshape(6, 7, 1024)
    return source(cube, steps(6, 5, "nm"), steps(7, 5, "nm"), energies(1024))


def composite() -> PreviewSource:
    """Return a measurement of which several pictures belong together."""
    trench = micrograph.as_integers(micrograph.trench(768, 768, seed=2))
    first = source(
        trench, axis(768, 0.03, "µm"), axis(768, 0.03, "µm"), title="FIB image"
    )
    total = noise(micrograph.particles(256, 256, seed=3) ** 2 * 4000, seed=5)
    counts = source(
        total, axis(256, 0.1, "µm"), axis(256, 0.1, "µm"), title="Total ion counts"
    )
    three = replace(channels(), title="Strongest peaks")
    profiles = replace(curves(), title="Depth profiles")
    return replace(first, panels=(counts, three, mass_spectrum(), profiles))


def mass_spectrum() -> PreviewSource:
    """Return a mass spectrum with names of ions."""
    masses = np.arange(40_000) * 0.005
    ions = {
        "C⁺": (12.0, 4e4),
        "O⁺": (15.995, 1e4),
        "Al⁺": (26.982, 1.2e6),
        "Si⁺": (27.977, 3e5),
        "Fe⁺": (55.935, 9e4),
        "⁶⁹Ga⁺": (68.926, 7e3),
        "⁷¹Ga⁺": (70.925, 5e3),
        "In⁺": (114.904, 900.0),
    }
    counts = np.full(masses.size, 0.4)
    for mass, height in ions.values():
        counts += height * np.exp(-((masses - mass) ** 2) / 0.001)
    found = tuple(
        Annotation(
            kind="text", points=((mass / 0.005, 0),), text=ion, colour=(30, 30, 30)
        )
        for ion, (mass, _) in ions.items()
    )
    spectrum = source(
        noise(counts, seed=6), axis(40_000, 0.005, "Da", "m/z"), title="Sum spectrum"
    )
    return replace(spectrum, annotations=found)


def text() -> Image.Image:
    """Draw a text file."""
    notes = (
        "Session notes, specimen 7\n\n"
        f"Tilted to 35°, tip radius about 12 µm. Fe K{ALPHA} maps of the area next to "
        "the crack; exposures kept short because of drift of 0.3 nm per minute.\n\n"
        "area    dwell   frames\n"
        "A       20 µs   12\n"
        "B       40 µs   8\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notes.txt"
        path.write_text(notes, "utf-8")
        return render_text_file(path)


def drawn(make: Callable[[], PreviewSource]) -> Callable[[], Image.Image]:
    """Return a function that draws what another one makes."""
    return lambda: render_array(make())


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of preview."""

    name: str
    """Of its picture, and of the heading on the page."""
    draw: Callable[[], Image.Image]


KINDS = (
    Kind(name="image", draw=drawn(image)),
    Kind(name="annotations", draw=drawn(annotations)),
    Kind(name="diffraction", draw=drawn(diffraction)),
    Kind(name="transform", draw=drawn(transform)),
    Kind(name="colour", draw=drawn(colour)),
    Kind(name="channels", draw=drawn(channels)),
    Kind(name="series", draw=drawn(series)),
    Kind(name="hyperimage", draw=drawn(hyperimage)),
    Kind(name="maps", draw=drawn(maps)),
    Kind(name="spectrum", draw=drawn(spectrum)),
    Kind(name="logarithmic", draw=drawn(logarithmic)),
    Kind(name="curves", draw=drawn(curves)),
    Kind(name="line-scan", draw=drawn(line_scan)),
    Kind(name="spectrum-image", draw=drawn(spectrum_image)),
    Kind(name="composite", draw=drawn(composite)),
    Kind(name="text", draw=text),
)


def problems() -> list[str]:
    """Return what is wrong with the page and its pictures."""
    page = PAGE.read_text("utf-8")
    found = [
        f"docs/previews.md does not show previews/{kind.name}.png"
        for kind in KINDS
        if f"(previews/{kind.name}.png)" not in page
    ]
    wanted = {kind.name for kind in KINDS}
    present = {path.stem for path in PICTURES.glob("*.png")}
    found += [f"docs/previews/{name}.png is of no kind" for name in present - wanted]
    found += [f"docs/previews/{name}.png is missing" for name in wanted - present]
    found += [
        f"docs/previews/{kind.name}.png is out of date"
        for kind in KINDS
        if kind.name in present and not looks_as_drawn(kind)
    ]
    return sorted(found)


def looks_as_drawn(kind: Kind) -> bool:
    """Tell whether the picture of a kind is what would be drawn now."""
    with Image.open(PICTURES / f"{kind.name}.png") as picture:
        present = np.asarray(picture.convert("RGBA")).astype(np.float64)
    wanted = np.asarray(small(kind.draw()).convert("RGBA")).astype(np.float64)
    return (
        present.shape == wanted.shape
        and float(np.abs(present - wanted).mean()) <= MOST_DIFFERENCE
    )


def small(picture: Image.Image) -> Image.Image:
    """Return a picture with few colours: the repository keeps every version."""
    page = Image.new("RGBA", picture.size, "white")
    page.alpha_composite(picture)
    colours = page.convert("RGB")
    red, green, blue = map(np.asarray, colours.split())
    if np.array_equal(red, green) and np.array_equal(red, blue):
        return colours.convert("L")
    method = Image.Quantize.FASTOCTREE
    return colours.quantize(256, method, dither=Image.Dither.NONE)


def write(kind: Kind) -> None:
    """Draw the picture of a kind, unless it is what it ought to be."""
    path = PICTURES / f"{kind.name}.png"
    if not path.is_file() or not looks_as_drawn(kind):
        small(kind.draw()).save(path, optimize=True)
        sys.stdout.write(f"docs/previews/{path.name}\n")


def main(arguments: Sequence[str]) -> int:
    """Write what is out of date; return 1 if something is wrong after that."""
    if "--check" not in arguments:
        PICTURES.mkdir(exist_ok=True)
        for kind in KINDS:
            write(kind)
    found = problems()
    sys.stdout.writelines(f"{problem}\n" for problem in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
