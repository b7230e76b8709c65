"""A function call on its way to a worker's innermost process, and its answer back.

Both are bytes all the way, so that the scheduler and whatever else they pass need to
know nothing of what is in them.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import NexusLIMSError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, kw_only=True)
class Call:
    """What to do, and what to check before."""

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    check: Callable[[], None] | None = None
    """Raises if this process must not do it."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of a call."""

    value: Any = None
    error: Exception | None = None


class Sealed:
    """A packed `Call` that unpacks itself where it is unpickled next.

    So whoever hands it on imports nothing of what it is about, and what that takes is
    not in the time that the call may take.
    """

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    def __reduce__(self) -> tuple[Callable[[bytes], object], tuple[bytes]]:
        return pickle.loads, (self._packed,)


def perform(call: Call) -> bytes:
    """Do a call; return the packed `Answer`."""
    try:
        if call.check is not None:
            call.check()
        answer = Answer(value=call.function(*call.args, **call.kwargs))
    # The contract of an executor: an exception belongs to the future.
    except Exception as error:  # noqa: BLE001
        answer = Answer(error=error)
    except SystemExit as error:
        answer = Answer(error=NexusLIMSError(f"it called sys.exit({error.code!r})"))
    return pack(answer)


def pack(answer: Answer) -> bytes:
    """Return an answer that can be unpacked elsewhere, whatever was raised."""
    try:
        packed = pickle.dumps(answer)
        pickle.loads(packed)  # noqa: S301 - made above
    # Foreign classes raise anything here; exceptions with arguments of their own pack
    # well and unpack badly.
    except Exception as error:  # noqa: BLE001
        lost = answer.error or error
        told = NexusLIMSError(f"{type(lost).__name__}: {lost}")
        return pickle.dumps(Answer(error=told))
    return packed
