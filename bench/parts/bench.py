"""What all parts share: the programs, and how senseflow and the bare loop are set up and put under load."""

import contextlib
import dataclasses
import itertools
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

from .processes import Broker, Process, Trouble, free_udp_port, wait_until

LOG_SOURCES = "engine,proxy,repository,scheduler"
READY = "connected to the MQTT broker"


class Work:
    """A directory that is gone in the end; on a disk, since spools lie in it."""

    def __init__(self):
        self._directory = tempfile.mkdtemp(prefix="senseflow-bench-", dir="/var/tmp")
        self._numbers = itertools.count(1)

    def path(self, name):
        return os.path.join(self._directory, f"{next(self._numbers)}-{name}")

    def remove(self):
        shutil.rmtree(self._directory, ignore_errors=True)


@dataclasses.dataclass
class Case:
    """One way to set senseflow up, and the load for it."""

    qos: int = 1
    mode: str = "overflow"
    sources: str = "user"  # or log, mix
    publications: int = 2  # per event: 1 or 2
    hosts: int = 1
    actors: str = ""  # further entries of these sections
    delivery: str = ""
    log_events: str = ""
    mqtt: str = ""  # further entries of mqttConfig, each after a comma
    more: str = ""  # further sections

    def __post_init__(self):
        self.sources = {"log": LOG_SOURCES, "mix": "user," + LOG_SOURCES}.get(self.sources, self.sources)
        self.user_port = free_udp_port() if "user" in self.sources else None
        self.log_port = free_udp_port() if self.sources != "user" else None

    def configuration(self, broker_port, spool):
        more_delivery = ", " + self.delivery if self.delivery else ""
        yaml = [
            "Butler-SOS:",
            f"  mqttConfig: {{enable: true, brokerHost: 127.0.0.1, brokerPort: {broker_port}, "
            f"baseTopic: butler-sos/, qos: {{events: {self.qos}}}{self.mqtt}}}",
            f"  delivery: {{mode: {self.mode}, spool: {{path: {spool}}}{more_delivery}}}",
        ]
        if self.user_port:
            yaml += [
                "  userEvents:",
                "    enable: true",
                self._port("portUserActivityEvents", self.user_port),
            ]
            if self.publications == 1:
                off = ", ".join(
                    f"{x}Topic: {{enable: false}}"
                    for x in ("sessionStart", "sessionStop", "connectionOpen", "connectionClose")
                )
                yaml += [f"    sendToMQTT: {{postTo: {{{off}}}}}"]
        if self.log_port:
            yaml += [
                "  logEvents:",
                self._port("portLogEvents", self.log_port),
                "    source: {engine: {enable: true}, proxy: {enable: true}, repository: {enable: true}, "
                "scheduler: {enable: true}}",
                "    sendToMQTT: {postTo: {baseTopic: true, subsystemTopics: false, sourceTopics: "
                f"{'true' if self.publications == 2 else 'false'}}}}}",
            ]
            if self.log_events:
                yaml += [self.log_events]
        if self.actors:
            yaml += [f"  actors: {{{self.actors}}}"]
        return "\n".join(yaml) + "\n" + self.more

    @staticmethod
    def _port(key, port):
        return f"    udpServerConfig: {{serverHost: 127.0.0.1, {key}: {port}}}"


class Running:
    """senseflow or its yardstick, connected to a broker, waiting for events."""

    def __init__(self, bench, subject, case, broker, process, counts):
        self.bench, self.subject, self.case, self.broker = bench, subject, case, broker
        self.process, self.counts = process, counts

    def load(self, **options):
        """Events for it, see flow_load. The result, with what speaks against it as `doubts`."""
        bench, case = self.bench, self.case
        command = [
            bench.program("flow_load"),
            "--broker-port",
            self.broker.port,
            "--broker",
            self.broker.pid,
            "--program",
            self.process.pid,
            "--sources",
            case.sources,
            "--hosts",
            case.hosts,
            "--publications",
            case.publications,
        ]
        for key, port in (("--user-port", case.user_port), ("--log-port", case.log_port)):
            command += [key, port] if port else []
        if self.counts:
            command += ["--counts", self.counts]
        options.setdefault("warm_up", bench.pick(0.3, 1, 1))
        for key, value in options.items():
            command += ["--" + key.replace("_", "-")] + ([] if value is True else [value])
        run = subprocess.run([str(x) for x in command], stdout=subprocess.PIPE, text=True)
        if run.returncode != 0:
            raise Trouble(f"flow_load failed; {self.subject} says: {self.process.output()[-500:]}")
        *seconds, result = [json.loads(line) for line in run.stdout.splitlines()]
        if seconds:
            result["arrived_by_second"] = [x["messages"] / case.publications for x in seconds]
        result["doubts"] = doubts(result, float(options.get("rate", 0)))
        return result


