// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.ObjectModel;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Security;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>What Test-Path -PathType asks for.</summary>
    public enum TestPathType
    {
        Any,
        Container,
        Leaf,
    }

    [Cmdlet(VerbsDiagnostic.Test, "Path", DefaultParameterSetName = PathSet)]
    [OutputType(typeof(bool))]
    public sealed class TestPathCommand : ProviderCommand
    {
        private const string PathSet = "Path";
        private string[] paths;

        [Parameter(
            Position = 0, ParameterSetName = PathSet, Mandatory = true, ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        [AllowNull]
        [AllowEmptyCollection]
        [AllowEmptyString]
        public string[] Path
        {
            get => paths;
            set => paths = value;
        }

        [Parameter(ParameterSetName = "LiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Alias("PSPath", "LP")]
        [AllowNull]
        [AllowEmptyCollection]
        [AllowEmptyString]
        public string[] LiteralPath
        {
            get
            {
                return paths;
            }

            set
            {
                Literal = true;
                paths = value;
            }
        }

        [Parameter]
        public override string Filter { get; set; }

        [Parameter]
        public override string[] Include { get; set; }

        [Parameter]
        public override string[] Exclude { get; set; }

        [Parameter]
        [Alias("Type")]
        public TestPathType PathType { get; set; } = TestPathType.Any;

        [Parameter]
        public SwitchParameter IsValid { get; set; }

        internal override object DynamicParametersFor(CmdletProviderContext context)
        {
            // -OlderThan and -NewerThan.
            bool known = !IsValid && PathType == TestPathType.Any && paths is { Length: > 0 } && !string.IsNullOrWhiteSpace(paths[0]);
            return known ? InvokeProvider.Item.ItemExistsDynamicParameters(paths[0], context) : null;
        }

        protected override void ProcessRecord()
        {
            if (paths == null || paths.Length == 0)
            {
                WriteError(new ErrorRecord(
                    new ArgumentNullException(nameof(Path), "The provided Path argument was null or an empty collection."),
                    "NULL_PATH_NOT_PERMITTED",
                    ErrorCategory.InvalidArgument,
                    paths));
                return;
            }

            foreach (string path in paths)
            {
                WriteObject(path != null && !string.IsNullOrWhiteSpace(path) && Test(path));
            }
        }

        private bool Test(string path)
        {
            try
            {
                CmdletProviderContext context = NewContext();
                if (IsValid)
                {
                    return SessionState.Path.IsValid(path, context);
                }

                if (!InvokeProvider.Item.Exists(path, context))
                {
                    return false;
                }

                return PathType == TestPathType.Any
                    || (PathType == TestPathType.Container) == InvokeProvider.Item.IsContainer(path, NewContext());
            }
            catch (Exception e) when (
                e is PSNotSupportedException
                or System.Management.Automation.DriveNotFoundException
                or ProviderNotFoundException
                or ItemNotFoundException)
            {
                return false;
            }
            catch (Exception e) when (e is SecurityException or IOException or UnauthorizedAccessException or PSSecurityException)
            {
                WriteError(new ErrorRecord(e, e.GetType().Name, ErrorCategory.PermissionDenied, path));
                return false;
            }
        }
    }

    [Cmdlet(VerbsDiagnostic.Resolve, "Path", DefaultParameterSetName = PathSet)]
    [OutputType(typeof(PathInfo), typeof(string))]
    public sealed class ResolvePathCommand : PathCommand
    {
        [Parameter]
        public SwitchParameter Relative { get; set; }

        [Parameter]
        public override SwitchParameter Force { get; set; }

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() => Resolve(path));
            }
        }

        private void Resolve(string path)
        {
            foreach (PathInfo found in SessionState.Path.GetResolvedPSPathFromPSPath(path, NewContext()))
            {
                WriteObject(Relative ? RelativePath(found) : (object)found);
            }
        }

        private string RelativePath(PathInfo found)
        {
            string relative = System.IO.Path.GetRelativePath(
                SessionState.Path.CurrentLocation.ProviderPath, found.ProviderPath);
            return relative.StartsWith('.') || System.IO.Path.IsPathRooted(relative) ? relative : @".\" + relative;
        }
    }

    [Cmdlet(VerbsData.Convert, "Path", DefaultParameterSetName = PathSet)]
    [OutputType(typeof(string))]
    public sealed class ConvertPathCommand : PathCommand
    {
        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() => WriteObject(
                    SessionState.Path.GetResolvedProviderPathFromPSPath(path, NewContext(), out _), enumerateCollection: true));
            }
        }
    }

    [Cmdlet(VerbsCommon.Join, "Path")]
    [OutputType(typeof(string))]
    public sealed class JoinPathCommand : ProviderCommand
    {
        [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
        [Alias("PSPath")]
        public string[] Path { get; set; }

        [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [AllowNull]
        [AllowEmptyString]
        public string ChildPath { get; set; }

        [Parameter(Position = 2, ValueFromPipelineByPropertyName = true, ValueFromRemainingArguments = true)]
        [AllowNull]
        [AllowEmptyString]
        [AllowEmptyCollection]
        public string[] AdditionalChildPath { get; set; } = Array.Empty<string>();

        [Parameter]
        public SwitchParameter Resolve { get; set; }

        protected override void ProcessRecord()
        {
            string child = (AdditionalChildPath ?? Array.Empty<string>()).Aggregate(
                ChildPath, (sofar, next) => SessionState.Path.Combine(sofar, next, NewContext()));
            foreach (string path in Path)
            {
                Attempt(() => Join(path, child));
            }
        }

        private void Join(string path, string child)
        {
            string joined = SessionState.Path.Combine(path, child, NewContext());
            if (!Resolve)
            {
                WriteObject(joined);
                return;
            }

            foreach (PathInfo found in SessionState.Path.GetResolvedPSPathFromPSPath(joined, NewContext()))
            {
                WriteObject(found.Path);
            }
        }
    }

    [Cmdlet(VerbsCommon.Split, "Path", DefaultParameterSetName = ParentSet)]
    [OutputType(typeof(string), typeof(bool))]
    public sealed class SplitPathCommand : ProviderCommand
    {
        private const string ParentSet = "ParentSet";
        private const string LiteralPathSet = "LiteralPathSet";

        [Parameter(
            Position = 0, Mandatory = true, ParameterSetName = ParentSet, ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        [Parameter(
            Position = 0, Mandatory = true, ParameterSetName = "LeafSet", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        [Parameter(
            Position = 0, Mandatory = true, ParameterSetName = "LeafBaseSet", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        [Parameter(
            Position = 0, Mandatory = true, ParameterSetName = "ExtensionSet", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        [Parameter(
            Position = 0, Mandatory = true, ParameterSetName = "QualifierSet", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        [Parameter(
            Position = 0, Mandatory = true, ParameterSetName = "NoQualifierSet", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        [Parameter(
            Position = 0, Mandatory = true, ParameterSetName = "IsAbsoluteSet", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        public string[] Path { get; set; }

        [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
        [Alias("PSPath", "LP")]
        public string[] LiteralPath
        {
            get
            {
                return Path;
            }

            set
            {
                Literal = true;
                Path = value;
            }
        }

        [Parameter(ParameterSetName = ParentSet)]
        public SwitchParameter Parent { get; set; } = true;

        [Parameter(ParameterSetName = "LeafSet", Mandatory = true)]
        public SwitchParameter Leaf { get; set; }

        [Parameter(ParameterSetName = "LeafBaseSet", Mandatory = true)]
        public SwitchParameter LeafBase { get; set; }

        [Parameter(ParameterSetName = "ExtensionSet", Mandatory = true)]
        public SwitchParameter Extension { get; set; }

        [Parameter(ParameterSetName = "QualifierSet", Mandatory = true)]
        public SwitchParameter Qualifier { get; set; }

        [Parameter(ParameterSetName = "NoQualifierSet", Mandatory = true)]
        public SwitchParameter NoQualifier { get; set; }

        [Parameter(ParameterSetName = "IsAbsoluteSet")]
        public SwitchParameter IsAbsolute { get; set; }

        [Parameter]
        public SwitchParameter Resolve { get; set; }

        protected override void ProcessRecord()
        {
            foreach (string path in Path)
            {
                Attempt(() =>
                {
                    foreach (string one in Resolve ? Resolved(path) : new[] { path })
                    {
                        Split(one);
                    }
                });
            }
        }

        private string[] Resolved(string path)
        {
            return SessionState.Path.GetResolvedPSPathFromPSPath(path, NewContext()).Select(p => p.Path).ToArray();
        }

        private void Split(string path)
        {
            if (Qualifier || NoQualifier)
            {
                SplitQualifier(path);
            }
            else if (Leaf)
            {
                WriteObject(LeafOf(path));
            }
            else if (LeafBase)
            {
                WriteObject(System.IO.Path.GetFileNameWithoutExtension(LeafOf(path)));
            }
            else if (Extension)
            {
                WriteObject(System.IO.Path.GetExtension(LeafOf(path)));
            }
            else if (IsAbsolute)
            {
                WriteObject(SessionState.Path.IsPSAbsolute(path, out _));
            }
            else
            {
                WriteObject(SessionState.Path.ParseParent(path, string.Empty, NewContext(), useDefaultProvider: true));
            }
        }

        private string LeafOf(string path)
        {
            return SessionState.Path.ParseChildName(path, NewContext(), useDefaultProvider: true);
        }

        /// <summary>The qualifier is the drive ("C:") or the provider ("Registry::").</summary>
        private void SplitQualifier(string path)
        {
            int end = path.IndexOf("::", StringComparison.Ordinal);
            end = end >= 0 ? end + 2 : path.IndexOf(':') + 1;
            if (NoQualifier)
            {
                WriteObject(path.Substring(end));
            }
            else if (end > 0)
            {
                WriteObject(path.Substring(0, end));
            }
            else
            {
                var problem = new FormatException($"Cannot parse path because path '{path}' does not have a qualifier specified.");
                WriteError(new ErrorRecord(problem, "ParsePathFormatError", ErrorCategory.InvalidArgument, path));
            }
        }
    }
}
