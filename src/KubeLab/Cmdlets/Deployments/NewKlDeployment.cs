using System.Collections;
using System.Management.Automation;
using KubeLab.Engine.Deployments;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Deployments;

/// <summary>
/// <para type="synopsis">Runs an image on a cluster and waits until it is available.</para>
/// <para type="description">What the image declares is the default: EXPOSE is the container's port, each VOLUME a persistent volume, and the labels
/// org.kubelab.replicas, .service, .readiness and .secret.VARIABLE=SECRET/KEY the rest. Parameters override. It fails early, with the reason, where an image
/// cannot be pulled, a container crashes or no node fits. Run again, it changes what differs and nothing else.</para>
/// </summary>
/// <example>
/// <para>What you have just published</para>
/// <code>Get-KlRegistry kubernetes | Publish-KlImage -Path ./web | New-KlDeployment | Expose-KlService</code>
/// </example>
/// <example>
/// <para>Any image</para>
/// <code>New-KlDeployment -Name hello -Image nginx:1.29 -Port 80 -Replicas 2 -Environment @{ TZ = 'UTC' }</code>
/// </example>
[Cmdlet(VerbsCommon.New, "KlDeployment", SupportsShouldProcess = true, DefaultParameterSetName = Published)]
[OutputType(typeof(KlDeployment))]
public sealed class NewKlDeployment : KlCmdlet
{
    private const string Published = "Published";
    private const string Named = "Named";

    /// <summary><para type="description">A published image.</para></summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = Published)]
    public KlImage InputObject { get; set; } = null!;

    /// <summary><para type="description">The deployment's name. Default: the published image's.</para></summary>
    [Parameter(Position = 0, ParameterSetName = Published)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = Named)]
    public string Name { get; set; } = "";

    /// <summary><para type="description">The image's reference, as in nginx:1.29.</para></summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = Named)]
    public string Image { get; set; } = "";

    /// <summary><para type="description">A KubeLab cluster or a context of your kubeconfig. Default: the published image's cluster, otherwise the current context.</para></summary>
    [Parameter]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.OrNone(value); }

    /// <summary><para type="description">The namespace; one that is absent is made. Default: the context's.</para></summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.OrNone(value); }

    /// <summary><para type="description">How many replicas. Default: what the image declares, otherwise whatever it was scaled to, 1 at first.</para></summary>
    [Parameter]
    [ValidateRange(0, 10000)]
    public int? Replicas { get; set; }

    /// <summary><para type="description">The container's TCP ports; the first is asked for readiness. Default: what the image exposes.</para></summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int[]? Port { get; set; }

    // PowerShell's binder sets parameters.
#pragma warning disable CA2227
    /// <summary><para type="description">Environment variables: name = value. Passwords belong into -Secret.</para></summary>
    [Parameter]
    [HashtableText]
    public IDictionary? Environment { get; set; }

    /// <summary><para type="description">Environment variables out of Secrets: name = 'SECRET/KEY'. A key that is absent is generated.</para></summary>
    [Parameter]
    [HashtableText]
    public IDictionary? Secret { get; set; }
#pragma warning restore CA2227

    /// <summary><para type="description">Program and arguments in place of the image's.</para></summary>
    [Parameter]
    public string[]? Command { get; set; }

    /// <summary><para type="description">How long to wait for it, in seconds or as a TimeSpan. Default: 10 minutes.</para></summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary><para type="description">Does not wait until it is available.</para></summary>
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
