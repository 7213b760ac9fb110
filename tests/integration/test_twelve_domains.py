# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet of twelve hosts, each with a domain of its own: in one run, and cut in three as job slices cut it."""

from __future__ import annotations

import contextlib
import json
import pathlib
import typing as t

import pytest
from extent import in_long
from harness import Lab, Run, tree

_HOSTS = [f"host{number}" for number in range(1, 13)]
_FAULTY = "host5"
_LOST = "host12"


@pytest.fixture
def lab_of_twelve() -> t.Iterator[Lab]:
    """Twelve hosts that start a PowerShell process when one is asked for."""
    lab = Lab("twelve")
    lab("up", "--fresh", "--hosts", str(len(_HOSTS)), "--domain", "corp.example", "--pool", "0")
    try:
        yield lab
    finally:
        lab("down")


class Fleet:
    """The twelve hosts as the role's inventory has them: nobody answers for one of them."""

    def __init__(self, lab: Lab, folder: pathlib.Path) -> None:
        self.lab = lab
        self.report = folder / "report"
        self._inventory = folder / "vault.json"
        group = {
            "hosts": {host: {"ansible_port": 1} if host == _LOST else {} for host in _HOSTS},
            "vars": {
                "gpo_vault_path": "D:\\Vault", "gpo_vault_inaccessible": "ignore", "gpo_vault_keep_last": 2,
                "gpo_vault_collect_dest": str(folder / "copies"), "gpo_vault_max_age_alarm": "1d",
                "gpo_vault_report_dest": str(self.report),
            },
        }  # fmt: skip
        self._inventory.write_text(json.dumps({"gpo_vault": group}), "utf-8")

    @contextlib.contextmanager
    def started(self, playbook: str, *args: str) -> t.Iterator[t.Any]:
        """Start a playbook of the collection."""
        path = t.cast(pathlib.Path, f"gpvault.gpmc.{playbook}")
        with self.lab.start(path, "-i", str(self._inventory), *args) as running:
            yield running

    def __call__(self, playbook: str, *args: str) -> Run:
        """Run a playbook of the collection."""
        with self.started(playbook, *args) as running:
            return running.wait(1200)

    def in_slices(self) -> dict[str, t.Any]:
        """Run three slices at once, each host in one of them, and then one report; return what is told of each."""
        with contextlib.ExitStack() as stack:
            limits = [",".join(_HOSTS[number::3]) for number in range(3)]
            slices = [stack.enter_context(self.started("backup", "--limit", limit)) for limit in limits]
            done = [running.wait(1200) for running in slices]
        assert all(run.code in (0, 2) for run in done), [run.output for run in done]
        report = self("report")
        assert report.code == 2, report.output
        return self.told(report)

    @staticmethod
    def told(run: Run) -> dict[str, t.Any]:
        """Return what a run hands on, but for what depends on the time."""
        (stats,) = run.of("gpvault.gpmc.gpo_vault : Hand the numbers on")
        told = stats["ansible_stats"]["data"]["gpo_vault"]
        assert len(json.dumps(told)) < 6000
        told["summary"]["oldest_age"] = None
        for domain in told["domains"]:
            domain["seconds"] = domain["age"] = None
        return dict(told)


def _domains(told: dict[str, t.Any]) -> dict[str, tuple[t.Any, ...]]:
    return {one["host"]: (one["outcome"], one["gpos"], one["new"], one["failed"]) for one in told["domains"]}


@in_long
def test_twelve_domains(lab_of_twelve: Lab, tmp_path: pathlib.Path) -> None:
    lab, fleet = lab_of_twelve, Fleet(lab_of_twelve, tmp_path)
    lab("fault", "add", "refuse", "--host", _FAULTY, "--gpo", "Kiosk", "--hresult", "0x80070005")
    nothing = ("unreachable", None, None, None)

    first = fleet.in_slices()
    assert _domains(first) == {
        **{host: ("ok", 13, 13, 0) for host in _HOSTS}, _FAULTY: ("failed", 13, 12, 1), _LOST: nothing,
    }  # fmt: skip
    assert {one["domain"] for one in first["domains"] if one["domain"]} == {
        "corp.example", *(f"corp{number}.example" for number in range(2, 12)),
    }  # fmt: skip

    lab("fault", "clear")
    mended = fleet("backup", "--forks", "12")
    assert mended.code == 2, mended.output
    at_once = fleet.told(mended)
    unchanged = {**{host: ("ok", 13, 0, 0) for host in _HOSTS}, _LOST: nothing}
    assert _domains(at_once) == {**unchanged, _FAULTY: ("ok", 13, 1, 0)}

    before = {host: tree(lab.drive_d(host) / "Vault") for host in _HOSTS[:-1]}
    again = fleet.in_slices()
    assert _domains(again) == unchanged
    assert {host: tree(lab.drive_d(host) / "Vault") for host in _HOSTS[:-1]} == before
    # But for what was mended in between, slices tell what one run does.
    assert again["summary"] == {**at_once["summary"], "new": 0}
    others = [[one for one in told["domains"] if one["host"] != _FAULTY] for told in (again, at_once)]
    assert others[0] == others[1]
