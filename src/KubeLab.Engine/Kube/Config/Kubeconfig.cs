using System.Security.Cryptography;
using System.Text.Json.Nodes;
using k8s;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube.Config;

/// <summary>The user's kubeconfig, as kubectl finds it: KUBECONFIG, or ~/.kube/config.</summary>
public static class Kubeconfig
{
    private const string Prefix = "kubelab-";

    /// <summary>The context name of a KubeLab cluster.</summary>
    public static string ContextOf(string cluster) => Prefix + cluster;

    /// <summary>Merges the one cluster, user and context of <paramref name="adminConf"/> (kubeadm's admin.conf) into the user's
    /// file under the name <see cref="ContextOf"/> gives and makes it the current context. All else in the file stays as it is; a new file is 0600.</summary>
    /// <returns>False where it already stood there so.</returns>
    /// <exception cref="KlException">KubeconfigInvalid, KubeconfigLocked, KubeconfigNotWritable.</exception>
    public static Task<bool> MergeAsync(string cluster, string adminConf, Uri server, TimeProvider clock, CancellationToken stop) =>
        MergeAsync(KubeconfigFiles.Found(), cluster, adminConf, server, clock, stop);

    /// <summary>Removes what <see cref="MergeAsync(string, string, Uri, TimeProvider, CancellationToken)"/> added. Absent is done.</summary>
    /// <exception cref="KlException">KubeconfigInvalid, KubeconfigLocked, KubeconfigNotWritable.</exception>
    public static Task RemoveAsync(string cluster, TimeProvider clock, CancellationToken stop) => RemoveAsync(KubeconfigFiles.Found(), cluster, clock, stop);

    /// <summary>KubeLab's clusters in the file: name and API server.</summary>
    /// <exception cref="KlException">KubeconfigInvalid.</exception>
    public static Task<IReadOnlyDictionary<string, Uri>> ListAsync(CancellationToken stop) => Task.Run(() => List(KubeconfigFiles.Found()), stop);

    /// <summary>All contexts by name, KubeLab's and others.</summary>
    /// <exception cref="KlException">KubeconfigInvalid.</exception>
    public static Task<IReadOnlyList<KlContext>> ContextsAsync(CancellationToken stop) => Task.Run(() => Contexts(KubeconfigFiles.Found()), stop);

    /// <summary>Makes a context the current one, as kubectl config use-context does; all else in the file stays as it is.</summary>
    /// <param name="cluster">A KubeLab cluster's name or any context's.</param>
    /// <param name="clock">Time.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>The context, and whether it was not the current one before.</returns>
    /// <exception cref="KlException">KubeContextNotFound, KubeconfigInvalid, KubeconfigLocked, KubeconfigNotWritable.</exception>
    public static async Task<(KlContext Context, bool Changed)> UseAsync(string cluster, TimeProvider clock, CancellationToken stop)
    {
        var files = KubeconfigFiles.Found();
        var contexts = await Task.Run(() => Contexts(files), stop);
        var found = Named(contexts, ContextOf(cluster)) ?? Named(contexts, cluster);
        if (found is null)
            throw Unknown(files, cluster, [.. contexts.Select(c => c.Name)]);
        var changed = await KubeconfigFiles.EditAsync(files.Default, text => text.WithCurrentContext(found.Name), clock, stop);
        return (found with { Current = true }, changed);

        static KlContext? Named(IReadOnlyList<KlContext> contexts, string name) => contexts.FirstOrDefault(c => c.Name == name);
    }

    internal static IReadOnlyList<KlContext> Contexts(KubeconfigFiles files)
    {
        var config = files.Load();
        return [.. config.Contexts.OrderBy(c => c.Name, StringComparer.Ordinal).Select(c => new KlContext(
            c.Name, c.Name == config.CurrentContext,
            Uri.TryCreate(config.ServerOf(c), UriKind.Absolute, out var server) ? server : null, c.User, c.Namespace ?? "default"))];
    }

