# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

# Runs in a scratch runspace while the host waits. Each part is something that the wrappers around an Ansible
# module do; what matters is that the engine has been through that code once.
$null = ConvertFrom-Json -InputObject '{"a": [1, {"b": null}], "c": "d"}' | ConvertTo-Json -Depth 5
