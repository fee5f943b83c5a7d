using System.Management.Automation;
using KubeLab.Engine.Pods;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Pods;

/// <summary>
/// <para type="synopsis">Gets the logs of pods.</para>
/// <para type="description">Writes a record for each line, of several pods as they come and of one container in its order. Followed, it survives dropped
/// connections and restarts of the API server: nothing is lost and nothing repeated.</para>
/// </summary>
/// <example>
/// <para>The last lines of some pods</para>
/// <code>Get-KlPod web* | Get-KlLog -Tail 5</code>
/// </example>
/// <example>
/// <para>All that a deployment's pods say</para>
/// <code>Get-KlLog deployment/web -Follow</code>
/// </example>
/// <example>
/// <para>Into a file, as it is</para>
/// <code>Get-KlLog web-0 | Set-Content web.log</code>
/// </example>
/// <example>
/// <para>What goes wrong from now on, with the time</para>
/// <code>Get-KlLog web* -Follow -Since 10 | Where-Object Line -match error | Format-Table -View Time</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "KlLog")]
[OutputType(typeof(KlLogLine))]
public sealed class GetKlLog : PodCmdlet
{
    /// <summary><para type="description">Names of pods, with wildcards; or KIND/NAME, whose pods are meant, as in deployment/web.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Pod")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary><para type="description">The container. Default: the only one.</para></summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("c")]
    public string? Container { get; set; }

    /// <summary><para type="description">All containers of each pod.</para></summary>
    [Parameter]
    public SwitchParameter AllContainers { get; set; }

    /// <summary><para type="description">Goes on with what is written from now on, until the container ends or you press Ctrl+C.</para></summary>
    [Parameter]
    [Alias("f")]
    public SwitchParameter Follow { get; set; }

    /// <summary><para type="description">The log of the container's run before this one: why did it crash?</para></summary>
    [Parameter]
    public SwitchParameter Previous { get; set; }

    /// <summary><para type="description">Nothing older than this, in seconds or as a TimeSpan.</para></summary>
    [Parameter]
    [Seconds]
    public TimeSpan? Since { get; set; }

    /// <summary><para type="description">How many of the last lines. Default: all.</para></summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Tail { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns) = (Cluster, Namespace);
        var query = new LogQuery { Follow = Follow, Previous = Previous, Since = Since, Tail = Tail, Container = Container, AllContainers = AllContainers };
        foreach (var name in Name.Select(Full))
            Start(name, (_, stop) =>
                name.Contains('/', StringComparison.Ordinal) ? ManyAsync(cluster, new(ns, Of: name), name, query, stop)
                : WildcardPattern.ContainsWildcardCharacters(name) ? ManyAsync(cluster, new(ns) { Matches = NameCompletion.Matching(name) }, name, query, stop)
                : Engine.PodLogs.ReadAsync(cluster, ns, name, query, line => Write(line), stop));
    }

    private async Task ManyAsync(string? cluster, KubeScope scope, string named, LogQuery query, CancellationToken stop)
    {
        var pods = await Engine.Pods.ListAsync(cluster, scope, stop).ToListAsync(stop);
        if (pods.Count == 0)
            throw new KlException(ErrorIds.PodNotFound, KlErrorKind.NotFound, named,
                scope.Of is null ? $"No pod is called {named}{(scope.Namespace is { } ns ? $" in the namespace {ns}" : "")}." : $"{named} has no pod.", "Get-KlPod lists those there are.");
        await Task.WhenAll(pods.Select(async pod =>
        {
            try
            {
                await Engine.PodLogs.ReadAsync(cluster, pod.Namespace, pod.Name, query, line => Write(line), stop);
            }
            catch (KlException error)
            {
                // One pod that has no log yet takes none from the others.
                Fail(pod.Name, error);
            }
        }));
    }
}
