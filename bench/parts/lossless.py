"""The highest rate at which nothing is lost and the 99th percentile stays below 50 ms: by bisection."""

from . import report
from .bench import Case

TITLE = "events per second without loss, p99 of at most 50 ms"
P99_MS = 50


def cases(bench):
    """Each differs from the first in one thing. The bare loop has no modes."""
    base = [("user events, QoS 0", {"qos": 0})]
    ways = [("QoS 1", {"qos": 1}), ("QoS 1, journal", {"qos": 1, "mode": "journal"})]
    kinds = [
        ("QoS 1, memory", {"qos": 1, "mode": "memory"}),
        ("log events, QoS 0", {"qos": 0, "sources": "log"}),
        ("mix, QoS 0", {"qos": 0, "sources": "mix"}),
        ("one publication, QoS 0", {"qos": 0, "publications": 1}),
        ("20 hosts, QoS 0", {"qos": 0, "hosts": 20}),
        ("500 hosts, QoS 0", {"qos": 0, "hosts": 500}),
        ("log events, QoS 1", {"sources": "log"}),
        ("20 hosts, QoS 1", {"hosts": 20}),
        ("500 hosts, QoS 1", {"hosts": 500}),
        ("one publication, QoS 1", {"publications": 1}),
    ]
    return base + bench.pick([], ways, ways + kinds)


def measure(bench):
    results = {}
    for name, settings in cases(bench):
        for subject in ("bare_loop", "senseflow"):
            if subject == "bare_loop" and settings.get("mode"):
                continue
            results.setdefault(name, {})[subject] = search(bench, subject, settings, name)
    return results


def search(bench, subject, settings, name):
    seconds = bench.seconds(quick=1, normal=5, full=10)
    with bench.running(subject, Case(**settings)) as r:
        flat_out = r.load(outstanding=1000, seconds=min(seconds, 3))["events_per_second"]
    low, high = 0, flat_out * 1.2
    best = None
    for _ in range(bench.pick(2, 6, 7)):
        rate = round(flat_out * 0.8 if best is None and high > flat_out else (low + high) / 2)
        bench.say(f"{subject}, {name}: {rate:,}/s")
        result = attempt(bench, subject, settings, rate, seconds)
        if result["holds"]:
            low, best = rate, result
        else:
            high = rate
        if high - low < 0.03 * high:
            break
    return {
        "rate": low,
        "flat_out": flat_out,
        "at_that_rate": best,
        "doubts": best["doubts"] if best else ["no rate held"],
    }


def attempt(bench, subject, settings, rate, seconds):
    """A neighbour can spoil one try, hardly two."""
    for _ in range(2):
        with bench.running(subject, Case(**settings)) as r:
            result = r.load(rate=rate, seconds=seconds, patience=3)
        result["holds"] = (
            result["missing"] == 0
            and result["latency_ms"]["p99"] <= P99_MS
            and result["sent_per_second"] > 0.97 * rate
        )
        if result["holds"]:
            break
    return result


def show(results):
    rows = []
    for name, subjects in results.items():
        bare = (
            subjects.get("bare_loop", results.get("QoS 1", {}).get("bare_loop"))
            if "journal" in name
            else subjects.get("bare_loop")
        )
        for subject, x in subjects.items():
            best = x["at_that_rate"]
            rows.append(
                [
                    name,
                    subject,
                    x["rate"],
                    f"{x['rate'] / bare['rate']:.0%}" if bare and bare["rate"] else "–",
                    x["flat_out"],
                    best and best["latency_ms"]["p50"],
                    best and best["latency_ms"]["p99"],
                    best and best.get("cpu_seconds_per_100000"),
                    "; ".join(x["doubts"]),
                ]
            )
    report.table(
        TITLE,
        [
            "case",
            "program",
            "events/s",
            "of the bare loop",
            "flat out",
            "p50 ms",
            "p99 ms",
            "CPU s per 100,000",
            "doubts",
        ],
        rows,
    )
