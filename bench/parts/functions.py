"""Instructions and allocations of the pure functions, by callgrind: the same on every machine."""

import os
import re
import shutil
import subprocess

from . import report

TITLE = "pure functions, per event"
KINDS = [
    "user",
    "user-agent",
    "engine",
    "proxy",
    "repository",
    "scheduler",
    "qix-perf",
    "rules-10",
    "rules-100",
    "rules-1000",
    "storm-quiet",
    "storm-folded",
    "digest",
]


def measure(bench):
    if not shutil.which("valgrind"):
        return {"skipped": "valgrind is not installed"}
    results = {}
    for kind in bench.pick(KINDS[:1], KINDS, KINDS):
        bench.say(kind)
        few, many = 200, 1200
        results[kind] = {
            "instructions": (instructions(bench, kind, many) - instructions(bench, kind, few)) / (many - few),
            "allocations": (allocations(bench, kind, many) - allocations(bench, kind, few)) / (many - few),
        }
    return results


def instructions(bench, kind, count):
    run = subprocess.run(
        [
            "valgrind",
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            bench.program("pure_functions"),
            kind,
            str(count),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(re.search(r"Collected : (\d+)", run.stderr)[1])


def allocations(bench, kind, count):
    """The first number of the file is that of all calls: see allocation_counts.hpp."""
    file = bench.work.path("counts")
    subprocess.run(
        [bench.program("pure_functions"), kind, str(count)],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "LD_PRELOAD": bench.program("libcount_allocations.so"), "COUNT_ALLOCATIONS": file},
    )
    with open(file, "rb") as f:
        return int.from_bytes(f.read(8), "little")


def show(results):
    if "skipped" in results:
        print(f"\n{TITLE}: {results['skipped']}")
        return
    report.table(
        TITLE,
        ["function", "instructions", "allocations"],
        [[kind, x["instructions"], x["allocations"]] for kind, x in results.items()],
        [
            "parsing and encoding of one event, two topics; rules-N: a proxy event and N rules that do not "
            "match; user-agent: reading one header; storm-*, digest: what insights.storms and "
            "insights.performance add, of which -folded and digest save the encoding"
        ],
    )
