"""Simulated learners, who answer through the same record as real ones and hand in like them."""

from grading.cohort.answering import respond
from grading.cohort.handing_in import Cohort, simulate
from grading.cohort.learners import Learner, cohort_of

__all__ = ["Cohort", "Learner", "cohort_of", "respond", "simulate"]
