// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Management.Automation;
using System.Net;
using System.Runtime.InteropServices;
using System.Security;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.PowerShell.Commands
{
    [Cmdlet(VerbsData.ConvertTo, "SecureString", DefaultParameterSetName = "Secure")]
    [OutputType(typeof(SecureString))]
    public sealed class ConvertToSecureStringCommand : PSCmdlet
    {
        [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
        [AllowEmptyString]
        public string String { get; set; }

        [Parameter(Position = 1, ParameterSetName = "PlainText")]
        public SwitchParameter AsPlainText { get; set; }

        [Parameter(Position = 2, ParameterSetName = "PlainText")]
        public SwitchParameter Force { get; set; }

        [Parameter(Position = 1, ParameterSetName = "Secure")]
        public SecureString SecureKey { get; set; }

        [Parameter(ParameterSetName = "Open")]
        public byte[] Key { get; set; }

        protected override void ProcessRecord()
        {
            if (AsPlainText)
            {
                WriteObject(new NetworkCredential(string.Empty, String).SecurePassword);
                return;
            }

            try
            {
                WriteObject(SecureText.Decrypt(String, Key ?? SecureText.Bytes(SecureKey)));
            }
            catch (Exception e) when (e is FormatException or CryptographicException or ArgumentException)
            {
                WriteError(new ErrorRecord(
                    e, "ImportSecureString_InvalidArgument_CryptographicError", ErrorCategory.InvalidArgument, null));
            }
        }
    }

    [Cmdlet(VerbsData.ConvertFrom, "SecureString", DefaultParameterSetName = "Secure")]
    [OutputType(typeof(string))]
    public sealed class ConvertFromSecureStringCommand : PSCmdlet
    {
        [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
        public SecureString SecureString { get; set; }

        [Parameter(Position = 1, ParameterSetName = "Secure")]
        public SecureString SecureKey { get; set; }

        [Parameter(ParameterSetName = "AsPlainText")]
        public SwitchParameter AsPlainText { get; set; }

        [Parameter(ParameterSetName = "Open")]
        public byte[] Key { get; set; }

        protected override void ProcessRecord()
        {
            WriteObject(AsPlainText
                ? new NetworkCredential(string.Empty, SecureString).Password
                : SecureText.Encrypt(SecureString, Key ?? SecureText.Bytes(SecureKey)));
        }
    }

    /// <summary>
    /// Text that stands for a SecureString: under a key it is AES, else it is bound to the account (DPAPI).
    /// It goes round within the lab; it is not promised to be exchangeable with real Windows.
    /// </summary>
    internal static class SecureText
    {
        public static byte[] Bytes(SecureString key)
        {
            return key == null ? null : Encoding.Unicode.GetBytes(new NetworkCredential(string.Empty, key).Password);
        }

        public static string Encrypt(SecureString value, byte[] key)
        {
            byte[] plain = Bytes(value);
            if (key == null)
            {
                return Convert.ToHexString(ProtectedData.Protect(plain, null, DataProtectionScope.CurrentUser)).ToLowerInvariant();
            }

            using Aes aes = Aes.Create();
            aes.Key = key;
            return Convert.ToBase64String(aes.IV) + "|" + Convert.ToBase64String(aes.EncryptCbc(plain, aes.IV));
        }

        public static SecureString Decrypt(string text, byte[] key)
        {
            byte[] plain;
            if (key == null)
            {
                plain = ProtectedData.Unprotect(Convert.FromHexString(text), null, DataProtectionScope.CurrentUser);
            }
            else
            {
                string[] parts = text.Split('|');
                if (parts.Length != 2)
                {
                    throw new FormatException("The text is no encrypted SecureString.");
                }

                using Aes aes = Aes.Create();
                aes.Key = key;
                plain = aes.DecryptCbc(Convert.FromBase64String(parts[1]), Convert.FromBase64String(parts[0]));
            }

            return new NetworkCredential(string.Empty, Encoding.Unicode.GetString(plain)).SecurePassword;
        }
    }
}
