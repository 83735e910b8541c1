"""`python -m grading.cli` is the `course` command."""

from grading.cli import main

main()
