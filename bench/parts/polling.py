"""Polls of many servers: how late, at which cost; beside servers that hang, and beside other programs."""

import contextlib
import math
import os
import time

from . import report
from .processes import Broker, Process, busy_seconds, cpu_seconds, memory_mb
from .site import Site

TITLE = "polling, answers after 50 ms"


def measure(bench):
    cases = {
        "100 every s": (100, 1, 0),
        "1,000 every s": (1000, 1, 0),
        "1,000 every s, 200 hanging": (1000, 1, 200),
        "10,000 every 30 s": (10_000, 30, 0),
    }
    if bench.arguments.servers:
        cases = {f"{n:,} every s": (n, 1, 0) for n in bench.arguments.servers}
    elif bench.arguments.extent == "quick":
        cases = {"20 every s": (20, 1, 0)}
    return {name: once(bench, name, *case) for name, case in cases.items()}


def once(bench, name, servers, interval, hanging):
    with Broker(bench.work) as broker, Site(bench, servers, interval * 1000) as site:
        file = bench.work.path("polling.yaml")
        with open(file, "w") as f:
            f.write(site.configuration(bench, broker, interval * 1000))
        silent = bench.arguments.silent
        if silent:
            site.change(silent, handshake=600_000)
        bench.say(f"{name}: connecting")
        with Process(
            [bench.program("senseflow"), "-c", file], bench.work.path("polling.log")
        ) as program, busy_loops(bench):
            settled, answered = wait_until_settled(site, servers - silent, interval)
            if hanging:
                site.change(hanging, hang=True)
                time.sleep(2 * interval + 6)  # their time-outs have come
            seconds = bench.seconds(quick=2, normal=10, full=30) if interval == 1 else 2 * interval
            bench.say(f"{name}: measuring for {seconds} s")
            site.statistics()
            before = used(program, site)
            time.sleep(seconds)
            cpu = [(b - a) / seconds for a, b in zip(before, used(program, site))]
            quiet = max(hanging, silent)
            wanted = (servers - quiet) / interval * seconds
            return {
                **summary(site.statistics(), quiet, wanted, cpu[0] * seconds),
                "percent_of_a_core": cpu[0] * 100,
                "site_percent_of_a_core": cpu[1] * 100,
                "memory_mb": memory_mb(program.pid),
                "settled_after_seconds": settled,
                "answered_at_first": answered,
                "doubts": doubts(settled, *cpu),
            }


def used(program, site):
    return cpu_seconds(program.pid), site.cpu_seconds(), busy_seconds()


def doubts(settled, program, site, all_together):
    found = [] if settled else ["never settled"]
    if all_together > 0.95 * os.cpu_count():
        found.append("machine full")
    if all_together - program - site > 0.15 * os.cpu_count():
        found.append("other work beside")
    return found


def busy_loops(bench):
    stack = contextlib.ExitStack()
    for _ in range(bench.arguments.busy):
        stack.enter_context(Process(["sh", "-c", "while :; do :; done"], bench.work.path("busy.log")))
    return stack


def wait_until_settled(site, servers, interval):
    """Until an interval brings nearly all polls and no new connection: when; the polls of each interval."""
    begin = time.monotonic()
    site.statistics()
    answered = []
    while time.monotonic() - begin < 60 + 3 * interval:
        time.sleep(interval)
        x = site.statistics()
        answered.append(x["answered"])
        if x["answered"] >= 0.97 * servers and x["connections"] == 0:
            return time.monotonic() - begin, answered
    return None, answered


def summary(x, quiet, wanted, cpu):
    """Of all servers but the first, `quiet` ones."""
    healthy = x["servers"][quiet:]
    polls = sum(s["requests"]["health"] for s in healthy)
    deviation = x["deviation_ms"]
    if quiet:
        worst = [s["deviation_ms"] for s in healthy if "deviation_ms" in s]
        p99 = sorted(w["p99"] for w in worst)
        deviation = {"p99": p99[math.ceil(0.99 * len(p99)) - 1], "max": max(w["max"] for w in worst)}
    return {
        "polls": polls,
        "polled_part": polls / wanted,
        "cpu_ms_per_poll": cpu / max(polls, 1) * 1000,
        "deviation_ms": deviation,
        "connections": x["connections"],
    }


def show(results):
    rows = [
        [
            name,
            x["settled_after_seconds"],
            f"{x['polled_part']:.1%}",
            x["deviation_ms"].get("p50"),
            x["deviation_ms"]["p99"],
            x["deviation_ms"]["max"],
            x["cpu_ms_per_poll"],
            x["percent_of_a_core"],
            x["site_percent_of_a_core"],
            x["memory_mb"],
            x["connections"],
            "; ".join(x["doubts"]),
        ]
        for name, x in results.items()
    ]
    report.table(
        TITLE,
        [
            "servers",
            "settled after s",
            "polled",
            "off by ms, p50",
            "p99",
            "max",
            "CPU ms per poll",
            "% of a core",
            "the site's",
            "MB",
            "new connections",
            "doubts",
        ],
        rows,
        [
            "off by: by how much the time between two polls of a server misses the interval, at the site",
            "with servers that hang all figures but CPU are those of the others",
        ],
    )
