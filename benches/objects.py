#!/usr/bin/env python3
"""Measures objects against peers, in one run on one machine: python3 benches/objects.py target/release/whopays [goal ...]

Prints figures. Times are not judged; counts are exact: more requests than a task needs, a HEAD, one request that does not say
who pays, or more memory than an object or a listing of any size may take, and it exits with 1. Needs Python's standard library and
openssl; `rclone`, `s5cmd`, `aws` and `curl` are measured beside us, in turn, where they are installed, and named as missing where
they are not. Every request goes to the load mode of the embedded store (`demo --serve --synthetic`) on loopback, which counts
requests, connections and payer headers itself.

Goals: list list20 first memory down up small held (all of them without an argument). KEYS, GIB, SMALL and RUNS in the environment
make it smaller, PEERS=no leaves the peers out; `smoke` as the only goal does all of them in seconds, without peers.
"""
import json
import math
import os
import re
import select
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.dont_write_bytecode = True
from peers import Screen  # noqa: E402  the pseudo-terminal of the board's measurements

SMOKE = sys.argv[2:] == ["smoke"]
ALONE = SMOKE or os.environ.get("PEERS") == "no"
BINARY = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/release/whopays")
ALL = ["list", "list20", "first", "memory", "down", "up", "small", "held"]
GOALS = ALL if SMOKE else sys.argv[2:] or ALL
KEYS = int(os.environ.get("KEYS", "2000" if SMOKE else "1000000"))
BYTES = int(float(os.environ.get("GIB", "0.2" if SMOKE else "1")) * (1 << 30))
SMALL = int(os.environ.get("SMALL", "200" if SMOKE else "10000"))
RUNS = int(os.environ.get("RUNS", "1" if SMOKE else "3"))
PAGE = 1000
WRONG = []


def certificate(folder):
    """A CA and a certificate for 127.0.0.1, made by openssl."""
    ca, key, request, cert = (os.path.join(folder, name) for name in ("ca.pem", "key.pem", "request.pem", "cert.pem"))
    run = lambda *command: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run(*new, "-x509", "-days", "2", "-subj", "/CN=bench CA", "-keyout", ca + ".key", "-out", ca)
    run(*new, "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", request)
    extra = os.path.join(folder, "extra")
    with open(extra, "w") as file:
        file.write("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    run("openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca + ".key", "-CAcreateserial", "-days", "2", "-extfile", extra, "-out", cert)
    return ca, cert, key


