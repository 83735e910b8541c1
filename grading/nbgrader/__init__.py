"""The course inside nbgrader: its folders, gradebook, exchange and grading, without kernels."""
