# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_preflight: verdicts that the lab can provoke, and that the fix it names works. The others: unit tests."""

from __future__ import annotations

import typing as t

import pytest
from backups import LONG
from harness import Lab, tree
from steps import step

_ALL_BUT_THE_CLOCK = {
    "connection", "language", "logon", "gpmc", "domain", "gpos", "path", "rights", "space", "path_length",
}  # fmt: skip


def _preflight(name: str, **given: t.Any) -> dict[str, t.Any]:
    return step(name, "gpo_preflight", **{"path": "D:\\GPO", **given})


def _check(result: t.Mapping[str, t.Any], name: str) -> dict[str, t.Any]:
    (found,) = (one for one in result["checks"] if one["check"] == name)
    return dict(found)


def test_verdicts_and_their_fixes(lab: Lab) -> None:
    hidden = [gpo["display_name"] for gpo in lab.gpos() if not gpo["visible"]]
    before = tree(lab.drive_d())
    long = "D:\\" + "x" * 200
    run = lab.tasks([
        _preflight("Missing"),
        _preflight("May be missing", create_path=True),
        _preflight("Long", path=long, create_path=True),
        _preflight("No share", path="\\\\nowhere\\gpo", domain_controller="dc9.corp.example"),
    ])  # fmt: skip
    assert run.code == 0, run.output
    (missing,) = run.of("Missing")
    assert missing["failed"] is True and _check(missing, "path")["detail"]["status"]["hresult"] == "0x80070003"
    assert "create_path: true" in _check(missing, "path")["fix"]
    assert missing["not_checked"] == ["rights", "space", "path_length"]

    (well,) = run.of("May be missing")
    assert not well.get("failed") and well["not_checked"] == [] and well["changed"] is False
    found = _check(well, "domain")["detail"]["found"]
    assert found == {"domain": "corp.example", "domain_controller": "dc1.corp.example"}
    assert {one["check"] for one in well["checks"] if one["verdict"] == "ok"} == _ALL_BUT_THE_CLOCK - {"gpos"}
    # The lab has no network in which a domain controller could be asked.
    assert _check(well, "clock")["verdict"] == "warning"
    gpos = _check(well, "gpos")
    assert gpos["verdict"] == "warning" and len(gpos["detail"]["found"]["inaccessible"]) == len(hidden) == 1

    (too_long,) = run.of("Long")
    judged = _check(too_long, "path_length")
    assert judged["verdict"] == "warning" and judged["detail"]["found"]["length"] > 259
    assert _check(well, "path_length")["detail"]["found"]["length"] == judged["detail"]["found"]["length"] - (203 - 6)

    (share,) = run.of("No share")
    assert {name: _check(share, name)["verdict"] for name in ("gpmc", "domain", "path")} == {
        "gpmc": "ok", "domain": "failed", "path": "failed",
    }  # fmt: skip
    assert "domain_controller" in _check(share, "domain")["fix"] and share["domain"] is not None

    # Nothing is changed, and no trace is left of what was tried.
    assert tree(lab.drive_d()) == before


@pytest.mark.skipif(not LONG, reason="only in make test-long")
def test_without_gpmc_the_directory_is_still_looked_at(lab: Lab) -> None:
    with lab.without_gpmc():
        (result,) = lab.tasks([_preflight("It", create_path=True)]).of("It")
    assert _check(result, "gpmc")["verdict"] == "failed" and "Install-WindowsFeature GPMC" in result["msg"]
    assert _check(result, "space")["verdict"] in ("ok", "warning", "failed")
    assert result["not_checked"] == ["domain", "gpos", "clock", "path_length"]
