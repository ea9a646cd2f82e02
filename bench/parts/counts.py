"""Allocations and voluntary context switches per event: what no busy neighbour changes much."""

import os
import re
import subprocess

from . import report
from .bench import Case

TITLE = "counts per event"
LOADS = {"300/s": {"rate": 300}, "4,000/s": {"rate": 4000}, "flat out": {"outstanding": 1000}}


def measure(bench):
    results = {}
    for qos in bench.arguments.qos:
        for name in bench.pick(["4,000/s"], LOADS, LOADS):
            for subject in ("bare_loop", "plain_loop", "senseflow"):
                bench.say(f"{subject}, QoS {qos}, {name}")
                found = count(bench, subject, qos, LOADS[name])
                results.setdefault(f"QoS {qos}", {}).setdefault(name, {})[subject] = found
    return results


def count(bench, subject, qos, load, processor=None):
    """From the first to the last of so many events: what is on its way at some moment can blur nothing."""
    events = round(load.get("rate", 4000) * bench.seconds())
    sites = bench.arguments.sites
    with bench.running(subject, Case(qos=qos), counted=True, sites=sites > 0, processor=processor) as r:
        r.load(rate=1000, count=500)
        counted = r.load(count=events, sites=sites and 100_000, **load)
    # Counting takes time: switches are those of a program without it.
    with bench.running(subject, Case(qos=qos), processor=processor) as r:
        r.load(rate=1000, count=500)
        plain = r.load(count=events, **load)
    result = {**plain, **{key: x for key, x in counted.items() if key.startswith("allocation")}}
    if sites:
        result["allocation_sites"] = by_place(bench.executable(subject), result["allocation_sites"], sites)
    return result


def by_place(program, sites, most):
    """Added up by the innermost functions of ours, inlined ones too; else by the library's."""
    names = {}
    for library in {f["library"] for x in sites for f in x["frames"]}:
        here = sorted({f["address"] for x in sites for f in x["frames"] if f["library"] == library})
        command = ["addr2line", "-Cfpia", "-e", library or program, *(hex(a) for a in here)]
        for line in subprocess.run(command, text=True, stdout=subprocess.PIPE).stdout.splitlines():
            if line.startswith("0x"):
                address, _, line = line.partition(": ")
                chain = names.setdefault((library, int(address, 16)), [])
            chain.append(line.replace(" (inlined by) ", ""))
    sums = {}
    for x in sites:
        frames = [name for f in x["frames"] for name in names[f["library"], f["address"]]]
        ours = [f for f in frames if "/usr/include" not in f and "??" not in f]
        library = os.path.basename(x["frames"][0]["library"]) if x["frames"] else ""
        place = " < ".join(short(f) for f in ours[:3] or frames[:1])
        key = (library or "program", place)
        sums[key] = sums.get(key, 0) + x["per_event"]
    largest = sorted(((n, *key) for key, n in sums.items()), reverse=True)[:most]
    return [{"per_event": n, "library": library, "place": place} for n, library, place in largest]


def short(frame):
    """Function without parameters, file without the way to it, line."""
    function, _, place = frame.rpartition(" at ")
    function = re.sub(r"\(anonymous namespace\)::|senseflow::|\[abi:cxx11\]", "", function)
    place = re.sub(r" \(discriminator \d+\)", "", place)
    return f"{re.sub(r'[(<].*', '', function)[:60]} {place.rsplit('/', 1)[-1]}"


def show(results):
    rows, threads = [], []
    for load, subject, x in each(results):
        a, s = x.get("allocations_per_event", {}), x.get("switches_per_event", {})
        rows.append(
            [
                load,
                subject,
                x["events_per_second"],
                a.get("own"),
                a.get("paho"),
                a.get("large"),
                a.get("bytes"),
                s.get("voluntary"),
                s.get("involuntary"),
                "; ".join(x["doubts"]),
            ]
        )
        threads += [
            [load, thread, t["voluntary_per_event"], t["cpu_seconds_per_100000"]]
            for thread, t in x.get("threads", {}).items()
            if subject == "senseflow" and t["voluntary_per_event"] >= 0.01
        ]
    report.table(
        TITLE,
        [
            "load",
            "program",
            "events/s",
            "own allocations",
            "Paho's",
            "of 1 KiB and more",
            "bytes",
            "voluntary switches",
            "involuntary",
            "doubts",
        ],
        rows,
        ["Paho's: calls from libpaho-mqtt3as and libpaho-mqttpp3; templates in its headers count as own"],
    )
    report.table(
        "senseflow's threads",
        ["load", "thread", "voluntary switches per event", "CPU s per 100,000"],
        threads,
    )
    for load, subject, x in each(results):
        if x.get("allocation_sites"):
            report.table(
                f"where {subject} allocates: {load}",
                ["per event", "library", "place"],
                [[s["per_event"], s["library"], s["place"]] for s in x["allocation_sites"]],
            )


def each(results):
    for qos, loads in results.items():
        for load, subjects in loads.items():
            for subject, x in subjects.items():
                yield f"{qos}, {load}", subject, x
