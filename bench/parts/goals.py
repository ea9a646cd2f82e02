"""What has been reached of what is to be reached, by the figures that the other parts have measured last."""

import json
import os

from . import report

TITLE = "goals"

# Measured once with the reference program: its CPU time against the bare loop's of the same run.
REFERENCE_OF_THE_BARE_LOOP = {"200/s": 100 / 29, "4,000/s": 24 / 9.7}


def measure(bench):
    """What the other parts have left in their files."""
    found = {}
    directory = bench.results
    for name in os.listdir(directory):
        if name.endswith(".json") and name != "goals.json":
            with open(os.path.join(directory, name)) as f:
                found[name[:-5]] = json.load(f)["figures"]
    return found


class Figures:
    def __init__(self, found):
        self.found = found

    def get(self, *path):
        x = self.found
        for key in path:
            if not isinstance(x, dict) or key not in x:
                return None
            x = x[key]
        return x

    def flow(self, qos, load, *path, subject="senseflow"):
        return self.get("flow", f"QoS {qos}", load, subject, *path)

    def cpu_ratio(self, qos, load):
        mine, bare = (
            self.flow(qos, load, "cpu_seconds_per_100000", subject=s) for s in ("senseflow", "bare_loop")
        )
        return divided(mine, bare)

    def plain_ratio(self, qos, load):
        mine, plain = (
            self.flow(qos, load, "cpu_seconds_per_100000", subject=s) for s in ("senseflow", "plain_loop")
        )
        return divided(mine, plain)

    def latency_ratio(self, load, quantile):
        mine, bare = (
            self.flow(0, load, "latency_ms", quantile, subject=s) for s in ("senseflow", "bare_loop")
        )
        return divided(mine, bare)

    def reference_ratio(self, load):
        measured = self.flow(0, load, "cpu_seconds_per_100000", subject="reference")
        if measured:
            return divided(self.flow(0, load, "cpu_seconds_per_100000"), measured)
        return divided(self.cpu_ratio(0, load), REFERENCE_OF_THE_BARE_LOOP[load])

    def counts(self, qos, load, *path):
        return self.get("counts", f"QoS {qos}", load, "senseflow", *path)

    def lossless_share(self, case):
        bare = self.get("lossless", "QoS 1" if "QoS 1" in case else case, "bare_loop", "rate")
        return divided(self.get("lossless", case, "senseflow", "rate"), bare)

    def publishers_ratio(self, count):
        rate = [
            self.get("settings", name, "flat out", "events_per_second")
            for name in (f"publishers: count: {count}", "defaults")
        ]
        return divided(*rate)

    def journal_ms_beyond_the_disk(self):
        journal, plain = (
            self.get("latency", q, "200/s", "senseflow", "latency_ms", "p50")
            for q in ("QoS 1, journal", "QoS 1")
        )
        disk = self.get("latency", "fsync_ms")
        return journal - plain - disk if None not in (journal, plain, disk) else None

    def replay_ratio(self):
        wanted = 5000
        most = self.get("lossless", "QoS 1", "senseflow", "flat_out")
        if most is not None:
            wanted = min(wanted, 0.8 * most)
        return divided(self.get("catch_up", "replay.rate 5000", "replayed_per_second"), wanted)

    def polling(self, servers, *path):
        return self.get("polling", servers, *path)


def divided(a, b):
    return a / b if a is not None and b else None


def goals(f):
    """Measure, unit, figure, limit, and whether that is the most or the least."""
    for load in ("200/s", "4,000/s", "flat out"):
        yield f"CPU against the bare loop, QoS 0, {load}", "×", f.cpu_ratio(0, load), 1.4, "most"
        yield "– without MQTT 5's properties", "×", f.plain_ratio(0, load), None, ""
    for load in ("2,000/s", "flat out"):
        yield f"CPU against the bare loop, QoS 1, {load}", "×", f.cpu_ratio(1, load), 1.4, "most"
        yield "– without MQTT 5's properties", "×", f.plain_ratio(1, load), None, ""
    for load, limit in (("200/s", 0.4), ("4,000/s", 0.5)):
        yield f"CPU against the reference program, {load}", "×", f.reference_ratio(load), limit, "most"
    for qos in (0, 1):
        yield (
            f"own allocations per event, QoS {qos}, 4,000/s",
            "",
            f.counts(qos, "4,000/s", "allocations_per_event", "own"),
            40,
            "most",
        )
    for load, limit in (("4,000/s", 1.2), ("flat out", 0.1)):
        yield (
            f"voluntary context switches per event, {load}",
            "",
            f.counts(0, load, "switches_per_event", "voluntary"),
            limit,
            "most",
        )
    yield "futex calls per event at 300/s", "", f.get(
        "calls", "QoS 0", "senseflow", "calls_per_event", "futex"
    ), 10, "most"
    for case, limit in (("user events, QoS 0", 0.85), ("QoS 1", 0.85), ("QoS 1, journal", 0.7)):
        yield f"rate without loss, of the bare loop's: {case}", "×", f.lossless_share(case), limit, "least"
    yield "catching up, of the rate that is possible", "×", f.replay_ratio(), 1, "least"
    for count in (2, 4):
        yield f"{count} publishers against one, flat out", "×", f.publishers_ratio(count), 1, "least"
    for load in ("200/s", "4,000/s"):
        yield f"latency against the bare loop, {load}, p50", "×", f.latency_ratio(load, "p50"), 1.3, "most"
        yield f"latency against the bare loop, {load}, p99", "×", f.latency_ratio(load, "p99"), 1.5, "most"
    yield "journal: latency added at 200/s beyond one fsync", "ms", f.journal_ms_beyond_the_disk(), 1, "most"
    for stage, limit in (("idle_mb", 25), ("load_mb", 48), ("away_mb", 96)):
        yield f"memory, {stage[:-3]}", "MB", f.get("memory", "overflow", stage), limit, "most"
    yield "idle, nothing to poll", "% of a core", f.get(
        "memory", "overflow", "idle_percent_of_a_core"
    ), 0.3, "most"
    thousand, hanging, many = "1,000 every s", "1,000 every s, 200 hanging", "10,000 every 30 s"
    yield "1,000 servers: interval off by, p99", "ms", f.polling(thousand, "deviation_ms", "p99"), 20, "most"
    yield "1,000 servers: CPU", "ms a poll", f.polling(thousand, "cpu_ms_per_poll"), 0.7, "most"
    yield "1,000 servers: memory", "MB", f.polling(thousand, "memory_mb"), 100, "most"
    yield "1,000 servers, 200 hanging: worst of the others", "ms", f.polling(
        hanging, "deviation_ms", "max"
    ), 250, "most"
    yield "10,000 servers: lateness, p99", "ms", f.polling(many, "deviation_ms", "p99"), 250, "most"
    yield "10,000 servers: CPU", "% of a core", f.polling(many, "percent_of_a_core"), 30, "most"
    yield "start to the first health message", "s", f.get("start", "seconds"), 0.3, "most"


def show(found):
    rows = []
    for name, unit, figure, limit, kind in goals(Figures(found)):
        goal, reached = "", ""
        if limit is not None:
            goal = f"{'≤' if kind == 'most' else '≥'} {limit} {unit}".rstrip()
        if limit is not None and figure is not None:
            reached = "yes" if (figure <= limit if kind == "most" else figure >= limit) else "no"
        rows.append([name, goal, "not measured" if figure is None else report.number(figure), reached])
    report.table(
        TITLE,
        ["measure", "goal", "figure", "reached"],
        rows,
        ["the reference program, where it is not measured along: as it was once, beside the bare loop"],
    )
