#!/usr/bin/env python3
"""Measures the board against its peers, in one run on one machine: python3 benches/peers.py target/release/whopays

Prints figures, judges nothing. Needs only Python's standard library; `boto3` (for the payers of 1,000 buckets) and `stu` (for
the first text on a terminal) are measured beside us where they are installed, and named as missing where they are not.
Every request goes to the embedded store on loopback.
"""
import fcntl
import os
import pty
import re
import resource
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

BINARY = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/release/whopays")
RUNS = 15


class Store:
    """`whopays demo --serve` with N buckets and a latency, until the block ends."""

    def __init__(self, buckets, latency_ms):
        self.folder = tempfile.mkdtemp(prefix="whopays-bench-")
        self.log = os.path.join(self.folder, "requests.log")
        command = [BINARY, "demo", "--serve", "--listen", "127.0.0.1:0", "--latency", str(latency_ms),
                   "--buckets", str(buckets), "--log", self.log]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith("# --- end of config"):
                break
        begin = next(i for i, line in enumerate(lines) if line.startswith("# --- config"))
        text = "".join(lines[begin:])
        # Only the account with the many buckets.
        crowd = re.search(r"\[accounts\.crowd\].*?(?=\n\[|\n# ---)", text, re.S).group(0)
        self.config = os.path.join(self.folder, "config.toml")
        with open(os.open(self.config, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(crowd + "\n")
        value = lambda key: re.search(key + r'\s*=\s*"([^"]*)"', crowd).group(1)
        self.endpoint, self.region = value("endpoint"), value("region")
        self.key, self.secret = value("access_key_id"), value("access_key_secret")
        self.env = {**os.environ, "WHOPAYS_CONFIG": self.config, "WHOPAYS_STATE_DIR": self.folder, "TERM": "xterm-256color",
                    "LANG": "C.UTF-8", "AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret,
                    "AWS_REGION": self.region, "AWS_EC2_METADATA_DISABLED": "true"}

    def requests(self):
        with open(self.log) as file:
            return [line for line in file]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(command, env):
    """Wall and CPU seconds of a command whose output is thrown away."""
    cpu, start = children(), time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start, children() - cpu


class Screen:
    """A program on a pseudo-terminal of 120 columns and 40 rows."""

    def __init__(self, command, env):
        self.start = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            os.execvpe(command[0], command, env)
        self.bytes = b""

    def read(self, seconds):
        """Reads until nothing has come for this long; returns what came."""
        came = b""
        while select.select([self.fd], [], [], seconds)[0]:
            try:
                chunk = os.read(self.fd, 65536)
            except OSError:
                break
            if not chunk:
                break
            came += chunk
        self.bytes += came
        return came

    def until(self, wanted, limit=20):
        """Seconds from the start until a text (bytes, escapes removed) is on its way."""
        seen = b""
        while time.perf_counter() - self.start < limit:
            if not select.select([self.fd], [], [], limit)[0]:
                break
            seen += os.read(self.fd, 65536)
            plain = re.sub(rb"\x1b\[[0-9;?<>=]*[a-zA-Z]|\x1b[()][A-Z0-9]|\x1b[=>78]", b"", seen)
            if wanted(plain):
                return time.perf_counter() - self.start
        raise SystemExit("the text did not come")

    def ticks(self):
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def memory_mib(self, field):
        with open(f"/proc/{self.pid}/status") as file:
            return int(re.search(field + r":\s+(\d+)", file.read()).group(1)) / 1024

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def until_each(commands, pattern, env):
    """Median milliseconds until a text comes, of several commands in turn, so that all meet the same machine."""
    times = [[] for _ in commands]
    for _ in range(RUNS):
        for command, kept in zip(commands, times):
            screen = Screen(command, env)
            kept.append(screen.until(lambda plain: re.search(pattern, plain)) * 1000)
            screen.end()
    return [statistics.median(kept) for kept in times]


def row(what, figure):
    print(f"{what:<78} {figure}")


def payers():
    with Store(1000, 20) as store:
        ours = [timed([BINARY, "buckets", "--json"], store.env) for _ in range(3)]
        wall, cpu = (statistics.median(column) for column in zip(*ours))
        row("payers of 1,000 buckets, 20 ms, 32 in flight: wall s / CPU s", f"{wall:.2f} / {cpu:.3f}")
        count = len(store.requests())
        row("  requests for each of three runs", f"{count / 3:.1f}")
        theirs = BOTO3.format(endpoint=store.endpoint, region=store.region)
        if subprocess.run([sys.executable, "-c", "import boto3"], stderr=subprocess.DEVNULL).returncode:
            row("  boto3", "not installed for this Python")
            return
        peer = [timed([sys.executable, "-c", theirs], store.env) for _ in range(3)]
        peer_wall, peer_cpu = (statistics.median(column) for column in zip(*peer))
        row("  boto3, 32 threads: wall s / CPU s", f"{peer_wall:.2f} / {peer_cpu:.3f}")
        row("  ratio: wall / CPU", f"{wall / peer_wall:.2f} / {cpu / peer_cpu:.3f}")


BOTO3 = """
import boto3, concurrent.futures as cf
from botocore.config import Config
s3 = boto3.client("s3", endpoint_url="{endpoint}", region_name="{region}",
                  config=Config(max_pool_connections=32, s3={{"addressing_style": "path"}}))
names = [b["Name"] for page in s3.get_paginator("list_buckets").paginate(PaginationConfig={{"PageSize": 1000}}) for b in page["Buckets"]]
with cf.ThreadPoolExecutor(32) as pool:
    assert len(list(pool.map(lambda name: s3.get_bucket_request_payment(Bucket=name)["Payer"], names))) == 1000
"""


def start():
    with Store(10_000, 0) as store:
        row("empty harness, first text on a terminal: ms", f"{until_each([['/bin/echo', 'text']], rb'text', store.env)[0]:.1f}")
        peer = ["stu", "--endpoint-url", store.endpoint, "--region", store.region, "--path-style", "always"]
        commands = [[BINARY]] + ([peer] if shutil.which("stu") else [])
        for what, pattern in (("first text", rb"[A-Za-z]{3}"), ("first of 10,000 buckets", rb"crowd-0000")):
            times = until_each(commands, pattern, store.env)
            row(f"{what} on a terminal: ms", f"{times[0]:.1f}")
            if len(times) == 2:
                row("  stu: ms, ratio", f"{times[1]:.1f}, {times[0] / times[1]:.2f}")
            else:
                row("  stu", "not installed")


def answered(screen, keys):
    """Milliseconds from a key to the first byte of the frame that answers it."""
    times = []
    for key in keys:
        screen.read(0.0)
        sent = time.perf_counter()
        os.write(screen.fd, key)
        if select.select([screen.fd], [], [], 0.5)[0]:
            os.read(screen.fd, 65536)
            times.append((time.perf_counter() - sent) * 1000)
        screen.read(0.02)
    return f"{statistics.median(times):.1f} / {max(times):.1f}"


def meanwhile():
    with Store(1000, 20) as store:
        screen = Screen([BINARY], store.env)
        screen.until(lambda plain: b"crowd-000020" in plain)
        screen.read(0.5)
        os.write(screen.fd, b"#")
        row("keys while the payers of 1,000 buckets are read, 20 ms: median / worst ms", answered(screen, [b"j", b"k"] * 10))
        screen.end()


def board():
    with Store(10_000, 0) as store:
        screen = Screen([BINARY], store.env)
        screen.until(lambda plain: b"crowd-000020" in plain)
        screen.read(3.0)
        row("10,000 buckets on the board, visible payers read: RSS MiB", f"{screen.memory_mib('VmRSS'):.1f}")
        row("  peak MiB", f"{screen.memory_mib('VmHWM'):.1f}")
        ticks, requests = screen.ticks(), len(store.requests())
        quiet = screen.read(10.0)
        row("idle for 10 s: bytes / CPU ticks / requests",
            f"{len(quiet)} / {screen.ticks() - ticks} / {len(store.requests()) - requests}")
        keys = [b"j", b"G", b"g", b"\x1b[6~", b"k"] * 20 + [b"S"] * 10 + [b"/"] + [bytes([c]) for c in b"crowd-00123"] + [b"\x7f"] * 11
        row("10,000 rows, scroll, sort and filter: key to frame, median / worst ms", answered(screen, keys))
        screen.end()


if __name__ == "__main__":
    row("binary: MB", f"{os.path.getsize(BINARY) / 1e6:.1f}")
    payers()
    start()
    meanwhile()
    board()