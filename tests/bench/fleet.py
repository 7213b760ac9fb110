# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Ansible's forks share the work of a fleet: many hosts, each with a domain of its own, in one run."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import typing as t

_HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(_HERE.parent / "integration")]

from harness import Lab  # noqa: E402

_BACKUP_COST = 150
_CALL_COST = 5
"""Milliseconds, as in the other benchmark."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/bench/fleet", description=__doc__)
    parser.add_argument("--hosts", type=int, default=12, metavar="N", help="hosts, and domains (default: 12)")
    parser.add_argument("--gpos", type=int, default=50, metavar="N", help="GPOs of each domain (default: 50)")
    parser.add_argument("--forks", default="1,6,12", metavar="N,…", help="what is compared (default: 1,6,12)")
    parser.add_argument("--runs", type=int, default=2, metavar="N", help="runs of each, of which the median counts")
    return parser.parse_args()


def _fill(lab: Lab, hosts: t.Sequence[str], gpos: int) -> None:
    """Give each domain so many GPOs, all of which the account can see."""
    for host in hosts:
        for gpo in lab.gpos(host):
            lab("gpo", "delete", gpo["id"], "--host", host)
        lab("gpo", "add", "Policy", "--count", str(gpos), "--files", "3", "--file-size", "4096", "--host", host)
        lab("domain", "--backup-cost", str(_BACKUP_COST), "--call-cost", str(_CALL_COST), "--host", host)


def _play(lab: Lab, hosts: t.Sequence[str], forks: int, folder: str, gpos: int, expected: str) -> float:
    """Back the hosts' domains up in one run, and return its seconds."""
    task = {
        "name": "Back up",
        "gpvault.gpmc.gpo_backup": {
            "path": f"D:\\{folder}",
            "create_path": True,
            "all": True,
            "domain": "{{ lab_domain }}",
            "detail": "summary",
        },
        "register": "backup",
    }
    check = {
        "name": "Look",
        "ansible.builtin.assert": {
            "that": [f"backup.summary.{expected} == {gpos}", f"backup.summary.selected == {gpos}"],
            "quiet": True,
        },
    }
    playbook = lab.state / "fleet.json"
    play = {"hosts": ":".join(hosts), "gather_facts": False, "tasks": [task, check]}
    playbook.write_text(json.dumps([play]), "utf-8")
    start = time.monotonic()
    done = subprocess.run(
        ["ansible-playbook", "-i", lab.state / "inventory.yml", "-f", str(forks), playbook],
        env=lab.env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.monotonic() - start
    if done.returncode:
        raise RuntimeError(f"The run failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return seconds


def main() -> None:
    """Measure, and print a table in Markdown."""
    arguments = _arguments()
    forks = [int(number) for number in arguments.forks.split(",")]
    hosts = [f"host{number}" for number in range(1, arguments.hosts + 1)]
    variants = [(1, 1), *((len(hosts), number) for number in forks)]
    lab = Lab("bench-fleet")
    new: dict[tuple[int, int], list[float]] = {variant: [] for variant in variants}
    unchanged: dict[tuple[int, int], list[float]] = {variant: [] for variant in variants}
    lab("up", "--fresh", "--hosts", str(len(hosts)), "--domain", "corp.example", "--pool", "0")
    try:
        _fill(lab, hosts, arguments.gpos)
        for run in range(arguments.runs):
            for variant in variants if run % 2 == 0 else variants[::-1]:
                used, folder = hosts[: variant[0]], f"{run}-{variant[0]}-{variant[1]}"
                for times, expected in ((new, "created"), (unchanged, "unchanged")):
                    seconds = _play(lab, used, variant[1], folder, arguments.gpos, expected)
                    times[variant].append(seconds)
                    print(f"{variant[0]} hosts, {variant[1]} forks, {expected}: {seconds:.1f} s", file=sys.stderr)
    finally:
        lab("down")
    print(f"\n| hosts | forks | GPOs | all new | ÷ one host | nothing changed | ÷ one host |\n|{' --- |' * 7}")
    one_new, one_unchanged = statistics.median(new[variants[0]]), statistics.median(unchanged[variants[0]])
    for variant in variants:
        first, again = statistics.median(new[variant]), statistics.median(unchanged[variant])
        print(
            f"| {variant[0]} | {variant[1]} | {variant[0] * arguments.gpos} | {first:.1f} s | {first / one_new:.1f} | "
            f"{again:.1f} s | {again / one_unchanged:.1f} |"
        )


if __name__ == "__main__":
    os.chdir(_HERE.parents[1])
    main()
