# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a preflight found, judged."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.gpvault.gpmc.plugins.filter.preflight_table import preflight_table
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._preflight_result import CHECKS, PreflightResult
from replies import DENIED, reply

_MIB = 1024 * 1024
_OFFLINE = {"hresult": -2147016646, "message": ""}
_HOP = {"hresult": -2147016672, "message": ""}
_NO_PATH = {"hresult": -2147024893, "message": ""}
_NO_MEMBER = {"hresult": -2146233088, "message": "No member."}
_NO_CLASS = {"hresult": -2147221164, "message": ""}


def _found(name: str, **found: t.Any) -> dict[str, t.Any]:
    return {"check": name, "found": found, "step": None, "hresult": None, "message": None}


def _refused(name: str, step: str, status: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {"check": name, "found": None, "step": step, **status}


def _result(*checks: t.Mapping[str, t.Any], **options: t.Any) -> dict[str, t.Any]:
    result = PreflightResult(**{"path": "D:\\GPO", "min_free": 500, **options})
    result.add({**reply(selected=None), "checks": checks})
    return result.shown()


def _judged(check: t.Mapping[str, t.Any], **options: t.Any) -> dict[str, t.Any]:
    (judged,) = (one for one in _result(check, **options)["checks"] if one["check"] == check["check"])
    return judged


@pytest.mark.parametrize(
    ("check", "verdict", "said", "fix"),
    [
        (_found("logon", user="b", authentication="NTLM", kinds=["network"]), "ok", "b, logon: network, by NTLM", ""),
        (_refused("gpmc", "gpmc", _NO_CLASS), "failed", "not installed", "Install-WindowsFeature GPMC"),
        (_refused("domain", "host_domain", _NO_MEMBER), "failed", "No member.", "option domain"),
        (_refused("domain", "connect", _OFFLINE), "failed", "does not answer", "domain_controller"),
        (_refused("domain", "select", _HOP), "failed", "0x80072020", "the double hop"),
        (_refused("domain", "select", DENIED), "failed", "Access is denied", "the double hop"),
        (_found("gpos", visible=3, inaccessible=[], unsure=[]), "ok", "can see 3 GPOs, and there is no other", ""),
        (_found("gpos", visible=3, inaccessible=["{A}"], unsure=[]), "warning", "{A}", "read access"),
        (_found("gpos", visible=0, inaccessible=[], unsure=[]), "failed", "no GPO", "read access"),
        (_found("gpos", visible=3, inaccessible=[], unsure=[DENIED]), "warning", "could not be told", ""),
        (_found("clock", offset=-2.4), "ok", "2 s behind", ""),
        (_found("clock", offset=60), "warning", "60 s ahead", "w32tm"),
        (_found("clock", offset=-300), "failed", "Kerberos", "w32tm"),
        (_refused("clock", "clock", {"hresult": -2146232800, "message": "Too late."}), "warning", "Too late.", "NTP"),
        (_found("path", exists=True), "ok", "is there", ""),
        (_refused("path", "path", _NO_PATH), "failed", "0x80070003", "create_path: true"),
        (_refused("path", "path", DENIED), "failed", "Access is denied", "the double hop"),
        (_refused("rights", "path", DENIED), "failed", "Access is denied", "write access"),
        (_found("rights", folder="D:\\GPO", delete=None), "ok", "may write in D:\\GPO", ""),
        (_found("rights", folder="D:\\GPO", delete=True), "ok", "may write in D:\\GPO", ""),
        (_found("rights", folder="D:\\GPO", delete=False), "warning", "not delete", "modify"),
        (_found("space", free=1000 * _MIB), "ok", "1,000 MiB", ""),
        (_found("space", free=999 * _MIB), "warning", "less than twice", "min_free"),
        (_found("space", free=499 * _MIB), "failed", "less than the 500", "min_free"),
    ],
)
def test_verdicts(check: dict[str, t.Any], verdict: str, said: str, fix: str) -> None:
    judged = _judged(check)
    assert (judged["verdict"], said in judged["message"]) == (verdict, True), judged["message"]
    assert fix in (judged["fix"] or "") and bool(judged["fix"]) is bool(fix)


@pytest.mark.parametrize(
    ("length", "unread", "whole", "verdict", "fix"),
    [
        (239, [], True, "ok", None),
        (240, [], True, "warning", "at most 25 characters"),
        (259, [], True, "warning", "at most 6 characters"),
        # That of one GPO, which must not keep the others from being backed up.
        (260, [], True, "warning", "at most 5 characters"),
        # No directory has so few.
        (262, [], True, "warning", "Shorten the file's name in SYSVOL: no backup directory is short enough."),
        (100, ["{A}"], True, "warning", "read access"),
        (100, [], False, "warning", "trip_time"),
    ],
)
def test_the_longest_path(length: int, unread: list[str], whole: bool, verdict: str, fix: str | None) -> None:
    judged = _judged(
        _found("path_length", length=length, gpo="{B}", file="a\\b", policies=2, unread=unread, whole=whole)
    )
    assert judged["verdict"] == verdict and (fix is None or fix in judged["fix"])


def test_what_could_not_be_looked_at_is_named() -> None:
    result = _result(_refused("gpmc", "gpmc", _NO_CLASS), _found("path", exists=True))
    assert result["failed"] is True and result["summary"] == {"ok": 3, "warning": 0, "failed": 1}
    assert result["not_checked"] == ["logon", "domain", "gpos", "clock", "rights", "space", "path_length"]
    assert result["overall_status"]["name"] == "REGDB_E_CLASSNOTREG"
    assert result["msg"].startswith("1 check failed: GPMC could not be started on the host:")


def test_without_a_path_nothing_of_it_is_missed() -> None:
    assert _result(path="")["not_checked"] == ["logon", "gpmc", "domain", "gpos", "clock"]


def test_a_host_that_is_not_reached() -> None:
    result = PreflightResult(path="D:\\GPO")
    result.lose_trip("The connection to the host failed: refused", begun=False)
    shown = result.shown()
    assert shown["failed"] is True and shown["not_checked"] == list(CHECKS[1:])
    assert "transport and account" in shown["msg"]


def test_a_powershell_that_is_confined() -> None:
    result = PreflightResult(path="D:\\GPO")
    result.lose_trip("PowerShell on the host is confined. Use another host.", begun=True, worked=False)
    (connection, language) = result.shown()["checks"]
    assert (connection["verdict"], language["verdict"]) == ("ok", "failed") and "confined" in language["message"]


def test_a_trip_without_a_reply_has_no_verdicts() -> None:
    result = PreflightResult(path="D:\\GPO")
    result.lose_trip("PowerShell on the host ended without a result.", begun=True)
    shown = result.shown()
    assert shown["failed"] is True and shown["checks"] == [] and "without a result" in shown["msg"]


def test_what_ends_the_trip_is_told_beside_the_checks() -> None:
    result = PreflightResult(path="D:\\GPO")
    trouble = {"step": "step_timeout", "hresult": None, "message": "domain"}
    result.add({**reply(selected=None, trouble=trouble), "checks": [_refused("gpmc", "gpmc", _NO_CLASS)]})
    assert "1 check failed" in result.shown()["msg"] and "step_timeout" in result.shown()["msg"]


def test_the_table_shows_each_check_with_its_fix() -> None:
    lines = preflight_table(_result(_found("clock", offset=90)))
    assert [line.split()[1] for line in lines[2:-1]] == ["ok", "ok", "warning"]
    assert "w32tm /resync" in lines[4] and lines[-1] == "3 checks: 2 ok, 1 warning."


def test_a_summary_leaves_out_what_is_well() -> None:
    checks = [_found("path", exists=True), _found("gpos", visible=0, inaccessible=[], unsure=[])]
    result = _result(*checks, detail="summary")
    assert [check["check"] for check in result["checks"]] == ["gpos"] and result["failed"] is True
    # Connection and language, too.
    assert result["summary"] == {"ok": 3, "warning": 0, "failed": 1}
    everything = _result(*checks)
    assert (result["msg"], result["not_checked"]) == (everything["msg"], everything["not_checked"])
    assert len(everything["checks"]) == 4
