using System.Management.Automation;
using KubeLab.Engine.Manifests;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Manifests;

/// <summary>Removes the objects that manifests declare.</summary>
/// <remarks>Removes the objects in the reverse order of Publish-KlManifest and waits until they are deleted. Objects that do not exist are ignored.</remarks>
/// <example>Remove the objects that a folder declares
/// <code>Remove-KlManifest ./app</code></example>
[Cmdlet(VerbsCommon.Remove, "KlManifest", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class RemoveKlManifest : ManifestCmdlet
{
    /// <summary>The maximum time to wait for the deletion, such as 90s or 5m. Default: 5 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    private protected override ManifestOptions Options => base.Options with { Timeout = Timeout };

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ShouldProcess($"Remove the objects that {InputNames} declares", $"Remove the objects that {InputNames} declares?", "Remove-KlManifest",
            out var reason))
            Start(async (sources, events, stop) =>
            {
                await foreach (var outcome in Engine.Manifests.RemoveAsync(sources, Options, events, stop))
                    if (outcome.Error is { } error)
                        Fail(outcome.Item, error);
            });
        else if (reason == ShouldProcessReason.WhatIf)
            Start((sources, _, _) =>
            {
                foreach (var outcome in ManifestRun.Declared(sources, Options))
                    if (outcome.Error is { } error)
                        Fail(outcome.Item, error);
                    else
                        Post(() => ShouldProcess(outcome.Item, "Remove"));
                return Task.CompletedTask;
            });
        base.EndProcessing();
    }
}
