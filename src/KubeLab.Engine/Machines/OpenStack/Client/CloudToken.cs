using System.Text.Json.Nodes;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A token of Keystone and its data. It is not a record, so that ToString does not show the token.</summary>
/// <param name="secret">The value of X-Auth-Token.</param>
/// <param name="body">Identity API v3, "Password authentication with scoped authorization": the token object.</param>
internal sealed class CloudToken(string secret, JsonNode body)
{
    public string Secret { get; } = secret;

    public DateTimeOffset Expires { get; } = (DateTimeOffset?)body["expires_at"] ?? DateTimeOffset.MaxValue;

    public string? ProjectId { get; } = (string?)body["project"]?["id"];

    public string? ProjectName { get; } = (string?)body["project"]?["name"];

    public string? UserId { get; } = (string?)body["user"]?["id"];

    public string? UserName { get; } = (string?)body["user"]?["name"];

    /// <summary>The endpoints of all services.</summary>
    public IReadOnlyList<CatalogEntry> Catalog { get; } =
        [.. from service in body["catalog"]?.AsArray() ?? []
            from endpoint in service["endpoints"]?.AsArray() ?? []
            where Uri.IsWellFormedUriString((string?)endpoint["url"], UriKind.Absolute)
            select new CatalogEntry((string?)service["type"] ?? "", (string?)endpoint["interface"] ?? "", (string?)endpoint["region_id"]
                ?? (string?)endpoint["region"], new((string)endpoint["url"]!))];
}

/// <summary>One endpoint of the catalog.</summary>
/// <param name="Type">The service's type.</param>
/// <param name="Interface">public, internal or admin.</param>
/// <param name="Region">The region.</param>
/// <param name="Url">The URL.</param>
internal sealed record CatalogEntry(string Type, string Interface, string? Region, Uri Url);
