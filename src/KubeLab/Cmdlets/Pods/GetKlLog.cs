using System.Management.Automation;
using KubeLab.Engine.Pods;
using KubeLab.Engine.Resources;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Pods;

/// <summary>Gets the logs of pods.</summary>
/// <remarks>Writes one record for each line. The lines of a container are in order; the lines of several pods are written as they arrive. With -Follow,
/// no line is lost or repeated when the connection drops or the API server restarts.</remarks>
/// <example>Get the last lines of some pods
/// <code>Get-KlPod web* | Get-KlLog -Tail 5</code></example>
/// <example>Follow the logs of all pods of a deployment
/// <code>Get-KlLog deployment/web -Follow</code></example>
/// <example>Save a log to a file
/// <code>Get-KlLog web-0 | Set-Content web.log</code></example>
/// <example>Follow errors and show the time
/// <code>Get-KlLog web* -Follow -Since 10 | Where-Object Line -match error | Format-Table -View Time</code></example>
[Cmdlet(VerbsCommon.Get, "KlLog")]
[OutputType(typeof(KlLogLine))]
public sealed class GetKlLog : PodCmdlet
{
    /// <summary>Names of pods. Wildcards are permitted. KIND/NAME, such as deployment/web, selects all pods of another object.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Pod")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>The container. Required if the pod has more than one, unless -AllContainers is specified.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("c")]
    public string? Container { get; set; }

    /// <summary>Gets the logs of all containers of each pod.</summary>
    [Parameter]
    public SwitchParameter AllContainers { get; set; }

    /// <summary>Waits for new lines until the container terminates or you press Ctrl+C.</summary>
    [Parameter]
    [Alias("f")]
    public SwitchParameter Follow { get; set; }

    /// <summary>Gets the log of the previous run of the container, for example to find out why it crashed.</summary>
    [Parameter]
    public SwitchParameter Previous { get; set; }

    /// <summary>Gets only lines newer than this, such as 90s or 5m.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? Since { get; set; }

    /// <summary>The number of lines at the end of the log. Default: all lines.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Tail { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns) = (Cluster, Namespace);
        var query = new LogQuery { Follow = Follow, Previous = Previous, Since = Since, Tail = Tail, Container = Container, AllContainers = AllContainers };
        foreach (var name in Name.Select(Qualified))
            Start(name, (_, stop) =>
                name.Contains('/', StringComparison.Ordinal) ? ReadManyAsync(cluster, new(ns, Of: name), name, query, stop)
                : WildcardPattern.ContainsWildcardCharacters(name)
                ? ReadManyAsync(cluster, new(ns) { Matches = NameCompletion.Matching(name) }, name, query, stop)
                : Engine.PodLogs.ReadAsync(cluster, ns, name, query, line => Write(line), stop));
    }

    private async Task ReadManyAsync(string? cluster, KubeScope scope, string target, LogQuery query, CancellationToken stop)
    {
        var pods = await Engine.Pods.ListAsync(cluster, scope, stop).ToListAsync(stop);
        if (pods.Count == 0)
            throw new KlException(ErrorIds.PodNotFound, KlErrorKind.NotFound, target,
                scope.Of is null ? $"Pod '{target}' was not found{(scope.Namespace is { } ns ? $" in namespace '{ns}'" : "")}." : $"{target} has no pods.",
                "Run Get-KlPod to list pods.");
        await Task.WhenAll(pods.Select(async pod =>
        {
            try
            {
                await Engine.PodLogs.ReadAsync(cluster, pod.Namespace, pod.Name, query, line => Write(line), stop);
            }
            catch (KlException error)
            {
                // A pod without a log does not prevent others from being read.
                Fail(pod.Name, error);
            }
        }));
    }
}
