"""Programs that a measurement starts: each with a log of its own, and none that outlives it."""

import ctypes
import os
import re
import resource
import signal
import socket
import subprocess
import time

C_LIBRARY = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


class Trouble(Exception):
    """What keeps a measurement from being made, in one line."""


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def free_udp_port():
    return free_port(socket.SOCK_DGRAM)


def wait_until(done, within, every=0.02):
    deadline = time.monotonic() + within
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def prepare_child(processor):
    """In a new child: it dies with us, however we die, and stays on a processor, if one is given."""
    C_LIBRARY.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if processor is not None:
        os.sched_setaffinity(0, {processor})


class Process:
    def __init__(self, command, log, environment=None, processor=None):
        self.name = os.path.basename(command[0])
        self.log = log
        with open(log, "ab") as out:
            self.child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
                preexec_fn=lambda: prepare_child(processor),
            )
        self.pid = self.child.pid

    def output(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def wait_for(self, text, within=20, times=1):
        """Until its log has this text so often."""

        def there():
            return self.output().count(text) >= times or self.child.poll() is not None

        if not wait_until(there, within) or self.output().count(text) < times:
            raise Trouble(f'{self.name} does not say "{text}": {self.output()[-500:]}')

    def stop(self, within=20):
        if self.child.poll() is None:
            self.child.terminate()
        try:
            return self.child.wait(within)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self):
        self.child.kill()
        return self.child.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Broker(Process):
    """mosquitto with its own defaults, but for a subscriber's queue, which has no limit, and Nagle off: with
    QoS 1 its acknowledgements would wait for each other, 40 ms at a time, and nothing else be measured."""

    def __init__(self, work, port=None):
        self.port = port or free_port()
        configuration = work.path("broker.conf")
        with open(configuration, "w") as f:
            f.write(
                f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
                "set_tcp_nodelay true\nuser root\nlog_dest stderr\n"
            )
        path = "/usr/sbin/mosquitto" if os.path.exists("/usr/sbin/mosquitto") else "mosquitto"
        super().__init__([path, "-c", configuration], work.path("broker.log"))
        self.wait_for("running")


def cpu_seconds(pid):
    """Used by a process so far."""
    return time.clock_gettime((~pid << 3) | 2)  # Linux's clock of another process, clock_getcpuclockid(3)


def busy_seconds():
    """Of all processors together, so far."""
    with open("/proc/stat") as f:
        user, nice, system, _, _, interrupts, soft = map(int, f.readline().split()[1:8])
    return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid, key="VmRSS"):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(key + r":\s+(\d+)", f.read()).group(1)) / 1024


def reset_peak_memory(pid):
    try:
        with open(f"/proc/{pid}/clear_refs", "w") as f:
            f.write("5")
    except OSError:
        pass  # then the peak is that since the start


def raise_descriptor_limit(wanted=65536):
    """For all that is started from now on; how many there may be then."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    for limit in ((wanted, max(wanted, hard)), (hard, hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
            break
        except (OSError, ValueError):
            pass
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
