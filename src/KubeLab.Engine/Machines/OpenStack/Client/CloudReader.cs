using System.Net;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>Converts a cloud's mapping to a <see cref="CloudConfig"/>.</summary>
/// <param name="name">The cloud's name.</param>
/// <param name="source">The origin of the mapping.</param>
/// <param name="cloud">The mapping.</param>
/// <param name="chosen">A region that overrides the mapping.</param>
/// <param name="path">Resolves a file path in the mapping.</param>
/// <remarks>The precedence of keys follows openstacksdk (config/loader.py), and that of domains keystoneauth.</remarks>
internal sealed partial class CloudReader(string name, string source, CloudYaml cloud, string? chosen, Func<string, string> path)
{
    private const StringSplitOptions SplitOptions = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    private static readonly string[] Services = ["compute", "network", "image", "volume", "volumev2", "volumev3", "block_store", "block_storage"];

    private static readonly string[] EndpointKeys = ["_endpoint_override", "_endpoint"], RegionKeys = ["_region_name"],
        InterfaceKeys = ["_interface", "_endpoint_type"];

    private string? _region;

    /// <summary>The keys that apply to one service.</summary>
    public static IEnumerable<string> ServiceKeys =>
        Services.SelectMany(_ => EndpointKeys.Concat(RegionKeys).Concat(InterfaceKeys), (service, end) => service + end);

    public CloudConfig Read()
    {
        // First, because the values of a region may override any others of the cloud.
        (_region, var settings) = Region();
        cloud = cloud.OverriddenBy(settings);
        if (Auth("system_scope") is not null)
            throw new KlException(ErrorIds.CloudScopeUnsupported, KlErrorKind.InvalidInput, name,
                $"{name}: machines need a project, but the credentials have a system scope.",
                $"Replace system_scope with project_name in {source}.");
        if (Auth("domain_id", "domain_name") is not null && Project() is null)
            throw new KlException(ErrorIds.CloudScopeUnsupported, KlErrorKind.InvalidInput, name,
                $"{name}: machines need a project, but the credentials have a domain scope.",
                $"Add project_name to {source}. Use user_domain_name for the user's domain.");
        return new()
        {
            Name = name,
            Source = source,
            AuthUrl = Address(Auth("auth_url") ?? throw Invalid("auth_url is missing"), "auth_url"),
            Login = Login(),
            Project = Project(),
            Region = _region,
            Interface = Interface(cloud.Text("interface", "endpoint_type") ?? "public"),
            Verify = !IsFalse(cloud.Text("verify", "ssl_verify")) && !IsTrue(cloud.Text("insecure")),
            CaFile = File(cloud.Text("cacert")),
            CertificateFile = File(cloud.Text("cert")),
            KeyFile = File(cloud.Text("key")),
            Endpoints = PerService(EndpointKeys, Address),
            Regions = PerService(RegionKeys, (text, _) => text),
            Interfaces = PerService(InterfaceKeys, (text, _) => Interface(text)),
        };
    }

    private CloudLogin Login()
    {
        var type = cloud.Text("auth_type", "auth_plugin") ?? (Auth("application_credential_secret") is not null ? "v3applicationcredential"
            : Auth("token", "auth_token") is not null && Auth("password") is null ? "v3token" : "password");
        return type switch
        {
            "password" or "v3password" => new PasswordLogin(User() ?? throw Invalid("username is missing"), Auth("password") is { } password
                ? new NetworkCredential("", password) : null),
            "v3applicationcredential" => Credential(),
            "token" or "v3token" => new TokenLogin(Secret("token", "auth_token")),
            _ => throw new KlException(ErrorIds.CloudLoginUnsupported, KlErrorKind.InvalidInput, name, $"{name}: auth_type '{type}' is not supported.",
                "Use v3applicationcredential (create one in the dashboard under Identity), v3password or v3token."),
        };
    }

    private ApplicationCredentialLogin Credential()
    {
        var (id, named) = (Auth("application_credential_id"), Auth("application_credential_name"));
        if (id is null && (named is null || User() is null))
            throw Invalid("application_credential_id, or application_credential_name with username or user_id, is missing");
        return new(id, named, User(), Secret("application_credential_secret"));
    }

