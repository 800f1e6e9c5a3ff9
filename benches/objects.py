#!/usr/bin/env python3
"""Measures objects against peers, in one run on one machine: python3 benches/objects.py target/release/whopays [goal ...]

Prints figures, judges nothing. Needs Python's standard library and openssl; `rclone`, `s5cmd`, `aws` and `curl` are measured
beside us where they are installed, and named as missing where they are not. Every request goes to the load mode of the embedded
store (`demo --serve --synthetic`) on loopback, which counts requests, connections and payer headers itself.

Goals: list list20 first memory down up small (all of them without an argument). KEYS and GIB in the environment make it smaller.
"""
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import ssl

BINARY = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/release/whopays")
GOALS = sys.argv[2:] or ["list", "list20", "first", "memory", "down", "up", "small"]
KEYS = int(os.environ.get("KEYS", "1000000"))
BYTES = int(float(os.environ.get("GIB", "1")) * (1 << 30))
SMALL = int(os.environ.get("SMALL", "10000"))
RUNS = int(os.environ.get("RUNS", "3"))


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
        self.connections = counts["connections"]
        self.operations = {name: count["requests"] for name, count in operations.items()}


def measured(store, command, stdout=subprocess.DEVNULL):
    """One run of a command; its own peak memory from a wait for this child alone."""
    store.clear()
    start = time.perf_counter()
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(command, env=store.env, stdout=stdout, stderr=complaints, cwd=store.folder)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        complaints.seek(0)
        text = complaints.read()[-300:].decode(errors="replace")
    return Used(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, store.counts(), process.returncode, text)


def best(store, command, runs=RUNS, before=None, **options):
    """The run with the least wall time; a command that fails is said to have failed."""
    kept = None
    for _ in range(runs):
        if before:
            before()
        used = measured(store, command, **options)
        if used.code != 0:
            print(f"  FAILED ({used.code}): {' '.join(command[:4])} ...: {used.complaint.strip()[-200:]}")
            return None
        if kept is None or used.wall < kept.wall:
            kept = used
    return kept


def row(name, used, ours=None):
    if used is None:
        return
    ratio = f"  ours is {ours.wall / used.wall:5.2f} of its wall, {ours.cpu / used.cpu:5.2f} of its CPU" if ours else ""
    print(f"  {name:28} {used.wall:8.2f} s wall {used.cpu:8.2f} s CPU {used.peak:7.1f} MiB {used.requests:7} requests "
          f"{used.connections:5} connections, {used.silent} without payer{ratio}")


def peers(store, table, ours, **options):
    for tool, name, command in table:
        if shutil.which(tool) is None:
            print(f"  {name:28} not installed")
        else:
            row(name, best(store, command, runs=1 if "aws" in name else RUNS, **options), ours)


def listing(latency):
    print(f"Recursive listing of {KEYS} keys to a pipe, {latency} ms added to each answer")
    with Store(KEYS, latency) as store:
        ours = best(store, [BINARY, "ls", "-r", "--json", "bench:synthetic"])
        row("whopays ls -r --json", ours)
        peers(store, [
            ("rclone", "rclone lsf -R", ["rclone", "lsf", "-R", "--format", "pst", "BENCH:synthetic"]),
            ("s5cmd", "s5cmd ls", ["s5cmd", "--endpoint-url", store.endpoint, "--request-payer", "requester", "ls", "s3://synthetic/*"]),
        ] + ([("aws", "aws s3 ls --recursive", ["aws", "s3", "ls", "--recursive", "--request-payer", "requester", "s3://synthetic"])]
             if latency == 0 and os.environ.get("AWS_TOO") else []), ours)


def first_rows():
    """The time until the first row of a folder reaches a pipe, and what was asked for it."""
    print(f"First page of {KEYS} keys, 20 ms added to each answer")
    with Store(KEYS, 20) as store:
        ours = best(store, [BINARY, "ls", "--json", "--pages", "1", "bench:synthetic"], runs=9)
        row("whopays ls --pages 1", ours)


