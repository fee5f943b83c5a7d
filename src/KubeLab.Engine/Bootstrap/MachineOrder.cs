using System.Globalization;
using KubeLab.Engine.Machines;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Orders machines as a person would: kubernetes-2 before kubernetes-10.</summary>
internal static class MachineOrder
{
    /// <summary>By the name, digits as numbers.</summary>
    public static IComparer<Machine> Natural { get; } =
        Comparer<Machine>.Create((one, other) => string.Compare(one.Name, other.Name, CultureInfo.InvariantCulture, CompareOptions.NumericOrdering));
}