def doubts(result, rate):
    """What makes a figure worth less than it looks."""
    found = []
    if rate and result["sent_per_second"] < 0.97 * rate:
        found.append("generator too slow")
    cores = result["cores"]
    if sum(cores[x] for x in ("program", "broker", "load_and_subscriber", "others")) > 0.95 * cores["of"]:
        found.append("machine full")
    if cores["others"] > 0.1 * cores["of"]:
        found.append("other work beside")
    if cores["stolen"] > 0.05 * cores["of"]:
        found.append("hypervisor busy")
    return found


class Bench:
    def __init__(self, top, binaries, results, arguments):
        self.top, self.binaries, self.results, self.arguments = top, binaries, results, arguments
        self.work = Work()

    def program(self, name):
        return os.path.join(self.binaries, name)

    def pick(self, quick, normal, full):
        """What depends on how thorough the measurement is to be."""
        return {"quick": quick, "normal": normal, "full": full}[self.arguments.extent]

    def seconds(self, quick=1, normal=5, full=10):
        return self.arguments.seconds or self.pick(quick, normal, full)

    def rounds(self, normal=3):
        return self.arguments.rounds or self.pick(1, normal, 5)

    def subjects(self):
        """The reference program only where somebody has it: see README.md."""
        return ["bare_loop", "plain_loop", "senseflow"] + (["reference"] if "REFERENCE" in os.environ else [])

    def say(self, text):
        print(f"  {text} …", file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def running(self, subject, case, broker=None, counted=False, sites=False, preload=(), processor=None):
        """`counted`: with count_allocations in front, by places too; `preload`: libraries behind it;
        `processor`: the only one it runs on."""
        with contextlib.ExitStack() as stack:
            broker = broker or stack.enter_context(Broker(self.work))
            environment, counts = {}, None
            preload = list(preload)
            if counted:
                counts = self.work.path("counts")
                preload.insert(0, self.program("libcount_allocations.so"))
                environment["COUNT_ALLOCATIONS"] = counts
                if sites:
                    environment["COUNT_ALLOCATION_SITES"] = "yes"
            if preload:
                environment["LD_PRELOAD"] = ":".join(preload)
            process = stack.enter_context(
                Process(
                    self._command(subject, case, broker),
                    self.work.path(subject + ".log"),
                    environment,
                    processor,
                )
            )
            if subject == "reference":
                self._wait_for_ports(case)
            else:
                process.wait_for(READY)
            if subject == "senseflow":
                for port, events in ((case.user_port, "user"), (case.log_port, "log")):
                    if port:
                        process.wait_for(f"receiving {events} events")
            yield Running(self, subject, case, broker, process, counts)

    def _command(self, subject, case, broker):
        file = self.work.path(subject + ".yaml")
        if subject == "reference":
            with open(os.environ["REFERENCE_CONFIG"]) as f:
                text = f.read()
            for key, value in (("@BROKER_PORT@", broker.port), ("@USER_PORT@", case.user_port)):
                text = text.replace(key, str(value))
        else:
            text = case.configuration(broker.port, self.work.path("spool"))
        with open(file, "w") as f:
            f.write(text)
        if subject == "reference":
            return shlex.split(os.environ["REFERENCE"]) + [file]
        options = ["--no-properties"] if subject == "plain_loop" else []
        return [self.executable(subject), *options, "-c", file]

    def executable(self, subject):
        return self.program("bare_loop" if subject == "plain_loop" else subject)

    @staticmethod
    def _wait_for_ports(case):
        def bound():
            with open("/proc/net/udp") as f:
                return f":{case.user_port:04X} " in f.read()

        if not wait_until(bound, 20):
            raise Trouble("the reference program does not listen for user events")
        wait_until(lambda: False, 3)  # it says nothing of its broker
