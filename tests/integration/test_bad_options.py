# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every bad value is refused before any connection, with the option, the value and what is accepted."""

from __future__ import annotations

import typing as t

from harness import Lab, assert_refused

# What is wrong, and what the message must say: the option's name and what is accepted instead.
_CASES: list[tuple[dict[str, t.Any], str]] = [
    ({"path": None}, "'path' is required"),
    ({"path": ""}, "'path'.*absolute Windows path"),
    ({"path": "GPO"}, "'path'.*absolute"),
    ({"path": "D:"}, "'path'.*absolute"),
    ({"path": "D:GPO"}, "'path'.*absolute"),
    ({"path": "\\GPO"}, "'path'.*absolute"),
    ({"path": "/srv/gpo"}, "'path'.*backslashes"),
    ({"path": "D:/GPO"}, "'path'.*backslashes"),
    ({"path": "\\\\server"}, "'path'.*absolute"),
    ({"path": "\\\\?\\D:\\GPO"}, "'path'.*absolute"),
    ({"path": "D:\\GPO\\a?b"}, "'path'.*without < >"),
    ({"path": "D:\\GPO|x"}, "'path'.*without < >"),
    ({"path": "D:\\GPO\u0007"}, "'path'.*control characters"),
    ({"path": "D:\\GPO "}, "'path'.*ends in a blank or a dot"),
    ({"path": "D:\\GPO.\\x"}, "'path'.*ends in a blank or a dot"),
    ({"path": "D:\\a:b"}, "'path'.*colon"),
    ({"path": ["D:\\GPO"]}, "'path'.*absolute"),
    ({"path": 5}, "'path'.*absolute"),
    ({"create_path": "perhaps"}, "'create_path' has the value 'perhaps'.*true or false"),
    ({"create_path": 2}, "'create_path'.*true or false"),
    ({"all": "each"}, "'all'.*true or false"),
    ({"all": False}, "Exactly one of the options 'gpos'.*'all'"),
    ({"gpos": ["Kiosk"]}, "Exactly one of the options 'gpos'.*'all'"),
    ({"all": None, "gpos": []}, "'gpos' has the value \\[\\].*at least one"),
    ({"all": None, "gpos": ""}, "'gpos'.*none of them empty"),
    ({"all": None, "gpos": ["Kiosk", " "]}, "'gpos'.*none of them empty"),
    ({"all": None, "gpos": ["Kiosk", None]}, "'gpos'.*each a string"),
    ({"all": None, "gpos": [True]}, "'gpos'.*quotes"),
    ({"all": None, "gpos": [1.10]}, "'gpos'.*quotes"),
    ({"all": None, "gpos": [["Kiosk"]]}, "'gpos'.*each a string"),
    ({"all": None, "gpos": {"name": "Kiosk"}}, "'gpos'.*each a string"),
    ({"all": None, "gpos": ["a\u0000b"]}, "'gpos'.*control characters"),
    ({"exclude": [None]}, "'exclude'.*each a string"),
    ({"exclude": [""]}, "'exclude'.*none of them empty"),
    ({"inaccessible": "error"}, "'inaccessible' has the value 'error'.*one of warn, fail, ignore"),
    ({"inaccessible": True}, "'inaccessible'.*one of warn"),
    ({"comment": "x" * 2048}, "'comment'.*at most 2047 UTF-16 units, of which this value has 2048"),
    ({"comment": "\U0001f510" * 1024}, "'comment'.*at most 2047"),
    ({"comment": "bell \u0007"}, "'comment'.*XML 1.0"),
    ({"comment": ["a"]}, "'comment'.*a string"),
    ({"domain": "corp example"}, "'domain'.*a host or domain name"),
    ({"domain": "corp..example"}, "'domain'.*a host or domain name"),
    ({"domain": "LDAP://corp"}, "'domain'.*a host or domain name"),
    ({"domain_controller": "\\\\dc1"}, "'domain_controller'.*a host or domain name"),
    ({"domain_controller": ""}, "'domain_controller'.*a host or domain name"),
    ({"domain_controller": "10.0.0.1"}, "'domain_controller' has the value '10.0.0.1'.*not its IP address"),
    ({"step_timeout": "0"}, "'step_timeout'.*a duration"),
    ({"dc_locator": "nearest"}, "'dc_locator'.*one of pdc, any"),
    ({"trip_time": "soon"}, "'trip_time' has the value 'soon'.*a duration such as 90s"),
    ({"trip_time": 0}, "'trip_time'.*a duration"),
    ({"trip_time": "0s"}, "'trip_time'.*a duration"),
    ({"trip_time": -5}, "'trip_time'.*a duration"),
    ({"trip_time": "1.5h"}, "'trip_time'.*a duration"),
    ({"force": "very"}, "'force'.*true or false"),
    ({"max_age": "old"}, "'max_age' has the value 'old'.*a duration such as 90s"),
    ({"max_age": ["7d"]}, "'max_age'.*a duration"),
    ({"include_links": "some"}, "'include_links'.*true or false"),
    ({"gpo_timeout": "0"}, "'gpo_timeout'.*a duration"),
    ({"gpo_timeout": True}, "'gpo_timeout'.*a duration"),
    ({"lock_timeout": "forever"}, "'lock_timeout'.*a duration"),
    ({"lock_timeout": "5 minutes"}, "'lock_timeout'.*a duration"),
    ({"fail_fast": "no way"}, "'fail_fast'.*true or false"),
    ({"detail": "none"}, "'detail'.*one of all, changed, summary"),
    ({"gpo": "Kiosk"}, "Unknown option 'gpo'. Did you mean 'gpos'\\? Accepted: all, approved, changes, comment,"),
    ({"_remaining": ["x"]}, "Unknown option '_remaining'"),
]

_KEYS = {
    "changed", "run_id", "domain", "domain_controller", "path", "overall_status", "summary", "inaccessible", "backups",
    "msg", "failed", "invocation",
}  # fmt: skip


def test_every_bad_value_is_refused_before_any_connection(lab: Lab) -> None:
    assert len(_CASES) >= 40
    cases = []
    for change, said in _CASES:
        options = {"all": True, **change}
        if options["all"] is None:
            del options["all"]
        cases.append((options, said))
    assert_refused(lab, "gpo_backup", cases, "backups", _KEYS)


def test_async_is_refused_before_any_connection(lab: Lab) -> None:
    with lab.logged() as events:
        result = lab.task(all=True, **{"async": 60, "poll": 5})
    assert result["failed"] is True and "async" in result["msg"]
    assert [event for event in events if "connection" in event["event"]] == []
