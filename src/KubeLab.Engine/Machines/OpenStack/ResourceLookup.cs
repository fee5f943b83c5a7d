using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>Finds a resource by name or ID.</summary>
internal static class ResourceLookup
{
    private const int Shown = 8;

    /// <summary>The resource with this ID or name.</summary>
    /// <exception cref="KlException">WHATUnknown, with similar names; WHATAmbiguous, with the IDs.</exception>
    public static T One<T>(IReadOnlyList<T> all, string wanted, string what, Func<T, string?> name)
        where T : ICloudResource
    {
        if (all.FirstOrDefault(one => one.Id == wanted) is { } byId)
            return byId;
        var found = all.Where(one => name(one) == wanted).ToList();
        if (found.Count == 0)
            found = [.. all.Where(one => string.Equals(name(one), wanted, StringComparison.OrdinalIgnoreCase))];
        var error = string.Concat(what.Split(' ').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        return found.Count switch
        {
            1 => found[0],
            0 => throw new KlException(error + "Unknown", KlErrorKind.NotFound, wanted, $"The cloud has no {what} '{wanted}'.",
                all.Count == 0 ? $"This project cannot see any {what}s."
                : $"Similar names: {string.Join(", ", Suggestions.Ranked(wanted, all.Select(name).OfType<string>()).Take(Shown))}."),
            _ => throw new KlException(error + "Ambiguous", KlErrorKind.InvalidInput, wanted,
                $"The cloud has {found.Count} {what}s named '{wanted}'.",
                $"Specify one of the IDs: {string.Join(", ", found.Select(one => one.Id))}."),
        };
    }
}
