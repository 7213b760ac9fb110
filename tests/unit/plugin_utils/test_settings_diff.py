# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings reports compared: nothing is missed, and nothing invented."""

from __future__ import annotations

import io
import json
import os
import random
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _settings_families, _settings_preferences
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._settings_diff import Change, compare_reports
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._settings_report import ReportError

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import settings_report as reports  # noqa: E402
from settings_report import Entry, Noise  # noqa: E402

_ROUNDS = 300 if os.environ.get("GPVAULT_LONG") else 12

Told = tuple[t.Any, ...]


def _compare(before: bytes, after: bytes) -> list[Change]:
    changes = compare_reports(io.BytesIO(before), io.BytesIO(after))
    # They go into results and into the catalog.
    assert json.loads(json.dumps(changes)) == changes
    return changes


def _expected(kind: str, was: Entry | None, now: Entry | None) -> Told:
    one = now or was
    assert one
    label = one.shape.label
    texts = [
        None if entry is None else f"{label}: {entry.value[1]}" if label else entry.value[1] for entry in (was, now)
    ]
    return one.half, one.shape.extension, kind, tuple(one.place), one.name, *texts


def _told(change: Change, *, whole: bool) -> Told:
    """Return a change to compare with what is expected. Of a whole setting the value in question is looked at only."""
    texts = (change["before"], change["after"])
    return (
        change["half"], change["extension"], change["kind"], tuple(change["place"]), change["name"],
        *(texts if whole else (None, None)),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(_ROUNDS))
def test_exactly_what_was_changed_is_told(seed: int) -> None:
    """Settings of all extensions, some of them added, removed or changed; and much that is no change around them."""
    dice = random.Random(seed)
    before = reports.entries(dice, 2)
    after: list[Entry] = []
    expected: list[Told] = []
    # No GPO is without permissions, whose report also tells whether there are inherited ones.
    stays = next(entry for entry in before if entry.place == ["Permissions"])
    for entry in before:
        fate = dice.random()
        if fate < 0.1 and entry is not stays:
            expected.append(_expected("removed", entry, None))
        elif fate < 0.3:
            after.append(entry.changed(dice))
            expected.append(_expected("changed", entry, after[-1]))
        else:
            after.append(entry)
    new = dice.sample(reports.entries(dice, 1, 10000), 20)
    after += new
    expected += [_expected("added", None, entry) for entry in new]

    changes = _compare(
        reports.report(before, dice=dice),
        reports.report(after, Noise(version=7, time="2026-07-01T00:00:00", encoding="utf-8"), dice),
    )

    told = {_told(change, whole=change["kind"] == "changed") for change in changes}
    wanted = {entry if entry[2] == "changed" else (*entry[:5], None, None) for entry in expected}
    assert (sorted(told - wanted, key=repr), sorted(wanted - told, key=repr)) == ([], [])
    assert len(changes) == len(expected)
    by_setting = {_told(change, whole=False): change for change in changes}
    for entry in expected:
        change = by_setting[(*entry[:5], None, None)]
        for side, text in zip(("before", "after"), entry[5:], strict=True):
            assert (change[side] is None) is (text is None)
            if text is not None:
                assert text in change[side]


def test_every_extension_that_is_known_is_among_them() -> None:
    schemas = {shape.schema for shape in reports.SHAPES}
    assert set(_settings_families._KNOWN) <= schemas
    titles = {shape.place[0] for shape in reports.PREFERENCES}
    assert set(_settings_preferences._TYPES.values()) == titles


@pytest.mark.parametrize("seed", range(3))
def test_what_is_no_setting_is_no_change(seed: int) -> None:
    """The same settings in another order, with other prefixes, times and versions, in another encoding."""
    dice = random.Random(seed)
    settings = reports.entries(dice, 3)
    plain = reports.report(settings)
    for encoding in ("utf-8", "utf-16", "utf-16-le", "utf-8-sig"):
        noise = Noise(version=9, time="2026-07-01T00:00:00", prefix="r", encoding=encoding)
        assert _compare(plain, reports.report(settings, noise)) == []
        assert _compare(reports.report(settings, noise, dice), plain) == []


