using System.Collections;
using System.Management.Automation;
using KubeLab.Engine.Deployments;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>Changes the replicas, image or environment of a deployment.</summary>
/// <remarks>Does the same as kubectl scale, kubectl set image and kubectl set env, for any deployment. Waits until the change is rolled out. It fails
/// early, and states the reason, if the new pods cannot start; the old pods keep running. Undo-KlRollout undoes a change of image or
/// environment.</remarks>
/// <example>Scale deployments
/// <code>Get-KlDeployment web* | Set-KlDeployment -Replicas 0</code></example>
/// <example>Change the image, set one variable and remove another
/// <code>Set-KlDeployment web -Image nginx:1.29 -Environment @{ TZ = 'UTC'; DEBUG = $null }</code></example>
[Cmdlet(VerbsCommon.Set, "KlDeployment", SupportsShouldProcess = true)]
[OutputType(typeof(KlDeployment))]
public sealed class SetKlDeployment : DeploymentCmdlet
{
    /// <summary>The number of replicas.</summary>
    [Parameter]
    [ValidateRange(0, 10000)]
    public int? Replicas { get; set; }

    /// <summary>The image of the container.</summary>
    [Parameter]
    public string? Image { get; set; }

    // PowerShell's parameter binder needs the setters.
#pragma warning disable CA2227
    /// <summary>Environment variables of the container: name = value. $null removes a variable. Other variables are not changed.</summary>
    [Parameter]
    [HashtableText]
    public IDictionary? Environment { get; set; }
#pragma warning restore CA2227

    /// <summary>The container to which -Image and -Environment apply. Required if the pods have more than one.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("c")]
    public string? Container { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (cluster, ns, name, patience) = (Cluster, Namespace, Name, WaitTimeout);
        var change = new DeploymentChange { Replicas = Replicas, Image = Image, Environment = HashtableText.OrNull(Environment), Container = Container };
        if (ShouldProcess(name, "Change the deployment"))
            Start(name, (events, stop) => Engine.Deployments.ChangeAsync(cluster, ns, name, change, patience, events, stop));
    }
}
