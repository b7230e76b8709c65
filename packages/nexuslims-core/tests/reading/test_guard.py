from __future__ import annotations

import warnings

import pytest
from nexuslims_core.errors import ExtractionError, PreviewError
from nexuslims_core.reading.guard import drawing, reading


@pytest.mark.parametrize(
    "raised",
    [
        KeyError("tag"),
        MemoryError(),
        RecursionError("deep"),
        OSError(2, "gone"),
        Exception("x" * 9000),
    ],
)
def test_whatever_a_reader_raises_is_an_extraction_error(data_file, raised):
    with pytest.raises(ExtractionError) as caught, reading(data_file, "an ABC file"):
        raise raised
    message = str(caught.value)
    assert message.startswith("image.abc: not read as an ABC file: ")
    assert len(message) < 500
    assert caught.value.__cause__ is raised


def test_whatever_pixels_raise_is_a_preview_error(data_file):
    with (
        pytest.raises(PreviewError, match=r"image\.abc: cannot be decoded: ZeroDiv"),
        drawing(data_file),
    ):
        _ = 1 / 0


@pytest.mark.parametrize("kind", [ExtractionError, PreviewError])
def test_declared_errors_pass_as_they_are(data_file, kind):
    with pytest.raises(kind, match=r"^as it was$"), reading(data_file, "x"):
        raise kind("as it was")


def test_a_keyboard_interrupt_is_no_damage(data_file):
    with pytest.raises(KeyboardInterrupt), reading(data_file, "x"):
        raise KeyboardInterrupt


def test_warnings_of_a_reader_are_dropped(data_file):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with reading(data_file, "x"):
            warnings.warn("odd tag", stacklevel=1)