def test_a_report_that_was_saved_as_utf_8_still_says_utf_16() -> None:
    settings = reports.entries(random.Random(1), 1)
    assert _compare(reports.report(settings), reports.report(settings).decode("utf-16").encode()) == []


def _gpo(computer: str = "", *, own: str = "", user: str = "") -> bytes:
    """Return a report of some XML."""
    space = "http://www.microsoft.com/GroupPolicy/Settings"
    return (
        f'<GPO xmlns="{space}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Name>N</Name>{own}'
        f"<Computer>{computer}</Computer><User>{user}</User></GPO>"
    ).encode()


def _extension(schema: str, content: str, kind: str = "T") -> str:
    space = f"http://www.microsoft.com/GroupPolicy/Settings/{schema}"
    return (
        f'<ExtensionData><Extension xmlns:q="{space}" xsi:type="q:{kind}">{content}</Extension><Name>{kind}</Name>'
        "</ExtensionData>"
    )


def _policy(name: str = "P", state: str = "Enabled", more: str = "") -> str:
    return f"<q:Policy><q:Name>{name}</q:Name><q:State>{state}</q:State><q:Category>C</q:Category>{more}</q:Policy>"


def test_a_policy_that_is_there_twice_counts_twice() -> None:
    """Two templates may call two policies alike; a genuine report has such."""
    once = _gpo(_extension("Registry", _policy()))
    twice = _gpo(_extension("Registry", _policy() * 2))
    assert [one["kind"] for one in _compare(once, twice)] == ["added"]
    assert [one["kind"] for one in _compare(twice, once)] == ["removed"]
    other = _gpo(_extension("Registry", _policy() + _policy(state="Disabled")))
    assert [(one["before"], one["after"]) for one in _compare(twice, other)] == [("Enabled", "Disabled")]


def test_controls_without_a_caption_cannot_be_swapped_unseen() -> None:
    def boxes(first: str, second: str) -> bytes:
        box = "<q:CheckBox><q:Name /><q:State>{}</q:State></q:CheckBox>"
        return _gpo(_extension("Registry", _policy(more=box.format(first) + box.format(second))))

    changes = _compare(boxes("Enabled", "Disabled"), boxes("Disabled", "Enabled"))
    assert [(one["before"], one["after"]) for one in changes] == [
        ("Check Box: Enabled; Check Box (2): Disabled", "Check Box: Disabled; Check Box (2): Enabled")
    ]


def test_accounts_count_by_their_sids() -> None:
    def right(sid: str, name: str) -> bytes:
        member = f"<q:Member><SID>{sid}</SID><Name>{name}</Name></q:Member>"
        return _gpo(_extension("Security", f"<q:UserRightsAssignment><q:Name>SeDebugPrivilege</q:Name>{member}"
                                           "</q:UserRightsAssignment>"))

    was, now = right("S-1-5-32-544", "BUILTIN\\Administrators"), right("S-1-5-32-544", "VORDEFINIERT\\Admins")
    assert _compare(was, now) == []
    (change,) = _compare(right("S-1-5-21-1-1", "CORP\\x"), right("S-1-5-21-1-2", "CORP\\x"))
    assert (change["name"], change["before"], change["after"]) == ("Debug programs", "S-1-5-21-1-1", "S-1-5-21-1-2")


def test_what_a_group_of_permissions_hides_is_told() -> None:
    def gpo(sddl: str) -> bytes:
        return _gpo(own=f"<SecurityDescriptor><SDDL>{sddl}</SDDL><Permissions><TrusteePermissions><Trustee>"
                        "<SID>S-1-5-11</SID><Name>AU</Name></Trustee><Standard><A>Custom</A></Standard>"
                        "</TrusteePermissions></Permissions></SecurityDescriptor>")

    same = _compare(gpo("O:DAG:DAD:PAI(A;;CC;;;AU)(A;;LC;;;SY)"), gpo("O:DAG:DAD:AI(A;;LC;;;SY)(A;;CC;;;AU)S:(AU;;X)"))
    assert same == []
    (change,) = _compare(gpo("D:(A;;CC;;;AU)"), gpo("D:(A;;CCDC;;;AU)"))
    assert (change["half"], change["extension"], change["place"]) == (None, "GPO", ["Permissions"])
    assert (change["before"], change["after"]) == ("(A;;CC;;;AU)", "(A;;CCDC;;;AU)")


