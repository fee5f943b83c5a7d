using System.Collections;
using System.Management.Automation;
using System.Text.Json.Nodes;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>
/// <para type="synopsis">Makes a ConfigMap, or brings the one that is there to what is given.</para>
/// <para type="description">Run again, it changes what differs and nothing else.</para>
/// </summary>
/// <example>
/// <para>Two keys</para>
/// <code>New-KlConfigMap settings -Data @{ LEVEL = 'debug'; RETRIES = 3 }</code>
/// </example>
[Cmdlet(VerbsCommon.New, "KlConfigMap", SupportsShouldProcess = true)]
[OutputType(typeof(KlResource))]
public sealed class NewKlConfigMap : ObjectCmdlet
{
    // PowerShell's binder sets parameters.
#pragma warning disable CA2227
    /// <summary><para type="description">Its data: key = text, number, boolean or date. A list or a hashtable has no one text and is refused.</para></summary>
    [Parameter(Mandatory = true, Position = 1)]
    [HashtableText]
    public IDictionary Data { get; set; } = new Hashtable();
#pragma warning restore CA2227

    /// <summary><para type="description">The namespace. Default: the context's.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.OrNone(value); }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Apply("ConfigMap", Namespace, new JsonObject { ["data"] = new JsonObject(HashtableText.Of(Data).Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))) });
}
