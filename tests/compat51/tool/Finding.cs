// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

namespace GpVault.Compat51;

/// <summary>One thing that Windows PowerShell 5.1, or a rule of this project, does not accept.</summary>
public sealed record Finding(string File, int Line, int Column, string Rule, string Message)
{
    public override string ToString() => $"{File}:{Line}:{Column}: {Rule}: {Message}";
}
