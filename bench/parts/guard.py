"""Judges: allocations and voluntary context switches per event must not exceed what counts.json has by more than
a quarter. Counts, not times: a busy machine makes events wait for each other, and lowers the switches."""

import json
import os

from . import report
from .counts import count

TITLE = "guard: counts per event against those written down"
LOADS = {"1,000/s": {"rate": 1000}, "flat out": {"outstanding": 1000}}
MARGIN = 1.25
LEAST = 0.05  # so much more is always allowed: of next to nothing a quarter is noise
TRIES = 3


def file_of(bench):
    return os.path.join(bench.top, "bench", "counts.json")


def measure(bench):
    written = {}
    if os.path.exists(file_of(bench)):
        with open(file_of(bench)) as f:
            written = json.load(f)
    results = {}
    for qos in (0, 1):
        for load_name, load in LOADS.items():
            name = f"QoS {qos}, {load_name}"
            bench.say(name)
            if bench.arguments.write:
                tries = [figures(bench, qos, load) for _ in range(bench.rounds())]
                results[name] = {"measured": report.medians(tries), "written": None}
            else:
                results[name] = {
                    "measured": least(bench, qos, load, written.get(name, {})),
                    "written": written.get(name, {}),
                }
    if bench.arguments.write:
        with open(file_of(bench), "w") as f:
            json.dump({name: x["measured"] for name, x in results.items()}, f, indent=2)
            f.write("\n")
    return results


def figures(bench, qos, load):
    x = count(bench, "senseflow", qos, load)
    return {
        "own allocations": x["allocations_per_event"]["own"],
        "Paho's allocations": x["allocations_per_event"]["paho"],
        "voluntary switches": x["switches_per_event"]["voluntary"],
    }


def least(bench, qos, load, written):
    """What disturbs a measurement makes it larger: the smallest of a few counts."""
    best = {}
    for _ in range(TRIES):
        x = figures(bench, qos, load)
        best = {key: min(value, best.get(key, value)) for key, value in x.items()}
        if all(holds(best[key], written.get(key)) for key in best):
            break
    return best


def holds(figure, written):
    return written is not None and figure <= max(written * MARGIN, written + LEAST)


def show(results):
    rows, good = [], True
    for name, x in results.items():
        for key, figure in x["measured"].items():
            written = x["written"] and x["written"].get(key)
            verdict = "written down" if x["written"] is None else "" if holds(figure, written) else "TOO MANY"
            good = good and verdict != "TOO MANY"
            rows.append([name, key, figure, written, verdict])
    report.table(TITLE, ["load", "per event", "figure", "written down", ""], rows)
    return good
