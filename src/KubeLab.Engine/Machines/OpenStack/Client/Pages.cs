using System.Text.Json.Nodes;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>Pagination of lists.</summary>
internal static class Pages
{
    /// <summary>The path of the next page, or null. Only the query of a link is used, because the rest is often wrong behind proxies.</summary>
    /// <remarks>servers_links (Nova), networks_links (Neutron), volumes_links (Cinder); next (Glance); links.next (Keystone).</remarks>
    public static string? Next(JsonNode page, string key, string path)
    {
        var link = (page[key + "_links"] as JsonArray)?.FirstOrDefault(one => (string?)one?["rel"] == "next")?["href"]
            ?? page["next"] ?? (page["links"] as JsonObject)?["next"];
        return (string?)link is { } href && href.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? path.Split('?')[0] + href[query..] : null;
    }
}
