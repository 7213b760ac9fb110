# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In place of the module krb5, where it cannot be had: pyspnego imports it beside gssapi, or does without Kerberos.

It calls it to get a ticket with a password or a keytab. With a ticket that is there already it calls gssapi alone, and
nothing is missing here.
"""
