// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>Files that a cmdlet reads: path resolution and error records.</summary>
    internal static class InputFile
    {
        /// <summary>The files behind patterns and literal paths; what is missing becomes an error record.</summary>
        public static IReadOnlyList<string> Resolve(PSCmdlet cmdlet, string[] paths, string[] literalPaths)
        {
            var files = new List<string>();
            foreach (string path in paths ?? Array.Empty<string>())
            {
                try
                {
                    files.AddRange(cmdlet.SessionState.Path.GetResolvedProviderPathFromPSPath(path, out _));
                }
                catch (ItemNotFoundException e)
                {
                    cmdlet.WriteError(new ErrorRecord(e.ErrorRecord, e));
                }
            }

            files.AddRange((literalPaths ?? Array.Empty<string>())
                .Select(p => cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(p)));
            return files;
        }

        public static StreamReader Open(Cmdlet cmdlet, string file, Encoding encoding)
        {
            try
            {
                var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                return new StreamReader(stream, encoding, detectEncodingFromByteOrderMarks: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                var category = e is FileNotFoundException or DirectoryNotFoundException
                    ? ErrorCategory.OpenError
                    : ErrorCategory.ReadError;
                cmdlet.WriteError(new ErrorRecord(e, "FileOpenFailure", category, file));
                return null;
            }
        }
    }
}
