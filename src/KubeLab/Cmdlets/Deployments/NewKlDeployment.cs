using System.Collections;
using System.Management.Automation;
using KubeLab.Engine.Deployments;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>Creates a deployment from an image and waits until it is available.</summary>
/// <remarks>The image's declarations are the defaults: EXPOSE declares container ports, VOLUME persistent volumes, and the labels org.kubelab.replicas,
/// org.kubelab.service, org.kubelab.readiness and org.kubelab.secret.VARIABLE=SECRET/KEY the other settings. Parameters override them. The cmdlet
/// fails early, and states the reason, if an image cannot be pulled, a container crashes or no node can run a pod. If the deployment exists, only
/// differences are applied.</remarks>
/// <example>Deploy an image that was just published
/// <code>Get-KlRegistry kubernetes | Publish-KlImage -Path ./web | New-KlDeployment | Expose-KlService</code></example>
/// <example>Deploy any image
/// <code>New-KlDeployment -Name hello -Image nginx:1.29 -Port 80 -Replicas 2 -Environment @{ TZ = 'UTC' }</code></example>
[Cmdlet(VerbsCommon.New, "KlDeployment", SupportsShouldProcess = true, DefaultParameterSetName = Published)]
[OutputType(typeof(KlDeployment))]
public sealed class NewKlDeployment : KlCmdlet
{
    private const string Published = "Published";
    private const string Named = "Named";

    /// <summary>A published image.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = Published)]
    public KlImage InputObject { get; set; } = null!;

    /// <summary>The name of the deployment. Default: the name of the published image.</summary>
    [Parameter(Position = 0, ParameterSetName = Published)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = Named)]
    public string Name { get; set; } = "";

    /// <summary>The image reference, such as nginx:1.29.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = Named)]
    public string Image { get; set; } = "";

    /// <summary>A KubeLab cluster or a kubeconfig context. Default: the cluster of the published image, otherwise the current context.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>The namespace. It is created if it does not exist. Default: the context's namespace.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>The number of replicas. Default: the number that the image declares, otherwise the current number, or 1 for a new deployment.</summary>
    [Parameter]
    [ValidateRange(0, 10000)]
    public int? Replicas { get; set; }

    /// <summary>The TCP ports of the container. The readiness probe uses the first. Default: the ports that the image exposes.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int[]? Port { get; set; }

    // PowerShell's parameter binder needs the setters.
#pragma warning disable CA2227
    /// <summary>Environment variables: name = value. Use -Secret for passwords.</summary>
    [Parameter]
    [HashtableText]
    public IDictionary? Environment { get; set; }

    /// <summary>Environment variables from Secrets: name = 'SECRET/KEY'. A missing key is generated.</summary>
    [Parameter]
    [HashtableText]
    public IDictionary? Secret { get; set; }
#pragma warning restore CA2227

    /// <summary>The program and its arguments. Default: the command of the image.</summary>
    [Parameter]
    public string[]? Command { get; set; }

    /// <summary>The maximum time to wait for the deployment, such as 90s or 5m. Default: 10 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Returns without waiting until the deployment is available.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var spec = ParameterSetName == Named ? new DeploymentSpec { Name = Name, Image = Image } : DeploymentSpec.Of(InputObject);
        spec = spec with
        {
            Name = Name.Length > 0 ? Name : spec.Name,
            Cluster = Cluster ?? spec.Cluster,
            Namespace = Namespace,
            Replicas = Replicas,
            Ports = Port,
            Environment = HashtableText.Of(Environment),
            Secrets = HashtableText.Of(Secret),
            Command = Command,
        };
        TimeSpan? timeout = NoWait ? null : Timeout;
        if (ShouldProcess(spec.Name, $"Deploy {spec.Image}"))
            Start(spec.Name, (events, stop) => Engine.Deployments.CreateAsync(spec, timeout, events, stop));
    }
}
