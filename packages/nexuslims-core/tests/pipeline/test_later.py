"""What is made when it is first looked at."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from nexuslims_core.pipeline.later import Later


def test_nothing_is_made_before_somebody_looks():
    made = []
    later = Later(lambda: made.append("now") or ("a", "b"))
    assert made == []
    assert list(later) == ["a", "b"]
    assert (later[1], later[:1], len(later), bool(later)) == ("b", ("a",), 2, True)
    assert made == ["now"]


def test_threads_that_look_at_once_have_it_made_once():
    made, barrier = [], Barrier(8, timeout=60)

    def make():
        made.append("now")
        return ()

    later = Later(make)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: (barrier.wait(), len(later))[1], range(8))) == {0}
    assert made == ["now"]


def test_what_could_not_be_made_is_tried_again():
    answers = iter([ValueError("not yet"), (1,)])

    def make():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    later = Later(make)
    with pytest.raises(ValueError, match="not yet"):
        len(later)
    assert list(later) == [1]
