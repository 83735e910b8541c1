"""How the course is served: a Jupyter data folder (template, extension, settings) and its server.

`voila`, `labextensions` and `lab` lie as Jupyter expects them in any of its data folders, so that
naming this folder in JUPYTER_PATH is all the installation they need.
"""
