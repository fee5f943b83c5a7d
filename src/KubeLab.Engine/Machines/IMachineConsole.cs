using KubeLab.Engine.Flow;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Machines;

/// <summary>A provider that runs commands on its machines without their network and their SSH server.</summary>
public interface IMachineConsole
{
    /// <summary>Opens a running machine. The host runs commands only.</summary>
    IHost OpenConsole(Machine machine);
}

/// <summary>A provider that restarts a machine that does not respond.</summary>
public interface IHardReset
{
    /// <summary>Restarts a machine without a shutdown. SSH becomes available later.</summary>
    /// <exception cref="KlException">PowerFailed, PowerTimeout, MachineNotFound, and the errors of the provider.</exception>
    Task ResetAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop);
}
