using KubeLab.Engine.Kube.Config;

namespace KubeLab.Engine.Kube;

/// <summary>The connections of this process: one for equal settings.</summary>
internal static class KubeConnections
{
    // Beyond this many, those that nobody uses are closed.
    private const int Most = 16;
    private static readonly Lock One = new();
    private static readonly Dictionary<KubeSettings, Shared> All = [];
    private static readonly Dictionary<string, Look> Looks = [];
    private static long _turn;

    /// <summary>The settings of a context, and its name. They are read again when the kubeconfig or a file that it names has changed.</summary>
    public static (KubeSettings Settings, string Context) Of(KubeconfigFiles files, string? cluster)
    {
        var key = string.Join('\n', [cluster ?? "", .. files.Paths]);
        lock (One)
            if (Looks.TryGetValue(key, out var look) && files.Existing.SequenceEqual(look.Files) && look.IsCurrent)
                return (look.Settings, look.Context);
        var (found, texts) = (files.Existing.ToList(), new Dictionary<string, string>());
        string Note(string path) => texts[path] = File.ReadAllText(path);
        found.ForEach(path => Note(path));
        var (settings, context) = Kubeconfig.Load(files, cluster, Note);
        lock (One)
        {
            if (Looks.Count == Most)
                Looks.Clear();
            Looks[key] = new(found, texts, settings, context);
        }
        return (settings, context);
    }

    /// <summary>The connection of these settings; <see cref="Return"/> ends its use.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A certificate or key cannot be used.</exception>
    public static KubeConnection Take(KubeSettings settings)
    {
        settings = settings with { Namespace = "" };
        lock (One)
        {
            if (!All.TryGetValue(settings, out var shared))
            {
                CloseIdle(Most - 1);
                shared = All[settings] = new(new(settings));
            }
            (shared.Users, shared.Turn, shared.IsClosing) = (shared.Users + 1, ++_turn, false);
            return shared.Connection;
        }
    }

    /// <summary>Ends one use of a connection; it stays open for the next.</summary>
    public static void Return(KubeConnection connection)
    {
        lock (One)
            if (All.TryGetValue(connection.Settings, out var shared) && --shared.Users == 0 && shared.IsClosing)
            {
                All.Remove(connection.Settings);
                connection.Dispose();
            }
    }

    /// <summary>Closes the connections that nobody uses; those in use are closed when they are returned.</summary>
    public static void Close()
    {
        lock (One)
        {
            CloseIdle(0);
            foreach (var shared in All.Values)
                shared.IsClosing = true;
            Looks.Clear();
        }
    }

    private static void CloseIdle(int most)
    {
        foreach (var (key, idle) in All.Where(one => one.Value.Users == 0).OrderBy(one => one.Value.Turn).ToList())
            if (All.Count > most && All.Remove(key))
                idle.Connection.Dispose();
    }

    private sealed class Shared(KubeConnection connection)
    {
        public KubeConnection Connection { get; } = connection;

        public int Users { get; set; }

        public long Turn { get; set; }

        public bool IsClosing { get; set; }
    }

    private sealed record Look(IReadOnlyList<string> Files, IReadOnlyDictionary<string, string> Texts, KubeSettings Settings, string Context)
    {
        public bool IsCurrent => Texts.All(one => File.Exists(one.Key) && File.ReadAllText(one.Key) == one.Value);
    }
}
