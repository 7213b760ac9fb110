// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace GpVault.Lab.PowerShellHost
{
    /// <summary>A console that is not there, 120 columns wide.</summary>
    internal sealed class LabRawUserInterface : PSHostRawUserInterface
    {
        private static readonly Size Screen = new Size(120, 50);

        public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

        public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

        public override Size BufferSize { get; set; } = new Size(120, 3000);

        public override Size WindowSize { get; set; } = Screen;

        public override Size MaxWindowSize => Screen;

        public override Size MaxPhysicalWindowSize => Screen;

        public override Coordinates CursorPosition { get; set; }

        public override Coordinates WindowPosition { get; set; }

        public override int CursorSize { get; set; } = 25;

        public override string WindowTitle { get; set; } = "powershell";

        public override bool KeyAvailable => false;

        public override void FlushInputBuffer()
        {
        }

        public override KeyInfo ReadKey(ReadKeyOptions options)
        {
            throw new PSInvalidOperationException("PowerShell is in NonInteractive mode.");
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle)
        {
            return new BufferCell[0, 0];
        }

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
        {
        }

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
        {
        }

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents)
        {
        }
    }
}
