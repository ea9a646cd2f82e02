"""Category rules: what 10, 100 and 1,000 of them cost each log event."""

from . import report
from .bench import Case

TITLE = "category rules, log events at 1,000/s, QoS 0"


def configured(count):
    """None of them matches: each is looked at for each event."""
    rule = (
        "        - {{logLevel: [INFO, WARN, ERROR], action: categorise, "
        "category: [{{name: kind, value: k{0}}}], "
        "filter: [{{type: so, value: 'not in any message {0}'}}]}}"
    )
    return "    categorise:\n      enable: true\n      rules:\n" + "\n".join(
        rule.format(n) for n in range(count)
    )


def measure(bench):
    results = {}
    for count in bench.pick([0, 10], [0, 10, 100, 1000], [0, 10, 100, 1000]):
        for subject in ("bare_loop", "senseflow"):
            bench.say(f"{subject}, {count} rules")
            case = Case(qos=0, sources="log", log_events=configured(count) if count else "")
            rounds = []
            for _ in range(bench.rounds()):
                with bench.running(subject, case) as r:
                    rounds.append(r.load(rate=1000, seconds=bench.seconds()))
            results.setdefault(f"{count}", {})[subject] = report.medians(rounds)
    return results


def show(results):
    report.table(
        TITLE,
        ["rules", "program", "CPU s per 100,000", "p50 ms", "p99 ms", "missing", "doubts"],
        [
            [
                count,
                subject,
                x.get("cpu_seconds_per_100000"),
                x["latency_ms"]["p50"],
                x["latency_ms"]["p99"],
                x["missing"],
                "; ".join(x["doubts"]),
            ]
            for count, subjects in results.items()
            for subject, x in subjects.items()
        ],
    )
