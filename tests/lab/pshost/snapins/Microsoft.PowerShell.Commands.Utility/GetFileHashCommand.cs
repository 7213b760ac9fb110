// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.IO;
using System.Management.Automation;
using System.Security.Cryptography;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>The hash of a file.</summary>
    public sealed class FileHashInfo
    {
        public string Algorithm { get; internal set; }

        public string Hash { get; internal set; }

        public string Path { get; internal set; }
    }

    [Cmdlet(VerbsCommon.Get, "FileHash", DefaultParameterSetName = "Path")]
    [OutputType(typeof(FileHashInfo))]
    public sealed class GetFileHashCommand : PSCmdlet
    {
        [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", ValueFromPipelineByPropertyName = true)]
        public string[] Path { get; set; }

        [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
        [Alias("PSPath", "LP")]
        public string[] LiteralPath { get; set; }

        [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Stream")]
        public Stream InputStream { get; set; }

        [Parameter(Position = 1)]
        [ValidateSet("SHA1", "SHA256", "SHA384", "SHA512", "MD5")]
        public string Algorithm { get; set; } = "SHA256";

        protected override void ProcessRecord()
        {
            if (InputStream != null)
            {
                WriteObject(Info(InputStream, path: null));
                return;
            }

            foreach (string file in InputFile.Resolve(this, Path, LiteralPath))
            {
                if (!Directory.Exists(file))
                {
                    HashFile(file);
                }
            }
        }

        private void HashFile(string file)
        {
            try
            {
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                WriteObject(Info(stream, file));
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                WriteError(new ErrorRecord(
                    new FileNotFoundException($"Cannot find path '{file}' because it does not exist.", e),
                    "FileNotFound",
                    ErrorCategory.ObjectNotFound,
                    file));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                WriteError(new ErrorRecord(e, "FileReadError", ErrorCategory.ReadError, file));
            }
        }

        private FileHashInfo Info(Stream stream, string path)
        {
            var name = new HashAlgorithmName(Algorithm.ToUpperInvariant());
            byte[] hash = CryptographicOperations.HashData(name, stream);
            return new FileHashInfo { Algorithm = name.Name, Hash = Convert.ToHexString(hash), Path = path };
        }
    }
}
