"""How nbgrader runs in this course; an instructor's own settings go below the call."""

from grading.config import configure

configure(c, __file__)  # noqa: F821 - nbgrader's own name in its configuration files
