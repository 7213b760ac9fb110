// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Microsoft.PowerShell.Commands
{
    [Cmdlet(VerbsCommon.New, "Object", DefaultParameterSetName = NetSet)]
    public sealed class NewObjectCommand : PSCmdlet
    {
        private const string NetSet = "Net";
        private const string ComSet = "Com";

        [Parameter(ParameterSetName = NetSet, Mandatory = true, Position = 0)]
        public string TypeName { get; set; }

        [Parameter(ParameterSetName = ComSet, Mandatory = true, Position = 0)]
        public string ComObject { get; set; }

        [Parameter(ParameterSetName = NetSet, Position = 1)]
        [Alias("Args")]
        public object[] ArgumentList { get; set; }

        [Parameter(ParameterSetName = ComSet)]
        public SwitchParameter Strict { get; set; }

        [Parameter]
        public IDictionary Property { get; set; }

        protected override void BeginProcessing()
        {
            WriteObject(WithProperties(ParameterSetName == ComSet ? NewComObject() : NewNetObject()));
        }

        private object NewComObject()
        {
            Type type = Type.GetTypeFromProgID(ComObject);
            if (type == null)
            {
                // What the class factory itself would say of an identifier that is not registered.
                var problem = new COMException(
                    "Retrieving the COM class factory for component with CLSID {00000000-0000-0000-0000-000000000000} failed due "
                    + "to the following error: 80040154 Class not registered (0x80040154 (REGDB_E_CLASSNOTREG)).",
                    unchecked((int)0x80040154));
                ThrowTerminatingError(new ErrorRecord(problem, "NoCOMClassIdentified", ErrorCategory.ResourceUnavailable, null));
            }

            object created = null;
            try
            {
                created = Activator.CreateInstance(type);
            }
            catch (Exception e) when (e is COMException or UnauthorizedAccessException or InvalidCastException)
            {
                ThrowTerminatingError(new ErrorRecord(e, "NoCOMClassIdentified", ErrorCategory.ResourceUnavailable, null));
            }

            if (Strict && created != null && !Marshal.IsComObject(created))
            {
                WriteError(new ErrorRecord(
                    new PSArgumentException($"The object written to the pipeline is an instance of the type \"{created.GetType()}\" "
                        + "from the component's primary interop assembly."),
                    "ComInteropLoaded",
                    ErrorCategory.InvalidArgument,
                    created));
            }

            return created;
        }

        private object NewNetObject()
        {
            Type type = null;
            try
            {
                type = (Type)LanguagePrimitives.ConvertTo(TypeName, typeof(Type), CultureInfo.InvariantCulture);
            }
            catch (PSInvalidCastException e)
            {
                Fail(
                    new PSArgumentException(
                        $"Cannot find type [{TypeName}]: verify that the assembly containing this type is loaded.", e.InnerException),
                    "TypeNotFound",
                    ErrorCategory.InvalidType);
            }

            if (Context.LanguageMode == PSLanguageMode.ConstrainedLanguage && !CoreTypes.Contains(type))
            {
                Fail(
                    new PSNotSupportedException("Cannot create type. Only core types are supported in this language mode."),
                    "CannotCreateTypeConstrainedLanguage",
                    ErrorCategory.PermissionDenied);
            }

            object[] arguments = ArgumentList ?? Array.Empty<object>();
            if (type.IsValueType && arguments.Length == 0)
            {
                return Activator.CreateInstance(type);
            }

            return Construct(type, arguments);
        }

        private object Construct(Type type, object[] arguments)
        {
            ConstructorInfo[] constructors = type.GetConstructors();
            if (type.IsAbstract || constructors.Length == 0)
            {
                Fail(
                    new PSArgumentException($"A constructor was not found. Cannot find an appropriate constructor for type {TypeName}."),
                    "CannotFindAppropriateCtor",
                    ErrorCategory.ObjectNotFound);
            }

            try
            {
                return DotNetAdapter.ConstructorInvokeDotNet(type, constructors, arguments.Select(PSObject.Base).ToArray());
            }
            catch (MethodException e)
            {
                Fail(e, "ConstructorInvokedThrowException", ErrorCategory.InvalidOperation);
                return null;
            }
        }

        private object WithProperties(object value)
        {
            if (Property == null)
            {
                return value;
            }

            PSObject wrapper = PSObject.AsPSObject(value);
            bool extensible = wrapper.BaseObject is PSCustomObject;
            foreach (DictionaryEntry entry in Property)
            {
                string name = LanguagePrimitives.ConvertTo<string>(entry.Key);
                PSMemberInfo member = wrapper.Members[name];
                if (member is PSMethodInfo method)
                {
                    method.Invoke(entry.Value);
                }
                else if (member is PSPropertyInfo property)
                {
                    property.Value = entry.Value;
                }
                else if (extensible)
                {
                    wrapper.Properties.Add(new PSNoteProperty(name, entry.Value));
                }
                else
                {
                    WriteError(new ErrorRecord(
                        new InvalidOperationException(
                            $"The member \"{name}\" was not found for the specified {wrapper.BaseObject.GetType().Name} object."),
                        "InvalidOperationException",
                        ErrorCategory.InvalidOperation,
                        null));
                }
            }

            return value;
        }

        private void Fail(Exception problem, string id, ErrorCategory category)
        {
            ThrowTerminatingError(new ErrorRecord(problem, id, category, null));
        }
    }
}
