"""Settings that have a default: the table that justifies it. One is changed at a time."""

import glob

from . import report
from .bench import Case

TITLE = "settings, QoS 1"
ALLOCATORS = ["libjemalloc.so.2", "libmimalloc.so.2*", "libtcmalloc_minimal.so.4"]


def variants():
    yield "defaults", {}, ()
    for key, values in (
        ("publishers: {{count: {}}}", (2, 4, 8)),
        ("publishers: {{window: {}}}", (16, 128, 512)),
        ("scheduler: {{threads: {}}}", (1, 2, 4)),
        ("encoders: {{batchMaxItems: {}}}", (10, 1000)),
    ):
        for value in values:
            yield key.format(value).replace("{", "").replace("}", ""), {"actors": key.format(value)}, ()
    for name in ALLOCATORS:
        for path in glob.glob(f"/usr/lib/*/{name}")[:1]:
            yield f"allocator {path.rsplit('/', 1)[1]}", {}, (path,)


def measure(bench):
    loads = {"200/s": {"rate": 200}, "4,000/s": {"rate": 4000}, "flat out": {"outstanding": 1000}}
    chosen = list(variants())[: bench.pick(1, 99, 99)]
    rounds = {}
    for n in range(bench.rounds()):
        for name, settings, preload in chosen:
            for load_name, load in loads.items():
                bench.say(f"round {n + 1}: {name}, {load_name}")
                with bench.running("senseflow", Case(qos=1, **settings), preload=preload) as r:
                    rounds.setdefault(name, {}).setdefault(load_name, []).append(
                        r.load(seconds=bench.seconds(1, 3, 5), **load)
                    )
    return {name: {load: report.medians(xs) for load, xs in loads.items()} for name, loads in rounds.items()}


def show(results):
    rows = []
    for name, x in results.items():
        low, high, flat = x["200/s"], x["4,000/s"], x["flat out"]
        rows.append(
            [
                name,
                low.get("cpu_seconds_per_100000"),
                low["latency_ms"]["p99"],
                high.get("cpu_seconds_per_100000"),
                high["latency_ms"]["p99"],
                flat["events_per_second"],
                flat.get("cpu_seconds_per_100000"),
                flat["memory_mb"]["peak"],
                "; ".join(sorted({*low["doubts"], *high["doubts"]})),
            ]
        )
    report.table(
        TITLE,
        [
            "setting",
            "200/s: CPU s per 100,000",
            "p99 ms",
            "4,000/s: CPU",
            "p99 ms",
            "flat out: events/s",
            "CPU",
            "peak MB",
            "doubts",
        ],
        rows,
        ["allocators are those that are installed: libjemalloc2, libmimalloc2.0, libtcmalloc-minimal4"],
    )
