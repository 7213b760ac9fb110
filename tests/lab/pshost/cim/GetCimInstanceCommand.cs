// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;

namespace GpVault.Lab.Cim
{
    /// <summary>The two CIM classes that tell a script where it runs; the answers come from the lab's domain file.</summary>
    [Cmdlet(VerbsCommon.Get, "CimInstance")]
    [OutputType(typeof(PSObject))]
    public sealed class GetCimInstanceCommand : PSCmdlet
    {
        // Known, but without any instance here: win_stat asks for the share of each folder.
        private static readonly string[] EmptyClasses = { "Win32_Share" };

        private const string DomainFile = @"C:\lab\domain\domain.json";

        [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
        public string ClassName { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string Namespace { get; set; } = "root/cimv2";

        [Parameter]
        [Alias("SelectProperties")]
        public string[] Property { get; set; }

        [Parameter(ValueFromPipelineByPropertyName = true)]
        public string Filter { get; set; }

        [Parameter]
        public SwitchParameter KeyOnly { get; set; }

        [Parameter]
        [Alias("OT")]
        public uint OperationTimeoutSec { get; set; }

        protected override void ProcessRecord()
        {
            if (EmptyClasses.Contains(ClassName, StringComparer.OrdinalIgnoreCase))
            {
                return;
            }

            Dictionary<string, object> instance = ClassName.ToLowerInvariant() switch
            {
                "win32_computersystem" => ComputerSystem(),
                "win32_operatingsystem" => OperatingSystem(),
                _ => null,
            };
            bool knownNamespace = string.Equals(
                Namespace.Replace('\\', '/'), "root/cimv2", StringComparison.OrdinalIgnoreCase);
            if (instance == null || !knownNamespace)
            {
                string message = knownNamespace ? "Invalid class " : "Invalid namespace ";
                WriteError(new ErrorRecord(
                    new InvalidOperationException(message),
                    knownNamespace ? "HRESULT 0x80041010" : "HRESULT 0x8004100e",
                    ErrorCategory.MetadataError,
                    Namespace + ":" + ClassName));
                return;
            }

            if (PassesFilter(instance))
            {
                WriteObject(Instance(instance));
            }
        }

        private static Dictionary<string, object> ComputerSystem()
        {
            JObject domain = File.Exists(DomainFile) ? JObject.Parse(File.ReadAllText(DomainFile)) : new JObject();
            string computer = (string)domain["computer"] ?? Environment.MachineName;
            string name = (string)domain["name"];
            return new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase)
            {
                ["Name"] = computer,
                ["Domain"] = name ?? "WORKGROUP",
                ["PartOfDomain"] = name != null,
                ["DNSHostName"] = computer.ToLowerInvariant(),
            };
        }

        private static Dictionary<string, object> OperatingSystem()
        {
            return new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase)
            {
                ["Caption"] = "Microsoft Windows 10 Pro",
                ["Version"] = Environment.OSVersion.Version.ToString(3),
                ["BuildNumber"] = Environment.OSVersion.Version.Build.ToString(),
            };
        }

        /// <summary>WQL conditions of the form Name = 'value', joined with AND: more than scripts ask of one instance.</summary>
        private bool PassesFilter(Dictionary<string, object> instance)
        {
            if (string.IsNullOrEmpty(Filter))
            {
                return true;
            }

            return Regex.Split(Filter, @"\s+and\s+", RegexOptions.IgnoreCase).All(condition =>
            {
                Match match = Regex.Match(condition, @"^\s*(\w+)\s*=\s*(?:'([^']*)'|""([^""]*)""|(\w+))\s*$");
                if (!match.Success || !instance.TryGetValue(match.Groups[1].Value, out object actual))
                {
                    ThrowTerminatingError(new ErrorRecord(
                        new InvalidOperationException("Invalid query "),
                        "HRESULT 0x80041017",
                        ErrorCategory.InvalidArgument,
                        Filter));
                }

                string wanted = match.Groups[2].Value + match.Groups[3].Value + match.Groups[4].Value;
                return string.Equals(
                    Convert.ToString(instance[match.Groups[1].Value]), wanted, StringComparison.OrdinalIgnoreCase);
            });
        }

        private PSObject Instance(Dictionary<string, object> values)
        {
            var result = new PSObject();
            result.TypeNames.Insert(0, $"Microsoft.Management.Infrastructure.CimInstance#root/cimv2/{ClassName}");
            foreach (KeyValuePair<string, object> value in values)
            {
                // As with genuine CIM, a property that was not asked for is there and empty.
                bool wanted = Property == null || Property.Contains(value.Key, StringComparer.OrdinalIgnoreCase);
                result.Properties.Add(new PSNoteProperty(value.Key, wanted ? value.Value : null));
            }

            result.Properties.Add(new PSNoteProperty("PSComputerName", null));
            return result;
        }
    }
}
