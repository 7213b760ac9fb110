# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gpo_info against the lab: what it tells of GPOs, and what it costs."""

from __future__ import annotations

import json
import re
import typing as t

from extent import in_whole
from harness import Lab, assert_refused, tree, trips
from steps import step

_VISIBLE = 13

GPO_KEYS = {
    "id", "name", "domain", "description", "status", "wmi_filter", "versions", "created", "modified", "path", "owner",
    "permissions", "aces", "links", "acl_consistent", "in_sync", "outcome", "trouble", "duration",
}  # fmt: skip
_SEARCHES = ("IGPMDomain::SearchGPOs", "IGPMDomain::SearchSOMs", "IGPMSitesContainer::SearchSites",
             "IGPMDomain::SearchWMIFilters")  # fmt: skip


def test_everything_in_a_constant_number_of_searches(lab: Lab) -> None:
    before = tree(lab.host_dir() / "d"), tree(lab.host_dir() / "domain")
    with lab.counted() as few:
        run = lab.tasks([step("All", "gpo_info", all=True), step("Check mode", "gpo_info", all=True, check_mode=True)])
    (result,) = run.of("All")
    assert (tree(lab.host_dir() / "d"), tree(lab.host_dir() / "domain" / "gpos")) == (
        before[0], {path[5:]: text for path, text in before[1].items() if path.startswith("gpos/")}
    )  # fmt: skip
    lab("gpo", "add", "--count", "40")
    with lab.counted() as calls:
        (many,) = lab.tasks([step("Many", "gpo_info", all=True, inaccessible="ignore")]).of("Many")
    assert [few[search] for search in _SEARCHES] == [2, 2, 2, 2]
    assert [calls[search] for search in _SEARCHES] == [1, 1, 1, 1]
    assert not calls["IGPMDomain::GetGPO"] and many["summary"]["read"] == _VISIBLE + 40

    assert result["changed"] is False and not result.get("failed") and result["overall_status"]["name"] == "S_OK"
    assert result["msg"] == f"{_VISIBLE} of {_VISIBLE} GPOs read."
    hidden = next(gpo for gpo in lab.gpos() if not gpo["visible"])
    assert result["inaccessible"] == [{"id": hidden["id"], "found_in": ["sysvol", "link"]}]
    assert result["summary"] == {"selected": 13, "read": 13, "failed": 0, "not_attempted": 0, "inaccessible": 1}
    assert f"[WARNING]: 1 GPO of the domain cannot be seen by the account: {hidden['id']}" in run.output
    (checked,) = run.of("Check mode")
    assert [{**gpo, "duration": 0} for gpo in checked["gpos"]] == [{**gpo, "duration": 0} for gpo in result["gpos"]]
    _as_the_domain_has_it(lab, {gpo["name"]: gpo for gpo in result["gpos"]})


def _as_the_domain_has_it(lab: Lab, gpos: dict[str, dict[str, t.Any]]) -> None:
    assert {gpo["in_sync"] for gpo in gpos.values()} == {gpo["acl_consistent"] for gpo in gpos.values()} == {True}
    laptops = gpos["Laptops: BitLocker and VPN"]
    assert set(laptops) == GPO_KEYS
    shown = lab.gpo(laptops["name"])
    assert laptops["wmi_filter"] == {
        "id": shown["wmi_filter"].upper(),
        "name": "Laptops only",
        "description": laptops["wmi_filter"]["description"],
        "queries": ["root\\CIMv2;SELECT * FROM Win32_Battery WHERE BatteryStatus > 0"],
    }
    assert laptops["links"] == [
        {"target": link["som"], **{key: link[key] for key in ("type", "order", "enabled", "enforced")}}
        for link in shown["links"]
    ]
    assert [ace["mask"].lower() for ace in laptops["aces"]] == [ace["mask"] for ace in shown["permissions"]]
    assert laptops["aces"][0]["type"] == "allow_object" and laptops["aces"][1]["type"] == "allow"
    assert laptops["path"].lower().startswith(f"cn={laptops['id'].lower()},cn=policies,cn=system,dc=corp")
    assert laptops["owner"] == "CORP\\Domain Admins"
    by_name = {entry["trustee"]["name"]: entry for entry in laptops["permissions"]}
    assert by_name["Authenticated Users"] == {
        "trustee": {
            "sid": "S-1-5-11", "name": "Authenticated Users", "domain": "NT AUTHORITY", "type": "well_known_group",
        },
        "permission": "apply",
        "denied": False,
        "inherited": False,
    }  # fmt: skip
    assert by_name["Domain Admins"]["permission"] == "edit_delete_security"
    assert by_name["ENTERPRISE DOMAIN CONTROLLERS"]["permission"] == "read"
    kiosk = gpos["Kiosk"]
    assert kiosk["wmi_filter"] is None and kiosk["status"] == "user_settings_disabled"


