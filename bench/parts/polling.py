"""Polls of many servers: how late, at which cost; beside servers that hang, and beside other programs."""

import contextlib
import json
import math
import socket
import time

from . import report
from .processes import Broker, Process, Trouble, cpu_seconds, memory_mb, raise_descriptor_limit

TITLE = "polling, answers after 50 ms"


class Site(Process):
    """A simulated Sense site with a control socket."""

    def __init__(self, bench, servers, interval_ms, latency=50):
        self.certificates = bench.work.path("certificates")
        control = bench.work.path("control")
        super().__init__(
            [
                bench.program("sense_site"),
                "--servers",
                str(servers),
                "--certs",
                self.certificates,
                "--control",
                control,
                "--latency",
                str(latency),
                "--expected-interval",
                str(interval_ms),
            ],
            bench.work.path("site.log"),
        )
        self.wait_for('"servers"', within=60)
        self.ports = [x["port"] for x in json.loads(self.output().splitlines()[0])["servers"]]
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(control)
        self._answers = self._socket.makefile()

    def ask(self, command):
        self._socket.sendall(json.dumps(command).encode() + b"\n")
        answer = json.loads(self._answers.readline())
        if not answer["ok"]:
            raise Trouble(answer["error"])
        return answer

    def statistics(self):
        """Since the last time."""
        return self.ask({"stats": True, "reset": True})


def configuration(bench, broker, site, interval_ms):
    certificates = ", ".join(
        f"{key}: {site.certificates}/{file}.pem"
        for key, file in (("clientCert", "client"), ("clientCertKey", "client_key"), ("clientCertCA", "root"))
    )
    servers = "".join(
        f"      - {{host: '127.0.0.1:{port}', serverName: sense{n}}}\n"
        for n, port in enumerate(site.ports, 1)
    )
    return (
        f"Butler-SOS:\n  mqttConfig: {{enable: true, brokerHost: 127.0.0.1, brokerPort: {broker.port}}}\n"
        f"  delivery: {{spool: {{path: {bench.work.path('spool')}}}}}\n  cert: {{{certificates}}}\n"
        f"  serversToMonitor:\n    pollingInterval: {interval_ms}\n    servers:\n{servers}"
    )


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
    # A port and a connection of each server, on the site's side.
    most = (raise_descriptor_limit() - 200) // 2
    return {
        name: once(bench, name, *case) if case[0] <= most else {"skipped": f"{case[0] * 2} file descriptors"}
        for name, case in cases.items()
    }


def once(bench, name, servers, interval, hanging):
    with Broker(bench.work) as broker, Site(bench, servers, interval * 1000) as site:
        file = bench.work.path("polling.yaml")
        with open(file, "w") as f:
            f.write(configuration(bench, broker, site, interval * 1000))
        silent = bench.arguments.silent
        if silent:
            site.ask({"servers": f"1-{silent}", "handshake": 600_000})
        bench.say(f"{name}: connecting")
        with Process(
            [bench.program("senseflow"), "-c", file], bench.work.path("polling.log")
        ) as program, busy_loops(bench):
            settled, answered = wait_until_settled(site, servers - silent, interval)
            if hanging:
                site.ask({"servers": f"1-{hanging}", "hang": True})
                time.sleep(2 * interval + 6)  # their time-outs have come
            seconds = bench.seconds(quick=2, normal=10, full=30) if interval == 1 else 2 * interval
            bench.say(f"{name}: measuring for {seconds} s")
            site.statistics()
            cpu, site_cpu = cpu_seconds(program.pid), cpu_seconds(site.pid)
            time.sleep(seconds)
            cpu, site_cpu = cpu_seconds(program.pid) - cpu, cpu_seconds(site.pid) - site_cpu
            quiet = max(hanging, silent)
            result = summary(
                site.statistics(),
                program,
                cpu,
                site_cpu,
                seconds,
                settled,
                quiet,
                (servers - quiet) / interval,
            )
            return {**result, "answered_at_first": answered}


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
        x = site.statistics()["overall"]
        answered.append(x["answered"])
        if x["answered"] >= 0.97 * servers and x["connections"] == 0:
            return time.monotonic() - begin, answered
    return None, answered


def summary(answer, program, cpu, site_cpu, seconds, settled, quiet, wanted_per_second):
    """Of all servers but the first, `quiet` ones."""
    x = answer["overall"]
    healthy = answer["servers"][quiet:]
    worst = [s["deviation_ms"] for s in healthy if "deviation_ms" in s]
    polls = sum(s["requests"]["health"] for s in healthy)
    doubts = []
    if settled is None:
        doubts.append("never settled")
    if cpu + site_cpu > 0.95 * seconds * 2:
        doubts.append("machine full")
    p99 = sorted(w["p99"] for w in worst)
    return {
        "settled_after_seconds": settled,
        "polls": polls,
        "polled_part": polls / (wanted_per_second * seconds),
        "cpu_ms_per_poll": cpu / max(polls, 1) * 1000,
        "percent_of_a_core": cpu / seconds * 100,
        "site_percent_of_a_core": site_cpu / seconds * 100,
        "deviation_ms": x["deviation_ms"]
        if not quiet
        else {"p99": p99[math.ceil(0.99 * len(p99)) - 1], "max": max(w["max"] for w in worst)},
        "connections": x["connections"],
        "memory_mb": memory_mb(program.pid),
        "doubts": doubts,
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
        if "skipped" not in x
    ]
    skipped = [f"{name}: skipped, it takes {x['skipped']}" for name, x in results.items() if "skipped" in x]
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
            "off by: how far the time between two polls of a server is from the interval, as the site sees it",
            "with servers that hang all figures but CPU are those of the others",
            *skipped,
        ],
    )
