# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is taken of a catalog's entry, and what is refused."""

from __future__ import annotations

import hashlib
import typing as t

import backup_folder
import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils._catalog_entry import Entry, Numbers, Record, Unusable

_DIGEST = hashlib.sha256(b"").hexdigest()


def test_an_entry_says_what_its_backup_is() -> None:
    content = backup_folder.entry(3)
    entry = Entry.read(content)
    record = entry.record
    assert (record.backup_id, record.gpo) == (backup_folder.backup_id(3), (backup_folder.DOMAIN, backup_folder.GPO))
    assert (record.sequence, record.sha256) == (3, hashlib.sha256(content).hexdigest())
    assert record.file_name == f"0000000003_{backup_folder.backup_id(3)}.json"
    assert record.size == sum(map(len, backup_folder.contents(3).values()))
    assert entry.files[2].path == "DomainSysvol/GPO/Machine/registry.pol"
    sent = {"domain": "CORP.example", "gpo_id": record.gpo_id, "sequence": 3, "sha256": record.sha256}
    sent["size"] = record.size
    assert Record.read(record.backup_id, sent) == record


@pytest.mark.parametrize(
    "path",
    [
        "..\\x", "a\\..\\..\\x", "\\x", "\\\\server\\share\\x", "C:\\x", "C:x", "a\\\\b", "a/b", "/etc/passwd", "", ".",
        "a\\.", "a\\b.", "a\\b ", "x:stream", "a\x00b", "a\nb", "CON", "a\\nul.txt", "COM1.x", "com\u00b9", "LPT9 .y",
        "a?", "a*", "\ud800", "a" * 256, "conin$",
    ],
)  # fmt: skip
def test_a_name_that_could_lead_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(Unusable, match="a file outside of the backup"):
        Entry.read(backup_folder.entry(1, {**backup_folder.contents(1), path: b""}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a\\b", "a\\b"), ("a\\B", "a\\b"), ("\u00c4", "\u00e4"), ("A\\x", "a\\y"), ("a", "a\\b"), ("A\\b", "a"),
    ],
)  # fmt: skip
def test_names_that_are_one_to_windows_are_refused(one: str, other: str) -> None:
    files = [{"path": path, "sha256": _DIGEST, "size": 0} for path in (one, other)]
    with pytest.raises(Unusable, match="It lists|Windows cannot tell"):
        Entry.read(backup_folder.entry(1, files=files))


@pytest.mark.parametrize(
    ("one", "other"), [("stra\u00dfe", "strasse"), ("\u0131", "i"), ("a\\b", "ab"), ("\ufb01", "fi")]
)
def test_names_that_only_a_language_calls_the_same_are_two(one: str, other: str) -> None:
    files = [{"path": path, "sha256": _DIGEST, "size": 0} for path in (one, other)]
    assert len(Entry.read(backup_folder.entry(1, files=files)).files) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": 2}, {"schema": True}, {"schema": "1"}, {"sequence": -1}, {"sequence": 10**9}, {"sequence": True},
        {"sequence": 1.0}, {"gpo": {"id": "x", "domain": "corp.example"}}, {"gpo": None},
        {"gpo": {"id": backup_folder.GPO, "domain": ".."}}, {"gpo": {"id": backup_folder.GPO, "domain": "con"}},
        {"gpo": {"id": backup_folder.GPO, "domain": "a/b"}}, {"gpo": {"id": backup_folder.GPO, "domain": ".deleted"}},
        {"gpo": {"id": backup_folder.GPO, "domain": ""}},
        {"backup": {"id": "..\\x"}}, {"backup": {}}, {"files": None}, {"files": [1]}, {"purpose": 1},
        {"files": [{"path": "x", "size": -1, "sha256": _DIGEST}]}, {"files": [{"path": "x", "size": 0, "sha256": "x"}]},
        {"files": [{"path": 1, "size": 0, "sha256": _DIGEST}]}, {"files": [{"path": "x", "size": 0, "sha256": 1}]},
    ],
)  # fmt: skip
def test_what_is_no_entry_is_refused(changes: dict[str, t.Any]) -> None:
    with pytest.raises(Unusable):
        Entry.read(backup_folder.entry(1, **changes))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"schema": 1'])
def test_what_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(Unusable):
        Entry.read(content)


@pytest.mark.parametrize(
    "changes",
    [{"domain": "../x"}, {"gpo_id": "../x"}, {"sequence": "1"}, {"sha256": None}, {"sha256": "0"}, {"size": -1}],
)
def test_what_a_host_sends_is_data(changes: dict[str, t.Any]) -> None:
    sent = {"domain": "a", "gpo_id": backup_folder.GPO, "sequence": 1, "sha256": _DIGEST, "size": 0, **changes}
    with pytest.raises(Unusable):
        Record.read(backup_folder.backup_id(1), sent)
    with pytest.raises(Unusable):
        Record.read("../../etc", {**sent, "domain": "a"})


def test_two_histories_are_kept_apart() -> None:
    numbers = Numbers()
    numbers.add(("a", backup_folder.GPO), backup_folder.backup_id(1), 5)
    record = Record(backup_folder.backup_id(1), "a", backup_folder.GPO, 5, _DIGEST, 0)
    numbers.check(record)
    for other in (
        Record(backup_folder.backup_id(1), "a", backup_folder.GPO, 6, _DIGEST, 0),
        Record(backup_folder.backup_id(2), "a", backup_folder.GPO, 5, _DIGEST, 0),
    ):
        with pytest.raises(Unusable, match="a history of its own"):
            numbers.check(other)
    numbers.check(Record(backup_folder.backup_id(2), "a", backup_folder.GPO, 6, _DIGEST, 0))
    numbers.check(Record(backup_folder.backup_id(2), "b", backup_folder.GPO, 5, _DIGEST, 0))
