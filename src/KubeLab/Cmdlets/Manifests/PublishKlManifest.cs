using System.Management.Automation;
using KubeLab.Engine.Manifests;

namespace KubeLab.Cmdlets.Manifests;

/// <summary>
/// <para type="synopsis">Applies manifests.</para>
/// <para type="description">By server-side apply, several objects at once: namespaces first, then custom kinds until the server serves them, then the rest. What
/// the server refuses is an error of its own; the rest is applied. -WhatIf asks the server what would change and writes each field.</para>
/// </summary>
/// <example>
/// <para>A file, a folder or a URL</para>
/// <code>Publish-KlManifest ./app, https://raw.githubusercontent.com/kubernetes/examples/master/guestbook/redis-master-service.yaml</code>
/// </example>
/// <example>
/// <para>What would change</para>
/// <code>Publish-KlManifest ./app.yaml -WhatIf</code>
/// </example>
/// <example>
/// <para>A text</para>
/// <code>'{apiVersion: v1, kind: Namespace, metadata: {name: web}}' | Publish-KlManifest</code>
/// </example>
[Cmdlet(VerbsData.Publish, "KlManifest", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(KlResource), typeof(KlFieldChange))]
public sealed class PublishKlManifest : ManifestCmdlet
{
    /// <summary><para type="description">Takes over fields that others own; otherwise they are a conflict that names the field and its owner.</para></summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override ManifestOptions Options => base.Options with { Force = Force };

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ShouldProcess($"Apply {Shown}", $"Apply {Shown}?", "Publish-KlManifest", out var reason))
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
