// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE)
// SPDX-License-Identifier: GPL-3.0-or-later

using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands
{
    /// <summary>
    /// A property as Select-Object, Sort-Object, Group-Object and Measure-Object take it: a name, a pattern, a script
    /// block, or a hashtable with Name/Label, Expression and (for sorting) Ascending/Descending.
    /// </summary>
    internal sealed class PropertyExpression
    {
        private static readonly string[] Keys = { "Name", "Label", "Expression", "Ascending", "Descending" };

        private readonly PSPropertyExpression expression;

        private PropertyExpression(PSPropertyExpression expression, string label, bool? descending)
        {
            this.expression = expression;
            Label = label;
            Descending = descending;
        }

        /// <summary>The name that was given to a calculated property, or null.</summary>
        public string Label { get; }

        public bool? Descending { get; }

        public string Text => expression.ToString();

        public bool IsPattern => expression.Script == null && expression.HasWildCardCharacters;

        public static PropertyExpression[] Parse(PSCmdlet cmdlet, object[] properties)
        {
            return properties?.Select(p => ParseOne(cmdlet, PSObject.Base(p))).ToArray();
        }

        /// <summary>The properties of an object that this names, each with its value.</summary>
        public IEnumerable<(string Name, object Value, Exception Problem)> Evaluate(PSObject source)
        {
            foreach (PSPropertyExpression resolved in expression.ResolveNames(source))
            {
                foreach (PSPropertyExpressionResult result in resolved.GetValues(source))
                {
                    yield return (Label ?? resolved.ToString(), result.Result, result.Exception);
                }
            }
        }

        /// <summary>The value of the (first) property of this name; nothing counts as null.</summary>
        public object Value(PSObject source)
        {
            var found = Evaluate(source).Where(r => r.Problem == null).ToArray();
            return found.Length == 0 ? null : found[0].Value;
        }

        public bool IsPresentOn(PSObject source)
        {
            return Evaluate(source).Any(r => r.Problem == null);
        }

        private static PropertyExpression ParseOne(PSCmdlet cmdlet, object property)
        {
            if (property is not IDictionary table)
            {
                return new PropertyExpression(Expression(cmdlet, property), label: null, descending: null);
            }

            string label = null;
            object expression = null;
            bool? descending = null;
            foreach (DictionaryEntry entry in table)
            {
                string key = FullKey(cmdlet, LanguagePrimitives.ConvertTo<string>(entry.Key));
                switch (key)
                {
                    case "Expression":
                        expression = PSObject.Base(entry.Value);
                        break;
                    case "Ascending":
                        descending = !LanguagePrimitives.IsTrue(entry.Value);
                        break;
                    case "Descending":
                        descending = LanguagePrimitives.IsTrue(entry.Value);
                        break;
                    default:
                        label = LanguagePrimitives.ConvertTo<string>(entry.Value);
                        break;
                }
            }

            if (expression == null)
            {
                if (label == null)
                {
                    Fail(cmdlet, "The mandatory key 'Expression' is missing.", "DictionaryMissingEntry");
                }

                expression = label;
            }

            return new PropertyExpression(Expression(cmdlet, expression), label, descending);
        }

        /// <summary>Keys may be abbreviated ("n", "e").</summary>
        private static string FullKey(PSCmdlet cmdlet, string key)
        {
            string[] matches = Keys.Where(k => k.StartsWith(key, StringComparison.OrdinalIgnoreCase)).ToArray();
            if (matches.Length == 0)
            {
                Fail(cmdlet, $"The {key} key is not valid.", "DictionaryKeyIllegal");
            }

            return matches[0];
        }

        private static PSPropertyExpression Expression(PSCmdlet cmdlet, object value)
        {
            if (value is ScriptBlock script)
            {
                return new PSPropertyExpression(script);
            }

            string name = value == null ? null : LanguagePrimitives.ConvertTo<string>(value);
            if (string.IsNullOrEmpty(name))
            {
                Fail(cmdlet, "A property name must not be empty.", "ExpressionEmptyString");
            }

            return new PSPropertyExpression(name);
        }

        private static void Fail(PSCmdlet cmdlet, string message, string id)
        {
            cmdlet.ThrowTerminatingError(new ErrorRecord(
                new NotSupportedException(message), id, ErrorCategory.InvalidArgument, null));
        }
    }
}
