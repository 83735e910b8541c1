"""Counting rows of large tables: columns become small integers, and those are counted.

A class of 100,000 has millions of answers but few different ones; once each value is a number,
counting is adding up, and texts are looked at once for each different value.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes = npt.NDArray[np.int64]
_ROOM = 1 << 22
"""Combinations that are counted in an array of their own; beyond, those that occur are sorted."""


def codes(column: pd.Series) -> tuple[Codes, pd.Index]:
    """Return a column as numbers from 0, and the values they stand for; -1 is missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.int64), column.cat.categories
    found, values = pd.factorize(column)
    return found.astype(np.int64), pd.Index(values)


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a small table with the names of its rows as plain texts."""
    if isinstance(table.index.dtype, pd.CategoricalDtype):
        table.index = table.index.astype(table.index.dtype.categories.dtype)
    return table


def combined(frame: pd.DataFrame, columns: Sequence[str]) -> Codes:
    """Number the combinations of some columns from 0; -1 where one is missing."""
    total = np.zeros(len(frame), dtype=np.int64)
    missing = np.zeros(len(frame), dtype=bool)
    size = 1
    for name in columns:
        own, values = codes(frame[name])
        missing |= own < 0
        total = total * max(len(values), 1) + own
        size *= max(len(values), 1)
        if size > max(_ROOM, 2 * len(frame)):
            found, seen = pd.factorize(total)
            total, size = found.astype(np.int64), len(seen)
    total[missing] = -1
    return total


def tally(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return each combination of some columns that occurs, with its `count`.

    Rows in which one of them is missing are left out.
    """
    total = combined(frame, columns)
    first, counts = _first_and_counts(total)
    table = frame.iloc[first][list(columns)].reset_index(drop=True)
    for name in columns:  # what is counted is small, and plain texts behave the same everywhere
        if isinstance(table[name].dtype, pd.CategoricalDtype):
            table[name] = table[name].astype(table[name].cat.categories.dtype)
    return table.assign(count=counts)


def _first_and_counts(total: Codes) -> tuple[Codes, Codes]:
    """Return where each number of `total` occurs first, and how often, by first occurrence."""
    size = int(total.max(initial=-1)) + 1
    if not size:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    if size <= max(_ROOM, len(total)):
        there = total >= 0
        counts = np.bincount(total[there], minlength=size)
        first = np.full(size, len(total), dtype=np.int64)
        first[total[::-1]] = np.arange(len(total) - 1, -1, -1)
        if not there.all():  # the missing ones were written to the last place
            last = np.flatnonzero(total == size - 1)
            first[size - 1] = last[0]
        used = counts > 0
        order = np.argsort(first[used])
        return first[used][order], counts[used][order].astype(np.int64)
    values, first, counts = np.unique(total, return_index=True, return_counts=True)
    keep = values >= 0
    order = np.argsort(first[keep])
    return first[keep][order].astype(np.int64), counts[keep][order].astype(np.int64)
