using System.Collections.Concurrent;
using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Reliability.Faults;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Starts a fault of pods, nodes or machines, which ends by itself.</summary>
/// <remarks>The machine ends the fault after -For, even if this session is closed, the network to the machine is interrupted or the container restarts.
/// Nothing of the fault survives a restart of the machine. Ctrl+C ends the faults that the command waits for. Get-KlFault lists active faults, Stop-KlFault
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
    private bool _yesToAll, _noToAll;

    /// <summary>The kind of fault. PodKill, ContainerKill and ContainerPause apply to pods; ServiceStop, NodeCrash, NodePause and ClockSkew to nodes and
    /// machines; the other kinds to both.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public FaultKind Kind { get => (FaultKind)_kind; set => _kind = value; }

    /// <summary>The target: a pod, a node, a machine, or an object that selects pods, such as a deployment; or KIND/NAME.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [Alias("InputObject")]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    public PSObject Target { get; set; } = new();

    /// <summary>How long the fault lasts, such as 30s, 5m, a number of seconds or a TimeSpan. Default: 30 s. Maximum: 1 h.</summary>
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

    /// <summary>Does not ask before faults that stop the whole cluster.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var isMinority = From is [{ BaseObject: string side }] && side.Equals(Minority, StringComparison.OrdinalIgnoreCase);
        var (input, from) = (FaultInputs.Of(Target, Namespace, Cluster),
            isMinority ? null : From?.Select(one => FaultInputs.Of(one, Namespace, Cluster)).ToList());
        var (request, wait, timeout) = (Request(), (bool)Wait, Timeout);
        if (input is null || from?.Contains(null) == true)
            Fail(Target, new KlException(ErrorIds.InputInvalid, KlErrorKind.InvalidInput, Target.ToString(), $"'{Target}' is neither an object nor KIND/NAME.",
                "Pipe pods, nodes or machines, or specify KIND/NAME, such as deployment/web."));
        else
            Start(input, (events, stop) => RunAsync(request, input, from!, isMinority, wait, timeout, events, stop));
    }

    private async Task RunAsync(FaultRequest request, FaultInput input, List<FaultInput>? from, bool isMinority, bool wait, TimeSpan timeout,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        if (from is not null)
            request = request with { From = [.. (await Fleet.AllAsync(from, Engine.Faults.FindAsync, 8, stop)).SelectMany(one => one)] };
        var targets = isMinority ? await MinorityAsync() : await Engine.Faults.PlanAsync(request, input, stop);
        // ShouldProcess must be called on the pipeline's thread.
        var selected = new TaskCompletionSource<FaultTarget[]>();
        Post(() => selected.SetResult([.. targets.Where(target => IsConfirmed(request, target))]));
        var started = new ConcurrentBag<KlFault>();
        try
        {
            await foreach (var (target, fault, error) in Fleet.RunAsync(await selected.Task.WaitAsync(stop), StartAsync, 32, stop))
                if (error is null)
                    Write(fault);
                else
                    Fail(target.Name, error);
        }
        catch (OperationCanceledException)
        {
            await Engine.Faults.StopAllAsync(started, events);
            throw;
        }

        // The smaller side is the target, so that few machines hold the fault.
        async Task<IReadOnlyList<FaultTarget>> MinorityAsync()
        {
            var minority = await Engine.Databases.MinorityAsync(input.Cluster, input.Namespace, input.Name, stop);
            var sides = (await Engine.Faults.FindAsync(input, stop)).ToLookup(one => minority.Contains(one.PodName));
            request = request with { From = [.. sides[false]] };
            return FaultClient.Plan(request, [.. sides[true]]);
        }

        async Task<KlFault> StartAsync(FaultTarget target, CancellationToken token)
        {
            var fault = await Engine.Faults.StartAsync(request, target, events, token);
            started.Add(fault);
            return wait ? await Engine.Faults.WaitAsync(fault, target, timeout, events, token) : fault;
        }
    }

    private bool IsConfirmed(FaultRequest request, FaultTarget target)
    {
        var duration = request.Lasts ? $" for {request.Duration.TotalSeconds:0.#} s" : "";
        var action = $"{request.Kind}{(request.Detail.Length > 0 ? $" ({request.Detail})" : "")}{duration}";
        if (!ShouldProcess(target.Name, action))
            return false;
        return !request.StopsCluster(target) || Force || ConfirmIsOff()
            || ShouldContinue($"{target.Name} is the only control plane. The cluster stops for the time of the fault.", action, ref _yesToAll, ref _noToAll);
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
