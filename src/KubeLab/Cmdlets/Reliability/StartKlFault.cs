using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Reliability.Faults;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Starts a fault of pods, nodes or machines, which ends by itself.</summary>
/// <remarks>The machine ends the fault after -For, even if this session is closed, the network to the machine is interrupted or the container restarts.
/// Nothing of the fault survives a restart of the machine. Ctrl+C ends the faults of its pipeline. Get-KlFault lists active faults, Stop-KlFault
/// ends them. PodKill works on every cluster; the other kinds require that the nodes are machines of KubeLab.</remarks>
/// <example>Kill the database and wait until it is ready again
/// <code>Get-KlPod database* | Start-KlFault ContainerKill -Wait</code></example>
/// <example>Turn a machine off without a shutdown for 20 seconds
/// <code>Get-KlVm kubernetes-3 | Start-KlFault NodeCrash -For 20s</code></example>
/// <example>Interrupt the network between two nodes
/// <code>Get-KlNode kubernetes-4 | Start-KlFault NetworkPartition -From (Get-KlNode kubernetes-2) -For 15s -Wait</code></example>
[Cmdlet(VerbsLifecycle.Start, "KlFault", SupportsShouldProcess = true)]
[OutputType(typeof(KlFault))]
public sealed class StartKlFault : KlCmdlet
{
    // Fields of the engine's enumerations would need the engine when Import-Module reads the types, before the module can load it.
    private object _kind = FaultKind.PodKill, _direction = FaultDirection.Both;
    private const string Minority = "Minority";
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(30);
    private readonly List<FaultOrder> _orders = [];
    private FaultRun? _run;
    private Task? _ending;

    /// <summary>The kind of fault. PodKill, ContainerKill and ContainerPause apply to pods; ServiceStop, NodeCrash, NodePause and ClockSkew to nodes and
    /// machines; the other kinds to both.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public FaultKind Kind { get => (FaultKind)_kind; set => _kind = value; }

    /// <summary>The target: a pod, a node, a machine, or an object that selects pods, such as a deployment; or KIND/NAME.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [Alias("InputObject")]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public PSObject Target { get; set; } = new();

    /// <summary>How long the fault lasts, such as 30s or 5m. Default: 30 s. Maximum: 1 h.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan For { get; set; }

    /// <summary>Waits until the fault has ended and the target is healthy again: nodes and pods are Ready, and the machine answers.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>The maximum time from the end of the fault until the target is healthy. Default: 5 minutes.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>NetworkPartition: the nodes or pods from which the target is separated. Minority separates the members of a database: less than half of them,
    /// with the primary, from the others.</summary>
    [Parameter]
    public PSObject[]? From { get; set; }

    /// <summary>NetworkPartition: the direction of the dropped packets, seen from the target. Default: Both.</summary>
    [Parameter]
    public FaultDirection Direction { get => (FaultDirection)_direction; set => _direction = value; }

    /// <summary>NetworkLoss: the share of packets to drop.</summary>
    [Parameter]
    public double Percent { get; set; }

    /// <summary>NetworkDelay: the delay of outgoing packets, such as 100ms.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Delay { get; set; }

    /// <summary>NetworkDelay: the random variation of the delay.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Jitter { get; set; }

    /// <summary>NetworkLimit: the bandwidth of outgoing packets, such as 1mbit.</summary>
    [Parameter]
    public string? Rate { get; set; }

    /// <summary>ServiceStop: a systemd service of the machine, a component of Kubernetes in kube-system, or registry.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public string? Service { get; set; }

    /// <summary>DiskFull: a folder of the file system to fill; for a pod, the folder where a volume is mounted.</summary>
    [Parameter]
    public string? Path { get; set; }

    /// <summary>DiskFull: the bytes that stay free. Default: 0.</summary>
    [Parameter]
    public long Free { get; set; }

    /// <summary>CpuStress: the number of processor cores to use. Default: 1.</summary>
    [Parameter]
    public int Cores { get; set; }

    /// <summary>MemoryStress: the memory to use, in bytes, such as 512MB.</summary>
    [Parameter]
    public long Memory { get; set; }

