"""A simulated Sense site, as one or more processes: each can have so many files open only."""

import contextlib
import json
import socket

from .processes import Process, Trouble, cpu_seconds, raise_descriptor_limit


class Part(Process):
    """Some servers of the site, with their control socket."""

    def __init__(self, bench, servers, interval_ms, latency, certificates):
        control = bench.work.path("control")
        options = {
            "servers": servers,
            "certs": certificates,
            "control": control,
            "latency": latency,
            "expected-interval": interval_ms,
        }
        super().__init__(
            [
                bench.program("sense_site"),
                *(str(x) for key, value in options.items() for x in ("--" + key, value)),
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


class Site(contextlib.ExitStack):
    def __init__(self, bench, servers, interval_ms, latency=50):
        super().__init__()
        self.certificates = bench.work.path("certificates")
        most = (raise_descriptor_limit() - 256) // 4  # what sense_site asks for
        self.parts = []
        for first in range(0, servers, most):
            part = Part(bench, min(most, servers - first), interval_ms, latency, self.certificates)
            self.parts.append(self.enter_context(part))
        self.ports = [port for part in self.parts for port in part.ports]

    def change(self, first, **behaviour):
        """Of so many servers, the first ones."""
        self.parts[0].ask({"servers": f"1-{first}", **behaviour})

    def cpu_seconds(self):
        return sum(cpu_seconds(part.pid) for part in self.parts)

    def statistics(self):
        """Since the last time: sums, of deviations the largest of the parts; and each server's."""
        answers = [part.ask({"stats": True, "reset": True}) for part in self.parts]
        all_parts = [a["overall"] for a in answers]
        deviations = [x["deviation_ms"] for x in all_parts if "deviation_ms" in x]
        return {
            **{key: sum(x[key] for x in all_parts) for key in ("answered", "connections")},
            "deviation_ms": {q: max(d[q] for d in deviations) for q in ("p50", "p99", "max")}
            if deviations
            else {},
            "servers": [server for a in answers for server in a["servers"]],
        }

    def configuration(self, bench, broker, interval_ms):
        """Of a senseflow that polls all of them and does nothing else."""
        return (
            f"Butler-SOS:\n  mqttConfig: {{enable: true, brokerHost: 127.0.0.1, brokerPort: {broker.port}}}\n"
            f"  delivery: {{spool: {{path: {bench.work.path('spool')}}}}}\n{self.section(interval_ms)}"
        )

    def section(self, interval_ms, sessions=False):
        """What a configuration says of all of them."""
        certificates = ", ".join(
            f"{key}: {self.certificates}/{file}.pem"
            for key, file in (
                ("clientCert", "client"),
                ("clientCertKey", "client_key"),
                ("clientCertCA", "root"),
            )
        )
        listed = ", userSessions: {{enable: true, host: '127.0.0.1:{0}', virtualProxies: [{{virtualProxy: /}}]}}"
        servers = "".join(
            f"      - {{host: '127.0.0.1:{port}', serverName: sense{n}"
            f"{listed.format(port) if sessions else ''}}}\n"
            for n, port in enumerate(self.ports, 1)
        )
        if sessions:
            servers += f"  userSessions: {{enableSessionExtract: true, pollingInterval: {interval_ms}}}\n"
        return (
            f"  cert: {{{certificates}}}\n"
            f"  serversToMonitor:\n    pollingInterval: {interval_ms}\n    servers:\n{servers}"
        )
