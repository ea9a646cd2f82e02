"""Bursts, back to back, as fast as the kernel takes them: what is lost, and when the last one has arrived."""

from . import report
from .bench import Case

TITLE = "bursts, QoS 1"


def measure(bench):
    results = {}
    for size in bench.pick([1000], [1000, 10_000, 50_000], [1000, 10_000, 50_000]):
        for subject in ("bare_loop", "senseflow"):
            rounds = []
            for _ in range(bench.rounds()):
                bench.say(f"{subject}, {size:,} events")
                with bench.running(subject, Case(qos=1)) as r:
                    rounds.append(r.load(count=size, burst=size, patience=3))
            results.setdefault(f"{size:,}", {})[subject] = report.medians(rounds)
    return results


def show(results):
    rows = [
        [
            size,
            subject,
            x["events"],
            x["kernel_drops"],
            x["missing"] - x["kernel_drops"],
            x["seconds"],
            x["latency_ms"]["p99"],
            x["memory_mb"]["peak"],
            "; ".join(x["doubts"]),
        ]
        for size, subjects in results.items()
        for subject, x in subjects.items()
    ]
    report.table(
        TITLE,
        [
            "burst",
            "program",
            "sent",
            "dropped by the kernel",
            "otherwise missing",
            "s until all arrived",
            "p99 ms",
            "peak MB",
            "doubts",
        ],
        rows,
        [
            "what does not fit into the receive buffer (of 8 MiB, if granted: some 6,000 datagrams) is "
            "dropped there",
            "where events are missing the seconds hold 3 s of waiting for them",
        ],
    )
