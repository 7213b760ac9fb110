# Copyright: (c) 2026, the gpvault.gpmc contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door to files, where only Windows shows what it does: files that something else has open, and long paths."""

from __future__ import annotations

import shutil

from harness import ROOT, Lab

# In C# throughout: .NET under Wine does not survive exceptions that PowerShell's reflection passes on.
_SCANNED = """
using System;
using System.IO;
using System.Threading.Tasks;
using ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile;

public static class Scanned
{
    // A scanner is another process, as a rule; to Windows another handle is the same.
    public static string Run(int milliseconds, string what)
    {
        string file = @"D:\\own-" + what + milliseconds;
        File.WriteAllText(file, "old");
        File.WriteAllText(file + ".new", "new");
        FileStream handle = File.Open(file, FileMode.Open, FileAccess.Read, FileShare.None);
        Task scanner = Task.Delay(milliseconds).ContinueWith(_ => handle.Dispose());
        int code = 0;
        try
        {
            switch (what)
            {
                case "move": HostFile.Move(file, file + ".moved"); break;
                case "taken": HostFile.Move(file + ".new", file); break;
                case "replace": HostFile.Replace(file + ".new", file); break;
                case "delete": HostFile.Delete(file); break;
                case "read": HostFile.OpenOwn(file).Dispose(); break;
            }
        }
        catch (Exception error)
        {
            code = error.HResult;
        }
        scanner.Wait();
        string left = File.Exists(file) ? File.ReadAllText(file) : "none";
        return code + " " + left + (File.Exists(file + ".moved") ? " moved" : "");
    }
}
"""

_SCRIPT = r"""
Add-Type -Path D:\HostFile.cs, D:\Scanned.cs
[Scanned]::Run(150, 'move')
[Scanned]::Run(150, 'replace')
[Scanned]::Run(150, 'delete')
[Scanned]::Run(150, 'read')
[Scanned]::Run(0, 'taken')
[Scanned]::Run(5000, 'replace')
$door = [ansible_collections.gpvault.gpmc.plugins.module_utils._HostFile.HostFile]
$name = 'x' * 250
$door::Extended('D:\a\..\b/./' + $name), $door::Extended('\\server\share\a\..\' + $name + '\') -replace $name, 'x'
"""

_DENIED = -2147024891
_ALREADY_EXISTS = -2147024713


def test_who_opens_a_file_for_a_moment_is_waited_for_and_long_paths_get_the_prefix(lab: Lab) -> None:
    shutil.copy(ROOT / "plugins" / "module_utils" / "_HostFile.cs", lab.drive_d() / "HostFile.cs")
    (lab.drive_d() / "Scanned.cs").write_text(_SCANNED, "utf-8")
    task = {"name": "Scanned", "ansible.windows.win_powershell": {"script": _SCRIPT}}
    (result,) = lab.tasks([task]).of("Scanned")
    assert result["output"] == [
        "0 none moved", "0 new", "0 none", "0 old", f"{_ALREADY_EXISTS} old", f"{_DENIED} old",
        "\\\\?\\D:\\b\\x", "\\\\?\\UNC\\server\\share\\x",
    ]  # fmt: skip
