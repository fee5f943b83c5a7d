using System.Management.Automation;
using System.Reflection;
using KubeLab.Engine.Flow;
using KubeLab.Pipeline;

namespace KubeLab.Tests.Pipeline;

public delegate Task<object?> Work(string name, IProgress<LabEvent> events, CancellationToken stop);

/// <summary>A minimal cmdlet: parameters, ShouldProcess and one call.</summary>
[Cmdlet(VerbsDiagnostic.Test, "KlWork", SupportsShouldProcess = true)]
public sealed class TestKlWork : KlCmdlet
{
    [Parameter(ValueFromPipeline = true)]
    public string Name { get; set; } = "";

    [Parameter(Mandatory = true)]
    public Work Work { get; set; } = null!;

    protected override void ProcessRecord()
    {
        var name = Name;
        if (ShouldProcess(name))
            Start(name, (events, stop) => Work(name, events, stop));
    }
}

/// <summary>Stops the pipeline after the first object, as Select-Object -First 1 does.</summary>
[Cmdlet(VerbsDiagnostic.Test, "KlFirst")]
public sealed class TestKlFirst : PSCmdlet
{
    private static readonly Type StopUpstream =
        typeof(PSCmdlet).Assembly.GetType("System.Management.Automation.StopUpstreamCommandsException", throwOnError: true)!;

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        WriteObject(InputObject);
        throw (Exception)Activator.CreateInstance(StopUpstream, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, [this], null)!;
    }
}
