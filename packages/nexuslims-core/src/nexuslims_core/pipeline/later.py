"""What is made when it is first needed, and then kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Later(Sequence[T]):
    """A sequence that is made by the first who looks at it; other threads wait.

    Parameters
    ----------
    make
        Returns the items; called again only if it raised.
    """

    def __init__(self, make: Callable[[], Sequence[T]]) -> None:
        self._make = make
        self._making = RLock()

    @cached_property
    def _items(self) -> Sequence[T]:
        return self._make()

    def _made(self) -> Sequence[T]:
        with self._making:
            return self._items

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._made()[index]

    def __len__(self) -> int:
        return len(self._made())
