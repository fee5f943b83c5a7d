using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Machines;

/// <summary>Validates names of labs and machines. They become host names, node names and container names.</summary>
public static partial class LabName
{
    // RFC 1123 labels have at most 63 characters, and a suffix such as "-250" must fit.
    private const int MaxLength = 58;

    /// <summary>Returns the name of a lab's machine, for example kubernetes-1.</summary>
    /// <exception cref="KlException">NameInvalid.</exception>
    public static string Machine(string lab, int number) => Check(lab) + "-" + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Returns the name of a lab's load balancer, for example kubernetes-lb.</summary>
    public static string LoadBalancer(string lab) => lab + "-lb";

    /// <summary>Returns <paramref name="lab"/> if it is a valid DNS label.</summary>
    /// <exception cref="KlException">NameInvalid.</exception>
    public static string Check(string lab) => lab.Length <= MaxLength && Label().IsMatch(lab) ? lab : throw new KlException(
        ErrorIds.NameInvalid, KlErrorKind.InvalidInput, lab, $"'{lab}' is not a valid lab name.",
        $"Use at most {MaxLength} lowercase letters, digits and hyphens. The name must begin and end with a letter or digit.");

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