@in_whole
def test_what_is_asked_for_and_what_disagrees(lab: Lab) -> None:
    lab("gpo", "bump", "Kiosk", "--directory-only")
    lab("gpo", "permit", "Kiosk", "Authenticated Users", "deny-apply")
    run = lab.tasks(
        [
            step("Permissions", "gpo_info", gpos=["kiosk", "It's*", "上海*"], gather="permissions"),
            step("Nothing more", "gpo_info", gpos="Kiosk", gather=[]),
            step("Nobody", "gpo_info", gpos=["Nobody", "Kiosk"]),
        ]
    )
    (result,) = run.of("Permissions")
    gpos = {gpo["name"]: gpo for gpo in result["gpos"]}
    assert set(gpos) == {"Kiosk", "It's \"quoted\", costs $5 & `more` [100%]", "上海办公室 - 打印机"}
    for gpo in gpos.values():
        assert set(gpo) == GPO_KEYS and gpo["links"] is None and gpo["acl_consistent"] is None and gpo["permissions"]
    kiosk = gpos["Kiosk"]
    assert kiosk["versions"]["computer"]["directory"] == kiosk["versions"]["computer"]["sysvol"] + 1
    assert {name: gpo["in_sync"] for name, gpo in gpos.items() if not gpo["in_sync"]} == {"Kiosk": False}
    assert any(entry["denied"] for entry in kiosk["permissions"])
    (bare,) = run.of("Nothing more")[0]["gpos"]
    assert (bare["owner"], bare["permissions"], bare["aces"], bare["links"]) == (None, None, None, None)
    (result,) = run.of("Nobody")
    assert result["failed"] is True and result["gpos"] == [] and "No GPO 'Nobody' was found" in result["msg"]


def test_a_gpo_that_cannot_be_read_is_told_of_and_the_others_are_read(lab: Lab) -> None:
    kiosk = lab.gpo("Kiosk")
    path = lab.host_dir() / "domain/gpos" / f"{kiosk['id']}.json"
    record = json.loads(path.read_text("utf-8"))
    record["security_descriptor"] = "0100"
    path.write_text(json.dumps(record), "utf-8")
    (result,) = lab.tasks([step("It", "gpo_info", gpos=["Default*", "Kiosk"])]).of("It")
    assert result["failed"] is True and result["summary"]["read"] == 2 and result["summary"]["failed"] == 1
    bad = next(gpo for gpo in result["gpos"] if gpo["outcome"] == "failed")
    assert set(bad) == GPO_KEYS and bad["name"] == "Kiosk"
    # What was read until then is there.
    assert bad["status"] == "user_settings_disabled" and bad["permissions"] is None and bad["links"] != []
    assert bad["trouble"]["step"] == "read" and bad["trouble"]["hresult"] == result["overall_status"]["hresult"]
    assert not result["overall_status"]["succeeded"]
    assert re.match(r"1 of 3 GPOs failed: 'Kiosk' \{", result["msg"])


def test_in_trips(lab: Lab) -> None:
    lab("domain", "--call-cost", "700")
    try:
        with lab.logged() as events:
            it = step("It", "gpo_info", gpos=["Kiosk", "Laptops*"], gather=["permissions"], trip_time="1s")
            run = lab.tasks([it])
    finally:
        lab("domain", "--call-cost", "0")
    (result,) = run.of("It")
    assert result["summary"]["read"] == 2 and trips(events) > 1
    assert set(result["invocation"]["module_args"]) == {"gpos", "gather", "trip_time"}
    assert not (lab.drive_d() / ".gpvault").exists()


def test_bad_options_are_refused_before_any_connection(lab: Lab) -> None:
    cases: list[tuple[dict[str, t.Any], str]] = [
        ({}, "Exactly one of the options 'gpos'.*'all'"),
        ({"all": True, "gpos": "Kiosk"}, "Exactly one of the options 'gpos'.*'all'"),
        ({"all": True, "gather": ["permissions", "sites"]}, "'gather'.*a list of some of permissions, links"),
        ({"all": True, "gather": True}, "'gather'.*a list of some of permissions"),
        ({"all": True, "path": "D:\\GPO"}, "Unknown option 'path'. Accepted: all, dc_locator"),
        ({"all": True, "lock_timeout": "5s"}, "Unknown option 'lock_timeout'"),
    ]
    assert_refused(lab, "gpo_info", cases, "gpos", {"summary", "inaccessible"})
