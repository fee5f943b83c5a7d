namespace KubeLab.Engine.Machines;

/// <summary>A machine whose power is cut for a time.</summary>
/// <param name="Id">The identifier.</param>
/// <param name="Machine">The machine's name.</param>
/// <param name="Lab">The machine's lab.</param>
/// <param name="Started">When the power was cut.</param>
/// <param name="Ends">When the power is restored.</param>
public sealed record PowerCut(string Id, string Machine, string Lab, DateTimeOffset Started, DateTimeOffset Ends);

/// <summary>A provider that can cut the power of its machines without a shutdown.</summary>
public interface IPowerCuts
{
    /// <summary>Cuts the power of a running machine. It is restored at the end, even if this process does not live until then.</summary>
    /// <exception cref="KlException">FaultTargetGone, FaultUnsupported, and the errors of the provider. The power was not cut.</exception>
    Task CutAsync(Machine machine, PowerCut cut, CancellationToken stop);

    /// <summary>Lists the power cuts that have not ended.</summary>
    Task<IReadOnlyList<PowerCut>> ListCutsAsync(CancellationToken stop);

    /// <summary>Restores the power now. Does nothing if it was restored.</summary>
    Task RestoreAsync(PowerCut cut, CancellationToken stop);
}
