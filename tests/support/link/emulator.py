"""
A thin line between two network namespaces, in user space: one TUN device in each, and this process carries the packets
between them. Each direction has a rate, a drop-tail queue in front of it, a delay, and loses packets at random.

usage: emulator.py OPTIONS_JSON
  {"a": NAMESPACE, "b": NAMESPACE, "bitsPerSecond": 4000000, "delayMs": 100, "loss": 0.01, "queuePackets": 100, "seed": 1}

Prints {"ready": true} when both devices (`thin0`) are there, and on every line of standard input the counters of both
directions as JSON: {"up": {…}, "down": {…}}, up being from a to b. A line of JSON with any of the options above sets them
anew, for both directions. It ends when standard input does.
"""

import ctypes
import fcntl
import json
import os
import random
import select
import struct
import sys
import time
from collections import deque

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
CLONE_NEWNET = 0x40000000
MTU = 1500
SAMPLES = 100_000


def open_tun(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/var/run/netns/{namespace}", "rb") as file:
        if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter the namespace {namespace}")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"thin0", IFF_TUN | IFF_NO_PI))
    return device


class Direction:
    """One way. A packet waits in the queue, is sent at the rate, may get lost, and arrives after the delay."""

    def __init__(self, options, seed, target):
        self.options = options
        self.random = random.Random(seed)
        self.target = target
        self.leaving = deque()  # times at which the packets in the queue will have left it
        self.arriving = deque()  # (time, packet)
        self.free_at = 0.0
        self.counters = {"delivered": 0, "deliveredBytes": 0, "lost": 0, "queueDrops": 0, "tooLate": 0}
        self.delays = deque(maxlen=SAMPLES)

    def take(self, packet, now):
        options = self.options
        while self.leaving and self.leaving[0] <= now:
            self.leaving.popleft()
        if len(self.leaving) >= options["queuePackets"]:
            self.counters["queueDrops"] += 1
            return
        begins = max(now, self.free_at)
        self.free_at = begins + len(packet) * 8 / options["bitsPerSecond"]
        self.leaving.append(self.free_at)
        self.delays.append(begins - now)
        if self.random.random() < options["loss"]:
            self.counters["lost"] += 1
            return
        self.arriving.append((self.free_at + options["delayMs"] / 1000, packet))

    def deliver(self, now):
        while self.arriving and self.arriving[0][0] <= now:
            _, packet = self.arriving.popleft()
            try:
                os.write(self.target, packet)
                self.counters["delivered"] += 1
                self.counters["deliveredBytes"] += len(packet)
            except OSError:
                self.counters["tooLate"] += 1

    def report(self):
        delays = sorted(self.delays)

        def percentile(p):
            return round(delays[min(len(delays) - 1, int(len(delays) * p))] * 1000, 1) if delays else 0

        queue = {"p50": percentile(0.5), "p90": percentile(0.9), "p99": percentile(0.99), "max": percentile(1)}
        return {**self.counters, "queueDelayMs": queue}


def main():
    # A line does not become slower because the machine is busy.
    try:
        os.nice(-20)
    except OSError:
        pass
    options = json.loads(sys.argv[1])
    a, b = open_tun(options["a"]), open_tun(options["b"])
    up = Direction(options, options["seed"], b)
    down = Direction(options, options["seed"] + 1, a)
    ways = {a: up, b: down}
    poll = select.epoll()
    commands = sys.stdin.fileno()
    os.set_blocking(commands, False)
    for file in (a, b, commands):
        poll.register(file, select.EPOLLIN)
    print(json.dumps({"ready": True}), flush=True)
    pending = b""
    while True:
        now = time.monotonic()
        next_at = min((way.arriving[0][0] for way in ways.values() if way.arriving), default=now + 1)
        for file, event in poll.poll(max(0, next_at - now)):
            if file == commands:
                text = os.read(commands, 65536)
                if not text:
                    return
                pending += text
                while b"\n" in pending:
                    line, pending = pending.split(b"\n", 1)
                    if line.strip().startswith(b"{"):
                        options.update(json.loads(line))
                    print(json.dumps({"up": up.report(), "down": down.report()}), flush=True)
                continue
            now = time.monotonic()
            try:
                while True:
                    ways[file].take(os.read(file, MTU + 100), now)
            except BlockingIOError:
                pass
            except OSError:
                return
        now = time.monotonic()
        for way in ways.values():
            way.deliver(now)


main()
