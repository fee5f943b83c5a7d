using System.Collections.Concurrent;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Engine.Kube;

/// <summary>Opens clusters. Equal settings share one connection, which is kept for the next command.</summary>
/// <param name="clock">The clock.</param>
public sealed class KubeSession(TimeProvider clock) : IDisposable
{
    // Idle connections beyond this number are closed.
    private const int MaxConnections = 16;
    private readonly Lock _lock = new();
    private readonly Dictionary<KubeSettings, Shared> _all = [];
    private readonly Dictionary<string, LoadedContext> _loaded = [];
    private readonly HashSet<string> _warned = [];
    private long _uses;

    /// <summary>The clock.</summary>
    internal TimeProvider Clock => clock;

    /// <summary>The kinds that servers serve, with the timestamp of the discovery.</summary>
    internal ConcurrentDictionary<string, (long Time, IReadOnlyList<KubeKind> Kinds)> Discovered { get; } = new();

    /// <summary>Opens a cluster from the user's kubeconfig.</summary>
    /// <param name="cluster">The name of a KubeLab cluster (context kubelab-NAME) or of any context. Null: the current context.</param>
    /// <exception cref="KlException">KubeContextNotFound, KubeconfigInvalid.</exception>
    public KubeApi Open(string? cluster) => Open(KubeconfigFiles.Locate(), cluster);

    /// <summary>Closes idle connections. Connections in use are closed when they are released.</summary>
    public void Dispose()
    {
        lock (_lock)
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
            events.Warning(context,
                $"the certificate of {settings.Host} is not verified (insecure-skip-tls-verify in the kubeconfig): an attacker on the network can read and "
                + $"change everything.");
        try
        {
            return new(this, settings, context);
        }
        catch (Exception error) when (Kubeconfig.IsUnusable(error))
        {
            throw Kubeconfig.Unusable(context, error);
        }
    }

    /// <summary>Gets the connection for these settings. <see cref="Release"/> releases it.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A certificate or key cannot be used.</exception>
    internal KubeConnection Acquire(KubeSettings settings)
    {
        settings = settings with { Namespace = "" };
        lock (_lock)
        {
            if (!_all.TryGetValue(settings, out var shared))
            {
                CloseIdle(MaxConnections - 1);
                shared = _all[settings] = new(new(settings, clock));
            }
            (shared.Users, shared.LastUse, shared.IsClosing) = (shared.Users + 1, ++_uses, false);
            return shared.Connection;
        }
    }

    /// <summary>Releases a connection. It stays open for the next command.</summary>
    internal void Release(KubeConnection connection)
    {
        lock (_lock)
            if (_all.TryGetValue(connection.Settings, out var shared) && --shared.Users == 0 && shared.IsClosing)
            {
                _all.Remove(connection.Settings);
                connection.Dispose();
            }
    }

    private bool IsFirst(string warning)
    {
        lock (_lock)
            return _warned.Add(warning);
    }

    // The settings of a context, and its name. They are loaded again if the kubeconfig or a file that it references has changed.
    private (KubeSettings Settings, string Context) Load(KubeconfigFiles files, string? cluster)
    {
        var key = string.Join('\n', [cluster ?? "", .. files.Paths]);
        lock (_lock)
            if (_loaded.TryGetValue(key, out var loaded) && files.Existing.SequenceEqual(loaded.Files) && loaded.IsCurrent)
                return (loaded.Settings, loaded.Context);
        var (found, texts) = (files.Existing.ToList(), new Dictionary<string, string>());
        string Note(string path) => texts[path] = Kubeconfig.ReadFile(path);
        foreach (var path in found)
            try
            {
                Note(path);
            }
            catch (IOException error)
            {
                throw KubeconfigText.Invalid(path, error.InnerException!);
            }
        var (settings, context) = Kubeconfig.Load(files, cluster, Note);
        lock (_lock)
        {
            if (_loaded.Count == MaxConnections)
                _loaded.Clear();
            _loaded[key] = new(found, texts, settings, context);
        }
        return (settings, context);
    }

    private void CloseIdle(int most)
    {
        foreach (var (key, idle) in _all.Where(one => one.Value.Users == 0).OrderBy(one => one.Value.LastUse).ToList())
            if (_all.Count > most && _all.Remove(key))
                idle.Connection.Dispose();
    }

    private sealed class Shared(KubeConnection connection)
    {
        public KubeConnection Connection { get; } = connection;

        public int Users { get; set; }

        public long LastUse { get; set; }

        public bool IsClosing { get; set; }
    }

    private sealed record LoadedContext(IReadOnlyList<string> Files, IReadOnlyDictionary<string, string> Texts, KubeSettings Settings, string Context)
    {
        public bool IsCurrent => Texts.All(one => File.Exists(one.Key) && IsUnchanged(one.Key, one.Value));

        private static bool IsUnchanged(string path, string text)
        {
            try
            {
                return Kubeconfig.ReadFile(path) == text;
            }
            catch (IOException)
            {
                // It is read again, and the error is reported.
                return false;
            }
        }
    }
}