class Store:
    """The load mode of the embedded store, until the block ends."""

    def __init__(self, keys, latency_ms=0, tls=False):
        self.folder = tempfile.mkdtemp(prefix="whopays-bench-", dir=os.environ.get("BENCH_DIR"))
        command = [BINARY, "demo", "--serve", "--json", "--listen", "127.0.0.1:0", "--latency", str(latency_ms), "--synthetic", str(keys)]
        self.ca = None
        if tls:
            self.ca, cert, key = certificate(self.folder)
            command += ["--tls-cert", cert, "--tls-key", key]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.endpoint = ready["endpoint"]
        config = ready["config"]
        if tls:
            config = config.replace('addressing = "path"', f'addressing = "path"\nca_file = "{self.ca}"')
        self.config = os.path.join(self.folder, "config.toml")
        with open(os.open(self.config, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(config)
        self.env = {**os.environ, "WHOPAYS_CONFIG": self.config, "WHOPAYS_STATE_DIR": self.folder, "AWS_ACCESS_KEY_ID": "bench",
                    "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "us-west-2", "AWS_EC2_METADATA_DISABLED": "true",
                    "AWS_ENDPOINT_URL": self.endpoint, "AWS_CA_BUNDLE": self.ca or "", "SSL_CERT_FILE": self.ca or "",
                    "RCLONE_CONFIG_BENCH_TYPE": "s3", "RCLONE_CONFIG_BENCH_PROVIDER": "Other", "RCLONE_CONFIG_BENCH_ENV_AUTH": "true",
                    "RCLONE_CONFIG_BENCH_ENDPOINT": self.endpoint, "RCLONE_CONFIG_BENCH_REGION": "us-west-2",
                    "RCLONE_CONFIG_BENCH_REQUESTER_PAYS": "true", "RCLONE_CA_CERT": self.ca or ""}
        if not self.ca:
            for name in ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "RCLONE_CA_CERT"):
                self.env.pop(name)
        self.context = ssl.create_default_context(cafile=self.ca) if tls else None

    def counts(self):
        with urllib.request.urlopen(self.endpoint + "/-/counts", context=self.context) as answer:
            return json.load(answer)

    def clear(self):
        request = urllib.request.Request(self.endpoint + "/-/counts", method="DELETE")
        urllib.request.urlopen(request, context=self.context).close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Used:
    """What one command took."""

    def __init__(self, wall, cpu, peak_mib, counts, code, complaint):
        self.wall, self.cpu, self.peak, self.code, self.complaint = wall, cpu, peak_mib, code, complaint
        operations = counts["operations"]
        self.requests = sum(count["requests"] for count in operations.values())
        self.silent = sum(count["without_payer"] for count in operations.values())
        # One of them is our own question for these counts.
        self.connections = counts["connections"] - 1
        self.operations = {name: count["requests"] for name, count in operations.items()}


def high_water_mib(pid):
    with open(f"/proc/{pid}/status") as file:
        found = re.search(r"VmHWM:\s+(\d+)", file.read())
    return int(found.group(1)) / 1024 if found else 0.0


def measured(store, command, stdout=subprocess.DEVNULL):
    """One run of a command, to its end."""
    # rclone has a setting of its own for the CA, and refuses the variable of the SDKs.
    env = {name: value for name, value in store.env.items() if name != "AWS_CA_BUNDLE" or command[0] != "rclone"}
    store.clear()
    start = time.perf_counter()
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(command, env=env, stdout=stdout, stderr=complaints, cwd=store.folder)
        peak = 0.0
        # What the system says of a child's peak includes this interpreter's, from which the child was forked: it is asked meanwhile.
        while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            peak = max(peak, high_water_mib(process.pid))
            time.sleep(0.005)
        wall = time.perf_counter() - start
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        complaints.seek(0)
        text = complaints.read()[-300:].decode(errors="replace")
    return Used(wall, usage.ru_utime + usage.ru_stime, peak, store.counts(), process.returncode, text)


class Count:
    """What a task may ask for: at most so many requests, of these operations and no other, over so many connections; and what it may hold."""

    def __init__(self, requests, operations, connections=None, mib=None):
        self.requests, self.operations, self.connections, self.mib = requests, operations, connections, mib

    def judge(self, name, used):
        wrong = []
        if used.requests > self.requests or used.requests == 0:
            wrong.append(f"{used.requests} requests, {self.requests} are enough")
        if other := set(used.operations) - set(self.operations):
            wrong.append(f"asked for {', '.join(sorted(other))}")
        if used.silent:
            wrong.append(f"{used.silent} requests do not say who pays")
        if self.connections and used.connections > self.connections:
            wrong.append(f"{used.connections} connections, {self.connections} are enough")
        if self.mib and not 0 < used.peak <= self.mib:
            wrong.append(f"{used.peak:.1f} MiB at its peak, {self.mib} are enough")
        WRONG.extend(f"{name}: {each}" for each in wrong)


def compare(store, ours, count, peers, before=None):
    """Runs us and the peers in turn, so that all meet the same machine, and prints each one's best."""
    table = [ours] + [(name, command) for name, command in peers if not ALONE and shutil.which(command[0])]
    missing = [] if ALONE else [command[0] for _, command in peers if not shutil.which(command[0])]
    runs = {name: [] for name, _ in table}
    for turn in range(RUNS):
        for name, command in table:
            if turn and command[0] == "aws":
                continue
            if before:
                before()
            used = measured(store, command)
            if used.code == 0:
                runs[name].append(used)
            else:
                print(f"  FAILED ({used.code}): {' '.join(command[:4])} ...: {used.complaint.strip()}", flush=True)
                if name == ours[0]:
                    WRONG.append(f"{name}: failed with {used.code}")
    for used in runs[ours[0]]:
        count.judge(ours[0], used)
    mine = row(ours[0], runs[ours[0]])
    for name, _ in table[1:]:
        row(name, runs[name], mine)
    if missing:
        print(f"  not installed: {', '.join(missing)}")
    return runs[ours[0]]


def row(name, runs, ours=None):
    """The least wall and CPU seconds of several runs, and the counts of the first."""
    if not runs:
        return None
    wall, cpu, peak, used = min(run.wall for run in runs), min(run.cpu for run in runs), max(run.peak for run in runs), runs[0]
    ratio = f"  ours: {ours[0] / wall:.2f} of its wall, {ours[1] / cpu:.2f} of its CPU" if ours else ""
    print(f"  {name:28} {wall:7.2f} s wall {cpu:7.2f} s CPU {peak:6.1f} MiB {used.requests:6} requests "
          f"{used.connections:5} connections {used.silent:6} without payer{ratio}", flush=True)
    return wall, cpu


def pages(keys):
    """Requests for a listing: a chain of pages, and a twentieth for splitting it."""
    chain = math.ceil(keys / PAGE)
    return chain + chain // 20 + (1 if chain > 8 else 0)


def listing(latency):
    print(f"Recursive listing of {KEYS} keys to a pipe, {latency} ms added to each answer")
    with Store(KEYS, latency) as store:
        peers = [("rclone lsf -R", ["rclone", "lsf", "-R", "--use-server-modtime", "--format", "pst", "BENCH:synthetic"]),
                 ("s5cmd ls", [*S5CMD(store), "ls", "s3://synthetic/*"])]
        if os.environ.get("AWS_TOO"):
            peers.append(("aws s3 ls --recursive", ["aws", "s3", "ls", "--recursive", "--request-payer", "requester", "s3://synthetic"]))
        ours = ("whopays ls -r --json", [BINARY, "ls", "-r", "--json", "bench:synthetic"])
        compare(store, ours, Count(pages(KEYS), ["ListObjectsV2"], mib=25), peers)


def S5CMD(store):
    return ["s5cmd", "--endpoint-url", store.endpoint, "--request-payer", "requester"]


def first_rows():
    print(f"First page of {KEYS} keys, 20 ms added to each answer")
    with Store(KEYS, 20) as store:
        ours = ("whopays ls --pages 1", [BINARY, "ls", "--json", "--pages", "1", "bench:synthetic"])
        compare(store, ours, Count(1, ["ListObjectsV2"]), [])


def memory():
    print("Peak memory of a listing to a pipe, by count")
    for keys in (KEYS // 10, KEYS):
        with Store(keys) as store:
            ours = (f"whopays ls -r, {keys} keys", [BINARY, "ls", "-r", "--json", "bench:synthetic"])
            compare(store, ours, Count(pages(keys), ["ListObjectsV2"], mib=25), [])


def remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.remove(path)


def parts(size):
    """Ranges or parts of 64 MiB."""
    return max(1, math.ceil(size / (64 << 20)))


def aside(path):
    """Out of the way, and deleted at the end: a file system that has just lost ten thousand files makes new ones slowly, for minutes."""
    if os.path.isdir(path):
        os.rename(path, f"{path}-{time.monotonic_ns()}")


def down():
    print(f"{BYTES} bytes down, TLS")
    with Store(1, tls=True) as store:
        target = os.path.join(store.folder, "down")
        blob = f"synthetic/blob/{BYTES}"
        compare(store, ("whopays get", [BINARY, "get", "--json", "--overwrite", f"bench:{blob}", target]), Count(parts(BYTES) + 1, ["GetObject"], mib=40), [
            ("curl", ["curl", "-sS", "--cacert", store.ca, "-o", target, f"{store.endpoint}/{blob}"]),
            ("rclone copyto", ["rclone", "copyto", "--ignore-times", f"BENCH:{blob}", target]),
            ("s5cmd cp", [*S5CMD(store), "cp", f"s3://{blob}", target]),
            ("aws s3 cp", ["aws", "s3", "cp", "--quiet", "--request-payer", "requester", f"s3://{blob}", target]),
        ], before=lambda: remove(target))


def up():
    print(f"{BYTES} bytes up, TLS")
    with Store(1, tls=True) as store:
        source = os.path.join(store.folder, "source")
        with open(source, "wb") as file:
            block = os.urandom(1 << 20)
            for _ in range(BYTES >> 20):
                file.write(block)
        multipart = ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]
        compare(store, ("whopays put", [BINARY, "put", "--json", "--overwrite", source, "bench:synthetic/up"]), Count(parts(BYTES) + 2, multipart, mib=40), [
            ("s5cmd cp", [*S5CMD(store), "cp", source, "s3://synthetic/up"]),
            ("rclone copyto", ["rclone", "copyto", "--ignore-times", source, "BENCH:synthetic/up"]),
            ("aws s3 cp", ["aws", "s3", "cp", "--quiet", "--request-payer", "requester", source, "s3://synthetic/up"]),
        ])


def small():
    print(f"{SMALL} objects of 4 KiB, 20 ms added to each answer")
    most = 256 + 2
    with Store(SMALL, 20) as store:
        target, source = os.path.join(store.folder, "many"), os.path.join(store.folder, "sources")
        rclone = ["rclone", "copy", "--transfers", "64", "--checkers", "64"]
        ours = ("whopays get -r", [BINARY, "get", "-r", "--json", "bench:synthetic", target])
        compare(store, ours, Count(SMALL + pages(SMALL), ["ListObjectsV2", "GetObject"], most), [
            ("s5cmd cp, down", [*S5CMD(store), "cp", "s3://synthetic/*", target + "/"]),
            ("rclone, 64 transfers, down", [*rclone, "BENCH:synthetic", target]),
        ], before=lambda: aside(target))
        os.mkdir(source)
        for number in range(SMALL):
            with open(os.path.join(source, f"file-{number:06}"), "wb") as file:
                file.write(os.urandom(4096))
        ours = ("whopays put -r", [BINARY, "put", "-r", "--json", "--overwrite", source + "/", "bench:synthetic/up/"])
        compare(store, ours, Count(SMALL, ["PutObject"], most), [
            ("s5cmd cp, up", [*S5CMD(store), "cp", source + "/", "s3://synthetic/up/"]),
            # Else it finds what the others wrote, and asks for copies of each object onto itself to change its time.
            ("rclone, 64 transfers, up", [*rclone, "--ignore-times", "--no-traverse", "--s3-no-check-bucket", source, "BENCH:synthetic/up"]),
        ])


def held():
    """The console with a listing held: its memory, its silence, and how soon a frame answers a key while rows come."""
    print(f"Console with {KEYS} rows, 20 ms added to each answer")
    with Store(KEYS, 20) as store:
        screen = Screen([BINARY, "bench:synthetic/key-"], {**store.env, "TERM": "xterm-256color", "LANG": "C.UTF-8"})
        opened = screen.until(lambda plain: b"0000000005" in plain)
        print(f"  first rows on the terminal   {opened * 1000:7.1f} ms, {requests(store)} requests")
        screen.read(0.3)
        first = requests(store)
        if first > 2:
            WRONG.append(f"opening a prefix: {first} requests, 2 are enough")
        times, began, wanted = [], time.perf_counter(), math.ceil(KEYS / PAGE)
        while (asked := requests(store)) < wanted and time.perf_counter() - began < 300:
            os.write(screen.fd, b"G")
            screen.read(0.5)
            if requests(store) == asked or requests(store) == 100:
                os.write(screen.fd, b"y")
                screen.read(0.1)
            times += frames(screen, [b"j", b"k", b"\x1b[6~", b"\x1b[5~"] * 15)
        print(f"  all rows after               {time.perf_counter() - began:7.1f} s, {requests(store)} requests")
        report("key to frame while rows come", times)
        screen.read(2.0)
        times = frames(screen, [b"j", b"k", b"g", b"G", b"\x1b[6~", b"\x1b[5~"] * 20)
        report("key to frame with all rows", times)
        print(f"  memory                       {screen.memory_mib('VmRSS'):7.1f} MiB, peak {screen.memory_mib('VmHWM'):.1f} MiB")
        screen.read(2.0)
        ticks, asked = screen.ticks(), requests(store)
        quiet = screen.read(3.0 if SMOKE else 10.0)
        figures = (len(quiet), screen.ticks() - ticks, requests(store) - asked)
        print(f"  idle: bytes / CPU ticks / requests   {figures[0]} / {figures[1]} / {figures[2]}")
        if figures[0] or figures[2]:
            WRONG.append(f"idle console: {figures[0]} bytes to the terminal, {figures[2]} requests")
        if without := store.counts()["operations"]["ListObjectsV2"]["without_payer"]:
            WRONG.append(f"console: {without} pages do not say who pays")
        screen.end()


def requests(store):
    """Pages of keys: the board asks for buckets and payers besides, which take no word on paying."""
    return store.counts()["operations"].get("ListObjectsV2", {"requests": 0})["requests"]


def frames(screen, keys):
    """Milliseconds from a key to the first byte of the frame that answers it."""
    times = []
    for key in keys:
        screen.read(0.0)
        sent = time.perf_counter()
        os.write(screen.fd, key)
        if select.select([screen.fd], [], [], 0.5)[0]:
            times.append((time.perf_counter() - sent) * 1000)
        screen.read(0.005)
    return times


def report(what, times):
    times = sorted(times)
    if times:
        print(f"  {what:28} {times[len(times) // 2]:7.1f} ms median, {times[min(len(times) - 1, len(times) * 99 // 100)]:.1f} ms p99 of {len(times)} keys", flush=True)


for goal, work in {"list": lambda: listing(0), "list20": lambda: listing(20), "first": first_rows, "memory": memory, "down": down,
                   "up": up, "small": small, "held": held}.items():
    if goal in GOALS:
        work()
for each in WRONG:
    print(f"WRONG: {each}")
sys.exit(1 if WRONG else 0)
