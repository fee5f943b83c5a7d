using YamlDotNet.RepresentationModel;

namespace KubeLab.Engine.Kube.Config;

/// <summary>A context of a kubeconfig.</summary>
internal sealed record KubeconfigContext(string Name, string? Cluster, string? User, string? Namespace);

/// <summary>Kubeconfigs merged like kubectl does: the first entry with a name wins. An invalid entry does not affect the others; it is reported when it
/// is used.</summary>
/// <remarks>Entries without a name cannot be referenced and are ignored.</remarks>
internal sealed class LoadedKubeconfig
{
    private readonly List<KubeconfigContext> _contexts = [];
    private readonly Dictionary<string, string?> _servers = [];
    private readonly HashSet<string> _users = [];
    private readonly Dictionary<(string Section, string Name), KlException> _faults = [];

    public string? CurrentContext { get; private set; }

    public IReadOnlyList<KubeconfigContext> Contexts => _contexts;

    /// <summary>The server of a context's cluster, as written in the file.</summary>
    public string? ServerOf(KubeconfigContext context) => context.Cluster is { } name ? _servers.GetValueOrDefault(name) : null;

    /// <summary>Adds the entries of a file that no previous file contains.</summary>
    public void Add(KubeconfigText text, string path)
    {
        CurrentContext = string.IsNullOrEmpty(CurrentContext) ? text.CurrentContext : CurrentContext;
        foreach (var (name, body) in Bodies(text, path, "clusters", "cluster", _servers.Keys))
            _servers[name] = body.Text("server");
        foreach (var (name, body) in Bodies(text, path, "contexts", "context", _contexts.Select(c => c.Name)))
            _contexts.Add(new(name, body.Text("cluster"), body.Text("user"), body.Text("namespace")));
        foreach (var (name, _) in Bodies(text, path, "users", "user", _users))
            _users.Add(name);
    }

    /// <summary>Fails if an entry that a context needs is invalid.</summary>
    /// <exception cref="KlException">KubeconfigInvalid, with line and column.</exception>
    public void Check(string context)
    {
        var found = _contexts.Find(c => c.Name == context);
        foreach (var (section, name) in ((string, string?)[])[("contexts", context), ("clusters", found?.Cluster), ("users", found?.User)])
            if (name is not null && _faults.TryGetValue((section, name), out var fault))
                throw fault;
    }

    private List<(string Name, YamlMappingNode Body)> Bodies(KubeconfigText text, string path, string section, string key, IEnumerable<string> known)
    {
        var (found, names) = (new List<(string, YamlMappingNode)>(), known.ToHashSet());
        foreach (var (name, entry) in text.Entries(section).Where(entry => names.Add(entry.Name)))
        {
            var (value, body) = (entry.Value(key), entry.Map(key) ?? []);
            if (value is not null and not YamlMappingNode && !value.IsNull())
                _faults[(section, name)] = Fault(path, value, $"The {key} '{name}' is not a mapping.");
            else if (body.Children.FirstOrDefault(field => StringFields.Contains((field.Key as YamlScalarNode)?.Value)
                && field.Value is not YamlScalarNode) is { Value: { } odd } field)
                _faults[(section, name)] = Fault(path, odd, $"The field {field.Key} of the {key} '{name}' is not a string.");
            found.Add((name, body));
        }
        return found;
    }

    // Fields that are read as strings. Other fields are validated when they are used.
    private static readonly HashSet<string?> StringFields =
    [
        "server", "certificate-authority", "certificate-authority-data", "tls-server-name", "proxy-url", "insecure-skip-tls-verify",
        "cluster", "user", "namespace",
        "client-certificate", "client-certificate-data", "client-key", "client-key-data", "token", "tokenFile", "username", "password",
    ];

    private static KlException Fault(string path, YamlNode at, string what) => new(ErrorIds.KubeconfigInvalid, KlErrorKind.InvalidInput, path,
        $"{path}, line {at.Start.Line}, column {at.Start.Column}: {what}", "Correct the file. Its other contexts can still be used.");
}
