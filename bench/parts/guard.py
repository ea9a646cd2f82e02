"""Judges: allocations and context switches per event must not exceed counts.json by more than a quarter.

Counts, not times, and of a load under which they hardly depend on the machine: events in bursts, so that a
batch is a batch however busy the machine is, and the program on one processor, so that its threads don't race
each other. Beside ten busy programs allocations then differ by 3 % from run to run, switches by a quarter, mostly
upwards: the least of a few tries is what counts, here and when it is written down.
"""

import json
import os

from . import report
from .counts import count

TITLE = "guard: counts per event against those written down"
LOAD = {"rate": 1000, "burst": 250}
MARGIN = 1.25
LEAST = 0.05  # so much more is always allowed: of next to nothing a quarter is noise
TRIES_TO_WRITE, TRIES_TO_JUDGE = 3, 5


def file_of(bench):
    return os.path.join(bench.top, "bench", "counts.json")


def measure(bench):
    if bench.arguments.write:
        figures = {name: least(bench, name, TRIES_TO_WRITE) for name in ("QoS 0", "QoS 1")}
        with open(file_of(bench), "w") as f:
            json.dump(figures, f, indent=2, ensure_ascii=False)
            f.write("\n")
        return {name: {"measured": x, "written": x} for name, x in figures.items()}
    with open(file_of(bench)) as f:
        written = json.load(f)
    return {
        name: {"measured": least(bench, name, TRIES_TO_JUDGE, x), "written": x} for name, x in written.items()
    }


def least(bench, name, tries, written=None):
    """Enough tries have been made when nothing is to be complained about."""
    best = {}
    for n in range(tries):
        bench.say(f"{name}, try {n + 1}")
        x = count(bench, "senseflow", int(name[-1]), LOAD, processor=min(os.sched_getaffinity(0)))
        figures = {
            "own allocations": x["allocations_per_event"]["own"],
            "Paho's allocations": x["allocations_per_event"]["paho"],
            "voluntary switches": x["switches_per_event"]["voluntary"],
        }
        best = {key: min(value, best.get(key, value)) for key, value in figures.items()}
        if written and all(holds(value, written[key]) for key, value in best.items()):
            break
    return best


def holds(figure, written):
    return figure <= max(written * MARGIN, written + LEAST)


def show(results):
    rows = [
        [name, key, figure, x["written"][key], "" if holds(figure, x["written"][key]) else "TOO MANY"]
        for name, x in results.items()
        for key, figure in x["measured"].items()
    ]
    report.table(TITLE, ["load", "per event", "figure", "written down", ""], rows)
    return not any(row[-1] for row in rows)
