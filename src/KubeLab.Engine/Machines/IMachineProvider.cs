using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines;

/// <summary>The specification of a machine. Each provider has its own type.</summary>
/// <param name="Lab">The lab.</param>
/// <param name="Name">The machine's name.</param>
public abstract record MachineSpec(string Lab, string Name);

/// <summary>A source of machines that creates them from specifications of one type.</summary>
public interface IMachineProvider<in TSpec> : IMachineProvider where TSpec : MachineSpec
{
    /// <summary>Creates a machine that is reachable over SSH. The same name returns the same machine.</summary>
    /// <exception cref="KlException">The name is used by something else, or the machine cannot be created.</exception>
    Task<Machine> CreateAsync(TSpec spec, IProgress<LabEvent> events, CancellationToken stop);
}

/// <summary>A source of machines. The provider stores the state; KubeLab has no database.</summary>
public interface IMachineProvider
{
    /// <summary>The value of -Provider and <see cref="Machine.Provider"/>.</summary>
    string Name { get; }

    /// <summary>Lists the machines of one lab, or of all labs.</summary>
    IAsyncEnumerable<Machine> ListAsync(string? lab, CancellationToken stop);

    /// <summary>The error for parameters that specify no machine of this provider.</summary>
    /// <param name="name">The requested name.</param>
    KlException SpecError(string name) => new(ErrorIds.ProviderMismatch, KlErrorKind.InvalidInput, name,
        $"{name}: the parameters do not specify machines of the provider {Name}.", "Use the parameters of this provider, or omit -Provider.");

    /// <summary>The programs or services that provide a machine. Empty for hosts of yours.</summary>
    /// <exception cref="KlException">The platform does not respond.</exception>
    Task<IReadOnlyList<PlatformPart>> PlatformAsync(Machine machine, CancellationToken stop) => Task.FromResult<IReadOnlyList<PlatformPart>>([]);

    /// <summary>Deletes a machine and everything that was created for it only. Does nothing if it is absent.</summary>
    Task DeleteAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop);

    /// <summary>Starts, stops or restarts a machine and returns its new state. A machine in the requested state is not changed. SSH may become available
    /// later.</summary>
    /// <exception cref="KlException">PowerUnsupported if the provider cannot control the power of its machines.</exception>
    Task<Machine> PowerAsync(Machine machine, PowerAction action, IProgress<LabEvent> events, CancellationToken stop) => throw new KlException(
        ErrorIds.PowerUnsupported, KlErrorKind.InvalidInput, machine.Name,
        $"{machine.Name}: the provider {Name} cannot {action.ToString().ToLowerInvariant()} machines.", "Use the machine's own power control.");
}

/// <summary>A part of a platform that provides machines.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version of the program, or of the API.</param>
public sealed record PlatformPart(string Name, string? Version);

/// <summary>A power action.</summary>
public enum PowerAction
{
    /// <summary>Start the machine.</summary>
    Start,

    /// <summary>Shut down the machine.</summary>
    Stop,

    /// <summary>Restart the machine. A stopped machine is started.</summary>
    Restart,
}
