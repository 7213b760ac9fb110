# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings reports that a real GPMC wrote, before and after edits that are known from the files."""

from __future__ import annotations

import io
import os
import random
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.gpvault.gpmc.plugins.plugin_utils._settings_diff import compare_reports

_ROOT = Path(__file__).resolve().parents[3]

Changed = tuple[str | None, str, str]
"""Half, kind and name of a change."""


def _folder(variable: str, usual: str) -> Path:
    folder = Path(os.environ.get(variable, _ROOT.parent / "shared" / usual))
    if not folder.is_dir():
        pytest.skip("no genuine backups")
    return folder


@pytest.fixture(scope="module")
def history() -> Path:
    """Pairs of backups, before and after."""
    return _folder("GPVAULT_GENUINE_HISTORY", "gpo-history")


@pytest.fixture(scope="module")
def genuine() -> list[bytes]:
    """All genuine reports."""
    folders = (_folder("GPVAULT_GENUINE_HISTORY", "gpo-history"), _folder("GPVAULT_GENUINE_BACKUPS", "gpo-backups"))
    return [file.read_bytes() for folder in folders for file in sorted(folder.rglob("gpreport.xml"))]


_EXTRA = "Software\\Policies\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Zones\\{}\\120c"

_TRUTH: dict[str, tuple[Changed, ...]] = {
    # One value added and one changed, say the files. The templates of the host had got new words in between: of one
    # value the policy is called otherwise before and after, and the report tells nothing that would show it.
    "01": (
        ("computer", "added", "Accept EULA"),
        ("computer", "removed", "Allow Updater Prompts"), ("computer", "added", "Allow Adobe Reader Product Updates"),
        ("computer", "removed", "Allow Cloud Services"), ("computer", "added", "Allow Online Service Updates"),
    ),
    "03": (
        ("computer", "added", _EXTRA.format(3)), ("computer", "added", _EXTRA.format(4)),
        ("computer", "removed", "Do not allow users to enable or disable add-ons"),
        ("computer", "removed", "Install new versions of Internet Explorer automatically"),
    ),
    # The security template that went had no setting.
    "06": (
        ("user", "removed", "HKEY_CURRENT_USER\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WinTrust\\Trust Providers"
                            "\\Software Publishing\\State"),
    ),
    # The nine values of the user's half are the boxes of one policy.
    "07": (
        ("computer", "added", "Allow storage of user passwords"),
        ("computer", "added", "Configure SIP security mode"),
        ("computer", "added", "Disable HTTP fallback for SIP connection"),
        ("user", "removed", "Disable UI extending from documents and templates"),
    ),
    # Two of the values belong to a template, too, and are told by both extensions.
    "08": (
        ("computer", "changed", "Policy Version"),
        *[("computer", "removed", "Log File Path")] * 3, ("computer", "changed", "Windows Firewall: Allow logging"),
        *[("computer", "removed", "Disable Notifications")] * 2,
        ("computer", "removed", "Windows Firewall: Prohibit notifications"),
    ),
}  # fmt: skip

_BESIDE = {
    "01": set(),
    "03": {"Name", "Owner", "Group", "idl.local/SDC 5.x Test", "Domain Admins", "Enterprise Admins"},
    "06": {"Name", "idl.local/SDC 5.x Test"},
    "07": {"Name", "Owner", "Group", "Domain Admins", "Enterprise Admins"},
    "08": {"Name", "Owner", "Group", "Domain Admins", "Enterprise Admins"},
}
"""Names of what is no setting and differs. Some pairs are of GPOs in different domains."""


@pytest.mark.parametrize("number", sorted(_TRUTH))
def test_nothing_is_missed_and_nothing_invented(history: Path, number: str) -> None:
    (pair,) = history.glob(f"{number}-*")
    before, after = (next((pair / side).rglob("gpreport.xml")) for side in ("before", "after"))

    with before.open("rb") as was, after.open("rb") as now:
        changes = compare_reports(was, now)

    settings = [one for one in changes if one["extension"] != "GPO"]
    assert sorted((one["half"], one["kind"], one["name"]) for one in settings) == sorted(_TRUTH[number])
    assert {one["name"].rpartition("\\")[2] for one in changes if one["extension"] == "GPO"} == _BESIDE[number]


def test_values_before_and_after(history: Path) -> None:
    (pair,) = history.glob("08-*")
    before, after = (next((pair / side).rglob("gpreport.xml")) for side in ("before", "after"))
    with before.open("rb") as was, after.open("rb") as now:
        changes = {one["name"]: one for one in compare_reports(was, now)}
    assert changes["Windows Firewall: Allow logging"] == {
        "half": "computer",
        "extension": "Administrative Templates",
        "kind": "changed",
        "place": ["Network", "Network Connections", "Windows Firewall", "Domain Profile"],
        "name": "Windows Firewall: Allow logging",
        "before": "Log file path and name: %systemroot%\\system32\\logfiles\\firewall\\domainfirewall.log",
        "after": "Log file path and name: NotConfigured",
    }
    assert (changes["Policy Version"]["before"], changes["Policy Version"]["after"]) == ("537", "538")


def test_a_genuine_report_does_not_differ_from_itself(genuine: t.Sequence[bytes]) -> None:
    for report in genuine:
        assert compare_reports(io.BytesIO(report), io.BytesIO(report)) == []


def test_genuine_reports_of_other_gpos_differ_as_much_in_either_direction(genuine: t.Sequence[bytes]) -> None:
    """GPOs that have nothing in common: whatever is in one report, nothing of it is lost."""
    mirror = {"added": "removed", "removed": "added", "changed": "changed"}
    for report, other in zip(genuine, (*genuine[1:], genuine[0])):
        there = compare_reports(io.BytesIO(report), io.BytesIO(other))
        back = compare_reports(io.BytesIO(other), io.BytesIO(report))
        assert there
        # Of a pair that an alias makes, name and place are those after.
        told = [(mirror[one["kind"]], one["extension"], one["after"], one["before"]) for one in there]
        assert sorted(told, key=repr) == sorted(
            ((one["kind"], one["extension"], one["before"], one["after"]) for one in back), key=repr
        )


def test_order_and_prefixes_and_times_are_no_difference(genuine: t.Sequence[bytes]) -> None:
    dice = random.Random(1)
    for report in genuine:
        text = report.decode("utf-16")
        shuffled = _shuffled(text, dice)
        assert len(shuffled) > 0.9 * len(text) and shuffled != text
        for encoding in ("utf-8", "utf-16"):
            assert compare_reports(io.BytesIO(report), io.BytesIO(shuffled.encode(encoding))) == []


def _shuffled(text: str, dice: random.Random) -> str:
    """Return a report with its settings, permissions and members in another order, other prefixes and other times."""

    def shuffle(match: re.Match[str]) -> str:
        head, indent, body, tail = match.groups()
        items = re.split(rf"{re.escape(indent)}(?=<\w)", body)[1:]
        dice.shuffle(items)
        return head + "".join(indent + item for item in items) + tail

    for frame in ("Extension [^>]*(?<!/)", "Permissions [^>]*", r"\w+:UserRightsAssignment"):
        name = frame.partition(" ")[0]
        text = re.sub(rf"(<{frame}>)(?=(\r\n +)<)(.*?)(\r\n *</{name}>)", shuffle, text, flags=re.DOTALL)
    text = re.sub(r"\bq(\d):", r"other\1:", text).replace("xmlns:q", "xmlns:other")
    return re.sub("(<(?:Modified|Created|Read)Time>)[^<]*", r"\g<1>2026-07-01T00:00:00", text)
