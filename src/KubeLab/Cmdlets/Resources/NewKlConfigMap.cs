using System.Collections;
using System.Management.Automation;
using System.Text.Json.Nodes;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>Creates or updates a ConfigMap.</summary>
/// <remarks>If the ConfigMap exists, only differences are applied.</remarks>
/// <example>Create a ConfigMap with two keys
/// <code>New-KlConfigMap settings -Data @{ LEVEL = 'debug'; RETRIES = 3 }</code></example>
[Cmdlet(VerbsCommon.New, "KlConfigMap", SupportsShouldProcess = true)]
[OutputType(typeof(KlResource))]
public sealed class NewKlConfigMap : ObjectCmdlet
{
    // PowerShell's parameter binder needs the setters.
#pragma warning disable CA2227
    /// <summary>The data: key = string, number, Boolean or date. Lists and hashtables are rejected because they have no unique string form.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [HashtableText]
    public IDictionary Data { get; set; } = new Hashtable();
#pragma warning restore CA2227

    /// <summary>The namespace. Default: the context's namespace.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Apply("ConfigMap", Namespace,
        new JsonObject { ["data"] = new JsonObject(HashtableText.Of(Data).Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))) });
}
