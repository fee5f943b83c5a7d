using System.Management.Automation;
using KubeLab.Engine.Manifests;

namespace KubeLab.Cmdlets.Manifests;

/// <summary>Applies manifests to a cluster.</summary>
/// <remarks>Uses server-side apply, for several objects in parallel. Namespaces are applied first, then custom resource definitions, then the other objects.
/// Each object that the server rejects is a separate error; the others are applied. -WhatIf performs a server-side dry run and writes each field that would
/// change.</remarks>
/// <example>Apply a folder and a URL
/// <code>Publish-KlManifest ./app, https://raw.githubusercontent.com/kubernetes/examples/master/guestbook/redis-master-service.yaml</code></example>
/// <example>Show what would change
/// <code>Publish-KlManifest ./app.yaml -WhatIf</code></example>
/// <example>Apply a string
/// <code>'{apiVersion: v1, kind: Namespace, metadata: {name: web}}' | Publish-KlManifest</code></example>
[Cmdlet(VerbsData.Publish, "KlManifest", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(KlResource), typeof(KlFieldChange))]
public sealed class PublishKlManifest : ManifestCmdlet
{
    /// <summary>Takes ownership of fields of other field managers. If omitted, such a field is a conflict error that names the field and its
    /// manager.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override ManifestOptions Options => base.Options with { Force = Force };

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ShouldProcess($"Apply {InputNames}", $"Apply {InputNames}?", "Publish-KlManifest", out var reason))
            Start(async (sources, events, stop) =>
            {
                await foreach (var outcome in Engine.Manifests.PublishAsync(sources, Options, events, stop))
                {
                    if (outcome.Error is { } error)
                        Fail(outcome.Item, error);
                    else
                        Write(outcome.Result);
                }
            });
        else if (reason == ShouldProcessReason.WhatIf)
            Compare();
        base.EndProcessing();
    }
}
