# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the PowerShell host: speaks its standby protocol and does what the tests of the endpoint need.

The arguments are an action and its operands, for example ``out 5000000`` or ``exit 3``.
"""

from __future__ import annotations

import json
import os
import sys
import time
import typing as t


def copy_input() -> None:
    """Everything from stdin to stdout, as it comes."""
    while data := os.read(0, 65536):
        write(1, data)


def count_input() -> None:
    """How many bytes came on stdin."""
    total = 0
    while data := os.read(0, 65536):
        total += len(data)
    write(1, str(total).encode())


def write(descriptor: int, data: bytes) -> None:
    """All of it."""
    while data:
        data = data[os.write(descriptor, data):]


def pattern(size: int) -> bytes:
    """Bytes that tell when one is missing."""
    block = b"".join(b"%07d\n" % number for number in range(size // 8 + 1))
    return block[:size]


def act(order: dict[str, t.Any]) -> int:
    """Do what the arguments say; the exit code."""
    action, *operands = order["args"]
    if action == "echo":
        write(1, " ".join(operands).encode())
    elif action == "err":
        write(2, " ".join(operands).encode())
    elif action == "out":
        write(1, pattern(int(operands[0])))
    elif action == "exit":
        return int(operands[0])
    elif action == "cat":
        copy_input()
    elif action == "count":
        count_input()
    elif action == "args":
        write(1, json.dumps(operands).encode())
    elif action == "env":
        write(1, order["env"].get(operands[0], "").encode())
    elif action == "cwd":
        write(1, order["cwd"].encode())
    elif action == "sleep":
        write(1, b"begin")
        time.sleep(float(operands[0]))
        write(1, b"end")
    elif action == "steps":
        for number in range(int(operands[0])):
            write(1, b"%d\n" % number)
            time.sleep(float(operands[1]))
    elif action == "pid":
        write(1, str(os.getpid()).encode())
    elif action == "crash":
        write(1, b"half")
        os._exit(int(operands[0]))
    else:
        write(2, f"unknown action {action}".encode())
        return 64
    return 0


def main() -> int:
    """The protocol."""
    if sys.argv[1:] != ["--standby"]:
        return act({"args": sys.argv[1:], "env": {}, "cwd": os.getcwd()})
    if os.environ.get("FAKE_STANDBY_BROKEN"):
        return 1
    time.sleep(float(os.environ.get("FAKE_STANDBY_WARMUP", "0")))
    write(1, b"pshost-ready\n")
    line = b""
    while not line.endswith(b"\n"):
        mark = os.read(0, 1)
        if not mark:
            return 0
        line += mark
    order = json.loads(line)
    code = act(order)
    write(2, f"\x1epshost-ran {order['sentinel']} {code}\n".encode())
    return code & 0xFF


if __name__ == "__main__":
    sys.exit(main())