    private CloudIdentity? User() => Identity(Auth("user_id"), Auth("username"), "user_domain");

    private CloudIdentity? Project() => Identity(Auth("project_id") ?? Auth("tenant_id"), Auth("project_name") ?? Auth("tenant_name"), "project_domain");

    // A domain ID takes precedence over names, and a domain of the user or project over a common one.
    private CloudIdentity? Identity(string? id, string? named, string domain)
    {
        var domainId = Auth(domain + "_id") ?? Auth("domain_id") ?? Auth("default_domain_id", "default_domain");
        var domainName = Auth(domain + "_name") ?? Auth("domain_name") ?? Auth("default_domain_name");
        return id is null && named is null ? null : new(id, named, domainId, domainId is null ? domainName : null);
    }

    // The chosen region, region_name or the first of regions. Entries of regions are names, or mappings of name and values.
    private (string? Name, CloudYaml Settings) Region()
    {
        var named = cloud.Text("region_name") is { } text ? text.Split(',', SplitOptions) : [.. cloud.List("region_name").OfType<string>()];
        var regions = cloud.List("regions").Select(Entry).ToList();
        var known = regions.Count > 0 ? regions.ConvertAll(one => one.Name) : [.. named];
        if (chosen is not null && known.Count > 0 && !known.Contains(chosen))
            throw new KlException(ErrorIds.RegionNotFound, KlErrorKind.InvalidInput, name,
                $"{name}: the region '{chosen}' is not in {source}. Available regions: {string.Join(", ", known)}.",
                "Correct OS_REGION_NAME. Region names are case-sensitive.");
        var region = chosen ?? named.FirstOrDefault() ?? known.FirstOrDefault();
        return (region, regions.Find(one => one.Name == region).Settings ?? CloudYaml.Empty);

        (string Name, CloudYaml Settings) Entry(object? entry) => entry is string id ? (id, CloudYaml.Empty)
            : CloudYaml.Of(entry) is { } map && map.Text("name") is { } key && map.Keys.All(one => one is "name" or "values") ? (key, map.Map("values"))
            : throw Invalid("an entry of regions is neither a name nor a mapping of name and values");
    }

    // If several keys have the same meaning, the first takes precedence.
    private Dictionary<string, T> PerService<T>(string[] ends, Func<string, string, T> read) =>
        Services.Select(service => (service, key: Array.Find(ends, end => cloud.Text(service + end) is not null))).Where(one => one.key is not null)
            .ToDictionary(one => one.service, one => read(cloud.Text(one.service + one.key)!, one.service + one.key));

    private string Interface(string text)
    {
        var plain = text.EndsWith("URL", StringComparison.Ordinal) ? text[..^"URL".Length] : text;
        return plain is "public" or "internal" or "admin" ? plain : throw Invalid($"interface is '{text}', which is not public, internal or admin");
    }

    private NetworkCredential Secret(params string[] keys) => new("", Auth(keys) ?? throw Invalid($"{keys[0]} is missing"));

    private string? Auth(params string[] keys) => cloud.Map("auth").Text(keys) ?? cloud.Text(keys);

    // For example https://{region_name}.example:5000/v3.
    private Uri Address(string text, string key)
    {
        var address = Placeholder().Replace(text, match => match.Groups[1].Value is var other && other == "region_name" ? _region ?? ""
            : cloud.Text(other) ?? throw Invalid($"{key} '{text}' requires {other}, which is missing"));
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
            : throw Invalid($"{key} '{address}' is not an http or https URL");
    }

    private string? File(string? file) => file is null ? null : path(file);

    private static bool IsFalse(string? text) => text?.ToLowerInvariant() is "false" or "no" or "off" or "0";

    private static bool IsTrue(string? text) => text?.ToLowerInvariant() is "true" or "yes" or "on" or "1";

    private KlException Invalid(string what) => new(ErrorIds.CloudInvalid, KlErrorKind.InvalidInput, name,
        $"{name}: {what} in {source}.", "See the openstacksdk documentation of clouds.yaml, or download the file again from the dashboard.");

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