@pytest.mark.parametrize(
    ("own", "place", "name"),
    [
        ("<Comment>d</Comment>", ["Details"], "Description"),
        ("<FilterName>d</FilterName>", ["WMI filter"], "Name"),
        ("<Unheard><Of>d</Of></Unheard>", ["Details"], "Unheard"),
    ],
)
def test_what_is_no_setting_is_told_beside_them(own: str, place: list[str], name: str) -> None:
    (change,) = _compare(_gpo(), _gpo(own=own))
    assert (change["half"], change["extension"], change["place"], change["name"]) == (None, "GPO", place, name)
    assert change["after"] in ("d", "Of: d")


def test_a_half_that_is_disabled() -> None:
    was, now = (_gpo(user=f"<Enabled>{one}</Enabled>") for one in ("true", "false"))
    (change,) = _compare(was, now)
    assert (change["name"], change["before"], change["after"]) == ("User settings", "Enabled", "Disabled")


def _scripts(*commands: str) -> bytes:
    return _gpo(_extension("Scripts", "".join(
        f"<q:Script><q:Command>{one}</q:Command><q:Type>Startup</q:Type><q:Order>{at}</q:Order></q:Script>"
        for at, one in enumerate(commands)
    )))  # fmt: skip


def test_the_order_of_scripts_has_a_meaning() -> None:
    (change,) = _compare(_scripts("a", "b", "c"), _scripts("a", "c", "b"))
    assert (change["name"], change["before"], change["after"]) == ("Order", "a, b, c", "a, c, b")


def test_a_script_that_is_added_moves_no_other() -> None:
    assert [(one["kind"], one["name"]) for one in _compare(_scripts("a", "b"), _scripts("z", "a", "b"))] == [
        ("added", "z")
    ]


def _drive(uid: str, name: str = "S:", more: str = "", action: str = "U") -> str:
    return (
        f'<q:Drive clsid="{{D}}" name="{name}" uid="{{{uid}}}"><q:Properties action="{action}" {more}/></q:Drive>'
    )


def _drives(*items: str, more: str = "") -> bytes:
    content = "".join(items)
    return _gpo(_extension("DriveMaps", f'<q:DriveMapSettings clsid="{{L}}"{more}>{content}</q:DriveMapSettings>'))


def test_an_item_of_preferences_that_was_made_again_is_the_same() -> None:
    assert _compare(_drives(_drive("1")), _drives(_drive("2"))) == []
    (change,) = _compare(_drives(_drive("1")), _drives(_drive("2", action="D")))
    assert (change["kind"], change["before"], change["after"]) == ("changed", "action: U", "action: D")


def test_an_item_of_preferences_that_was_renamed() -> None:
    (change,) = _compare(_drives(_drive("1")), _drives(_drive("1", "T:")))
    assert (change["kind"], change["name"]) == ("changed", "T:")
    assert (change["before"], change["after"]) == ("Name: S:", "Name: T:")


def test_items_in_collections_and_whole_lists() -> None:
    inner = f'<q:Collection clsid="{{C}}" name="Branch" uid="{{C1}}"><q:Filters/>{_drive("1")}</q:Collection>'
    added = _compare(_drives(), _drives(inner))
    assert [(one["name"], one["place"]) for one in added] == [
        ("Branch", ["Drive Maps"]), ("S:", ["Drive Maps", "Branch"])
    ]  # fmt: skip
    renamed = _compare(_drives(inner), _drives(inner.replace("Branch", "Site")))
    assert [(one["kind"], one["name"], one["after"]) for one in renamed] == [
        ("changed", "Site", "Name: Site"), ("changed", "S:", "Collection: Site")
    ]  # fmt: skip
    (off,) = _compare(_drives(), _drives(more=' disabled="1"'))
    assert (off["name"], off["after"]) == ("All items", "disabled: 1")


