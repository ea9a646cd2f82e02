"""System calls per event. perf counts them in the kernel; strace stops the program at each and so changes
what it does: its figures are for comparison with others of its own."""

import re
import shutil
import subprocess

from . import report
from .bench import Case

RATE = 300
TITLE = f"system calls per event at {RATE}/s"
CALLS = [
    "futex",
    "recvmmsg",
    "poll",
    "epoll_wait",
    "select",
    "read",
    "write",
    "writev",
    "sendto",
    "recvfrom",
    "fdatasync",
]


def measure(bench):
    tool = pick_tool()
    if tool is None:
        return {"skipped": "neither perf with tracepoints nor strace can be used here"}
    results = {"tool": tool.__name__}
    for qos in bench.arguments.qos:
        for subject in ("bare_loop", "senseflow"):
            bench.say(f"{subject}, QoS {qos}")
            with bench.running(subject, Case(qos=qos)) as r:
                seconds = bench.seconds()
                counting = tool(r.process.pid, seconds)
                result = r.load(rate=RATE, seconds=seconds + 1, warm_up=1)
                calls, futexes = parse(counting)
            per_event = 1 / (RATE * seconds)
            results.setdefault(f"QoS {qos}", {})[subject] = {
                "calls_per_event": {k: n * per_event for k, n in calls.items()},
                "futex_by_thread": {k: n * per_event for k, n in futexes.items()},
                "doubts": result["doubts"],
            }
    return results


def pick_tool():
    def works(command):
        return shutil.which(command[0]) and subprocess.run(command, capture_output=True).returncode == 0

    if works(["perf", "stat", "-x,", "-e", "syscalls:sys_enter_futex", "true"]):
        return perf
    return strace if works(["strace", "-c", "-o", "/dev/null", "true"]) else None


# Both begin a second after the load, which goes on for as long as they count.
def perf(pid, seconds):
    events = ",".join(f"syscalls:sys_enter_{x}" for x in CALLS)
    return subprocess.Popen(
        ["sh", "-c", f"sleep 1.3; exec perf stat -x, --per-thread -e {events} -p {pid} " f"sleep {seconds}"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def strace(pid, seconds):
    return subprocess.Popen(
        ["sh", "-c", f"sleep 1.3; exec timeout -s INT {seconds} strace -c -f -p {pid}"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def parse(counting):
    """Calls by name, and those to futex by thread as far as the tool tells threads apart."""
    calls, futexes = {}, {}
    for line in counting.communicate()[1].splitlines():
        by_perf = re.match(r"(.*)-\d+,(\d+),,syscalls:sys_enter_(\w+),", line)
        by_strace = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line)
        if by_perf:
            thread, n, call = by_perf[1], int(by_perf[2]), by_perf[3]
            calls[call] = calls.get(call, 0) + n
            if call == "futex":
                futexes[thread] = futexes.get(thread, 0) + n
        elif by_strace and by_strace[2] != "total":
            calls[by_strace[2]] = int(by_strace[1])
    return {k: n for k, n in calls.items() if n > 0}, futexes


def show(results):
    if "skipped" in results:
        print(f"\n{TITLE}: {results['skipped']}")
        return
    cases = [
        (f"{qos}, {subject}", x)
        for qos, subjects in results.items()
        if qos != "tool"
        for subject, x in subjects.items()
    ]
    names = sorted({n for _, x in cases for n, c in x["calls_per_event"].items() if c >= 0.02})
    report.table(
        f"{TITLE}, counted by {results['tool']}",
        ["load", *names, "doubts"],
        [
            [name, *(x["calls_per_event"].get(n, 0) for n in names), "; ".join(x["doubts"])]
            for name, x in cases
        ],
    )
    threads = [
        [name, thread, n] for name, x in cases for thread, n in x["futex_by_thread"].items() if n >= 0.02
    ]
    if threads:
        report.table("futex calls by thread", ["load", "thread", "per event"], threads)
