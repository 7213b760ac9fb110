// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Private to the gpvault.gpmc collection: it may change in any release.

using System;
using System.Collections;
using System.Management.Automation;
using System.Runtime.InteropServices;
using ComTypes = System.Runtime.InteropServices.ComTypes;

namespace ansible_collections.gpvault.gpmc.plugins.module_utils._ComObject
{
    /// <summary>IDispatch, as oaidl.h declares it: each method returns its HRESULT, and nothing throws.</summary>
    [ComImport]
    [Guid("00020400-0000-0000-C000-000000000046")]
    [InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
    internal interface IDispatch
    {
        [PreserveSig]
        int GetTypeInfoCount(out uint count);

        [PreserveSig]
        int GetTypeInfo(uint index, uint culture, out IntPtr info);

        [PreserveSig]
        int GetIDsOfNames(
            [In] ref Guid reserved, [In] [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPWStr)]
            string[] names, uint count, uint culture, out int id);

        [PreserveSig]
        int Invoke(
            int id, [In] ref Guid reserved, uint culture, ushort flags, [In] ref ComTypes.DISPPARAMS arguments,
            [MarshalAs(UnmanagedType.Struct)] out object result, out ComTypes.EXCEPINFO exception,
            out uint wrongArgument);
    }

    /// <summary>
    /// Calls methods and reads properties of a COM object, by name.
    ///
    /// In place of PowerShell's binder where the HRESULT decides: of a failure that a server describes in words
    /// (EXCEPINFO), PowerShell throws another exception with these words, whose HRESULT is often that of its .NET type. And
    /// in place of reflection, which throws, and may never return from that under Wine.
    /// </summary>
    public static class ComObject
    {
        // oleauto.h: DISPATCH_METHOD, _PROPERTYGET and _PROPERTYPUT, and the name of the argument that is a new value.
        private const ushort MethodOrPropertyGet = 1 | 2;
        private const ushort PropertyPut = 4;
        private const int NewValue = -3;
        private const uint NeutralCulture = 0;
        private const short VariantByReference = 0x4000 | 12;
        private static readonly int VariantSize = 8 + 2 * IntPtr.Size;
        // winerror.h.
        private const int ExceptionOccurred = unchecked((int)0x80020009);

        [DllImport("oleaut32.dll")]
        private static extern int VariantClear(IntPtr variant);

        /// <summary>
        /// Returns what a method or a property returns. Throws a COMException with the HRESULT if it fails.
        ///
        /// An argument [ref] gets what the method puts into a VARIANT of the caller's.
        /// </summary>
        public static object Call(object target, string name, params object[] arguments)
        {
            return Succeed(target, name, MethodOrPropertyGet, arguments);
        }

        /// <summary>Gives a property a value. Throws a COMException with the HRESULT if it fails.</summary>
        public static void Put(object target, string name, object value)
        {
            Succeed(target, name, PropertyPut, new object[] { value });
        }

        /// <summary>Returns what a property, or a method without arguments, returns; null if it fails.</summary>
        public static object Value(object target, string name)
        {
            object result;
            string said;
            return Invoke(target, name, MethodOrPropertyGet, new object[0], out result, out said) < 0 ? null : result;
        }

        /// <summary>
        /// Calls a method that returns nothing but its HRESULT, and returns that as a status: hresult and message.
        /// </summary>
        public static Hashtable Status(object target, string name)
        {
            object result;
            string said;
            Hashtable status = new Hashtable();
            status["hresult"] = Invoke(target, name, MethodOrPropertyGet, new object[0], out result, out said);
            status["message"] = said;
            if ((int)status["hresult"] >= 0)
            {
                status["hresult"] = 0;
            }
            return status;
        }

        private static object Succeed(object target, string name, ushort kind, object[] arguments)
        {
            object result;
            string said;
            int status = Invoke(target, name, kind, arguments, out result, out said);
            if (status < 0)
            {
                throw new COMException(said, status);
            }
            return result;
        }

        private static int Invoke(
            object target, string name, ushort kind, object[] arguments, out object result, out string said)
        {
            result = null;
            said = "";
            IDispatch dispatch = (IDispatch)PSObject.AsPSObject(target).BaseObject;
            Guid reserved = Guid.Empty;
            int id;
            int status = dispatch.GetIDsOfNames(ref reserved, new string[] { name }, 1, NeutralCulture, out id);
            if (status >= 0)
            {
                ComTypes.EXCEPINFO exception;
                status = Invoke(dispatch, id, kind, arguments, out result, out exception);
                if (status == ExceptionOccurred && exception.scode < 0)
                {
                    status = exception.scode;
                    said = exception.bstrDescription;
                }
            }
            if (status < 0 && string.IsNullOrEmpty(said))
            {
                // -1: from the HRESULT alone, not from what an earlier COM call left in the thread's error object.
                said = Marshal.GetExceptionForHR(status, new IntPtr(-1)).Message;
            }
            return status;
        }

        private static int Invoke(
            IDispatch dispatch, int id, ushort kind, object[] arguments, out object result,
            out ComTypes.EXCEPINFO exception)
        {
            int count = arguments.Length;
            // Arguments come last first; behind them is room for what those of type [ref] refer to.
            IntPtr variants = Marshal.AllocCoTaskMem(2 * count * VariantSize + 1);
            IntPtr named = Marshal.AllocCoTaskMem(sizeof(int));
            for (int index = 0; index < 2 * count; index++)
            {
                Marshal.WriteInt64(variants, index * VariantSize, 0);
            }
            try
            {
                for (int index = 0; index < count; index++)
                {
                    Write(arguments[index], At(variants, count - 1 - index), At(variants, count + index));
                }
                ComTypes.DISPPARAMS given = new ComTypes.DISPPARAMS();
                given.rgvarg = variants;
                given.cArgs = count;
                if (kind == PropertyPut)
                {
                    Marshal.WriteInt32(named, NewValue);
                    given.rgdispidNamedArgs = named;
                    given.cNamedArgs = 1;
                }
                Guid reserved = Guid.Empty;
                uint wrongArgument;
                int status = dispatch.Invoke(
                    id, ref reserved, NeutralCulture, kind, ref given, out result, out exception, out wrongArgument);
                for (int index = 0; index < count; index++)
                {
                    PSReference reference = arguments[index] as PSReference;
                    if (reference != null)
                    {
                        reference.Value = Marshal.GetObjectForNativeVariant(At(variants, count + index));
                    }
                }
                return status;
            }
            finally
            {
                for (int index = 0; index < 2 * count; index++)
                {
                    VariantClear(At(variants, index));
                }
                Marshal.FreeCoTaskMem(named);
                Marshal.FreeCoTaskMem(variants);
            }
        }

        private static void Write(object argument, IntPtr variant, IntPtr referred)
        {
            if (argument is PSReference)
            {
                Marshal.WriteInt16(variant, VariantByReference);
                Marshal.WriteIntPtr(variant, 8, referred);
            }
            else
            {
                object bare = argument == null ? null : PSObject.AsPSObject(argument).BaseObject;
                Marshal.GetNativeVariantForObject(bare, variant);
            }
        }

        private static IntPtr At(IntPtr variants, int index)
        {
            return IntPtr.Add(variants, index * VariantSize);
        }
    }
}
