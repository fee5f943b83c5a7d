using System.Management.Automation;

namespace KubeLab.Pipeline.Queries;

/// <summary>What cmdlets take that get objects which can be watched.</summary>
public abstract class WatchQuery : KubeQuery
{
    /// <summary><para type="description">A field selector, as in status.phase=Running.</para></summary>
    [Parameter]
    public string[]? Field { get; set; }

    /// <summary><para type="description">Goes on with every change, until Ctrl+C; the property Change tells which.</para></summary>
    [Parameter]
    [Alias("w")]
    public SwitchParameter Watch { get; set; }

    private protected override string? Fields => HashtableText.Joined(Field);

    private protected override bool IsWatch => Watch;
}
