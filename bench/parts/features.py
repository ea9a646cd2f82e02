"""The flow with everything off that is off by default, and with all of it on."""

from . import report
from .bench import Case
from .processes import Broker
from .site import Site

TITLE = "features: user and log events of 400 bytes, two publications each; four servers polled every second"

MQTT_ON = ", onChange: {values: true, documented: true}, lookAround: {leftovers: true, namesake: true}"
# Storms are looked for and not found: what is folded would be no work for the rest.
ON = """  layouts: {flat: true}
  homeAssistant: {enable: true, userEvents: true}
  requests: {enable: true, allow: [ping, status, reload, log-level, poll-now, snapshot, rediscover, replay]}
  insights:
    hosts: {sense1: sense1}
    silence: {enable: true}
    sessions: {enable: true}
    storms: {enable: true, rate: 100000}
    performance: {enable: true}
    memory: {enable: true}
    clock: {enable: true}
    certificates: {enable: true}
"""
FEATURES = {"all off": ("", ""), "all on": (MQTT_ON, ON)}


def measure(bench):
    loads = {
        "200/s": {"rate": 200},
        "2,000/s": {"rate": 2000},
        "4,000/s": {"rate": 4000},
        "flat out": {"outstanding": 1000},
    }
    if bench.arguments.extent == "quick":
        loads = {"2,000/s": loads["2,000/s"]}
    rounds = {}
    with Site(bench, 4, 1000, latency=5) as site:
        for n in range(bench.rounds()):
            for qos in bench.arguments.qos:
                for load_name, load in loads.items():
                    for name, (mqtt, more) in FEATURES.items():
                        bench.say(f"round {n + 1}: {name}, QoS {qos}, {load_name}")
                        with Broker(bench.work) as broker:
                            case = Case(qos=qos, sources="mix", mqtt=mqtt, more=site.section(1000, sessions=True) + more)
                            with bench.running("senseflow", case, broker) as r:
                                result = r.load(seconds=bench.seconds(normal=4), **load)
                        rounds.setdefault(f"QoS {qos}, {load_name}", {}).setdefault(name, []).append(result)
    return {
        load: {name: report.medians(xs) for name, xs in features.items()} for load, features in rounds.items()
    }


def show(results):
    rows = []
    for load, features in results.items():
        off = features["all off"]
        for name, x in features.items():
            cpu = x.get("cpu_seconds_per_100000")
            rows.append(
                [
                    load,
                    name,
                    x["events_per_second"],
                    report.ratio(x["events_per_second"], off["events_per_second"]),
                    cpu,
                    report.ratio(cpu, off.get("cpu_seconds_per_100000")),
                    x["latency_ms"]["p50"],
                    x["latency_ms"]["p99"],
                    x["memory_mb"]["peak"],
                    x["missing"],
                    "; ".join(x["doubts"]),
                ]
            )
    report.table(
        TITLE,
        [
            "load",
            "features",
            "events/s",
            "of all off",
            "CPU s per 100,000",
            "of all off",
            "p50 ms",
            "p99 ms",
            "peak MB",
            "missing",
            "doubts",
        ],
        rows,
    )
