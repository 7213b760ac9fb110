# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's WinRM endpoint: one Windows host as WinRM clients see it.

One process serves one host on loopback, over HTTP with message encryption and over HTTPS. Commands run under
Wine, PowerShell lines in the lab's PowerShell host. ``python -m labkit.endpoint --config FILE`` starts it.

The modules, from the wire inwards:

=============== =====================================================================================
server          listeners, HTTP, one thread per connection
auth            Negotiate/NTLM and Basic, per connection
encryption      the multipart/encrypted bodies
wsman           SOAP envelopes in and out
wsmanfaults     the faults a WinRM service answers with
operations      the WSMan actions (Create, Command, Send, Receive, Signal, Delete, Get)
shells          shells and their commands, quotas, idle time-out
processes       a running process and its pipes
streams         filters and buffers for what a process writes
pool            PowerShell hosts started ahead
launcher        how a command becomes a process: under Wine, or natively for the tests
translate       Windows command lines
faults          faults planted by tests: connections cut or refused
accesslog       one JSON line per event
config          the configuration file
=============== =====================================================================================
"""