    internal static async Task<bool> MergeAsync(KubeconfigFiles files, string cluster, string adminConf, Uri server, TimeProvider clock, CancellationToken stop)
    {
        var admin = KubeconfigText.Parse(adminConf, "admin.conf").Data();
        var name = ContextOf(cluster);
        var clusterPart = Part("clusters", "cluster");
        clusterPart["server"] = server.ToString().TrimEnd('/');
        var wanted = new[]
        {
            ("clusters", Item("cluster", clusterPart)),
            ("contexts", Item("context", new() { ["cluster"] = name, ["user"] = name })),
            ("users", Item("user", Part("users", "user"))),
        };
        var changed = false;
        foreach (var (path, of) in files.Homes(name, [.. wanted.Select(w => w.Item1)]))
            changed |= await KubeconfigFiles.EditAsync(path, text => wanted.Where(w => of.Contains(w.Item1)).Aggregate(text, (t, w) => t.With(w.Item1, w.Item2)), clock, stop);
        return await KubeconfigFiles.EditAsync(files.Default, text => text.WithCurrentContext(name), clock, stop) || changed;

        JsonObject Part(string section, string key) => ((admin[section] as JsonArray)?.FirstOrDefault() as JsonObject)?[key] is JsonObject part ? part.DeepClone().AsObject()
            : throw new KlException(ErrorIds.KubeconfigInvalid, KlErrorKind.InvalidInput, "admin.conf", $"admin.conf of {cluster} names no {key}.");
        JsonObject Item(string key, JsonObject value) => new() { [key] = value, ["name"] = name };
    }

    internal static async Task RemoveAsync(KubeconfigFiles files, string cluster, TimeProvider clock, CancellationToken stop)
    {
        var name = ContextOf(cluster);
        foreach (var path in files.Existing)
            await KubeconfigFiles.EditAsync(path, text =>
            {
                foreach (var section in (string[])["clusters", "contexts", "users"])
                    text = text.Without(section, name);
                return text.CurrentContext == name ? text.WithCurrentContext("") : text;
            }, clock, stop);
    }

    internal static IReadOnlyDictionary<string, Uri> List(KubeconfigFiles files)
    {
        var config = files.Load();
        return config.Contexts.Where(c => c.Name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(c => (c.Name, Server: config.ServerOf(c)))
            .Where(c => Uri.TryCreate(c.Server, UriKind.Absolute, out _))
            .ToDictionary(c => c.Name[Prefix.Length..], c => new Uri(c.Server!));
    }

    /// <summary>Whether something a kubeconfig names cannot be read: a file, a certificate, a key, an address.</summary>
    internal static bool IsUnusable(Exception error) => error is FormatException or CryptographicException or IOException or UnauthorizedAccessException;

    /// <summary>The error of that.</summary>
    internal static KlException Unusable(string? context, Exception error) => new(ErrorIds.KubeconfigInvalid, KlErrorKind.InvalidInput, context ?? "kubeconfig",
        $"The context {context} cannot be used: {(error is FormatException ? "what should be Base64 in its cluster or user is not: " : "")}{error.Message}", "Correct the kubeconfig, or merge the cluster's again.", error);

    /// <summary>How to reach a cluster: a KubeLab cluster's name, a context's, or null for the current context.</summary>
    internal static (KubeSettings Config, string Context) Load(KubeconfigFiles files, string? cluster, Func<string, string>? read = null)
    {
        read ??= File.ReadAllText;
        var config = files.Load();
        var contexts = config.Contexts.Select(c => c.Name).ToList();
        var context = cluster is null ? config.CurrentContext : contexts.Find(c => c == ContextOf(cluster)) ?? contexts.Find(c => c == cluster);
        try
        {
            if (!string.IsNullOrEmpty(context) && contexts.Contains(context))
            {
                config.Check(context);
                return (KubeconfigAccess.Read(files, context, read), context);
            }
            if (cluster is null && contexts.Count == 0 && KubernetesClientConfiguration.IsInCluster())
                return (KubeconfigAccess.InCluster(read), "in-cluster");
        }
        catch (Exception error) when (IsUnusable(error))
        {
            throw Unusable(context, error);
        }
        throw cluster is not null ? Unknown(files, cluster, contexts) : new KlException(ErrorIds.KubeContextNotFound, KlErrorKind.NotFound, context ?? "current-context",
            !files.Existing.Any() ? $"There is no kubeconfig {files.Default}." : $"The kubeconfig {files.Default} has no current context{(string.IsNullOrEmpty(context) ? "" : $" '{context}'")}.", NameOne);
    }

    private const string NameOne = "Name one of them by -Cluster, or make one with Initialize-KlCluster.";

    private static KlException Unknown(KubeconfigFiles files, string cluster, IReadOnlyList<string> contexts) => new(ErrorIds.KubeContextNotFound, KlErrorKind.NotFound, cluster,
        $"The kubeconfig {files.Default} has neither a cluster '{cluster}' of KubeLab nor a context of that name; {Suggestions.Said(cluster, [.. contexts.Select(c => c.StartsWith(Prefix, StringComparison.Ordinal) ? c[Prefix.Length..] : c)])}", NameOne);
}
