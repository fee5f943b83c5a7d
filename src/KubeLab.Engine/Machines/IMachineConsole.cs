using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Machines;

/// <summary>A provider that runs commands on its machines without their network and their SSH server.</summary>
public interface IMachineConsole
{
    /// <summary>Opens a running machine. The host runs commands only.</summary>
    IHost OpenConsole(Machine machine);
}
