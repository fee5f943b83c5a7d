using System.Globalization;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A step of an API's growth, as in 2.93.</summary>
/// <param name="Major">The API.</param>
/// <param name="Minor">The step.</param>
/// <remarks>OpenStack API-SIG, "Microversion Specification".</remarks>
public readonly record struct Microversion(int Major, int Minor) : IComparable<Microversion>
{
    /// <summary>Reads 2.93 or v2.93; null where it is neither.</summary>
    public static Microversion? Parse(string? text) =>
        text?.TrimStart('v').Split('.') is [var major, var minor]
        && int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
        && int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var second) ? new(first, second) : null;

    /// <inheritdoc/>
    public int CompareTo(Microversion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    /// <summary>Whether one is older than another.</summary>
    public static bool operator <(Microversion left, Microversion right) => left.CompareTo(right) < 0;

    /// <summary>Whether one is newer than another.</summary>
    public static bool operator >(Microversion left, Microversion right) => left.CompareTo(right) > 0;

    /// <summary>Whether one is as old as another or older.</summary>
    public static bool operator <=(Microversion left, Microversion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one is as new as another or newer.</summary>
    public static bool operator >=(Microversion left, Microversion right) => left.CompareTo(right) >= 0;

    /// <summary>As in 2.93.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
