"""Latency at half of the rate that is possible, and in journal mode; flow has the rest."""

import os
import statistics
import time

from . import report
from .bench import Case

TITLE = "latency, UDP send to subscriber"
JOURNAL = "QoS 1, journal"


def measure(bench):
    results = {"fsync_ms": fsync_ms(bench), JOURNAL: {}}
    for rate, label in ((200, "200/s"), (4000, "4,000/s")):
        results[JOURNAL][label] = {"senseflow": at(bench, "senseflow", {"mode": "journal"}, rate, label)}
    for name, settings in (("QoS 0", {"qos": 0}), ("QoS 1", {"qos": 1}), (JOURNAL, {"mode": "journal"})):
        for subject in ("bare_loop", "senseflow"):
            if name == JOURNAL and subject == "bare_loop" or bench.arguments.extent == "quick":
                continue
            with bench.running(subject, Case(**settings)) as r:
                half = round(r.load(outstanding=1000, seconds=2)["events_per_second"] / 2)
            label = "half of the maximum"
            found = at(bench, subject, settings, half, label)
            results.setdefault(name, {}).setdefault(label, {})[subject] = found
    return results


def at(bench, subject, settings, rate, label):
    rounds = []
    for _ in range(bench.rounds(normal=1)):
        bench.say(f"{subject}, {settings}, {label}")
        with bench.running(subject, Case(**settings)) as r:
            rounds.append(r.load(rate=rate, seconds=bench.seconds()))
    return {"rate": rate, **report.medians(rounds)}


def fsync_ms(bench):
    """What the disk below the spool takes for one small write to be safe."""
    times = []
    with open(bench.work.path("fsync"), "wb", buffering=0) as f:
        for _ in range(50):
            f.write(b"x" * 4096)
            begin = time.monotonic()
            os.fdatasync(f.fileno())
            times.append(time.monotonic() - begin)
    return statistics.median(times) * 1000


def show(results):
    rows = []
    for name, labels in results.items():
        if name == "fsync_ms":
            continue
        for label, subjects in labels.items():
            for subject, x in subjects.items():
                ms = x["latency_ms"]
                rows.append(
                    [
                        f"{name}, {label}",
                        subject,
                        x["rate"],
                        ms["p50"],
                        ms["p99"],
                        ms["p99.9"],
                        ms["max"],
                        "; ".join(x["doubts"]),
                    ]
                )
    report.table(
        TITLE,
        ["case", "program", "events/s", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "doubts"],
        rows,
        [f"one fdatasync of the disk takes {report.number(results['fsync_ms'])} ms"],
    )
