# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which ansible-core the modules' actions take."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.gpvault.gpmc.plugins.plugin_utils import _action_base
from exchanges import MODULES, play


@pytest.mark.parametrize("module", sorted(path.stem for path in MODULES.glob("*.yml")))
def test_an_older_core_is_refused(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setattr(_action_base, "core_version", "2.15.13")
    result, player = play(monkeypatch, {}, [], module=module)
    assert result["failed"] is True and not player.sent
    assert result["msg"] == "This is ansible-core 2.15.13, and the collection needs 2.16 or later."


@pytest.mark.parametrize("version", ["2.16.0rc1", "2.19.11", "2.22.0.dev0", "3.0.0"])
def test_a_newer_core_is_not(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(_action_base, "core_version", version)
    result, _player = play(monkeypatch, {}, [], module="gpo_backup")
    assert "ansible-core" not in result["msg"]


def test_it_is_what_ansible_is_told() -> None:
    told = yaml.safe_load((MODULES.parents[1] / "meta/runtime.yml").read_text("utf-8"))["requires_ansible"]
    assert told == ">=" + ".".join(map(str, _action_base._OLDEST_CORE)) + ".0"
