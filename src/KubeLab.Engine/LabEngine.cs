using KubeLab.Engine.Machines;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine;

/// <summary>The parts of the engine put together: one for the process, so that cmdlets share their connections.</summary>
/// <param name="hosts">Opens machines.</param>
/// <param name="providers">Where machines come from; the first is the default.</param>
/// <param name="clock">Time.</param>
public sealed class LabEngine(IHostPool hosts, IReadOnlyList<IMachineProvider> providers, TimeProvider clock)
{
    private static readonly Lazy<LabEngine> Real = new(Compose);
    private static LabEngine? _instead;

    /// <summary>The engine of this process.</summary>
    public static LabEngine Shared
    {
        get => _instead ?? Real.Value;
        internal set => _instead = value;
    }

    /// <summary>Opens machines.</summary>
    public IHostPool Hosts { get; } = hosts;

    /// <summary>Where machines come from; the first is the default.</summary>
    public IReadOnlyList<IMachineProvider> Providers { get; } = providers;

    /// <summary>Time.</summary>
    public TimeProvider Clock { get; } = clock;

    private static LabEngine Compose() => throw new NotSupportedException();
}
