using System.Management.Automation;
using KubeLab.Engine.Manifests;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Manifests;

/// <summary>
/// <para type="synopsis">Removes what manifests declare.</para>
/// <para type="description">In the opposite of the order in which it is applied, and waits until it is gone. What is not there is no error.</para>
/// </summary>
/// <example>
/// <para>What a folder declares</para>
/// <code>Remove-KlManifest ./app</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "KlManifest", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class RemoveKlManifest : ManifestCmdlet
{
    /// <summary><para type="description">How long to wait until it is gone, in seconds or as a TimeSpan. Default: 5 minutes.</para></summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    private protected override ManifestOptions Options => base.Options with { Timeout = Timeout };

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ShouldProcess($"Remove what {Shown} declares", $"Remove what {Shown} declares?", "Remove-KlManifest", out var reason))
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
