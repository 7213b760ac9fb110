// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

// Compiled while the host waits, so that the compiler has been everywhere once when a module brings its own C#.
// It means nothing; it only uses the language and the libraries as such code does. Keep to C# 5.
using Microsoft.Win32.SafeHandles;
using System;
using System.Collections;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.AccessControl;
using System.Security.Principal;
using System.Text;
using System.Text.RegularExpressions;
#if CORECLR
using Newtonsoft.Json;
#else
using System.Web.Script.Serialization;
#endif

//NoWarn -Name CS1701 -CLR Core
//NoWarn -Name CS1702 -CLR Core
//AssemblyReference -Type Newtonsoft.Json.JsonConvert -CLR Core
//AssemblyReference -Type System.Diagnostics.EventLog -CLR Core
//AssemblyReference -Type System.Security.AccessControl.NativeObjectSecurity -CLR Core

namespace GpVault.Lab.WarmUpSample
{
    public enum Kind : uint
    {
        None = 0,
        First = 1,
        Second = 0x80000000,
    }

    public delegate string Render(object value);

    public class SampleException : Exception
    {
        private int _code;

        public SampleException(int code, string message)
            : base(String.Format("{0} (0x{1:X8})", message, code))
        {
            _code = code;
        }

        public int Code { get { return _code; } }

        public static explicit operator SampleException(string message)
        {
            return new SampleException(0, message);
        }
    }

    internal class NativeMethods
    {
        [StructLayout(LayoutKind.Sequential)]
        public struct Times
        {
            public UInt32 Low;
            public UInt32 High;
        }

        [StructLayout(LayoutKind.Explicit, CharSet = CharSet.Unicode)]
        public struct Overlay
        {
            [FieldOffset(0)] public IntPtr Pointer;
            [FieldOffset(0)] public long Number;
        }

        [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
        public static extern SafeFileHandle CreateFileW(
            [MarshalAs(UnmanagedType.LPWStr)] string name,
            FileAccess access,
            [In] ref Times times,
            out UInt32 written,
            IntPtr template);

        [DllImport("kernel32.dll")]
        public static extern bool CloseHandle(IntPtr handle);
    }

    internal class SafeBuffer : SafeHandleZeroOrMinusOneIsInvalid
    {
        public SafeBuffer() : base(true) { }

        public SafeBuffer(int size) : base(true)
        {
            base.SetHandle(Marshal.AllocHGlobal(size));
        }

        protected override bool ReleaseHandle()
        {
            Marshal.FreeHGlobal(handle);
            return true;
        }
    }

    public interface INode
    {
        string Name { get; }

        IEnumerable<INode> Children();
    }

    public class Node : INode, IDisposable
    {
        private static readonly List<string> BooleanNames = new List<string>() { "yes", "on", "1", "true" };
        private static Dictionary<string, KeyValuePair<Type, object>> defaults =
            new Dictionary<string, KeyValuePair<Type, object>>(StringComparer.OrdinalIgnoreCase)
        {
            { "name", new KeyValuePair<Type, object>(typeof(string), null) },
            { "count", new KeyValuePair<Type, object>(typeof(int), 3) },
            { "items", new KeyValuePair<Type, object>(typeof(List<string>), new List<string>()) },
        };

        private readonly HashSet<string> secrets = new HashSet<string>();
        private readonly IDictionary parameters;
        private List<INode> children = new List<INode>();

        public Node(IDictionary parameters)
        {
            this.parameters = parameters;
            Result = new Dictionary<string, object>() { { "changed", false } };
        }

        public event EventHandler Changed;

        public Dictionary<string, object> Result { get; set; }

        public string Name { get; private set; }

        public bool CheckMode { get; private set; }

        public static Node Create(string[] args, IDictionary spec)
        {
            Node node = new Node(spec);
            node.Changed += (sender, e) => { node.Result["changed"] = true; };
            node.Set(args.Length > 0 ? args[0] : null);
            return node;
        }

        public IEnumerable<INode> Children()
        {
            foreach (INode child in children)
            {
                if (child != null)
                    yield return child;
            }
        }

        public void Dispose()
        {
            if (Changed != null)
                Changed(this, EventArgs.Empty);
            GC.SuppressFinalize(this);
        }

        public T Get<T>(string key, T fallback) where T : class
        {
            object value;
            if (!Result.TryGetValue(key, out value))
                return fallback;
            return value as T ?? fallback;
        }

        public static string ToJson(object value)
        {
#if CORECLR
            return JsonConvert.SerializeObject(value);
#else
            JavaScriptSerializer serializer = new JavaScriptSerializer();
            serializer.MaxJsonLength = Int32.MaxValue;
            return serializer.Serialize(value);
#endif
        }

        public static object FromJson(string json)
        {
#if CORECLR
            return Plain(JsonConvert.DeserializeObject<Dictionary<string, object>>(json));
#else
            return new JavaScriptSerializer().DeserializeObject(json);
#endif
        }

#if CORECLR
        private static object Plain(object value)
        {
            Newtonsoft.Json.Linq.JArray array = value as Newtonsoft.Json.Linq.JArray;
            if (array != null)
                return array.Select(x => Plain(x)).ToList();
            var token = value as Newtonsoft.Json.Linq.JValue;
            return token == null ? value : token.Value;
        }
#endif

