// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Text;
using System.Xml;

namespace Microsoft.PowerShell.Commands
{
    [Cmdlet(VerbsData.Export, "Clixml", DefaultParameterSetName = "ByPath", SupportsShouldProcess = true)]
    public sealed class ExportClixmlCommand : PSCmdlet, IDisposable
    {
        private StreamWriter file;
        private XmlWriter xml;
        private Serializer serializer;

        [Parameter]
        [ValidateRange(1, int.MaxValue)]
        public int Depth { get; set; } = 2;

        [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ByPath")]
        public string Path { get; set; }

        [Parameter(Mandatory = true, ParameterSetName = "ByLiteralPath")]
        [Alias("PSPath", "LP")]
        public string LiteralPath { get; set; }

        [Parameter(ValueFromPipeline = true, Mandatory = true)]
        [AllowNull]
        public PSObject InputObject { get; set; }

        [Parameter]
        public SwitchParameter Force { get; set; }

        [Parameter]
        [Alias("NoOverwrite")]
        public SwitchParameter NoClobber { get; set; }

        [Parameter]
        [ArgumentToEncodingTransformation]
        public Encoding Encoding { get; set; } = Encoding.Default;

        protected override void BeginProcessing()
        {
            if (!ShouldProcess(Path ?? LiteralPath))
            {
                return;
            }

            file = OutputFile.Open(this, Path, LiteralPath, Encoding, append: false, Force, NoClobber);
            xml = XmlWriter.Create(file, new XmlWriterSettings { Indent = true, CloseOutput = true, OmitXmlDeclaration = true });
            serializer = new Serializer(xml, Depth, useDepthFromTypes: true);
        }

        protected override void ProcessRecord()
        {
            serializer?.Serialize(InputObject);
        }

        protected override void EndProcessing()
        {
            serializer?.Done();
            Dispose();
        }

        public void Dispose()
        {
            xml?.Dispose();
            file?.Dispose();
        }
    }

    [Cmdlet(VerbsData.Import, "Clixml", DefaultParameterSetName = "ByPath")]
    public sealed class ImportClixmlCommand : PSCmdlet
    {
        [Parameter(
            Mandatory = true, Position = 0, ParameterSetName = "ByPath", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        public string[] Path { get; set; }

        [Parameter(Mandatory = true, ParameterSetName = "ByLiteralPath", ValueFromPipelineByPropertyName = true)]
        [Alias("PSPath", "LP")]
        public string[] LiteralPath { get; set; }

        protected override void ProcessRecord()
        {
            foreach (string file in InputFile.Resolve(this, Path, LiteralPath))
            {
                using StreamReader reader = InputFile.Open(this, file, Encoding.UTF8);
                if (reader == null)
                {
                    continue;
                }

                using XmlReader xml = XmlReader.Create(reader, InternalDeserializer.XmlReaderSettingsForCliXml);
                var deserializer = new Deserializer(xml);
                while (!deserializer.Done())
                {
                    WriteObject(deserializer.Deserialize());
                }
            }
        }
    }

    /// <summary>A node that Select-Xml found, with where it was found.</summary>
    public sealed class SelectXmlInfo
    {
        private const string FromInput = "InputStream";

        public XmlNode Node { get; internal set; }

        public string Path { get; internal set; } = FromInput;

        public string Pattern { get; internal set; }

        public override string ToString()
        {
            string text = Node is XmlAttribute ? Node.Value : Node.InnerXml;
            return Path == FromInput ? text : $"{text}:{Path}";
        }
    }

    [Cmdlet(VerbsCommon.Select, "Xml", DefaultParameterSetName = "Xml")]
    [OutputType(typeof(SelectXmlInfo))]
    public sealed class SelectXmlCommand : PSCmdlet
    {
        [Parameter(Mandatory = true, Position = 0)]
        public string XPath { get; set; }

        [Parameter(
            Mandatory = true, Position = 1, ParameterSetName = "Xml", ValueFromPipeline = true,
            ValueFromPipelineByPropertyName = true)]
        [Alias("Node")]
        public XmlNode[] Xml { get; set; }

        [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Path", ValueFromPipelineByPropertyName = true)]
        public string[] Path { get; set; }

        [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
        [Alias("PSPath", "LP")]
        public string[] LiteralPath { get; set; }

        [Parameter(Mandatory = true, ParameterSetName = "Content", ValueFromPipeline = true)]
        public string[] Content { get; set; }

        [Parameter]
        public Hashtable Namespace { get; set; }

        protected override void ProcessRecord()
        {
            foreach (XmlNode node in Xml ?? Array.Empty<XmlNode>())
            {
                Select(node, new SelectXmlInfo().Path);
            }

            foreach (string content in Content ?? Array.Empty<string>())
            {
                Select(InternalDeserializer.LoadUnsafeXmlDocument(content, preserveNonElements: true, maxCharactersInDocument: null),
                    new SelectXmlInfo().Path);
            }

            foreach (string file in InputFile.Resolve(this, Path, LiteralPath))
            {
                SelectInFile(file);
            }
        }

        private void SelectInFile(string file)
        {
            try
            {
                var document = InternalDeserializer.LoadUnsafeXmlDocument(
                    new FileInfo(file), preserveNonElements: true, maxCharactersInDocument: null);
                Select(document, file);
            }
            catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
            {
                WriteError(new ErrorRecord(e, "ProcessingFile", ErrorCategory.InvalidArgument, file));
            }
        }

        private void Select(XmlNode node, string path)
        {
            XmlNodeList found = Namespace == null
                ? node.SelectNodes(XPath)
                : node.SelectNodes(XPath, Namespaces(node is XmlDocument document ? document : node.OwnerDocument));
            foreach (XmlNode match in found)
            {
                WriteObject(new SelectXmlInfo { Node = match, Path = path, Pattern = XPath });
            }
        }

        private XmlNamespaceManager Namespaces(XmlDocument document)
        {
            var manager = new XmlNamespaceManager(document.NameTable);
            foreach (DictionaryEntry entry in Namespace)
            {
                manager.AddNamespace(entry.Key.ToString(), entry.Value.ToString());
            }

            return manager;
        }
    }
}
