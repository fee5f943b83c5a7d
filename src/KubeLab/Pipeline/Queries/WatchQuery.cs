using System.Management.Automation;

namespace KubeLab.Pipeline.Queries;

/// <summary>Base class of cmdlets that can watch objects.</summary>
public abstract class WatchQuery : KubeQuery
{
    /// <summary>A field selector, such as status.phase=Running.</summary>
    [Parameter]
    public string[]? Field { get; set; }

    /// <summary>Waits for changes until you press Ctrl+C. The Change property contains the kind of change.</summary>
    [Parameter]
    [Alias("w")]
    public SwitchParameter Watch { get; set; }

    private protected override string? Fields => HashtableText.Joined(Field);

    private protected override bool IsWatch => Watch;
}
