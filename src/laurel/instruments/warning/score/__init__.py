"""How good tracks are, against the truth and against what is possible. Pure functions of arrays, no tracker needed.

from laurel.instruments.warning.score import gospa
gospa(tracks_m, truths_m, cutoff_m=10_000.0).distance_m
"""

from laurel.instruments.warning.score.bound import Bound, Look, information, pcrlb
from laurel.instruments.warning.score.honesty import Band, band, nees, nis
from laurel.instruments.warning.score.sets import Gospa, gospa, ospa
from laurel.instruments.warning.score.siap import Moment, Pairing, Siap, nearest, siap

__all__ = [
    "Band",
    "Bound",
    "Gospa",
    "Look",
    "Moment",
    "Pairing",
    "Siap",
    "band",
    "gospa",
    "information",
    "nearest",
    "nees",
    "nis",
    "ospa",
    "pcrlb",
    "siap",
]
