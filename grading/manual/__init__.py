"""Manual grading: written answers, marked by people with a rubric."""
