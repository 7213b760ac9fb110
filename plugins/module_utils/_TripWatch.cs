// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._TripWatch
{
    /// <summary>
    /// Ends a trip in which nothing moves any more: a call that never returns would hold the task for ever. A call of
    /// GPMC or of the file system cannot be broken off, so the process has to end; the reply is told before.
    /// </summary>
    public sealed class TripWatch : IDisposable
    {
        private const int MillisecondsBetweenLooks = 1000;

        private readonly object guard = new object();
        private readonly Hashtable context;
        private readonly int patience;
        private readonly Hashtable trouble;
        private readonly Stopwatch still = Stopwatch.StartNew();
        private readonly Timer timer;
        private string seen;
        private bool isOver;

        /// <summary>
        /// Begins to watch a trip. The context is described in _Trip.psm1, patience is in seconds, trouble is told when it
        /// is over, with the step in hand.
        /// </summary>
        public TripWatch(Hashtable context, int patience, Hashtable trouble)
        {
            this.context = context;
            this.patience = patience;
            this.trouble = trouble;
            timer = new Timer(Look, null, MillisecondsBetweenLooks, MillisecondsBetweenLooks);
        }

        /// <summary>Ends the watch: from here on the trip makes its own reply.</summary>
        public void Dispose()
        {
            lock (guard)
            {
                isOver = true;
                timer.Dispose();
            }
        }

        /// <summary>
        /// Completes the reply of a trip that is given up: the item in hand has failed, or else the trip has, and what
        /// the queue holds beyond it remains. A backup whose entry for the catalog is still being written has failed
        /// too; where that is what the next item waits for, nothing was done to that one, and it remains. A backup that
        /// is in the catalog is as good without its reports, and only these are told as missing.
        /// </summary>
        public static void Complete(Hashtable context, Hashtable trouble)
        {
            Hashtable trip = (Hashtable)_Json.Json.Bare(context["trip"]);
            trouble["message"] = context["step"];
            Hashtable entry = (Hashtable)_Json.Json.Bare(context["entry"]);
            Hashtable unrecorded = (Hashtable)_Json.Json.Bare(((Hashtable)_Json.Json.Bare(context["task"]))["unrecorded"]);
            Hashtable last = unrecorded == null ? null : (Hashtable)_Json.Json.Bare(unrecorded["entry"]);
            bool isRecorded = last != null &&
                ((Task)_Json.Json.Bare(unrecorded["recording"])).Status == TaskStatus.RanToCompletion;
            bool isRecording = last != null && "record".Equals(_Json.Json.Bare(trouble["message"]));
            bool lacksReportsOnly = isRecording && isRecorded;
            int first = (int)_Json.Json.Bare(context["done"]);
            if (last != null && last != entry && !isRecorded)
            {
                Hashtable record = (Hashtable)trouble.Clone();
                record["message"] = "record";
                last["outcome"] = "failed";
                last["trouble"] = record;
            }
            if (lacksReportsOnly)
            {
                AddMissingReports(trip, last);
            }
            if (isRecording && entry != null && last != entry)
            {
                first--;
            }
            else if (entry != null)
            {
                if (!lacksReportsOnly)
                {
                    entry["outcome"] = "failed";
                    entry["trouble"] = trouble;
                }
                entry["milliseconds"] = ((Stopwatch)_Json.Json.Bare(context["itemClock"])).ElapsedMilliseconds;
                ((IList)_Json.Json.Bare(trip["entries"])).Add(entry);
            }
            else if (!lacksReportsOnly)
            {
                trip["trouble"] = trouble;
            }
            ArrayList remaining = new ArrayList();
            IList queue = (IList)_Json.Json.Bare(context["queue"]);
            for (int index = first; index < queue.Count; index++)
            {
                Hashtable item = (Hashtable)_Json.Json.Bare(queue[index]);
                Hashtable left = new Hashtable();
                left["id"] = item["id"];
                left["name"] = item["name"];
                remaining.Add(left);
            }
            trip["remaining"] = remaining;
            ((Hashtable)_Json.Json.Bare(trip["milliseconds"]))["whole"] =
                ((Stopwatch)_Json.Json.Bare(context["clock"])).ElapsedMilliseconds;
        }

        /// <summary>Notes, as Add-GpmProblem does, that what changed in a backup's GPO will not be told.</summary>
        private static void AddMissingReports(Hashtable trip, Hashtable entry)
        {
            Hashtable problem = new Hashtable();
            problem["kind"] = "changes";
            problem["subject"] = ((Hashtable)_Json.Json.Bare(entry["gpo"]))["name"];
            problem["hresult"] = null;
            problem["message"] = "its reports could not be read or kept within step_timeout";
            ((IList)_Json.Json.Bare(trip["problems"])).Add(problem);
        }

        private void Look(object state)
        {
            lock (guard)
            {
                string now = context["done"] + " " + context["step"];
                if (isOver)
                {
                    return;
                }
                if (now != seen)
                {
                    seen = now;
                    still.Restart();
                }
                else if (still.Elapsed.TotalSeconds >= patience)
                {
                    GiveUp();
                }
            }
        }

        private void GiveUp()
        {
            try
            {
                Complete(context, trouble);
                Hashtable result = new Hashtable();
                result["changed"] = false;
                result["trip"] = context["trip"];
                byte[] reply = _Json.Json.Write(result);
                // Not through PowerShell, whose pipeline hangs. Under PSRP, which is nothing but that, it gets lost.
                Stream output = Console.OpenStandardOutput();
                output.Write(reply, 0, reply.Length);
                output.Flush();
            }
            finally
            {
                Process.GetCurrentProcess().Kill();
            }
        }
    }
}
