"""The broker is away for a while, events go to disk; then it returns, and the backlog is published while
fresh events keep coming."""

import statistics
import time

from . import report
from .bench import READY, Case
from .memory import send_without_a_broker
from .processes import Broker

TITLE = "catching up from disk, fresh events at 2,000/s, QoS 1"
RATE = 2000


def measure(bench):
    away = bench.seconds(quick=3, normal=20, full=60)
    limits = bench.pick([5000], [5000, 0], [5000, 10_000, 0])
    return {(f"replay.rate {n}" if n else "replay.rate 0 (no limit)"): once(bench, away, n) for n in limits}


def once(bench, away, limit):
    bench.say(f"replay.rate {limit}: {away} s without a broker")
    case = Case(qos=1, actors="reconnect: {maxDelay: 1000}", delivery=f"replay: {{rate: {limit}}}")
    broker = Broker(bench.work)
    try:
        with bench.running("senseflow", case, broker=broker) as r:
            broker.kill()
            time.sleep(2)
            send_without_a_broker(bench, case, RATE, away)
            backlog = round(RATE * away)
            broker = r.broker = Broker(bench.work, broker.port)
            r.process.wait_for(READY, times=2)
            # 2 s until the replay begins; it may take half as long again as the backlog took to arise.
            x = r.load(
                rate=RATE,
                warm_up=0,
                seconds=round(away * 1.5) + 4,
                expected=backlog,
                each_second=True,
                patience=15,
            )
    finally:
        broker.stop()
    return speed(x, backlog)


def speed(x, backlog):
    """Of the seconds in which the backlog shrank."""
    totals = [0, *x["arrived_by_second"]]
    gains = [after - before - RATE for before, after in zip(totals, totals[1:])]
    shrinking = [g for g in gains if g > 0.1 * RATE]
    done = next((s for s, n in enumerate(totals) if n >= backlog + RATE * s - 0.2 * RATE), None)
    return {
        "backlog": backlog,
        "replayed_per_second": statistics.median(shrinking) if shrinking else 0,
        "done_after_seconds": done,
        "missing": x["missing"],
        "cpu_seconds_per_100000": x.get("cpu_seconds_per_100000"),
        "memory_mb": x["memory_mb"],
        "cores": x["cores"],
        "doubts": x["doubts"],
    }


def show(results):
    report.table(
        TITLE,
        [
            "setting",
            "backlog",
            "replayed/s besides",
            "done after s",
            "missing",
            "peak MB",
            "cores of senseflow",
            "doubts",
        ],
        [
            [
                name,
                x["backlog"],
                x["replayed_per_second"],
                x["done_after_seconds"],
                x["missing"],
                x["memory_mb"]["peak"],
                x["cores"]["program"],
                "; ".join(x["doubts"]),
            ]
            for name, x in results.items()
        ],
    )
