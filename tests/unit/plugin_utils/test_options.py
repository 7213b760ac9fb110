# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The readers of options."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _options as opt


def _read(reader: t.Callable[[t.Any], t.Any], value: t.Any) -> t.Any:
    return opt.validate({"x": opt.Option(reader)}, {"x": value})["x"]


@pytest.mark.parametrize(
    "path",
    ["D:\\GPO", "D:\\", "c:\\a b\\c", r"\\server\share", r"\\server\share\GPO"]
    + [r"C:\%TEMP%\$HOME\`x`\[a]'b~1", "D:\\备份\\🔐"],
)
def test_paths_are_taken_as_they_are(path: str) -> None:
    assert _read(opt.read_path, path) == path


@pytest.mark.parametrize(
    "path",
    [
        "", "GPO", "D:", "D:GPO", "\\GPO", r"\\server", r"\\server\ "[:-1], "/gpo", "D:/GPO", "D:\\a|b", "D:\\a\tb",
        'D:\\"a"',
        "D:\\a*", "D:\\GPO ", "D:\\GPO.", "D:\\a.\\b", "D:\\a:b", r"\\?\C:\GPO", r"\\.\C:\GPO", "1:\\GPO", 5,
        "D:\\\\GPO", r"\\server\share\\x", "D:\\NUL", "D:\\com1.txt\\x", ["D:\\GPO"], True, "D:\\\ud800",
    ],
)  # fmt: skip
def test_other_paths_are_refused_with_what_is_accepted(path: t.Any) -> None:
    with pytest.raises(opt.OptionError, match=r"The option 'x' has the value .*Accepted: an absolute Windows path"):
        _read(opt.read_path, path)


def test_comment_is_measured_in_utf16_units() -> None:
    assert _read(opt.read_comment, "x" * 2047)
    assert _read(opt.read_comment, "🔐" * 1023)
    for long in ("x" * 2048, "🔐" * 1024):
        with pytest.raises(opt.OptionError, match="at most 2047 UTF-16 units, of which this value has 2048"):
            _read(opt.read_comment, long)


@pytest.mark.parametrize("text", ["a\x00", "\x1b[0m", "\x0b", "\ud83d", "\uffff", "\ufffe"])
def test_comment_without_what_xml_cannot_hold(text: str) -> None:
    with pytest.raises(opt.OptionError, match="XML 1.0"):
        _read(opt.read_comment, text)


def test_comment_may_hold_anything_else() -> None:
    text = "\"quotes\" 'and' $(Get-Date) `n %PATH% ]]> <&> \t\r\n ‮rtl"
    assert _read(opt.read_comment, text) == text
    assert _read(opt.read_comment, 4711) == "4711"


@pytest.mark.parametrize("value", ["yes", "no", True, False, 1, 0, "on", "OFF", "true", "False"])
def test_booleans(value: t.Any) -> None:
    assert _read(opt.read_bool, value) is (str(value).lower() in ("yes", "true", "1", "on"))


@pytest.mark.parametrize("value", ["maybe", "", 2, [], {}, 1.0])
def test_other_booleans_are_refused(value: t.Any) -> None:
    with pytest.raises(opt.OptionError, match="true or false"):
        _read(opt.read_bool, value)


@pytest.mark.parametrize("name", ["corp.example", "CORP", "dc1.corp.example.", "a-b_c.example", "xn--bcher-kva.de"])
def test_host_names(name: str) -> None:
    assert _read(opt.read_host_name, name) == name.rstrip(".")


@pytest.mark.parametrize(
    "name", ["", "corp..example", "-corp", "corp example", "corp.example\\x", "a" * 64, "a." * 130 + "a", 5, "ü.de"]
)
def test_other_host_names_are_refused(name: t.Any) -> None:
    with pytest.raises(opt.OptionError, match="a host or domain name"):
        _read(opt.read_host_name, name)


@pytest.mark.parametrize("name", ["dc1.corp.example", "DC1", "10-0-0-1.example", "1dc", "0x1.corp.example"])
def test_domain_controllers(name: str) -> None:
    assert _read(opt.read_domain_controller, name) == name


@pytest.mark.parametrize(
    "name", ["10.0.0.1", " 10.0.0.1 ", "10.1", "167772161", "0x0A000001", "0xA.0.0.1", "fe80::1", "::1", "1."]
)
def test_addresses_are_no_domain_controllers(name: str) -> None:
    with pytest.raises(opt.OptionError, match="not its IP address"):
        _read(opt.read_domain_controller, name)


def test_a_bare_string_is_one_entry() -> None:
    assert _read(opt.read_gpo_list, "Sales, Marketing; Rest") == ["Sales, Marketing; Rest"]
    assert _read(opt.read_gpo_list, ["a ", 2024]) == ["a ", "2024"]


@pytest.mark.parametrize(
    "value", [[], [""], ["  "], "", ["a", None], [True], [1.5], [["a"]], {"a": 1}, ["a\x00"], ["\udc00"]]
)
def test_other_selections_are_refused(value: t.Any) -> None:
    with pytest.raises(opt.OptionError, match="GUID"):
        _read(opt.read_gpo_list, value)


class _Vaulted:
    """What !vault is before ansible-core 2.19: no str, and its repr is the secret."""

    __ENCRYPTED__ = True

    def __str__(self) -> str:
        return "corp.example"


