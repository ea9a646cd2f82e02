"""Latency at 200/s, 4,000/s and at half of the rate that is possible."""

import os
import statistics
import time

from . import report
from .bench import Case

TITLE = "latency, UDP send to subscriber"


def measure(bench):
    results = {"fsync_ms": fsync_ms(bench)}
    cases = [("QoS 1, journal", {"mode": "journal"}), ("QoS 1", {"qos": 1}), ("QoS 0", {"qos": 0})]
    for name, settings in cases[: bench.pick(1, 3, 3)]:
        for subject in ("bare_loop", "senseflow"):
            if subject == "bare_loop" and settings.get("mode"):
                continue
            with bench.running(subject, Case(**settings)) as r:
                half = round(r.load(outstanding=1000, seconds=2)["events_per_second"] / 2)
            for rate, label in ((200, "200/s"), (4000, "4,000/s"), (half, "half of the maximum")):
                bench.say(f"{subject}, {name}, {label}")
                rounds = []
                for _ in range(bench.rounds()):
                    with bench.running(subject, Case(**settings)) as r:
                        rounds.append(r.load(rate=rate, seconds=bench.seconds()))
                results.setdefault(name, {}).setdefault(label, {})[subject] = {
                    "rate": rate,
                    **report.medians(rounds),
                }
    return results


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
