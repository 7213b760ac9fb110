// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Reflection;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>A member as Get-Member shows it.</summary>
    public class MemberDefinition
    {
        public MemberDefinition(string typeName, string name, PSMemberTypes memberType, string definition)
        {
            TypeName = typeName;
            Name = name;
            MemberType = memberType;
            Definition = definition;
        }

        public string TypeName { get; }

        public string Name { get; }

        public PSMemberTypes MemberType { get; }

        public string Definition { get; }

        public override string ToString()
        {
            return Definition;
        }
    }

    [Cmdlet(VerbsCommon.Get, "Member")]
    [OutputType(typeof(MemberDefinition))]
    public sealed class GetMemberCommand : PSCmdlet
    {
        private readonly HashSet<string> shown = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

        [Parameter(ValueFromPipeline = true)]
        public PSObject InputObject { get; set; }

        [Parameter(Position = 0)]
        public string[] Name { get; set; } = { "*" };

        [Parameter]
        [Alias("Type")]
        public PSMemberTypes MemberType { get; set; } = PSMemberTypes.All;

        [Parameter]
        public PSMemberViewTypes View { get; set; } = PSMemberViewTypes.Adapted | PSMemberViewTypes.Extended;

        [Parameter]
        public SwitchParameter Static { get; set; }

        [Parameter]
        public SwitchParameter Force { get; set; }

        protected override void ProcessRecord()
        {
            if (InputObject == null || InputObject == AutomationNull.Value)
            {
                return;
            }

            object inspected = InputObject.BaseObject;
            Type staticType = Static ? inspected as Type ?? inspected.GetType() : null;
            string typeName = Static ? staticType.FullName : InputObject.TypeNames.Count > 0 ? InputObject.TypeNames[0] : "<null>";
            if (!shown.Add(typeName))
            {
                return;
            }

            WildcardPattern[] patterns = Name.Select(n => WildcardPattern.Get(n, WildcardOptions.IgnoreCase)).ToArray();
            MemberDefinition[] members = Members(staticType)
                .Where(m => (m.MemberType & MemberType) != 0 && patterns.Any(p => p.IsMatch(m.Name)))
                .OrderBy(m => m.MemberType)
                .ThenBy(m => m.Name, StringComparer.OrdinalIgnoreCase)
                .Select(m => new MemberDefinition(typeName, m.Name, m.MemberType, m.ToString()))
                .ToArray();
            WriteObject(members, enumerateCollection: true);
        }

        protected override void EndProcessing()
        {
            if (shown.Count == 0)
            {
                WriteError(new ErrorRecord(
                    new InvalidOperationException("You must specify an object for the Get-Member cmdlet."),
                    "NoObjectInGetMember",
                    ErrorCategory.CloseError,
                    null));
            }
        }

        private IEnumerable<PSMemberInfo> Members(Type staticType)
        {
            if (Static)
            {
                return PSObject.DotNetStaticAdapter.BaseGetMembers<PSMemberInfo>(staticType);
            }

            var hidden = Force ? MshMemberMatchOptions.IncludeHidden : MshMemberMatchOptions.None;
            return InputObject.Members
                .Match("*", PSMemberTypes.All, hidden)
                .Where(m => Force || !IsAccessor(m));
        }

        /// <summary>get_X, set_X and the like stand behind the properties that are listed.</summary>
        private static bool IsAccessor(PSMemberInfo member)
        {
            return member is PSMethod method && method.IsSpecial;
        }
    }

    /// <summary>Lets "Add-Member NoteProperty n v" mean a member type, although a property could have that name.</summary>
    internal sealed class ValidateIsNoMemberTypeAttribute : ValidateArgumentsAttribute
    {
        protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
        {
            if (arguments is string name && Enum.TryParse(name, ignoreCase: true, out PSMemberTypes _))
            {
                // Swallowed: the binder goes on to the other parameters of this position.
                throw new ValidationMetadataException(
                    $"The name of a note property must not be a member type: \"{name}\".", swallowException: true);
            }
        }
    }

    [Cmdlet(VerbsCommon.Add, "Member", DefaultParameterSetName = "TypeNameSet")]
    public sealed class AddMemberCommand : PSCmdlet
    {
        private const string MemberSet = "MemberSet";
        private const string SingleSet = "NotePropertySingleMemberSet";
        private const string MultiSet = "NotePropertyMultiMemberSet";

        [Parameter(Mandatory = true, ValueFromPipeline = true)]
        public PSObject InputObject { get; set; }

        [Parameter(Mandatory = true, Position = 0, ParameterSetName = MemberSet)]
        [Alias("Type")]
        public PSMemberTypes MemberType { get; set; }

        [Parameter(Mandatory = true, Position = 1, ParameterSetName = MemberSet)]
        public string Name { get; set; }

        [Parameter(Position = 2, ParameterSetName = MemberSet)]
        public object Value { get; set; }

        [Parameter(Position = 3, ParameterSetName = MemberSet)]
        public object SecondValue { get; set; }

        [Parameter(Mandatory = true, Position = 0, ParameterSetName = SingleSet)]
        [ValidateIsNoMemberType]
        public string NotePropertyName { get; set; }

        [Parameter(Mandatory = true, Position = 1, ParameterSetName = SingleSet)]
        [AllowNull]
        public object NotePropertyValue { get; set; }

        [Parameter(Mandatory = true, Position = 0, ParameterSetName = MultiSet)]
        public IDictionary NotePropertyMembers { get; set; }

        [Parameter(Mandatory = true, ParameterSetName = "TypeNameSet")]
        [Parameter(ParameterSetName = MemberSet)]
        [Parameter(ParameterSetName = SingleSet)]
        [Parameter(ParameterSetName = MultiSet)]
        public string TypeName { get; set; }

        [Parameter(ParameterSetName = MemberSet)]
        [Parameter(ParameterSetName = SingleSet)]
        [Parameter(ParameterSetName = MultiSet)]
        public SwitchParameter Force { get; set; }

        [Parameter]
        public SwitchParameter PassThru { get; set; }

        protected override void ProcessRecord()
        {
            foreach (PSMemberInfo member in NewMembers())
            {
                if (!Add(member))
                {
                    return;
                }
            }

            if (!string.IsNullOrWhiteSpace(TypeName))
            {
                Type type = LanguagePrimitives.TryConvertTo(TypeName, out Type known) ? known : null;
                InputObject.TypeNames.Insert(0, type == null ? TypeName : type.FullName);
            }

            if (PassThru)
            {
                WriteObject(InputObject);
            }
        }

        private static ScriptBlock Script(object value)
        {
            return PSObject.Base(value) as ScriptBlock;
        }

        private IEnumerable<PSMemberInfo> NewMembers()
        {
            if (ParameterSetName == SingleSet)
            {
                yield return new PSNoteProperty(NotePropertyName, NotePropertyValue);
            }
            else if (ParameterSetName == MultiSet)
            {
                foreach (DictionaryEntry entry in NotePropertyMembers)
                {
                    yield return new PSNoteProperty(LanguagePrimitives.ConvertTo<string>(entry.Key), entry.Value);
                }
            }
            else if (ParameterSetName == MemberSet)
            {
                yield return NewMember();
            }
        }

        private PSMemberInfo NewMember()
        {
            try
            {
                switch (MemberType)
                {
                    case PSMemberTypes.NoteProperty:
                        return new PSNoteProperty(Name, Value);
                    case PSMemberTypes.AliasProperty:
                        return SecondValue == null
                            ? new PSAliasProperty(Name, LanguagePrimitives.ConvertTo<string>(Value))
                            : new PSAliasProperty(
                                Name, LanguagePrimitives.ConvertTo<string>(Value), LanguagePrimitives.ConvertTo<Type>(SecondValue));
                    case PSMemberTypes.ScriptProperty:
                        return new PSScriptProperty(Name, Script(Value), Script(SecondValue));
                    case PSMemberTypes.ScriptMethod:
                        return new PSScriptMethod(Name, Script(Value));
                    case PSMemberTypes.CodeProperty:
                        return new PSCodeProperty(Name, PSObject.Base(Value) as MethodInfo, PSObject.Base(SecondValue) as MethodInfo);
                    case PSMemberTypes.CodeMethod:
                        return new PSCodeMethod(Name, PSObject.Base(Value) as MethodInfo);
                    case PSMemberTypes.PropertySet:
                        return new PSPropertySet(Name, LanguagePrimitives.ConvertTo<string[]>(Value));
                }
            }
            catch (Exception e) when (e is ExtendedTypeSystemException or ArgumentException or PSInvalidCastException)
            {
                Fail(e.Message, "InvalidValue", ErrorCategory.InvalidArgument);
            }

            Fail($"Cannot add a member with type \"{MemberType}\". Specify a different type for the MemberTypes parameter.",
                "CannotAddMemberType", ErrorCategory.InvalidOperation);
            return null;
        }

        private void Fail(string message, string id, ErrorCategory category)
        {
            ThrowTerminatingError(new ErrorRecord(new InvalidOperationException(message), id, category, null));
        }

        private bool Add(PSMemberInfo member)
        {
            PSMemberInfo known = InputObject.Members[member.Name];
            if (known != null)
            {
                if (!Force)
                {
                    WriteError(new ErrorRecord(
                        new InvalidOperationException($"Cannot add a member with the name \"{member.Name}\" because a member with that "
                            + "name already exists. To overwrite the member anyway, add the Force parameter to your command."),
                        "MemberAlreadyExists",
                        ErrorCategory.InvalidOperation,
                        InputObject));
                    return false;
                }

                if (known.IsInstance)
                {
                    InputObject.Members.Remove(member.Name);
                }
            }

            InputObject.Members.Add(member);
            return true;
        }
    }
}
