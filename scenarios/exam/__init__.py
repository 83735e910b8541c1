"""The tests of the course: what is drawn for whom, and what was answered in a sitting."""
