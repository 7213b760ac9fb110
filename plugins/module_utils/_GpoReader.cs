// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._GpoReader
{
    /// <summary>
    /// Reads what is asked of each GPO, changed or not. In C# and by name: for each place in a script that calls COM,
    /// PowerShell makes and compiles code of its own, which takes longer than all calls for a hundred GPOs.
    /// </summary>
    public static class GpoReader
    {
        /// <summary>
        /// Returns what properties of a COM object, or methods without arguments, return, by their names; what cannot be
        /// read is null.
        /// </summary>
        public static Hashtable Values(object target, string[] names)
        {
            Hashtable values = new Hashtable();
            foreach (string name in names)
            {
                values[name] = _ComObject.ComObject.Value(target, name);
            }
            return values;
        }

        /// <summary>
        /// Returns the entries of a GPO's DACL, in their order, with the members of IADsAccessControlEntry. Flags are
        /// those of IGPMConstants.SecurityFlags.
        /// </summary>
        public static object[] Aces(object gpo, int flags)
        {
            object descriptor = _ComObject.ComObject.Call(gpo, "GetSecurityDescriptor", flags);
            List<object> aces = new List<object>();
            foreach (object ace in (IEnumerable)_ComObject.ComObject.Call(descriptor, "DiscretionaryAcl"))
            {
                Hashtable entry = new Hashtable();
                entry["trustee"] = Text(_ComObject.ComObject.Call(ace, "Trustee"));
                entry["type"] = _ComObject.ComObject.Call(ace, "AceType");
                entry["flags"] = _ComObject.ComObject.Call(ace, "AceFlags");
                entry["mask"] = _ComObject.ComObject.Call(ace, "AccessMask");
                entry["object_flags"] = _ComObject.ComObject.Call(ace, "Flags");
                entry["object_type"] = Text(_ComObject.ComObject.Call(ace, "ObjectType"));
                entry["inherited_object_type"] = Text(_ComObject.ComObject.Call(ace, "InheritedObjectType"));
                aces.Add(entry);
            }
            return aces.ToArray();
        }

        private static string Text(object value)
        {
            return Convert.ToString(value, CultureInfo.InvariantCulture);
        }
    }
}
