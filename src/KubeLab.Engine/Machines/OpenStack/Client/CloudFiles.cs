using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>The clouds in clouds.yaml, secure.yaml and clouds-public.yaml, and the one in the OS_* variables.</summary>
/// <param name="folder">The current folder, which is searched first.</param>
/// <param name="variable">Reads an environment variable.</param>
/// <remarks>openstacksdk, "Configuring OpenStack SDK Applications": the first file found of each name is used; secure.yaml overrides clouds.yaml.</remarks>
public sealed class CloudFiles(string folder, Func<string, string?> variable)
{
    /// <summary>The name of the cloud in the OS_* variables.</summary>
    public const string FromEnvironment = "envvars";

    private static readonly string[] Types = [".yaml", ".yml", ".json"];

    /// <summary>The files for the current folder and environment.</summary>
    public static CloudFiles Here() => new(CurrentFolder.Path, Environment.GetEnvironmentVariable);

    /// <summary>The names of the configured clouds.</summary>
    /// <exception cref="KlException">CloudInvalid: a file cannot be read.</exception>
    public IReadOnlyList<string> Names() => [.. All().Keys.Order(), .. HasEnvironment ? [EnvironmentName] : Array.Empty<string>()];

    /// <summary>Loads a cloud.</summary>
    /// <param name="name">The cloud's name. Null: OS_CLOUD, the OS_* variables, or the only configured cloud.</param>
    /// <exception cref="KlException">CloudNotConfigured, CloudInvalid, RegionNotFound, CloudScopeUnsupported, CloudLoginUnsupported.</exception>
    public CloudConfig Load(string? name)
    {
        var names = Names();
        if (names.Count == 0)
            throw new KlException(ErrorIds.CloudNotConfigured, KlErrorKind.NotFound, name ?? "clouds.yaml",
                $"No cloud is configured: clouds.yaml was not found in {string.Join(", ", Folders())}, and OS_AUTH_URL is not set.",
                "Download clouds.yaml from the dashboard (API Access) into ~/.config/openstack.");
        name ??= Variable("OS_CLOUD") ?? (HasEnvironment ? EnvironmentName : names.Count == 1 ? names[0] : null);
        if (name is null || !names.Contains(name))
            throw new KlException(name is null ? ErrorIds.CloudNotChosen : ErrorIds.CloudNotConfigured,
                name is null ? KlErrorKind.InvalidInput : KlErrorKind.NotFound, name ?? "-Cloud",
                $"{(name is null ? "Several clouds are configured" : $"The cloud '{name}' is not configured. Configured clouds")}: "
                + $"{string.Join(", ", names)}{(Source is { } file ? $" (in {file})" : "")}.",
                "Choose one with -Cloud or OS_CLOUD.");
        return name == EnvironmentName && HasEnvironment
            ? new CloudReader(name, "the environment", WithProfile(name, FromVariables()), null, FullPath).Read()
            // If the OS_* variables define a cloud, OS_REGION_NAME belongs to that cloud.
            : new CloudReader(name, Source!, WithProfile(name, All()[name]), HasEnvironment ? null : Variable("OS_REGION_NAME"), FullPath).Read();
    }

    private bool HasEnvironment => Variable("OS_AUTH_URL") is not null;

    private string EnvironmentName => Variable("OS_CLOUD_NAME") ?? FromEnvironment;

    private string? Source => Find("clouds", "OS_CLIENT_CONFIG_FILE") ?? Find("secure", "OS_CLIENT_SECURE_FILE");

    private Dictionary<string, CloudYaml> All()
    {
        var clouds = Read("clouds", "OS_CLIENT_CONFIG_FILE").Map("clouds");
        var secure = Read("secure", "OS_CLIENT_SECURE_FILE").Map("clouds");
        // A cloud may be in secure.yaml only.
        var names = clouds.Keys.Union(secure.Keys.Where(name => secure.Map(name).Keys.Any())).ToList();
        if (HasEnvironment && names.Contains(EnvironmentName))
            throw new KlException(ErrorIds.CloudInvalid, KlErrorKind.InvalidInput, EnvironmentName,
                $"{Source} contains the cloud '{EnvironmentName}', and the OS_* variables define another cloud with this name.",
                "Rename the cloud in the file, set OS_CLOUD_NAME to another name, or unset OS_AUTH_URL.");
        return names.ToDictionary(name => name, name => clouds.Map(name).OverriddenBy(secure.Map(name)));
    }

    private CloudYaml WithProfile(string name, CloudYaml cloud)
    {
        if (cloud.Text("profile", "cloud") is not { } profile)
            return cloud;
        var known = Read("clouds-public", "OS_CLIENT_VENDOR_FILE").Map("public-clouds");
        return known.Keys.Contains(profile) ? known.Map(profile).OverriddenBy(cloud) : cloud.Map("auth").Text("auth_url") is not null ? cloud
            : throw new KlException(ErrorIds.CloudInvalid, KlErrorKind.InvalidInput, name,
                $"{name}: the profile '{profile}' was not found in clouds-public.yaml, and the cloud has no auth_url.",
                "Add auth_url and region_name to clouds.yaml.");
    }

    private CloudYaml FromVariables()
    {
        (string, string?) Setting(string key) => (key, Variable("OS_" + key.ToUpperInvariant()));
        string[] auth = ["auth_url", "username", "user_id", "password", "token", "project_name", "project_id", "tenant_name",
            "tenant_id", "user_domain_name", "user_domain_id",
            "project_domain_name", "project_domain_id", "default_domain", "default_domain_id", "default_domain_name",
            "system_scope", "domain_id", "domain_name",
            "application_credential_id", "application_credential_name", "application_credential_secret"];
        string[] rest = ["auth_type", "auth_plugin", "auth_token", "profile", "region_name", "interface", "endpoint_type",
            "cacert", "cert", "key", "insecure"];
        return CloudYaml.Of([.. auth.Concat(rest).Concat(CloudReader.ServiceKeys).Select(Setting)]);
    }

    private CloudYaml Read(string file, string named) => Find(file, named) is { } path ? CloudYaml.Load(path) : CloudYaml.Empty;

    private string? Find(string file, string named) => Variable(named) is { } path && File.Exists(Path.GetFullPath(path, folder))
        ? Path.GetFullPath(path, folder)
        : Folders().SelectMany(_ => Types, (place, type) => Path.Combine(place, file + type)).FirstOrDefault(File.Exists);

    private IEnumerable<string> Folders() =>
    [
        // Unlike openstacksdk, also search the folder of the file in OS_CLIENT_CONFIG_FILE, because the files belong together.
        .. Variable("OS_CLIENT_CONFIG_FILE") is { } named ? new[] { Path.GetDirectoryName(Path.GetFullPath(named, folder))! } : [],
        folder,
        .. Variable("XDG_CONFIG_HOME") is { } config ? new[] { Path.Combine(config, "openstack") } : [],
        Path.Combine(Home, ".config", "openstack"),
        .. OperatingSystem.IsWindows() ? Array.Empty<string>()
            : [.. (Variable("XDG_CONFIG_DIRS") ?? "/etc/xdg").Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Select(place => Path.Combine(place, "openstack")), "/etc/openstack"],
    ];

    private string FullPath(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? Home + path[1..] : Path.GetFullPath(path, folder);

    private string Home => Variable("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    private string? Variable(string name) => variable(name) is { Length: > 0 } value ? value : null;
}
