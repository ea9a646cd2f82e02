"""From the start of the process to the first health message of a server at a subscriber."""

import shutil
import statistics
import subprocess
import time

from . import report
from .polling import Site, configuration
from .processes import Broker, Process, Trouble

TITLE = "start to the first health message"


def measure(bench):
    seconds = []
    with Site(bench, 1, interval_ms=1000) as site:
        for _ in range(bench.pick(2, 7, 15)):
            with Broker(bench.work) as broker:
                seconds.append(once(bench, site, broker))
    return {
        "seconds": statistics.median(seconds),
        "least": min(seconds),
        "most": max(seconds),
        "starts": len(seconds),
    }


def once(bench, site, broker):
    file = bench.work.path("start.yaml")
    with open(file, "w") as f:
        f.write(configuration(bench, broker, site, 1000))
    subscriber = subprocess.Popen(
        [
            shutil.which("mosquitto_sub"),
            "-p",
            str(broker.port),
            "-C",
            "1",
            "-W",
            "10",
            "-t",
            "butler-sos/health/+",
        ],
        stdout=subprocess.DEVNULL,
    )
    time.sleep(0.3)  # it has subscribed: the message would be retained anyway
    begin = time.monotonic()
    with Process([bench.program("senseflow"), "-c", file], bench.work.path("start.log")):
        if subscriber.wait() != 0:
            raise Trouble("no health message within 10 s")
        return time.monotonic() - begin


def show(results):
    report.table(
        TITLE,
        ["starts", "median s", "least", "most"],
        [[results["starts"], results["seconds"], results["least"], results["most"]]],
    )
