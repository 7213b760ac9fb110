# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports on the controller."""

from __future__ import annotations

import base64
import errno
import gzip
import json
import pathlib
import typing as t

import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _report_file as reports

_ID = "{31B2F340-016D-11D2-945F-00C04FB984F9}"


def _xml(time: str, value: str = "7", encoding: str = "utf-16") -> bytes:
    text = f"<GPO><Name>x</Name><ReadTime>{time}</ReadTime><Value>{value}</Value><b>&lt;ReadTime&gt;1</b></GPO>"
    return text.encode(encoding)


def _html(time: str, value: str = "7", markup: str = '<td id="dtstamp">') -> bytes:
    return f"<table><tr>{markup}{time}</td></tr></table><td>{value}</td>".encode("utf-16")


def _pack(report: bytes) -> str:
    return base64.b64encode(gzip.compress(report)).decode()


def test_unpack() -> None:
    report = _xml("2026-01-02T03:04:05Z") * 1000
    assert reports.unpack(_pack(report)) == report
    whole = gzip.compress(report)
    for bad in ("", "*", "AAAA", _pack(report)[:-40], base64.b64encode(whole[:-20]).decode(), "ä"):
        with pytest.raises(ValueError):
            reports.unpack(bad)


def test_what_unpacks_to_too_much_is_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "_LARGEST", 1000)
    with pytest.raises(ValueError, match="no whole report"):
        reports.unpack(_pack(b"x" * 5000))


@pytest.mark.parametrize("name", [f"Default Domain Policy_{_ID}.xml", f"上海 - ..x_{_ID}.html", f"_CON.x_{_ID}.xml"])
def test_names_of_reports(name: str) -> None:
    assert reports.file_name(name) == name


@pytest.mark.parametrize(
    "name",
    [f"../x_{_ID}.xml", f"a/b_{_ID}.xml", f"a\\b_{_ID}.xml", f"/etc/x_{_ID}.xml", f"_{_ID}.xml", f"x_{_ID}.sh",
     f"x_{_ID}.xml\n", f"x\x00_{_ID}.xml", "x_{..}.xml", f"{'x' * 62}_{_ID}.xml", "", ".."],
)  # fmt: skip
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a report"):
        reports.file_name(name)


_CASES = json.loads((pathlib.Path(__file__).parents[1] / "same_report.json").read_text("utf-8"))


@pytest.mark.parametrize("case", _CASES, ids=lambda case: f"{case['format']} {case['before'][:40]}")
def test_the_time_is_no_difference(case: dict[str, t.Any]) -> None:
    """The host has the same rule, and the same cases."""
    before, after = (case[name].encode("utf-16") for name in ("before", "after"))
    assert (reports.compare(before, after, case["format"]) is None) is case["same"]


def test_other_differences() -> None:
    assert reports.compare(None, _xml("1"), "xml") == {"before": "", "after": reports.text_of(_xml("1"), "xml")}
    changed = reports.compare(_xml("1", "7"), _xml("1", "8"), "xml")
    assert changed is not None and "<Value>7<" in changed["before"] and "<Value>8<" in changed["after"]
    assert "ReadTime>1" not in changed["after"]
    assert reports.compare(_html("1", "7"), _html("1", "8"), "html") == {"before": None, "after": None}
    assert reports.compare(_xml("1", "x" * 70000), _xml("1"), "xml") == {"before": None, "after": None}
    assert reports.compare(b"\xff\xfe\x00", _xml("1"), "xml") is not None
    # Without a byte order mark no two bytes look alike.
    assert reports.compare(b"\xe4", b"\xf6", "html") is not None


def test_save_replaces_at_once(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "report.xml"
    for report in (b"one", b"two"):
        reports.save(str(file), report)
        assert file.read_bytes() == report
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        reports.save(str(tmp_path / "folder"), b"three")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "report.xml"]


@pytest.mark.parametrize(
    ("error", "said", "fix"),
    [
        (OSError(errno.ENOENT, "No such file or directory", "/r/x.xml.1.tmp"), "No such file or directory: /r/x.xml",
         "Create the folder first"),
        (OSError(errno.EACCES, "Permission denied", "/r/x.xml.1.tmp"), "Permission denied: /r/x.xml",
         "Give the user that runs Ansible write access"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device: /r/x.xml", "Free space"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error: /r/x.xml", ""),
        (OSError("Odd"), "Odd: /r/x.xml", ""),
        (ValueError("what the host sent is no report"), "what the host sent is no report", ""),
    ],
)  # fmt: skip
def test_trouble(error: OSError | ValueError, said: str, fix: str) -> None:
    """What people gave is named, not the file beside it that is written first."""
    told = reports.trouble(error, "/r/x.xml")
    assert told["message"] == said and told["fix"].startswith(fix) and bool(told["fix"]) is bool(fix)
    assert told["step"] == "dest" and told["hresult"] is None
