using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines;

/// <summary>A provider that restarts a machine that does not respond.</summary>
public interface IHardReset
{
    /// <summary>Restarts a machine without a shutdown. SSH becomes available later.</summary>
    /// <exception cref="KlException">PowerFailed, PowerTimeout, MachineNotFound, and the errors of the provider.</exception>
    Task ResetAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop);
}
