"""What is on the axes of an array: what one steps through, what one looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nexuslims_core.errors import PreviewError
from nexuslims_core.model.files import Axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nexuslims_core.model.files import PreviewSource

_CHANNELS = (3, 4)
_PLANE = 2


@dataclass(frozen=True, kw_only=True)
class Signal:
    """An array that was handed over, and the part that each of its axes plays."""

    array: Any
    """Whatever has a shape, a type of numbers, and can be sliced."""
    axes: tuple[Axis, ...]
    """One for each dimension but that of colour."""
    across: tuple[int, ...]
    """Dimensions that one steps through, without those of a single step."""
    along: tuple[int, ...]
    """Dimensions that one looks at: one or two."""
    fixed: dict[int, int]
    """The only index along the dimensions of a single step."""
    coloured: bool = False
    """Whether there is a last dimension of red, green and blue."""
    channels: tuple[str, ...] = ()
    """Names of three quantities that are shown in red, green and blue."""
    quantity: str = ""
    """What the numbers are, where the extractor says so."""

    @property
    def steps(self) -> tuple[int, ...]:
        """How many steps there are along each of `across`."""
        return tuple(self.axes[axis].size for axis in self.across)

    @property
    def named(self) -> tuple[str, ...]:
        """Names of the steps, where one goes through things and not positions."""
        if len(self.across) != 1:
            return ()
        axis = self.axes[self.across[0]]
        return axis.labels if len(axis.labels) == axis.size else ()


def signal_of(source: PreviewSource) -> Signal:
    """Read a source as far as to know what to draw of it.

    Raises
    ------
    PreviewError
        If the array is empty, not of numbers, or does not match its axes.
    """
    array = source.read()
    if not hasattr(array, "dtype") or not hasattr(array, "shape"):
        array = np.asarray(array)
    if array.dtype.kind not in "buifc":
        msg = f"cannot draw an array of {array.dtype}; expected numbers"
        raise PreviewError(msg)
    if 0 in array.shape or not array.shape:
        msg = f"cannot draw an array of shape {array.shape}; expected data along axes"
        raise PreviewError(msg)
    axes, coloured, channels = _axes(array.shape, array.dtype, source.axes)
    across, along = _parts(axes)
    return Signal(
        array=array,
        axes=tuple(axes),
        across=tuple(axis for axis in across if axes[axis].size > 1),
        along=along,
        fixed={axis: 0 for axis in across if axes[axis].size == 1},
        coloured=coloured,
        channels=channels,
        quantity=source.quantity,
    )


def _axes(
    shape: tuple[int, ...], dtype: np.dtype[Any], given: Sequence[Axis]
) -> tuple[list[Axis], bool, tuple[str, ...]]:
    """Return axes, whether there is colour, and what the colours stand for."""
    colour = len(shape) > _PLANE and shape[-1] in _CHANNELS and dtype.kind in "uif"
    dimensions = len(given)
    if dimensions == len(shape):
        last = given[-1]
        if colour and _is_rgb(given):
            return _sized(given[:-1], shape), True, last.labels
        return _sized(given, shape), False, ()
    if dimensions == len(shape) - 1 and colour:
        return _sized(given, shape), True, ()
    if dimensions:
        msg = f"array of shape {shape} has {dimensions} axes; expected one each"
        raise PreviewError(msg)
    sizes = shape[:-1] if colour else shape
    last_two = len(sizes) - _PLANE
    plain = [
        Axis(name="", size=n, navigation=i < last_two) for i, n in enumerate(sizes)
    ]
    return plain, colour, ()


def _is_rgb(axes: Sequence[Axis]) -> bool:
    """Tell whether the last axis names what is red, green and blue in an image."""
    last = axes[-1]
    images = [axis for axis in axes[:-1] if not axis.labels]
    return len(last.labels) == len("RGB") and len(images) >= _PLANE


def _sized(given: Sequence[Axis], shape: tuple[int, ...]) -> list[Axis]:
    sizes = tuple(axis.size for axis in given)
    if sizes != shape[: len(given)]:
        msg = f"array of shape {shape} has axes of sizes {sizes}; expected the same"
        raise PreviewError(msg)
    return list(given)


def _parts(axes: Sequence[Axis]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the dimensions to step through, and the one or two to look at.

    Along an axis of names one steps, unless it is the only one. Where all is stepped
    through, as in a map, the last two are looked at; of more, so are the last two.
    """
    stepped = [i for i, axis in enumerate(axes) if axis.navigation or axis.labels]
    along = [i for i in range(len(axes)) if i not in stepped]
    if not along:
        along = [i for i in stepped if not axes[i].labels] or stepped
        stepped = [i for i in stepped if i not in along]
    return (*stepped, *along[:-_PLANE]), tuple(along[-_PLANE:])
