using System.Collections;
using System.Management.Automation;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Reliability.Load;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Measures the availability of services, and what faults cost.</summary>
/// <remarks>Sends requests at a constant rate, whatever the responses do (open model), and returns one object: availability, outages, latency, and the
/// same for each endpoint and each fault. Latency counts from the time at which a request was due. A request fails if the status is not from 200 to 399, if
/// it differs from -Expect, or if the response is not complete before -Timeout. Redirects are followed on the same host. No proxy and no cookies are used.
/// Services that do not use HTTP are measured by opening TCP connections. See docs/reliability.md.</remarks>
/// <example>Measure a service for a minute
/// <code>Get-KlService web | Measure-KlAvailability -Rate 40</code></example>
/// <example>Measure what a restart of a machine costs
/// <code>Get-KlService web | Measure-KlAvailability -Rate 40 -Duration 90s -During { Get-KlVm kubernetes-3 | Start-KlFault NodeCrash -Wait }</code></example>
/// <example>Expect a status and a text
/// <code>Measure-KlAvailability http://10.0.0.1:30080/ -Expect 200, 'Main Page'</code></example>
/// <example>Measure with a script
/// <code>Measure-KlAvailability -Probe { Get-KlPod web-0 } -Rate 2 -Duration 30</code></example>
[Cmdlet(VerbsDiagnostic.Measure, "KlAvailability", DefaultParameterSetName = "Service")]
[OutputType(typeof(KlAvailability), typeof(KlRequest))]
public sealed class MeasureKlAvailability : MeasurementCmdlet
{
    private const int ProbeLimit = 16;
    private const int Waiting = 100_000;
    private readonly List<KlService> _services = [];
    private readonly List<Uri> _urls = [];

    /// <summary>Services. All services are measured together; requests go to their addresses in turn.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Service")]
    public KlService[] Service { get; set; } = [];

    /// <summary>URLs with the scheme http, https or tcp. Requests go to them in turn.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Url")]
    public Uri[] Url { get; set; } = [];

    /// <summary>A script that is one request. It fails if it writes an error or if its last output is $false. It runs in runspaces of its own, so use
    /// $using: for variables.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Probe")]
    public ScriptBlock? Probe { get; set; }

    /// <summary>The requests a second. Default: 10.</summary>
    [Parameter]
    public double Rate { get; set; } = 10;

    /// <summary>The length of the measurement, such as 90s or 5m. Default: 1 minute. If -During takes longer, the measurement ends when the
    /// service responds again after it, at most 30 seconds later.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Duration { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The maximum time of a request, such as 90s or 5m. Default: 5 seconds.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The maximum number of requests that wait for a response. Requests that are due while so many wait are not sent and count as failed.
    /// Default: as many as are due within -Timeout, from 100 to 10000; 16 with -Probe.</summary>
    [Parameter]
    public int? MaxInFlight { get; set; }

    /// <summary>What the response must be: HTTP statuses as numbers, of which one is required, and texts, of which all are required. Default: a status from
    /// 200 to 399.</summary>
    [Parameter(ParameterSetName = "Service")]
    [Parameter(ParameterSetName = "Url")]
    public object[] Expect { get; set; } = [];

    /// <summary>The path of HTTP requests. Default: that of the URL; / for services.</summary>
    [Parameter(ParameterSetName = "Service")]
    [Parameter(ParameterSetName = "Url")]
    public string? Path { get; set; }

    /// <summary>Sends all requests to the first address of each service.</summary>
    [Parameter(ParameterSetName = "Service")]
    public SwitchParameter SingleEndpoint { get; set; }

    /// <summary>Opens a connection for each request. Default: connections are kept, as browsers do.</summary>
    [Parameter(ParameterSetName = "Service")]
    [Parameter(ParameterSetName = "Url")]
    public SwitchParameter NewConnection { get; set; }

    /// <summary>Accepts any server certificate.</summary>
    [Parameter(ParameterSetName = "Service")]
    [Parameter(ParameterSetName = "Url")]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>The time before -During runs, such as 90s or 5m. Default: a tenth of -Duration, at most 10 seconds.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? WarmUp { get; set; }

    // PowerShell's parameter binder needs the setters.
#pragma warning disable CA2227
    /// <summary>How often you expect each kind of fault in a year: kind = number. The result then predicts the availability of a year.</summary>
    [Parameter]
    public IDictionary? FailuresPerYear { get; set; }
#pragma warning restore CA2227

    /// <summary>Writes each request too. The result is the last object. A script of -During holds the pipeline, so requests wait until it ends. At most
    /// 100000 requests wait; a warning says how many more were not written.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _services.AddRange(Service);
        _urls.AddRange(Url);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var name = Probe is not null ? "probe" : string.Join(", ", _services.Select(service => service.Name).Concat(_urls.Select(url => url.OriginalString)));
        if (name.Length > 0)
            Start(name, (events, stop) => MeasureAsync(name, events, stop));
        base.EndProcessing();
    }

    private async Task MeasureAsync(string name, IProgress<LabEvent> events, CancellationToken stop)
    {
        var options = new LoadOptions
        {
            Rate = Rate,
            Duration = Duration,
            Timeout = Timeout,
            WarmUp = WarmUp,
            MaxInFlight = MaxInFlight ?? (Probe is null ? null : ProbeLimit),
            FailuresPerYear = LoadInput.FailuresOf(FailuresPerYear),
        };
        options.Check();
        var expectation = LoadInput.ExpectationOf(Expect);
        using var http = new HttpProbe(expectation, Timeout, NewConnection, SkipCertificateCheck);
        using var script = Probe is null ? null : new ScriptProbe(Probe, this, options.MaxInFlight!.Value);
        var urls = _services.SelectMany(service => LoadTargets.UrlsOf(service).Take(SingleEndpoint ? 1 : int.MaxValue)).Concat(_urls);
        var cluster = _services.Select(service => service.Cluster).Distinct().ToList() is [var only] ? only : null;
        var target = new LoadTarget(name, script is null ? LoadTargets.EndpointsOf(urls, Path, http) : [new(name, script.RunAsync)])
        {
            Cluster = cluster,
            Environment = await LoadInput.EnvironmentAsync(this, options, expectation, cluster, stop),
        };
        var requests = new BoundedOutput<KlRequest>(Waiting, write => Post(write), request => WriteObject(request));
        var started = Engine.Clock.GetUtcNow();
        try
        {
            await WriteAsync(Engine.Availability.MeasureAsync(
                target, options, During is null ? null : () => RunDuringAsync(null, started, events), PassThru ? requests.Add : null, events, stop));
        }
        catch (OperationCanceledException)
        {
            await Engine.Faults.StopSinceAsync(started, events);
            throw;
        }
        if (requests.Dropped > 0)
            events.Warning(name, $"{requests.Dropped} requests were not written, because the pipeline did not take them in time. The result includes them.");
    }
}