    /// <summary>ClockSkew: the change of the clock, such as -5m.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan By { get; set; }

    /// <summary>The container of a pod. Required if the pod has more than one.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("c")]
    public string? Container { get; set; }

    /// <summary>The namespace, if the target is given as KIND/NAME. Default: the context's namespace.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>A KubeLab cluster or a kubeconfig context, if the target is given as KIND/NAME. Default: the current context.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <summary>Does not ask before faults that stop the whole cluster: of all control planes, or of the only etcd.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var isMinority = From is [{ BaseObject: string side }] && side.Equals(Minority, StringComparison.OrdinalIgnoreCase);
        var from = isMinority ? null : From?.Select(one => FaultInputs.Of(one, Namespace, Cluster)).ToList();
        if (FaultInputs.Of(Target, Namespace, Cluster) is not { } input || from?.Contains(null) == true)
            Fail(Target, new KlException(ErrorIds.InputInvalid, KlErrorKind.InvalidInput, Target.ToString(), $"'{Target}' is neither an object nor KIND/NAME.",
                "Pipe pods, nodes or machines, or specify KIND/NAME, such as deployment/web."));
        else
            _orders.Add(new FaultOrder(Request(), input) { From = from!, IsMinority = isMinority });
    }

    /// <summary>Starts the faults together, because whether they stop the cluster depends on all targets.</summary>
    protected override void EndProcessing()
    {
        if (_orders.Count > 0)
            Start(_orders.Count == 1 ? _orders[0].Input : "faults", RunAsync);
        base.EndProcessing();
    }

    /// <summary>Ends the faults also if later commands of the pipeline are stopped.</summary>
    protected override void StopProcessing()
    {
        base.StopProcessing();
        if (_run is { } run)
            _ending = Task.Run(run.EndAsync);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _ending?.Wait(EndTimeout);
        base.Dispose(disposing);
    }

    private Task RunAsync(IProgress<LabEvent> events, CancellationToken stop)
    {
        _run = new(Engine.Faults, events);
        return _run.RunAsync(_orders, ConfirmAsync, Wait ? Timeout : null, Report, stop);

        void Report(Outcome<string, KlFault> outcome)
        {
            if (outcome.Error is null)
                Write(outcome.Result);
            else
                Fail(outcome.Item, outcome.Error);
        }

        Task<IReadOnlyList<PlannedFault>> ConfirmAsync(IReadOnlyList<PlannedFault> planned) =>
            AskAsync<IReadOnlyList<PlannedFault>>(() => Confirmed(planned), stop);
    }

    private PlannedFault[] Confirmed(IReadOnlyList<PlannedFault> planned)
    {
        PlannedFault[] chosen = [.. planned.Where(one => ShouldProcess(one.Target.Name, one.Action))];
        return ClusterRisk.Of(chosen) is { } risk && !Force && !ConfirmIsOff() && !ShouldContinue(risk, chosen[0].Action) ? [] : chosen;
    }

    private bool ConfirmIsOff() => MyInvocation.BoundParameters.ContainsKey("Confirm")
        || SessionState.PSVariable.GetValue("ConfirmPreference") is ConfirmImpact.None or "None";

    private FaultRequest Request()
    {
        bool Has(string name) => MyInvocation.BoundParameters.ContainsKey(name);
        return new(Kind)
        {
            For = Has(nameof(For)) ? For : null,
            Direction = Has(nameof(Direction)) ? Direction : null,
            Percent = Has(nameof(Percent)) ? Percent : null,
            Delay = Has(nameof(Delay)) ? Delay : null,
            Jitter = Has(nameof(Jitter)) ? Jitter : null,
            Rate = Rate,
            Service = Service,
            Path = Path,
            Free = Has(nameof(Free)) ? Free : null,
            Cores = Has(nameof(Cores)) ? Cores : null,
            Memory = Has(nameof(Memory)) ? Memory : null,
            By = Has(nameof(By)) ? By : null,
            Container = Container,
        };
    }
}