def test_passwords_are_compared_and_never_shown() -> None:
    was, now = (_drives(_drive("1", more=f'cpassword="{one}"')) for one in ("c2VjcmV0MQ", "c2VjcmV0Mg"))
    (change,) = _compare(was, now)
    assert (change["before"], change["after"]) == ("cpassword: (hidden)", "cpassword: (hidden)")
    assert "c2Vj" not in str(_compare(_drives(), now))

    def logon(password: str) -> bytes:
        item = (
            f'<q:Registry clsid="{{R}}" name="DefaultPassword" uid="{{1}}"><q:Properties hive="HKLM" key="K" '
            f'name="DefaultPassword" value="{password}"/></q:Registry>'
        )
        return _gpo(_extension("Windows/Registry", f'<q:RegistrySettings clsid="{{L}}">{item}</q:RegistrySettings>'))

    (change,) = _compare(logon("hunter2"), logon("hunter3"))
    assert (change["name"], change["after"]) == ("HKLM\\K\\DefaultPassword", "value: (hidden)")
    assert "hunter" not in str(_compare(_drives(), logon("hunter2")))


@pytest.mark.parametrize("schema", ["WLanSvc", "Dot3Svc", "IE", "Weird/Beast", "SoftwareInstallation", "Security"])
@pytest.mark.parametrize(
    "secret",
    [
        "<q:keyMaterial>{}</q:keyMaterial>",
        "<q:sharedKey><q:keyMaterial>{}</q:keyMaterial></q:sharedKey>",
        "<q:sharedKey><q:keyMaterial>a</q:keyMaterial><q:keyMaterial>{}</q:keyMaterial></q:sharedKey>",
        "<q:sharedKey><q:cPassword><q:Value>{}</q:Value></q:cPassword></q:sharedKey>",
        '<q:sharedKey><q:Name>n</q:Name><q:cpassword Value="{}"/></q:sharedKey>',
        '<q:sharedKey cpassword="{}"/>',
    ],
)
def test_passwords_are_hidden_wherever_they_stand(schema: str, secret: str) -> None:
    none, was, now = (
        _gpo(_extension(schema, content)) for content in ("", secret.format("hunter2"), secret.format("hunter3"))
    )
    assert _compare(was, was) == []
    for before, after in ((was, now), (none, was), (was, none)):
        changes = _compare(before, after)
        assert changes and "hunter" not in str(changes) and "(hidden)" in str(changes)


def test_an_extension_that_could_not_be_told_is_no_silence() -> None:
    broken = "<ExtensionData><Name>Security</Name><Error><Details>E_FAIL</Details></Error></ExtensionData>"
    (change,) = _compare(_gpo(), _gpo(broken))
    assert (change["extension"], change["name"], change["after"]) == (
        "Security", "could not be reported", "Details: E_FAIL"
    )  # fmt: skip


@pytest.mark.parametrize("content", ["words", "<q:Thing a='1'>2</q:Thing>", "<q:Thing><q:X/></q:Thing>"])
def test_what_nobody_knows_is_told(content: str) -> None:
    assert len(_compare(_gpo(_extension("Weird/Beast", "")), _gpo(_extension("Weird/Beast", content)))) == 1


def test_long_values_are_cut_where_they_differ() -> None:
    def value(text: str) -> bytes:
        return _gpo(_extension("Registry", f"<q:RegistrySetting><q:KeyPath>K</q:KeyPath><q:Value><q:Name>v</q:Name>"
                                           f"<q:String>{text}</q:String></q:Value></q:RegistrySetting>"))

    for length in (1000, 100000):
        (change,) = _compare(value("x" * length + "a"), value("x" * length + "b"))
        assert change["before"] != change["after"]
        assert max(len(change["before"]), len(change["after"])) < 500


@pytest.mark.parametrize(
    "report",
    [
        b"",
        b"text",
        b"<GPO/>",
        _gpo()[:-3],
        b'<!DOCTYPE GPO><GPO xmlns="http://www.microsoft.com/GroupPolicy/Settings"/>',
        b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + _gpo(own="<Comment>&b;</Comment>"),
        '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><GPO>&a;</GPO>'.encode("utf-16"),
        _gpo(own="<Comment>&a;</Comment>"),
        _gpo("<a>" * 200 + "</a>" * 200),
        _gpo().decode().encode("utf-16")[:-1],
        _gpo(own="\ud800".encode("utf-8", "surrogatepass").decode("latin-1")).replace(b"\xc3", b"\xff"),
    ],
)
def test_what_is_no_report_is_refused(report: bytes) -> None:
    with pytest.raises(ReportError):
        _compare(_gpo(), report)
