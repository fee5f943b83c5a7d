using System.Globalization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A microversion of an API, for example 2.93.</summary>
/// <param name="Major">The major version.</param>
/// <param name="Minor">The minor version.</param>
/// <remarks>OpenStack API-SIG, "Microversion Specification".</remarks>
public readonly record struct Microversion(int Major, int Minor) : IComparable<Microversion>
{
    /// <summary>Parses 2.93 or v2.93. Null if the text is neither.</summary>
    public static Microversion? Parse(string? text) =>
        text?.TrimStart('v').Split('.') is [var major, var minor]
        && int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
        && int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var second) ? new(first, second) : null;

    /// <inheritdoc/>
    public int CompareTo(Microversion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    /// <summary>Whether the left version is older.</summary>
    public static bool operator <(Microversion left, Microversion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left version is newer.</summary>
    public static bool operator >(Microversion left, Microversion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left version is older or equal.</summary>
    public static bool operator <=(Microversion left, Microversion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left version is newer or equal.</summary>
    public static bool operator >=(Microversion left, Microversion right) => left.CompareTo(right) >= 0;

    /// <summary>For example 2.93.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
