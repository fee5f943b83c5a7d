using System.Text.RegularExpressions;

namespace KubeLab.Engine.Machines;

/// <summary>Sorts machines naturally: kubernetes-2 before kubernetes-10.</summary>
internal static partial class MachineOrder
{
    /// <summary>Compares names with digits as numbers. (CompareOptions.NumericOrdering has no effect without ICU.)</summary>
    public static IComparer<string> Names { get; } = Comparer<string>.Create((one, other) => string.CompareOrdinal(Key(one), Key(other)));

    /// <summary>Compares machines by name.</summary>
    public static IComparer<Machine> Natural { get; } = Comparer<Machine>.Create((one, other) => Names.Compare(one.Name, other.Name));

    /// <summary>Compares labs, then names.</summary>
    public static IComparer<Machine> ByLab { get; } = Comparer<Machine>.Create((one, other) =>
        string.CompareOrdinal(one.Lab, other.Lab) is var labs and not 0 ? labs : Natural.Compare(one, other));

    private static string Key(string name) => Digits().Replace(name, number => number.Value.PadLeft(10, '0'));

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
