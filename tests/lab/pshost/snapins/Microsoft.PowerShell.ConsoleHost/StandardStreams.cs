// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.IO;
using System.Text;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>The three streams of the process, UTF-8 without BOM, and what is said at the very end.</summary>
    internal sealed class StandardStreams
    {
        private static readonly UTF8Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

        private readonly Stream rawError = Console.OpenStandardError();
        private string sentinel;

        public StandardStreams()
        {
            Input = new StreamReader(Console.OpenStandardInput(), Utf8, detectEncodingFromByteOrderMarks: false, 64 * 1024);
            Output = Writer(Console.OpenStandardOutput());
            Error = Writer(rawError);

            // What a script writes with [Console]::Write keeps its place among the pipeline's output.
            Console.SetOut(Output);
            Console.SetError(Error);
            Errors = new ErrorStream(Error);
            AppDomain.CurrentDomain.ProcessExit += (sender, e) => Finish();
        }

        public TextReader Input { get; }

        public TextWriter Output { get; }

        public TextWriter Error { get; }

        public ErrorStream Errors { get; }

        /// <summary>From now on the process ends its stderr with this, unless it is killed or crashes.</summary>
        public void PromiseSentinel(string value)
        {
            sentinel = value;
        }

        private static TextWriter Writer(Stream stream)
        {
            return TextWriter.Synchronized(new StreamWriter(stream, Utf8) { NewLine = "\r\n", AutoFlush = true });
        }

        /// <summary>
        /// Runs when the process exits in an orderly way, be it the host's end or a script's [Environment]::Exit.
        /// </summary>
        private void Finish()
        {
            Errors.Close();
            Output.Flush();
            Error.Flush();
            if (sentinel != null)
            {
                byte[] last = Utf8.GetBytes($"\x1epshost-ran {sentinel} {unchecked((uint)Environment.ExitCode)}\n");
                rawError.Write(last, 0, last.Length);
                rawError.Flush();
            }
        }
    }
}
