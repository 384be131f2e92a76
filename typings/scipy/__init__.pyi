"""The part of SciPy that Laurel uses."""
