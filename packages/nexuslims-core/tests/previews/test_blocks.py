"""Means of blocks, whatever the type of the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from nexuslims_core.previews.blocks import block_means

TYPES = [
    *("?", "u1", "i1", "<u2", ">i2", "<u4", "<i4", "<u8", "<i8"),
    *("<f2", "<f4", ">f4", "<f8"),
]


def expected(values: np.ndarray, rows: int, columns: int) -> np.ndarray:
    return np.array(
        [
            [
                values[row : row + rows, column : column + columns].mean(dtype=float)
                for column in range(0, values.shape[1], columns)
            ]
            for row in range(0, values.shape[0], rows)
        ]
    )


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("block", [(1, 2), (2, 2), (3, 5), (7, 1)])
def test_each_block_has_its_mean(dtype: str, block: tuple[int, int]) -> None:
    values = np.random.default_rng(1).integers(0, 100, (23, 41)).astype(dtype)

    means = block_means(values, block, (0.0, 100.0))

    np.testing.assert_allclose(means, expected(values, *block), rtol=1e-6)


def test_blocks_are_the_same_whether_or_not_all_is_worked_on_at_once() -> None:
    values = np.random.default_rng(2).random((1001, 1003), dtype=np.float32)

    means = block_means(values, (4, 3))

    np.testing.assert_allclose(means, expected(values, 4, 3), rtol=1e-5)


@pytest.mark.parametrize("dtype", ["u1", "<i4", "<f4", "<f8"])
def test_what_is_beyond_the_cut_counts_as_the_cut(dtype: str) -> None:
    values = np.array([[10, 10, 120, 10]]).astype(dtype)

    assert block_means(values, (1, 4), (-20.0, 30.0)).tolist() == [[15.0]]


def test_a_block_with_something_that_is_no_number_has_no_mean() -> None:
    values = np.array([[1, np.nan, np.inf, 3]], np.float32)

    means = block_means(values, (1, 2), (0.0, 5.0))

    assert np.isnan(means[0, 0])
    assert means[0, 1] == 4


@pytest.mark.parametrize("dtype", ["<u4", "<i8", "<f4", "<f8"])
def test_small_differences_of_large_numbers_remain(dtype: str) -> None:
    values = (np.arange(64).reshape(4, 16) * 8 + 10**8).astype(dtype)

    means = block_means(values, (4, 4), (1e8, 1e8 + 512))

    np.testing.assert_array_equal(
        means - 10**8, expected(values.astype(float) - 10**8, 4, 4)
    )
