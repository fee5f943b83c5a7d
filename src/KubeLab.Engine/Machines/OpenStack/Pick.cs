using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>Finds what a user names.</summary>
internal static class Pick
{
    private const int Shown = 8;

    /// <summary>The resource with this id or name.</summary>
    /// <exception cref="KlException">WHATUnknown, with the names that are nearest; WHATAmbiguous, with the ids.</exception>
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
                all.Count == 0 ? $"It shows this project no {what} at all." : $"Near to it: {string.Join(", ", Suggestions.Ranked(wanted, all.Select(name).OfType<string>()).Take(Shown))}."),
            _ => throw new KlException(error + "Ambiguous", KlErrorKind.InvalidInput, wanted, $"The cloud has {found.Count} times {what} '{wanted}'.",
                $"Give one of the ids: {string.Join(", ", found.Select(one => one.Id))}."),
        };
    }
}
