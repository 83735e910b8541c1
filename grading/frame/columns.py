"""Tables with fixed columns: the same ones whether there are rows or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

CATEGORY = "category"
"""Texts that come again and again are kept as numbers: a class of 100,000 fits into memory."""


def table(rows: list[dict[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Return rows as a table of these columns, each of its type."""
    return pd.DataFrame(rows, columns=list(columns)).astype(dict(columns))
