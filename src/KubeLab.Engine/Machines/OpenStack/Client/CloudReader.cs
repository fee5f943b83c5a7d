using System.Net;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>Makes a <see cref="CloudConfig"/> of one cloud's mapping.</summary>
internal sealed class CloudReader(string name, string source, CloudYaml cloud)
{
    private readonly CloudYaml _auth = cloud.Map("auth");

    public CloudConfig Read()
    {
        if (Auth("system_scope") is not null)
            throw new KlException("CloudScopeUnsupported", KlErrorKind.InvalidInput, name, $"{name}: a system scope is for operators of the cloud; machines are made in a project.",
                $"Replace system_scope by project_name in {source}.");
        if (Auth("domain_id", "domain_name") is not null && Project() is null)
            throw new KlException("CloudScopeUnsupported", KlErrorKind.InvalidInput, name, $"{name}: the scope is a domain; machines are made in a project.",
                $"Add project_name to {source}; a user's domain is user_domain_name.");
        var (region, settings) = Region();
        cloud = cloud.Under(settings);
        return new()
        {
            Name = name,
            Source = source,
            AuthUrl = Address(Auth("auth_url") ?? throw Invalid("auth_url is missing"), "auth_url"),
            Login = Login(),
            Project = Project(),
            Region = region,
            Interface = Interface(),
            Verify = !IsNo(cloud.Text("verify", "ssl_verify")) && !IsYes(cloud.Text("insecure")),
            CaFile = File(cloud.Text("cacert")),
            CertificateFile = File(cloud.Text("cert")),
            KeyFile = File(cloud.Text("key")),
            Endpoints = cloud.Keys.Select(key => key.Replace('-', '_')).Where(key => key.EndsWith("_endpoint_override", StringComparison.Ordinal) && cloud.Text(key) is not null)
                .ToDictionary(key => key[..^"_endpoint_override".Length], key => Address(cloud.Text(key)!, key)),
        };
    }

    private CloudLogin Login()
    {
        var type = cloud.Text("auth_type") ?? (Auth("application_credential_secret") is not null ? "v3applicationcredential" : Auth("token") is not null && Auth("password") is null ? "v3token" : "password");
        return type switch
        {
            "password" or "v3password" => new PasswordLogin(User() ?? throw Invalid("username is missing"), Auth("password") is { } password ? new NetworkCredential("", password) : null),
            "v3applicationcredential" => Credential(),
            "token" or "v3token" => new TokenLogin(Secret("token")),
            _ => throw new KlException("CloudLoginUnsupported", KlErrorKind.InvalidInput, name, $"{name}: auth_type '{type}' is not supported.",
                "Use v3applicationcredential (the dashboard makes one under Identity), v3password or v3token."),
        };
    }

    private ApplicationCredentialLogin Credential()
    {
        var (id, named) = (Auth("application_credential_id"), Auth("application_credential_name"));
        if (id is null && (named is null || User() is null))
            throw Invalid("application_credential_id is missing, and so is application_credential_name with username or user_id");
        return new(id, named, User(), Secret("application_credential_secret"));
    }

    private CloudIdentity? User() => Identity("username", "user_id", "user_domain");

    private CloudIdentity? Project() => Identity("project_name", "project_id", "project_domain") ?? Identity("tenant_name", "tenant_id", "project_domain");

    private CloudIdentity? Identity(string named, string id, string domain) => Auth(named, id) is null ? null
        : new(Auth(id), Auth(named), Auth(domain + "_id", "default_domain_id", "default_domain") is { } domainId && Auth(domain + "_name") is null ? domainId : null, Auth(domain + "_name", "default_domain_name"));

    // region_name, or the first of regions: a name, or a mapping of name and values.
    private (string? Name, CloudYaml Settings) Region()
    {
        var regions = cloud.List("regions").Select(one => one is string text ? (Name: text, Settings: CloudYaml.Empty)
            : CloudYaml.Of(one) is { } map ? (Name: map.Text("name"), Settings: map.Map("values")) : default).Where(one => one.Name is not null).ToList();
        var named = cloud.Text("region_name");
        return named is null && regions.Count > 0 ? regions[0] : (named, regions.Find(one => one.Name == named).Settings ?? CloudYaml.Empty);
    }

    private string Interface()
    {
        var text = cloud.Text("interface", "endpoint_type") ?? "public";
        var plain = text.EndsWith("URL", StringComparison.Ordinal) ? text[..^"URL".Length] : text;
        return plain is "public" or "internal" or "admin" ? plain : throw Invalid($"interface is '{text}', and not public, internal or admin");
    }

    private NetworkCredential Secret(string key) => new("", Auth(key) ?? throw Invalid($"{key} is missing"));

    private string? Auth(params string[] keys) => _auth.Text(keys) ?? cloud.Text(keys);

    private Uri Address(string text, string key) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
        : throw Invalid($"{key} '{text}' is no http or https address");

    private static string? File(string? path) => path is not null && (path == "~" || path.StartsWith("~/", StringComparison.Ordinal))
        ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify) + path[1..] : path;

    private static bool IsNo(string? text) => text?.ToLowerInvariant() is "false" or "no" or "off" or "0";

    private static bool IsYes(string? text) => text?.ToLowerInvariant() is "true" or "yes" or "on" or "1";

    private KlException Invalid(string what) => new("CloudInvalid", KlErrorKind.InvalidInput, name, $"{name}: {what} in {source}.", "See the openstacksdk's documentation of clouds.yaml, or download it anew from the dashboard.");
}