        private static bool ParseBoolean(object value)
        {
            if (value.GetType() == typeof(bool))
                return (bool)value;
            string text = ((string)value).ToLowerInvariant();
            if (BooleanNames.Contains(text))
                return true;
            else if (text == "no")
                return false;
            throw new ArgumentException(String.Format("'{0}' is not one of: {1}", text, String.Join(", ", BooleanNames.ToArray())));
        }

        private void Set(string json)
        {
            Dictionary<string, Func<object, object>> parsers = new Dictionary<string, Func<object, object>>
            {
                { "bool", v => ParseBoolean(v) },
                { "int", v => Int32.Parse((string)v, NumberStyles.Integer, CultureInfo.InvariantCulture) },
                { "path", delegate(object v) { return Environment.ExpandEnvironmentVariables(v.ToString()); } },
            };
            foreach (DictionaryEntry entry in parameters)
            {
                string key = entry.Key.ToString();
                try
                {
                    object value = entry.Value;
                    switch (key.ToLower())
                    {
                        case "name":
                            Name = (string)value;
                            break;
                        case "check":
                            CheckMode = ParseBoolean(value);
                            break;
                        case "secret":
                        case "password":
                            secrets.Add(value as string);
                            break;
                        default:
                            if (parsers.ContainsKey(key))
                                Result[key] = parsers[key](value);
                            break;
                    }
                }
                catch (FormatException e)
                {
                    throw new SampleException(e.HResult, e.Message);
                }
                catch (Exception)
                {
                    Result["failed"] = true;
                    throw;
                }
                finally
                {
                    Debug.WriteLine(key);
                }
            }

            PropertyInfo[] properties = typeof(Node).GetProperties(BindingFlags.Instance | BindingFlags.Public);
            var named = from property in properties
                        where property.CanRead && defaults.ContainsKey(property.Name)
                        orderby property.Name descending
                        select new { property.Name, Value = property.GetValue(this, null) };
            foreach (var item in named)
                Result[item.Name] = item.Value;
        }

        private string Hide(string text)
        {
            var matches = new List<Tuple<int, string>>();
            foreach (string secret in secrets.OrderByDescending(s => s.Length))
            {
                int index = 0;
                while (true)
                {
                    index = text.IndexOf(secret, index, StringComparison.Ordinal);
                    if (index == -1)
                        break;
                    matches.Add(new Tuple<int, string>(index, secret));
                    index += 1;
                }
            }

            StringBuilder result = new StringBuilder(text);
            for (int i = matches.Count - 1; i >= 0 && result.Length > 0; i--)
            {
                result.Remove(matches[i].Item1, matches[i].Item2.Length);
                result.Insert(matches[i].Item1, new String('*', 8));
            }

            do
            {
                text = Regex.Replace(result.ToString(), @"\s+", " ", RegexOptions.IgnoreCase);
            }
            while (text.Contains("  "));
            return text;
        }

        private object Convert(object value)
        {
            if (value is string)
                return Hide((string)value);
            IDictionary table = value as IDictionary;
            if (table != null)
            {
                Dictionary<string, object> converted = new Dictionary<string, object>();
                foreach (DictionaryEntry entry in table)
                    converted.Add((string)entry.Key, Convert(entry.Value));
                return converted;
            }

            IList list = value as IList;
            if (list != null)
            {
                ArrayList copy = new ArrayList();
                for (int i = 0; i < list.Count; i++)
                    copy.Add(Convert(list[i]));
                return copy.Cast<object>().ToArray();
            }

            return value == null ? null : (object)value.ToString();
        }

        public void Log(string message, EventLogEntryType level = EventLogEntryType.Information, params object[] arguments)
        {
            using (EventLog log = new EventLog("Application"))
            {
                log.Source = "Sample";
                log.WriteEntry(String.Format(message, arguments), level);
            }
        }

        public void Protect(string path)
        {
            SecurityIdentifier user = WindowsIdentity.GetCurrent().User;
            DirectorySecurity security = new DirectorySecurity();
            security.SetOwner(user);
            security.SetAccessRule(new FileSystemAccessRule(
                user,
                FileSystemRights.FullControl,
                InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit,
                PropagationFlags.None,
                AccessControlType.Allow));
            NativeMethods.Times times = new NativeMethods.Times() { Low = 1, High = unchecked((UInt32)(-1)) };
            UInt32 written;
            using (SafeFileHandle handle = NativeMethods.CreateFileW(path, FileAccess.Read, ref times, out written, IntPtr.Zero))
            {
                if (handle.IsInvalid && (written & (uint)Kind.Second) != 0)
                    throw new Win32Exception(Marshal.GetLastWin32Error());
            }
        }

        public static void Exit(int code)
        {
            if (Runspace.DefaultRunspace != null)
                ScriptBlock.Create("$null = $args[0]").Invoke(code);
            else
                Environment.ExitCode = code;
        }

        public string Describe(Render render)
        {
            object converted = Convert(Result);
            lock (children)
            {
                children.RemoveAll(c => c.Name == null);
            }

            return (render ?? new Render(ToJson))(converted);
        }
    }
}
