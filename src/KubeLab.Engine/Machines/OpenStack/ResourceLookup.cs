using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>Finds a resource by name or ID.</summary>
internal static class ResourceLookup
{
    private const int Shown = 8;

    public static Wanted Image { get; } = new("image", ErrorIds.ImageNotFound, ErrorIds.ImageAmbiguous);

    public static Wanted Flavor { get; } = new("flavor", ErrorIds.FlavorNotFound, ErrorIds.FlavorAmbiguous);

    public static Wanted Network { get; } = new("network", ErrorIds.NetworkNotFound, ErrorIds.NetworkAmbiguous);

    public static Wanted ExternalNetwork { get; } = new("external network", ErrorIds.ExternalNetworkNotFound, ErrorIds.ExternalNetworkAmbiguous);

    public static Wanted Zone { get; } = new("zone", ErrorIds.ZoneNotFound, ErrorIds.ZoneAmbiguous);

    /// <summary>The resource with this ID or name.</summary>
    /// <exception cref="KlException">The ErrorId is one of <paramref name="what"/>, with similar names or the IDs.</exception>
    public static T One<T>(IReadOnlyList<T> all, string wanted, Wanted what, Func<T, string?> name)
        where T : ICloudResource
    {
        if (all.FirstOrDefault(one => one.Id == wanted) is { } byId)
            return byId;
        var found = all.Where(one => name(one) == wanted).ToList();
        if (found.Count == 0)
            found = [.. all.Where(one => string.Equals(name(one), wanted, StringComparison.OrdinalIgnoreCase))];
        return found.Count switch
        {
            1 => found[0],
            0 => throw new KlException(what.NotFoundId, KlErrorKind.NotFound, wanted, $"The cloud has no {what.Name} '{wanted}'.",
                all.Count == 0 ? $"This project cannot see any {what.Name}s."
                : $"Similar names: {string.Join(", ", Suggestions.Ranked(wanted, all.Select(name).OfType<string>()).Take(Shown))}."),
            _ => throw new KlException(what.AmbiguousId, KlErrorKind.InvalidInput, wanted,
                $"The cloud has {found.Count} {what.Name}s named '{wanted}'.",
                $"Specify one of the IDs: {string.Join(", ", found.Select(one => one.Id))}."),
        };
    }

    /// <summary>What is looked up: its name in messages, and its ErrorIds.</summary>
    internal sealed record Wanted(string Name, string NotFoundId, string AmbiguousId);
}
