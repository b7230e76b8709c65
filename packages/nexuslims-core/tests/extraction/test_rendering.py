from __future__ import annotations

import io

import pytest
from nexuslims_core.extraction import render
from nexuslims_core.types import Dataset

GENERATORS = """
import io
from PIL import Image

@hookimpl
def nexuslims_preview_generators():
    {lines}
"""


@pytest.fixture
def draw(file, manager_of):
    """Return a function that draws a dataset with the given generators."""

    def draw(*generators):
        lines = "; ".join(
            f"yield PreviewGenerator(name='g{number}', priority={900 - number}, "
            f"supports={supports}, render={render})"
            for number, (supports, render) in enumerate(generators)
        )
        manager = manager_of(GENERATORS.format(lines=lines or "return ()"))
        dataset = Dataset(file=file, dataset_type="Image", data_type="SEM_Imaging")
        return render(dataset, manager)

    return draw


YES = "lambda dataset: True"
NO_IMAGE = "g0 could not draw a preview: returned NoneType, expected an image of Pillow"
RED = "lambda dataset: Image.new('RGB', (5, 5), 'red')"


def test_the_first_that_supports_the_dataset_draws_it(draw):
    image, problem = draw(
        ("lambda dataset: False", "lambda dataset: 1 / 0"), (YES, RED), (YES, "None")
    )

    assert image.getpixel((0, 0)) == (255, 0, 0)
    assert problem is None


def test_where_nobody_supports_the_dataset_there_is_no_problem(draw):
    assert draw() == (None, None)


@pytest.mark.parametrize(
    ("supports", "function", "problem"),
    [
        (
            YES,
            "lambda dataset: 1 / 0",
            "g0 failed: ZeroDivisionError: division by zero",
        ),
        (
            "lambda dataset: 1 / 0",
            RED,
            "g0 failed: ZeroDivisionError: division by zero",
        ),
        (YES, "lambda dataset: exit(0)", "g0 failed: it called sys.exit(0)"),
        (
            YES,
            "lambda dataset: None",
            NO_IMAGE,
        ),
    ],
)
def test_who_fails_is_named_and_the_next_one_draws(draw, supports, function, problem):
    assert draw((supports, function)) == (None, problem)
    image, none = draw((supports, function), (YES, RED))
    assert image is not None
    assert none is None


@pytest.mark.parametrize(
    "mode",
    ["1", "L", "LA", "I", "I;16", "P", "RGB", "RGBA", "F", "CMYK", "YCbCr", "HSV"],
)
def test_pictures_of_any_mode_can_be_saved(draw, mode):
    image, problem = draw((YES, f"lambda dataset: Image.new({mode!r}, (5, 5))"))

    assert problem is None
    image.save(io.BytesIO(), format="PNG")


def test_a_picture_that_breaks_off_when_it_is_looked_at_is_a_failure(draw, file):
    from PIL import Image

    whole = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(whole, format="PNG")
    file.path.write_bytes(whole.getvalue()[:900])

    lazy = "lambda dataset: Image.open(io.BytesIO(dataset.file.path.read_bytes()))"
    image, problem = draw((YES, lazy))

    assert image is None
    assert problem.startswith("g0 failed: ")
