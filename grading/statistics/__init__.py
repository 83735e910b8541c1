"""Item analysis: how hard a scenario is, whom it tells apart, which wrong answers attract.

Pure functions from the tables of `grading.frame` to tables and numbers. Shares run from 0 to 1,
times are in seconds, intervals are 95 % intervals. Voided scenarios are left out everywhere: all
learners have their points, so they say nothing.
"""

from grading.statistics.functioning import FEW, GROUP, functioning
from grading.statistics.gain import Gain, gain
from grading.statistics.habits import SecondTry, certainty, confidently_wrong, pace, second_try
from grading.statistics.intervals import (
    CONFIDENCE,
    Z,
    beta_share,
    both_below,
    f_quantile,
    fisher,
    t_interval,
    wilson,
)
from grading.statistics.options import clauses, confusion, distractors, rows
from grading.statistics.reliability import (
    ENOUGH,
    TOO_FEW,
    Consistency,
    Reliability,
    consistency,
    discrimination,
    reliability,
)
from grading.statistics.scores import by_profession, facility, matrix, totals

__all__ = [
    "CONFIDENCE",
    "ENOUGH",
    "FEW",
    "GROUP",
    "TOO_FEW",
    "Consistency",
    "Gain",
    "Reliability",
    "SecondTry",
    "Z",
    "beta_share",
    "both_below",
    "by_profession",
    "certainty",
    "clauses",
    "confidently_wrong",
    "confusion",
    "consistency",
    "discrimination",
    "distractors",
    "f_quantile",
    "facility",
    "fisher",
    "functioning",
    "gain",
    "matrix",
    "pace",
    "reliability",
    "rows",
    "second_try",
    "t_interval",
    "totals",
    "wilson",
]
