// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System.Globalization;
using System.IO;
using System.Security;
using System.Text;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>
    /// The error stream: plain text, or CLIXML as powershell.exe writes it after -EncodedCommand
    /// (a header line, then one Objs element on one line, each message a string that names its stream).
    /// </summary>
    internal sealed class ErrorStream
    {
        private readonly TextWriter writer;
        private bool opened;

        public ErrorStream(TextWriter writer)
        {
            this.writer = writer;
        }

        public bool Clixml { get; set; }

        /// <summary>Writes a line of a stream: "Error", "warning", "verbose" or "debug".</summary>
        public void WriteLine(string stream, string line)
        {
            lock (this)
            {
                if (!Clixml)
                {
                    writer.WriteLine(line);
                    return;
                }

                if (!opened)
                {
                    opened = true;
                    writer.WriteLine("#< CLIXML");
                    writer.Write("<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">");
                }

                writer.Write($"<S S=\"{stream}\">{Escape(line + "\r\n")}</S>");
            }
        }

        public void Close()
        {
            lock (this)
            {
                if (opened)
                {
                    opened = false;
                    writer.Write("</Objs>");
                }
            }
        }

        /// <summary>
        /// CLIXML strings: what XML cannot hold becomes _xHHHH_, and so does an underscore that would
        /// look like the start of such an escape (MS-PSRP 2.2.5.3.2).
        /// </summary>
        internal static string Escape(string text)
        {
            var result = new StringBuilder(text.Length + 16);
            for (int i = 0; i < text.Length; i++)
            {
                char c = text[i];
                bool looksLikeEscape = c == '_' && i + 1 < text.Length && (text[i + 1] == 'x' || text[i + 1] == 'X');
                if (c < ' ' || char.IsSurrogate(c) || c >= '\ufffe' || (c >= '\x7f' && c <= '\x9f') || looksLikeEscape)
                {
                    result.Append("_x").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture)).Append('_');
                }
                else
                {
                    result.Append(c);
                }
            }

            return SecurityElement.Escape(result.ToString());
        }
    }
}
