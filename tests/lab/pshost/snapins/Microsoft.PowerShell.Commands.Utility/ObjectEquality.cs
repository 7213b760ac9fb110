// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>Comparing objects as Select-Object -Unique, Sort-Object and the like do.</summary>
    internal static class ObjectEquality
    {
        /// <summary>Selected objects are the same when all their properties are; anything else by its own equality.</summary>
        public static bool SameContent(PSObject first, PSObject second, bool ignoreCase)
        {
            if (first == null || second == null)
            {
                return first == second;
            }

            if (first.BaseObject is not PSCustomObject || second.BaseObject is not PSCustomObject)
            {
                return LanguagePrimitives.Equals(first.BaseObject, second.BaseObject, ignoreCase);
            }

            var left = first.Properties.ToArray();
            return left.Length == second.Properties.Count() && left.All(property =>
            {
                PSPropertyInfo other = second.Properties[property.Name];
                return other != null && LanguagePrimitives.Equals(property.Value, other.Value, ignoreCase);
            });
        }

        /// <summary>An order over anything: null first, then by the engine's comparison, at last by text.</summary>
        public static int Compare(object first, object second, bool ignoreCase)
        {
            object left = PSObject.Base(first);
            object right = PSObject.Base(second);
            if (left == null || right == null)
            {
                return left == null ? (right == null ? 0 : -1) : 1;
            }

            if (LanguagePrimitives.TryCompare(left, right, ignoreCase, out int result))
            {
                return result;
            }

            return string.Compare(
                PSObject.AsPSObject(left).ToString(),
                PSObject.AsPSObject(right).ToString(),
                ignoreCase ? StringComparison.CurrentCultureIgnoreCase : StringComparison.CurrentCulture);
        }
    }
}
