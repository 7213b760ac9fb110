// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._BackupProgress
{
    /// <summary>
    /// What GPMC calls while it works asynchronously. Source: gpmgmt.h. The client implements it; scripting cannot.
    /// </summary>
    [ComVisible(true)]
    [Guid("6aac29f8-5948-4324-bf70-423818942dbc")]
    [InterfaceType(ComInterfaceType.InterfaceIsDual)]
    public interface IGPMAsyncProgress
    {
        /// <summary>
        /// Tells how far the work is; equal numbers mean that it is done, and only then there is a result: a VARIANT. It
        /// may be a null pointer.
        /// </summary>
        [DispId(1)]
        void Status(
            int lProgressNumerator,
            int lProgressDenominator,
            int hrStatus,
            IntPtr pResult,
            [MarshalAs(UnmanagedType.IDispatch)] object ppIGPMStatusMsgCollection);
    }

    /// <summary>Waits for an asynchronous operation and keeps what GPMC said of it.</summary>
    [ComVisible(true)]
    [ClassInterface(ClassInterfaceType.None)]
    public sealed class BackupProgress : IGPMAsyncProgress
    {
        /// <summary>Seconds in 24 days: .NET waits for at most 2^31 milliseconds.</summary>
        private const int LongestWait = 24 * 86400;

        /// <summary>
        /// How long a call that looks like the end is taken for one among many, when what belongs to an end is missing:
        /// the result, or, of a failure, the equal numbers.
        /// </summary>
        private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(5);

        private readonly object guard = new object();
        private readonly AutoResetEvent told = new AutoResetEvent(false);
        private readonly List<object> messages = new List<object>();
        private readonly Stopwatch sinceTold = new Stopwatch();
        private bool isComplete;
        private bool looksOver;

        /// <summary>Steps done so far.</summary>
        public int Numerator { get; private set; }

        /// <summary>Steps there are; it grows with the extensions of the GPO.</summary>
        public int Denominator { get; private set; }

        /// <summary>HRESULT of the operation, once it is done.</summary>
        public int HResult { get; private set; }

        /// <summary>The operation's result (an IGPMBackup or IGPMGPO), once it is done; null if it failed.</summary>
        public object Result { get; private set; }

        /// <summary>Returns the IGPMStatusMsgCollections that came, in order.</summary>
        public object[] GetMessages()
        {
            lock (guard)
            {
                return messages.ToArray();
            }
        }

        /// <summary>
        /// Waits until the operation is done; returns whether it is. In a single-threaded apartment the wait lets COM
        /// calls in, as every wait of .NET does: without, GPMC's calls would never arrive there.
        /// </summary>
        public bool Wait(int seconds)
        {
            TimeSpan patience = TimeSpan.FromSeconds(Math.Min(seconds, LongestWait));
            Stopwatch clock = Stopwatch.StartNew();
            while (true)
            {
                TimeSpan left;
                lock (guard)
                {
                    left = looksOver ? Doubt - sinceTold.Elapsed : patience - clock.Elapsed;
                    if (isComplete || left <= TimeSpan.Zero)
                    {
                        return isComplete || looksOver;
                    }
                }
                told.WaitOne(left);
            }
        }

        /// <summary>Called by GPMC, on a thread of its own.</summary>
        public void Status(
            int lProgressNumerator, int lProgressDenominator, int hrStatus, IntPtr pResult,
            object ppIGPMStatusMsgCollection)
        {
            object result = pResult == IntPtr.Zero ? null : Marshal.GetObjectForNativeVariant(pResult);
            lock (guard)
            {
                Numerator = lProgressNumerator;
                Denominator = lProgressDenominator;
                if (ppIGPMStatusMsgCollection != null)
                {
                    messages.Add(ppIGPMStatusMsgCollection);
                }
                Result = result ?? Result;
                if (hrStatus < 0 || Result != null)
                {
                    // A success without a result takes no failure back.
                    HResult = hrStatus;
                }
                // 0 of 0 is no end: the steps have not been counted yet.
                bool allDone = lProgressNumerator == lProgressDenominator &&
                    (lProgressDenominator > 0 || Result != null);
                looksOver = allDone || hrStatus < 0;
                isComplete = allDone && (Result != null || hrStatus < 0);
                sinceTold.Restart();
                told.Set();
            }
        }
    }
}
