# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planting, listing and clearing faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.endpoint.faults import PlantedFaults
from labkit.errors import LabError
from labkit.faults import DOMAIN_WIDE, ENDPOINT_KINDS, GPMC_KINDS, FaultRequest, Faults
from labkit.files import read_json
from labkit.host import Host
from labkit.paths import LabPaths
from labkit.seed_default import DEFAULT_DOMAIN_POLICY, make_default_domain


@pytest.fixture()
def host(tmp_path: Path) -> Host:
    host = Host(LabPaths(tmp_path), "host1")
    make_default_domain(host.paths.domain, "corp.example", "host1")
    return host


@pytest.mark.parametrize("kind", GPMC_KINDS)
def test_a_fault_of_gpmc(host: Host, kind: str) -> None:
    faults = Faults(host)
    fault_id = faults.add(FaultRequest(kind, gpo="default domain policy", times=2, delay_ms=5))
    entry, = read_json(host.paths.domain / "faults.json")
    assert entry.keys() == {"id", "kind", "gpo", "times", "hresult", "messages", "delay_ms"}
    assert entry["gpo"] == ("*" if kind in DOMAIN_WIDE else DEFAULT_DOMAIN_POLICY)
    assert int(entry["hresult"], 16) == (0 if GPMC_KINDS[kind][1] is None else int(GPMC_KINDS[kind][1], 16))
    assert bool(entry["messages"]) == (kind in ("fail", "messages", "fail_restore"))
    for message in entry["messages"]:
        assert message.keys() == {"object_path", "extension", "setting", "message", "error", "operation"}
    planted, = faults.planted()
    assert (planted.id, planted.where, planted.hits) == (fault_id, "gpmc", 0)


@pytest.mark.parametrize("kind", ENDPOINT_KINDS)
def test_a_fault_of_the_endpoint_is_understood_there(host: Host, kind: str) -> None:
    Faults(host).add(FaultRequest(kind, times=1, after=1))
    planted = PlantedFaults(str(host.paths.endpoint_faults))
    if kind == "refuse_connect":
        struck = [planted.strike_connection() for _ in range(3)]
    else:
        struck = [planted.strike(kind, count) for count in (1, 2, 2)]
    assert [bool(fault) for fault in struck] == [False, True, False]
    assert read_json(host.paths.domain / "faults.json") == []


def test_an_own_hresult_and_message(host: Host) -> None:
    Faults(host).add(FaultRequest("fail", hresult="0x80070020", message="Datei «x» in use"))
    entry, = read_json(host.paths.domain / "faults.json")
    assert (entry["hresult"], entry["times"], entry["gpo"]) == ("0x80070020", None, "*")
    assert entry["messages"][0]["message"] == "Datei «x» in use"
    assert entry["messages"][0]["error"] == "0x80070020"


def test_hits_are_counted_and_their_ids_not_used_again(host: Host) -> None:
    faults = Faults(host)
    first = faults.add(FaultRequest("refuse", times=3))
    for number in (1, 2):
        (host.paths.domain / "faults.hits" / f"{first}.{number}").touch()
    assert faults.planted()[0].hits == 2
    faults.clear(first)
    assert faults.add(FaultRequest("refuse", times=3)) != first, "the stand-in would take its hits for old ones"
    assert faults.planted()[0].hits == 0


def test_clear(host: Host) -> None:
    faults = Faults(host)
    ids = [faults.add(FaultRequest(kind)) for kind in ("hang", "cut_send", "slow")]
    assert len(set(ids)) == 3
    with pytest.raises(LabError, match="f99"):
        faults.clear("f99")
    assert faults.clear(ids[1]) == 1
    assert [planted.id for planted in faults.planted()] == [ids[0], ids[2]]
    (host.paths.domain / "faults.hits" / f"{ids[0]}.1").touch()
    assert faults.clear() == 2
    assert faults.planted() == [] and not list((host.paths.domain / "faults.hits").iterdir())
    assert faults.clear() == 0


@pytest.mark.parametrize("request_", [
    FaultRequest("explode"), FaultRequest("refuse", gpo="no such GPO"), FaultRequest("refuse", times=0),
    FaultRequest("refuse", hresult="access denied"),
])
def test_what_makes_no_sense_is_refused(host: Host, request_: FaultRequest) -> None:
    with pytest.raises(LabError):
        Faults(host).add(request_)
    assert Faults(host).planted() == []
