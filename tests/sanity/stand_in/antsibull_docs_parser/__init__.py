# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the package of this name, which validate-modules imports and Debian does not have.

It reads Ansible's documentation markup (C(), O(), RV(), L() and so on, as the developer guide of Ansible describes it)
as far as validate-modules asks: which markup is there, is it well formed, which option or value does it name. The
genuine package is used wherever it is installed.
"""
