using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Machines;

/// <summary>What labs and their machines may be called: their names become host names, node names and container names.</summary>
public static partial class LabName
{
    // RFC 1123 labels end at 63; "-250" and the like have to fit behind the lab's name.
    private const int Longest = 58;

    /// <summary>Returns the name of a lab's machine, as in kubernetes-1.</summary>
    /// <exception cref="KlException">NameInvalid.</exception>
    public static string Machine(string lab, int number) => Check(lab) + "-" + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Returns <paramref name="lab"/> where it is a DNS label.</summary>
    /// <exception cref="KlException">NameInvalid.</exception>
    public static string Check(string lab) => lab.Length <= Longest && Label().IsMatch(lab) ? lab : throw new KlException(
        ErrorIds.NameInvalid, KlErrorKind.InvalidInput, lab, $"'{lab}' cannot be the name of a lab.",
        $"Use small letters, digits and hyphens, beginning and ending with a letter or digit, {Longest} at most.");

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
