"""Resident memory: idle, under load, while the broker is away; CPU of a program that has nothing to do."""

import subprocess
import time

from . import report
from .bench import Case
from .processes import Broker, cpu_seconds, memory_mb, reset_peak_memory

TITLE = "memory, QoS 1, 2,000/s"


def measure(bench):
    results = {}
    for mode in ("overflow", "journal", "memory")[: bench.pick(1, 3, 3)]:
        bench.say(mode)
        broker = Broker(bench.work)
        try:
            results[mode] = stages(bench, Case(mode=mode), broker)
        finally:
            broker.stop()
    return results


def stages(bench, case, broker):
    seconds = bench.seconds(quick=2, normal=15, full=60)
    with bench.running("senseflow", case, broker=broker) as r:
        pid = r.process.pid
        time.sleep(1)
        idle_seconds = bench.pick(2, 10, 20)
        cpu = cpu_seconds(pid)
        time.sleep(idle_seconds)
        result = {
            "idle_mb": memory_mb(pid),
            "idle_percent_of_a_core": (cpu_seconds(pid) - cpu) / idle_seconds * 100,
        }
        load = r.load(rate=2000, seconds=seconds)
        result["load_mb"], result["load_peak_mb"] = memory_mb(pid), memory_mb(pid, "VmHWM")
        result["doubts"] = load["doubts"]
        broker.kill()
        reset_peak_memory(pid)
        send_without_a_broker(bench, case, 2000, seconds)
        result["away_mb"], result["away_peak_mb"] = memory_mb(pid), memory_mb(pid, "VmHWM")
    return result


def send_without_a_broker(bench, case, rate, seconds):
    subprocess.run(
        [
            bench.program("event_generator"),
            "--user-port",
            str(case.user_port),
            "--rate",
            str(rate),
            "--duration",
            str(seconds),
            "--size",
            "400",
            "--sources",
            "user",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def show(results):
    report.table(
        TITLE,
        ["mode", "idle MB", "under load", "peak", "broker away", "peak", "idle, % of a core", "doubts"],
        [
            [
                mode,
                x["idle_mb"],
                x["load_mb"],
                x["load_peak_mb"],
                x["away_mb"],
                x["away_peak_mb"],
                x["idle_percent_of_a_core"],
                "; ".join(x["doubts"]),
            ]
            for mode, x in results.items()
        ],
    )