def memory():
    print("Peak memory of a listing to a pipe, by count")
    for keys in (KEYS // 10, KEYS):
        with Store(keys) as store:
            row(f"whopays ls -r, {keys} keys", best(store, [BINARY, "ls", "-r", "--json", "bench:synthetic"], runs=1))


def remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.remove(path)


def down():
    print(f"{BYTES} bytes down, TLS")
    with Store(1, tls=True) as store:
        target = os.path.join(store.folder, "down")
        clean = lambda: remove(target)
        ours = best(store, [BINARY, "get", "--json", "--overwrite", f"bench:synthetic/blob/{BYTES}", target], before=clean)
        row("whopays get", ours)
        url = f"{store.endpoint}/synthetic/blob/{BYTES}"
        peers(store, [
            ("curl", "curl", ["curl", "-sS", "--cacert", store.ca, "-o", target, url]),
            ("rclone", "rclone copyto", ["rclone", "copyto", "--ignore-times", f"BENCH:synthetic/blob/{BYTES}", target]),
            ("s5cmd", "s5cmd cp", ["s5cmd", "--endpoint-url", store.endpoint, "--request-payer", "requester", "cp", f"s3://synthetic/blob/{BYTES}", target]),
            ("aws", "aws s3 cp", ["aws", "s3", "cp", "--request-payer", "requester", f"s3://synthetic/blob/{BYTES}", target]),
        ], ours, before=clean)


def up():
    print(f"{BYTES} bytes up, TLS")
    with Store(1, tls=True) as store:
        source = os.path.join(store.folder, "source")
        with open(source, "wb") as file:
            block = os.urandom(1 << 20)
            for _ in range(BYTES >> 20):
                file.write(block)
        ours = best(store, [BINARY, "put", "--json", "--overwrite", source, "bench:synthetic/up"])
        row("whopays put", ours)
        peers(store, [
            ("s5cmd", "s5cmd cp", ["s5cmd", "--endpoint-url", store.endpoint, "--request-payer", "requester", "cp", source, "s3://synthetic/up"]),
            ("rclone", "rclone copyto", ["rclone", "copyto", "--ignore-times", source, "BENCH:synthetic/up"]),
            ("aws", "aws s3 cp", ["aws", "s3", "cp", "--request-payer", "requester", source, "s3://synthetic/up"]),
        ], ours)


def small():
    print(f"{SMALL} objects of 4 KiB, 20 ms added to each answer")
    with Store(SMALL, 20) as store:
        target = os.path.join(store.folder, "many")
        clean = lambda: remove(target)
        ours = best(store, [BINARY, "get", "-r", "--json", "bench:synthetic", target], before=clean)
        row("whopays get -r", ours)
        s5cmd = ["s5cmd", "--endpoint-url", store.endpoint, "--request-payer", "requester", "cp"]
        peers(store, [
            ("s5cmd", "s5cmd cp", s5cmd + ["s3://synthetic/*", target + "/"]),
            ("rclone", "rclone copy, 64 transfers", ["rclone", "copy", "--transfers", "64", "--checkers", "64", "BENCH:synthetic", target]),
        ], ours, before=clean)
        source = os.path.join(store.folder, "sources")
        os.mkdir(source)
        for number in range(SMALL):
            with open(os.path.join(source, f"file-{number:06}"), "wb") as file:
                file.write(os.urandom(4096))
        ours = best(store, [BINARY, "put", "-r", "--json", "--overwrite", source + "/", "bench:synthetic/up/"])
        row("whopays put -r", ours)
        peers(store, [
            ("s5cmd", "s5cmd cp", s5cmd + [source + "/", "s3://synthetic/up/"]),
            ("rclone", "rclone copy, 64 transfers", ["rclone", "copy", "--transfers", "64", "--checkers", "64", "--no-traverse", "--s3-no-check-bucket", source, "BENCH:synthetic/up"]),
        ], ours)


for goal, work in {"list": lambda: listing(0), "list20": lambda: listing(20), "first": first_rows, "memory": memory, "down": down,
                   "up": up, "small": small}.items():
    if goal in GOALS:
        work()
