using System.Collections;
using System.Management.Automation;
using KubeLab.Engine.Deployments;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>
/// <para type="synopsis">Scales a deployment, or gives it another image or environment.</para>
/// <para type="description">Does what kubectl scale, set image and set env do, to any deployment, and waits until it is so. It fails early, with the reason, where the
/// new pods will never come up; the old ones go on meanwhile. Undo-KlRollout takes a change of image or environment back.</para>
/// </summary>
/// <example>
/// <para>Scale</para>
/// <code>Get-KlDeployment web* | Set-KlDeployment -Replicas 0</code>
/// </example>
/// <example>
/// <para>Another image, one variable more and one less</para>
/// <code>Set-KlDeployment web -Image nginx:1.29 -Environment @{ TZ = 'UTC'; DEBUG = $null }</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "KlDeployment", SupportsShouldProcess = true)]
[OutputType(typeof(KlDeployment))]
public sealed class SetKlDeployment : DeploymentCmdlet
{
    /// <summary><para type="description">How many replicas.</para></summary>
    [Parameter]
    [ValidateRange(0, 10000)]
    public int? Replicas { get; set; }

    /// <summary><para type="description">The container's image.</para></summary>
    [Parameter]
    public string? Image { get; set; }

    // PowerShell's binder sets parameters.
#pragma warning disable CA2227
    /// <summary><para type="description">Environment variables of the container: name = value; $null takes one out, those not named stay.</para></summary>
    [Parameter]
    [HashtableText]
    public IDictionary? Environment { get; set; }
#pragma warning restore CA2227

    /// <summary><para type="description">The container that -Image and -Environment are about, where there are several.</para></summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("c")]
    public string? Container { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, name, patience) = (Cluster, Namespace, Name, Patience);
        var change = new DeploymentChange { Replicas = Replicas, Image = Image, Environment = HashtableText.OrNull(Environment), Container = Container };
        if (ShouldProcess(name, "Change the deployment"))
            Start(name, (events, stop) => Engine.Deployments.ChangeAsync(cluster, ns, name, change, patience, events, stop));
    }
}
