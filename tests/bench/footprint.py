# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role takes of the controller: memory of ansible-playbook and of its forks, processor time, bytes sent.

The connection is the genuine one, to an endpoint of the lab's. What it answers is made up, so that no host's work
counts, nor keeps the controller waiting.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import typing as t

_HERE = pathlib.Path(__file__).resolve().parent
_LAB = _HERE.parent / "lab"

_INTERVAL = 0.2
_MB = 1024
_ACCOUNT = {"user": "gpvault", "password": "measured"}


class Memory:
    """The memory of a process and of its forks while they live, in KB.

    Forks share what they do not change with their parent. What each has for itself is what one more fork takes.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.parent = self.fork = self.all = 0
        self._process = process
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while self._process.returncode is None:
            self._look()
            threading.Event().wait(_INTERVAL)

    def _look(self) -> None:
        forks = _forks(self._process.pid)
        used = {pid: _memory(pid) for pid in (self._process.pid, *forks)}
        self.parent = max(self.parent, used[self._process.pid].get("Rss", 0))
        own = (used[pid].get("Private_Dirty", 0) + used[pid].get("Private_Clean", 0) for pid in forks)
        self.fork = max(self.fork, *own, 0)
        self.all = max(self.all, sum(one.get("Pss", 0) for one in used.values()))


def _forks(pid: int) -> list[int]:
    """Return the processes that come of this one."""
    found: list[int] = []
    for file in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in file.read_text("utf-8").split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_forks(child)]
    return found


def _memory(pid: int) -> dict[str, int]:
    try:
        lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()[1:]
    except OSError:
        return {}
    return {name: int(value.split()[0]) for name, _colon, value in (line.partition(":") for line in lines)}


class Endpoint:
    """An endpoint of the lab's that stands for any number of hosts."""

    def __init__(self, folder: pathlib.Path, gpos: int) -> None:
        self.log = folder / "access.jsonl"
        config = folder / "endpoint.json"
        settings = {
            "host": "host1", **_ACCOUNT, "launcher": "native", "powershell": str(_HERE / "pretended_powershell.py"),
            "workdir": str(folder), "pool": 0, "access_log": str(self.log), "state": str(folder / "state.json"),
            "env": {"GPVAULT_PRETENDED_GPOS": str(gpos)}, "limits": {"max_shells": 1000, "max_connections": 1000},
        }  # fmt: skip
        config.write_text(json.dumps(settings), "utf-8")
        config.chmod(0o600)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "labkit.endpoint", "--config", config],
            env={**os.environ, "PYTHONPATH": str(_LAB)}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.port = json.loads(self.process.stdout.readline())["http_port"]

    def closed(self) -> list[dict[str, t.Any]]:
        """Return what the access log says of each connection."""
        events = [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]
        return [event for event in events if event["event"] == "connection_closed"]

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


def _play(folder: pathlib.Path, port: int, hosts: int, forks: int, detail: str) -> tuple[Memory, float]:
    """Run the cycle for so many hosts; return the memory that it took, and the seconds of processors."""
    inventory, output = folder / "inventory.json", folder / "output"
    group = {
        "hosts": {f"host{number}": {} for number in range(1, hosts + 1)},
        "vars": {
            "ansible_connection": "winrm", "ansible_host": "127.0.0.1", "ansible_port": port,
            "ansible_user": _ACCOUNT["user"], "ansible_password": _ACCOUNT["password"], "ansible_winrm_scheme": "http",
            "ansible_winrm_transport": "ntlm", "ansible_winrm_message_encryption": "always",
            "gpo_vault_path": "D:\\well", "gpo_vault_detail": detail,
        },
    }  # fmt: skip
    inventory.write_text(json.dumps({"gpo_vault": group}), "utf-8")
    with output.open("w+", encoding="utf-8") as file:
        process = subprocess.Popen(
            ["ansible-playbook", "-i", inventory, "-f", str(forks), "gpvault.gpmc.backup"],
            stdout=file, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        memory = Memory(process)
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"The run failed:\n{output.read_text('utf-8')[-4000:]}")
    return memory, usage.ru_utime + usage.ru_stime


def _measure(hosts: int, gpos: int, forks: int, detail: str) -> str:
    """Return a row of the table."""
    with tempfile.TemporaryDirectory(prefix="gpvault-footprint-") as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        endpoint = Endpoint(folder, gpos)
        stack.callback(endpoint.close)
        memory, cpu = _play(folder, endpoint.port, hosts, forks, detail)
        sent, received = (sum(one[key] for one in endpoint.closed()) for key in ("bytes_in", "bytes_out"))
    return (
        f"| {hosts} | {forks} | {gpos:,} | {detail} | {memory.parent / _MB:.0f} | {memory.fork / _MB:.0f} | "
        f"{memory.all / _MB:.0f} | {cpu / hosts:.1f} | {sent / hosts / 1e6:.1f} | {received / hosts / 1e6:.2f} |"
    )


def main() -> None:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="tests/bench/footprint", description=__doc__)
    parser.add_argument("--hosts", default="12,48", metavar="N,…", help="hosts, and domains (default: 12,48)")
    parser.add_argument("--forks", default="6,12", metavar="N,…", help="hosts at once (default: 6,12)")
    parser.add_argument("--gpos", default="10,500", metavar="N,…", help="GPOs of each domain (default: 10,500)")
    parser.add_argument("--details", default="summary", metavar="NAME,…", help="gpo_vault_detail (default: summary)")
    arguments = parser.parse_args()
    numbers = [[int(one) for one in given.split(",")] for given in (arguments.hosts, arguments.forks, arguments.gpos)]
    print(
        "| hosts | forks | GPOs each | detail | ansible-playbook, MB | a fork's own, MB | all of them, MB | "
        f"CPU seconds per host | MB sent per host | MB received per host |\n|{' --- |' * 10}"
    )
    for hosts, forks, gpos, detail in itertools.product(*numbers, arguments.details.split(",")):
        print(_measure(hosts, gpos, forks, detail), flush=True)


if __name__ == "__main__":
    main()
