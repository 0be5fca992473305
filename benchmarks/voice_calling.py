"""Plays the telephones of `voice.py`: one socket for all, which sends speech to every leg each 20 ms. Lines of JSON on
standard input: `{"port": true}` asks for its port, `{"ports": […]}` says where to send to."""

from __future__ import annotations

import json
import random
import select
import socket
import struct
import sys
import time

TICK = 0.02
FRAME = 160


def main() -> None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # nobody reads what comes back
    speech = [random.Random(seed).randbytes(FRAME) for seed in range(16)]
    ports: list[int] = []
    number, due = 0, time.monotonic()
    while True:
        wait = max(0.0, due - time.monotonic())
        if select.select([sys.stdin], [], [], wait)[0]:
            line = sys.stdin.readline()
            if not line:
                return
            told = json.loads(line)
            ports = told.get("ports", ports)
            sys.stdout.write(json.dumps(sock.getsockname()[1]) + "\n")
            sys.stdout.flush()
        if time.monotonic() < due:
            continue
        due += TICK
        number += 1
        for at, port in enumerate(ports):
            header = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * FRAME & 0xFFFFFFFF, at + 1)
            sock.sendto(header + speech[(number + at) % len(speech)], ("127.0.0.1", port))


if __name__ == "__main__":
    main()
