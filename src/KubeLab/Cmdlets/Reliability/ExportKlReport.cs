using System.Management.Automation;
using KubeLab.Engine.Reliability.Report;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Writes measurements of availability and consistency to a report.</summary>
/// <remarks><para>An HTML report is one file. It needs neither scripts nor a network. A JSON report contains all numbers. A JUnit report contains a test for
/// each threshold, for GitHub Actions, Azure DevOps and other pipelines. The tests of databases are shown in one table, with the operations of each member
/// over time and a plot of each counterexample.</para>
/// <para>The path is checked before the measurement starts. If the report cannot be written afterwards, an existing report stays unchanged, and the new one
/// is saved in the folder for temporary files.</para></remarks>
/// <example>Measure a service and show the result
/// <code>Get-KlService web | Measure-KlAvailability -Rate 40 -Duration 90 | Export-KlReport availability.html</code></example>
/// <example>Test databases in a network partition and show what each gives up
/// <code>$cut = { $_ | Start-KlFault NetworkPartition -From Minority -For 15s -Wait }
/// Get-KlDatabase | Test-KlConsistency -Duration 40 -During $cut | Export-KlReport cap.html</code></example>
/// <example>Write a page for people and test results for a pipeline
/// <code>$measured | Export-KlReport report.html -PassThru | Export-KlReport report.xml -MinimumAvailability 0.999 -MaximumOutage 5</code></example>
[Cmdlet(VerbsData.Export, "KlReport", SupportsShouldProcess = true)]
[OutputType(typeof(KlAvailability), typeof(KlDatabaseTest), typeof(KlConsistency))]
public sealed class ExportKlReport : KlCmdlet
{
    private readonly List<IKlMeasurement> _measured = [];
    private ReportFile? _file;

    /// <summary>The file.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string Path { get; set; } = "";

    /// <summary>The measurements, from Measure-KlAvailability and Test-KlConsistency. All are written to the same report.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public IKlMeasurement[] InputObject { get; set; } = [];

    /// <summary>The format. Default: .html, .json and .xml (JUnit) determine the format.</summary>
    // Not an enum: PowerShell loads this type before the engine can be found, and the size of a field must be known then.
    [Parameter]
    [Alias("Format")]
    [ValidateSet(nameof(ReportFormat.Html), nameof(ReportFormat.Json), nameof(ReportFormat.JUnit))]
    public string? As { get; set; }

    /// <summary>The minimum share of successful requests, such as 0.999. The report says whether each measurement reaches it.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double? MinimumAvailability { get; set; }

    /// <summary>The maximum duration of an outage.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? MaximumOutage { get; set; }

    /// <summary>The maximum 99th percentile of the latency.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? MaximumLatency { get; set; }

    /// <summary>Every workload of a database, and every history, must be consistent. An unknown verdict fails.</summary>
    [Parameter]
    public SwitchParameter Consistent { get; set; }

    /// <summary>The maximum number of acknowledged writes of a database that are lost. An unknown number fails.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? MaximumLost { get; set; }

    /// <summary>The maximum age of the stalest read of a database.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? MaximumStaleness { get; set; }

    /// <summary>Replaces an existing file even if it is read-only.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Does not replace an existing file.</summary>
    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Writes the measurements to the pipeline, for example for a second report.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        var path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path, out var provider, out _);
        try
        {
            if (provider.Name != "FileSystem")
                throw new KlException(ErrorIds.ReportNotWritable, KlErrorKind.InvalidInput, Path, $"'{Path}' is not the path of a file.", "Specify a file.");
            var file = new ReportFile(path, new()
            {
                Format = As is null ? null : Enum.Parse<ReportFormat>(As, ignoreCase: true),
                Force = Force,
                NoClobber = NoClobber,
                Thresholds = new(MinimumAvailability, MaximumOutage, MaximumLatency, Consistent, MaximumLost, MaximumStaleness),
            });
            if (!ShouldProcess(path, "Write a report"))
                return;
            file.Check();
            _file = file;
        }
        catch (KlException error)
        {
            ThrowTerminatingError(ErrorRecords.Record(error, path));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _measured.AddRange(InputObject);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_file is not null)
            Start(Path, (_, stop) => _file.WriteAsync(_measured, stop));
        base.EndProcessing();
        if (PassThru)
            WriteObject(_measured, enumerateCollection: true);
    }
}
