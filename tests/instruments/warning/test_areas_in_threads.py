"""A node judges in several threads at once. What the map is made of must bear that."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: a library that does not bear it ends the whole process, not one test.
ASKED_BY_THREE = """
import threading
import numpy as np
from laurel.instruments.warning.areas import territory_at, touches
from laurel.instruments.warning.picture_types import Ellipse

dice = np.random.default_rng(1)
lat, lon = dice.uniform(-60.0, 70.0, 2_000), dice.uniform(-180.0, 180.0, 2_000)
answers = []
begun = threading.Barrier(3)

def ask():
    begun.wait()
    for _ in range(8):
        lands = territory_at(lat, lon)
        areas = [touches(*place, Ellipse(50_000.0, 20_000.0, 10.0)) for place in zip(lat[:40], lon[:40])]
        answers.append((lands, areas))

threads = [threading.Thread(target=ask) for _ in range(3)]
for one in threads:
    one.start()
for one in threads:
    one.join()
assert len(answers) == 24
assert all(answer == answers[0] for answer in answers)
"""


def test_three_threads_may_ask_the_map_at_once() -> None:
    ran = subprocess.run([sys.executable, "-c", ASKED_BY_THREE], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2_000:]
