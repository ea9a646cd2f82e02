"""CPU, latency, memory at fixed rates and flat out; senseflow and the bare loop in turn."""

from . import report
from .bench import Case

TITLE = "flow: user events of 400 bytes, two publications each"


def measure(bench):
    loads = {
        "200/s": {"rate": 200},
        "2,000/s": {"rate": 2000},
        "4,000/s": {"rate": 4000},
        "flat out": {"outstanding": 1000},
    }
    if bench.arguments.extent == "quick":
        loads = {name: loads[name] for name in ("2,000/s", "flat out")}
    if bench.arguments.rates:
        loads = {f"{int(r):,}/s": {"rate": r} for r in bench.arguments.rates}
    rounds = {}
    for n in range(bench.rounds()):
        for qos in bench.arguments.qos:
            for name, load in loads.items():
                for subject in bench.subjects():
                    bench.say(f"round {n + 1}: {subject}, QoS {qos}, {name}")
                    with bench.running(subject, Case(qos=qos)) as r:
                        result = r.load(seconds=bench.seconds(), **load)
                    rounds.setdefault(f"QoS {qos}", {}).setdefault(name, {}).setdefault(subject, []).append(
                        result
                    )
    return {
        qos: {
            name: {subject: report.medians(xs) for subject, xs in subjects.items()}
            for name, subjects in loads.items()
        }
        for qos, loads in rounds.items()
    }


def show(results):
    rows = []
    for qos, loads in results.items():
        for name, subjects in loads.items():
            bare = subjects["bare_loop"]
            for subject, x in subjects.items():
                latency = x["latency_ms"]
                cpu = x.get("cpu_seconds_per_100000")
                rows.append(
                    [
                        f"{qos}, {name}",
                        subject,
                        x["events_per_second"],
                        cpu,
                        report.ratio(cpu, bare.get("cpu_seconds_per_100000")),
                        latency["p50"],
                        latency["p99"],
                        latency["p99.9"],
                        x.get("switches_per_event", {}).get("voluntary"),
                        x["memory_mb"]["now"],
                        x["missing"],
                        "; ".join(x["doubts"]),
                    ]
                )
    report.table(
        TITLE,
        [
            "load",
            "program",
            "events/s",
            "CPU s per 100,000",
            "of the bare loop",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "switches per event",
            "MB",
            "missing",
            "doubts",
        ],
        rows,
        ["flat out: 1,000 events are on their way at any time, so its latency says nothing but the rate"],
    )
