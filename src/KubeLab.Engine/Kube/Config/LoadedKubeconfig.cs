using YamlDotNet.RepresentationModel;

namespace KubeLab.Engine.Kube.Config;

/// <summary>A context of a kubeconfig.</summary>
internal sealed record KubeconfigContext(string Name, string? Cluster, string? User, string? Namespace);

/// <summary>Kubeconfigs merged as kubectl merges them: the first of a name wins. An entry that cannot be understood spoils no other; it is an error when it is used.</summary>
/// <remarks>Entries without a name cannot be asked for and are left out.</remarks>
internal sealed class LoadedKubeconfig
{
    private readonly List<KubeconfigContext> _contexts = [];
    private readonly Dictionary<string, string?> _servers = [];
    private readonly HashSet<string> _users = [];
    private readonly Dictionary<(string Section, string Name), KlException> _faults = [];

    public string? CurrentContext { get; private set; }

    public IReadOnlyList<KubeconfigContext> Contexts => _contexts;

    /// <summary>The address that a context's cluster has, as it is written.</summary>
    public string? ServerOf(KubeconfigContext context) => context.Cluster is { } name ? _servers.GetValueOrDefault(name) : null;

    /// <summary>Adds what a file holds that none before it did.</summary>
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

    /// <summary>Whether what a context needs can be understood.</summary>
    /// <exception cref="KlException">KubeconfigInvalid, with the place.</exception>
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
            else if (body.Children.FirstOrDefault(field => Texts.Contains((field.Key as YamlScalarNode)?.Value) && field.Value is not YamlScalarNode) is { Value: { } odd } field)
                _faults[(section, name)] = Fault(path, odd, $"The field {field.Key} of the {key} '{name}' is not a text.");
            found.Add((name, body));
        }
        return found;
    }

    // What is read as a text; all else is judged where it is used.
    private static readonly HashSet<string?> Texts =
    [
        "server", "certificate-authority", "certificate-authority-data", "tls-server-name", "proxy-url", "insecure-skip-tls-verify", "cluster", "user", "namespace",
        "client-certificate", "client-certificate-data", "client-key", "client-key-data", "token", "tokenFile", "username", "password",
    ];

    private static KlException Fault(string path, YamlNode at, string what) => new(ErrorIds.KubeconfigInvalid, KlErrorKind.InvalidInput, path,
        $"{path}, line {at.Start.Line}, column {at.Start.Column}: {what}", "Correct the file; its other contexts can be used.");
}
