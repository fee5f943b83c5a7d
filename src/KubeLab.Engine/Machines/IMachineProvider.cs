using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines;

/// <summary>What a machine should be.</summary>
/// <param name="Lab">The lab it belongs to.</param>
/// <param name="Name">Its name.</param>
public record MachineSpec(string Lab, string Name);

/// <summary>Where machines come from. The provider holds the state; there is no database of ours.</summary>
public interface IMachineProvider
{
    /// <summary>The name that -Provider and <see cref="Machine.Provider"/> carry.</summary>
    string Name { get; }

    /// <summary>The machines of one lab, or of all.</summary>
    IAsyncEnumerable<Machine> ListAsync(string? lab, CancellationToken stop);

    /// <summary>Makes a machine that answers over SSH. The same name again gives the same machine.</summary>
    /// <exception cref="KlException">The name is taken by something that is not ours, or it cannot be made.</exception>
    Task<Machine> CreateAsync(MachineSpec spec, IProgress<LabEvent> events, CancellationToken stop);

    /// <summary>Removes a machine and all that was made for it alone. Absent is done.</summary>
    Task DeleteAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop);

    /// <summary>Starts, stops or restarts a machine and returns it as it is then; one that is as wanted already stays so. It may take a while until it answers again.</summary>
    /// <exception cref="KlException">PowerUnsupported, where the provider has no power over its machines.</exception>
    Task<Machine> PowerAsync(Machine machine, PowerAction action, IProgress<LabEvent> events, CancellationToken stop) => throw new KlException(
        ErrorIds.PowerUnsupported, KlErrorKind.InvalidInput, machine.Name, $"{machine.Name}: the provider {Name} cannot {action.ToString().ToLowerInvariant()} machines.", "Do it at the machine itself.");
}

/// <summary>What can be done to a machine's power.</summary>
public enum PowerAction
{
    /// <summary>Switch it on.</summary>
    Start,

    /// <summary>Shut it down.</summary>
    Stop,

    /// <summary>Shut it down and switch it on; one that is off is switched on.</summary>
    Restart,
}