def test_a_vaulted_value_is_text() -> None:
    assert _read(opt.read_host_name, _Vaulted()) == "corp.example"
    assert _read(opt.read_gpo_list, [_Vaulted()]) == ["corp.example"]
    (entry,) = _read(opt.read_migration_entries, [{"source": _Vaulted(), "destination": _Vaulted(), "type": "user"}])
    assert entry["source"] == entry["destination"] == "corp.example"


def test_exclude_may_be_empty() -> None:
    assert _read(opt.read_exclude_list, []) == []


def test_unknown_and_missing_options() -> None:
    spec = {"path": opt.Option(opt.read_path, required=True), "_inner": opt.Option(opt.read_bool)}
    with pytest.raises(opt.OptionError, match=r"Unknown option 'pth'. Did you mean 'path'\? Accepted: path."):
        opt.validate(spec, {"pth": "D:\\"})
    with pytest.raises(opt.OptionError, match="Unknown option '_inner'"):
        opt.validate(spec, {"path": "D:\\", "_inner": True})
    with pytest.raises(opt.OptionError, match="The option 'path' is required"):
        opt.validate(spec, {"path": None})


def test_a_long_value_is_cut_in_the_error() -> None:
    with pytest.raises(opt.OptionError) as error:
        _read(opt.read_host_name, "x" * 5000)
    assert len(str(error.value)) < 400 and "5002 characters" in str(error.value)


@pytest.mark.parametrize(
    ("reader", "value", "shown"),
    [
        (opt.read_path, "GPO\\new", "'GPO\\new'"),
        (opt.read_path, "it's", "'it's'"),
        (opt.read_path, ["a\\b", True, None, 1.5, {"a": "b\\c"}], "['a\\b', true, null, 1.5, {a: 'b\\c'}]"),
        (opt.read_choice("a"), False, "false"),
    ],
)
def test_values_are_shown_as_they_were_typed(reader: t.Callable[[t.Any], t.Any], value: t.Any, shown: str) -> None:
    with pytest.raises(opt.OptionError) as error:
        _read(reader, value)
    assert f"The option 'x' has the value {shown}. Accepted: " in str(error.value)


_GUID_WITHOUT_QUOTES = {"31B2F340-016D-11D2-945F-00C04FB984F9": None}


@pytest.mark.parametrize(
    ("reader", "value", "hint"),
    [
        (opt.read_guid, _GUID_WITHOUT_QUOTES, "put it in quotes"),
        (opt.read_gpo_list, _GUID_WITHOUT_QUOTES, "put it in quotes"),
        (opt.read_gpo_list, ["Kiosk", _GUID_WITHOUT_QUOTES], "put it in quotes"),
        (opt.read_gpo_name, _GUID_WITHOUT_QUOTES, "put it in quotes"),
        (opt.read_path, "D:\archive", "In double quotes"),
        (opt.read_path, "D:\new", "In double quotes"),
        (opt.read_gpo_list, ["\backups"], "In double quotes"),
        (opt.read_path, ["D:\\GPO"], "It is a list"),
        (opt.read_gpo_name, ["Kiosk"], "It is a list"),
        (opt.read_migration_entries, {"source": "a", "type": "user", "destination": "b"}, "A list is wanted"),
        (opt.read_path, "D:/GPO", None),
        (opt.read_path, ["GPO"], None),
        (opt.read_gpo_list, [], None),
        (opt.read_guid, {}, None),
    ],
)
def test_what_yaml_made_of_a_value(reader: t.Callable[[t.Any], t.Any], value: t.Any, hint: str | None) -> None:
    with pytest.raises(opt.OptionError) as error:
        _read(reader, value)
    after = str(error.value).partition("Accepted: ")[2]
    assert hint in after if hint else all(word not in after for word in ("It is a list", "quotes", "wanted"))


def test_guids() -> None:
    for given in ("{0b5f6b6e-7c0a-4c36-9a4e-6d1f7f1f2b11}", "0B5F6B6E-7C0A-4C36-9A4E-6D1F7F1F2B11"):
        assert _read(opt.read_guid, given) == "{0B5F6B6E-7C0A-4C36-9A4E-6D1F7F1F2B11}"
    for bad in ("", "0b5f6b6e", "..\\x", "{0b5f6b6e-7c0a-4c36-9a4e-6d1f7f1f2b11}\n", 5, ["x"]):
        with pytest.raises(opt.OptionError, match="a GUID such as"):
            _read(opt.read_guid, bad)


def test_lists_of_choices() -> None:
    reader = opt.read_choices("a", "b")
    assert _read(reader, "a") == ["a"] and _read(reader, ["b", "a"]) == ["a", "b"] and _read(reader, []) == []
    for bad in ("c", ["a", "c"], [["a"]], True, {"a": 1}):
        with pytest.raises(opt.OptionError, match="a list of some of a, b"):
            _read(reader, bad)


def test_paths_on_the_controller() -> None:
    assert _read(opt.read_controller_path, "~/reports/") == "~/reports/"
    for bad in ("", " ", "a\0b", 5, ["x"]):
        with pytest.raises(opt.OptionError, match="the path of a file or folder"):
            _read(opt.read_controller_path, bad)
