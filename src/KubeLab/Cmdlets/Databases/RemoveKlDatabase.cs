using System.Management.Automation;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Databases;

/// <summary>Removes a database.</summary>
/// <remarks>Waits until its members are deleted. Its volumes and its password are kept: if the database is created again, it has the same data. If the
/// database does not exist, nothing happens.</remarks>
/// <example>Remove a database
/// <code>Remove-KlDatabase galera</code></example>
/// <example>Remove all databases and confirm each
/// <code>Get-KlDatabase | Remove-KlDatabase -Confirm</code></example>
[Cmdlet(VerbsCommon.Remove, "KlDatabase", SupportsShouldProcess = true)]
public sealed class RemoveKlDatabase : NamedCmdlet
{
    /// <summary>The maximum time to wait for the deletion, such as 90s or 5m. Default: 5 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    private protected override string Kind => "Database";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, name, timeout) = (Cluster, Namespace, Name, Timeout);
        if (ShouldProcess(name, "Remove the database"))
            Start(name, (events, stop) => Engine.Databases.RemoveAsync(cluster, ns, name, timeout, events, stop));
    }
}
