using System.Collections.Concurrent;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Engine.Kube;

/// <summary>Opens clusters. Its connections are shared: one for equal settings, kept for the next command.</summary>
/// <param name="clock">Time.</param>
public sealed class KubeSession(TimeProvider clock) : IDisposable
{
    // Beyond this many, those that nobody uses are closed.
    private const int Most = 16;
    private readonly Lock _one = new();
    private readonly Dictionary<KubeSettings, Shared> _all = [];
    private readonly Dictionary<string, LoadedContext> _loaded = [];
    private readonly HashSet<string> _warned = [];
    private long _turn;

    /// <summary>Time.</summary>
    internal TimeProvider Clock => clock;

    /// <summary>The kinds that servers said they serve, with the time stamp of that.</summary>
    internal ConcurrentDictionary<string, (long Time, IReadOnlyList<KubeKind> Kinds)> Discovered { get; } = new();

    /// <summary>Opens a cluster of the user's kubeconfig.</summary>
    /// <param name="cluster">A KubeLab cluster's name (context kubelab-NAME), any context's name, or null: the current context.</param>
    /// <exception cref="KlException">KubeContextNotFound, KubeconfigInvalid.</exception>
    public KubeApi Open(string? cluster) => Open(KubeconfigFiles.Found(), cluster);

    /// <summary>Closes the connections that nobody uses; those in use are closed when their use ends.</summary>
    public void Dispose()
    {
        lock (_one)
        {
            CloseIdle(0);
            foreach (var shared in _all.Values)
                shared.IsClosing = true;
            _loaded.Clear();
        }
    }

    internal KubeApi Open(KubeconfigFiles files, string? cluster)
    {
        var (settings, context) = Load(files, cluster);
        if (settings.SkipTlsVerify && LabEvents.Current is { } events && IsFirst($"{context} {settings.Host}"))
            events.Warning(context, $"the certificate of {settings.Host} is not verified (insecure-skip-tls-verify in the kubeconfig): an attacker on the network can read and change everything.");
        try
        {
            return new(this, settings, context);
        }
        catch (Exception error) when (Kubeconfig.IsUnusable(error))
        {
            throw Kubeconfig.Unusable(context, error);
        }
    }

    /// <summary>The connection of these settings; <see cref="Return"/> ends its use.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A certificate or key cannot be used.</exception>
    internal KubeConnection Take(KubeSettings settings)
    {
        settings = settings with { Namespace = "" };
        lock (_one)
        {
            if (!_all.TryGetValue(settings, out var shared))
            {
                CloseIdle(Most - 1);
                shared = _all[settings] = new(new(settings, clock));
            }
            (shared.Users, shared.Turn, shared.IsClosing) = (shared.Users + 1, ++_turn, false);
            return shared.Connection;
        }
    }

    /// <summary>Ends one use of a connection; it stays open for the next.</summary>
    internal void Return(KubeConnection connection)
    {
        lock (_one)
            if (_all.TryGetValue(connection.Settings, out var shared) && --shared.Users == 0 && shared.IsClosing)
            {
                _all.Remove(connection.Settings);
                connection.Dispose();
            }
    }

    private bool IsFirst(string warning)
    {
        lock (_one)
            return _warned.Add(warning);
    }

    // The settings of a context, and its name. They are read again when the kubeconfig or a file that it names has changed.
    private (KubeSettings Settings, string Context) Load(KubeconfigFiles files, string? cluster)
    {
        var key = string.Join('\n', [cluster ?? "", .. files.Paths]);
        lock (_one)
            if (_loaded.TryGetValue(key, out var loaded) && files.Existing.SequenceEqual(loaded.Files) && loaded.IsCurrent)
                return (loaded.Settings, loaded.Context);
        var (found, texts) = (files.Existing.ToList(), new Dictionary<string, string>());
        string Note(string path) => texts[path] = File.ReadAllText(path);
        found.ForEach(path => Note(path));
        var (settings, context) = Kubeconfig.Load(files, cluster, Note);
        lock (_one)
        {
            if (_loaded.Count == Most)
                _loaded.Clear();
            _loaded[key] = new(found, texts, settings, context);
        }
        return (settings, context);
    }

    private void CloseIdle(int most)
    {
        foreach (var (key, idle) in _all.Where(one => one.Value.Users == 0).OrderBy(one => one.Value.Turn).ToList())
            if (_all.Count > most && _all.Remove(key))
                idle.Connection.Dispose();
    }

    private sealed class Shared(KubeConnection connection)
    {
        public KubeConnection Connection { get; } = connection;

        public int Users { get; set; }

        public long Turn { get; set; }

        public bool IsClosing { get; set; }
    }

    private sealed record LoadedContext(IReadOnlyList<string> Files, IReadOnlyDictionary<string, string> Texts, KubeSettings Settings, string Context)
    {
        public bool IsCurrent => Texts.All(one => File.Exists(one.Key) && File.ReadAllText(one.Key) == one.Value);
    }
}
