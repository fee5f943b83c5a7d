using System.Security.Cryptography;
using System.Text.Json.Nodes;
using k8s;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube.Config;

/// <summary>The user's kubeconfig, located like kubectl does: KUBECONFIG, or ~/.kube/config.</summary>
public static class Kubeconfig
{
    private const string Prefix = "kubelab-";

    /// <summary>The context name of a KubeLab cluster.</summary>
    public static string ContextOf(string cluster) => Prefix + cluster;

    /// <summary>Merges the cluster, user and context of <paramref name="adminConf"/> (kubeadm's admin.conf) into the user's kubeconfig under the name
    /// from <see cref="ContextOf"/>, and makes it the current context. The rest of the file is unchanged. A new file gets mode 0600.</summary>
    /// <returns>False if nothing changed.</returns>
    /// <exception cref="KlException">KubeconfigInvalid, KubeconfigLocked, KubeconfigNotWritable.</exception>
    public static Task<bool> MergeAsync(string cluster, string adminConf, Uri server, TimeProvider clock, CancellationToken stop) =>
        MergeAsync(KubeconfigFiles.Locate(), cluster, adminConf, server, clock, stop);

    /// <summary>Replaces the user of a cluster with the user of <paramref name="adminConf"/>, whose certificate was renewed. The rest of the file is unchanged.
    /// Does nothing if the kubeconfig does not contain the user.</summary>
    /// <returns>False if nothing changed.</returns>
    /// <exception cref="KlException">KubeconfigInvalid, KubeconfigLocked, KubeconfigNotWritable.</exception>
    public static Task<bool> RenewUserAsync(string cluster, string adminConf, TimeProvider clock, CancellationToken stop) =>
        RenewUserAsync(KubeconfigFiles.Locate(), cluster, adminConf, clock, stop);

    /// <summary>Removes what <see cref="MergeAsync(string, string, Uri, TimeProvider, CancellationToken)"/> added. Does nothing if it is absent.</summary>
    /// <exception cref="KlException">KubeconfigInvalid, KubeconfigLocked, KubeconfigNotWritable.</exception>
    public static Task RemoveAsync(string cluster, TimeProvider clock, CancellationToken stop) => RemoveAsync(KubeconfigFiles.Locate(), cluster, clock, stop);

    /// <summary>The KubeLab clusters in the kubeconfig: name and API server.</summary>
    /// <exception cref="KlException">KubeconfigInvalid.</exception>
    public static Task<IReadOnlyDictionary<string, Uri>> ListAsync(CancellationToken stop) => Task.Run(() => List(KubeconfigFiles.Locate()), stop);

    /// <summary>All contexts, sorted by name.</summary>
    /// <exception cref="KlException">KubeconfigInvalid.</exception>
    public static Task<IReadOnlyList<KlContext>> ContextsAsync(CancellationToken stop) => Task.Run(() => Contexts(KubeconfigFiles.Locate()), stop);

    /// <summary>Sets the current context, like kubectl config use-context. The rest of the file is unchanged.</summary>
    /// <param name="cluster">The name of a KubeLab cluster or of any context.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>The context, and whether it changed.</returns>
    /// <exception cref="KlException">KubeContextNotFound, KubeconfigInvalid, KubeconfigLocked, KubeconfigNotWritable.</exception>
    public static async Task<(KlContext Context, bool Changed)> UseAsync(string cluster, TimeProvider clock, CancellationToken stop)
    {
        var files = KubeconfigFiles.Locate();
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
            Uri.TryCreate(config.ServerOf(c), UriKind.Absolute, out var server) ? server.AbsoluteUri : null, c.User, c.Namespace ?? "default"))];
    }

    internal static async Task<bool> MergeAsync(KubeconfigFiles files, string cluster, string adminConf, Uri server,
        TimeProvider clock, CancellationToken stop)
    {
        var name = ContextOf(cluster);
        var clusterPart = AdminPart(cluster, adminConf, "clusters", "cluster");
        clusterPart["server"] = server.ToString().TrimEnd('/');
        var wanted = new[]
        {
            ("clusters", Item(name, "cluster", clusterPart)),
            ("contexts", Item(name, "context", new() { ["cluster"] = name, ["user"] = name })),
            ("users", Item(name, "user", AdminPart(cluster, adminConf, "users", "user"))),
        };
        var changed = false;
        foreach (var (path, of) in files.FilesOf(name, [.. wanted.Select(w => w.Item1)]))
            changed |= await KubeconfigFiles.EditAsync(path, text =>
                wanted.Where(w => of.Contains(w.Item1)).Aggregate(text, (t, w) => t.With(w.Item1, w.Item2)), clock, stop);
        return await KubeconfigFiles.EditAsync(files.Default, text => text.WithCurrentContext(name), clock, stop) || changed;
    }

    internal static async Task<bool> RenewUserAsync(KubeconfigFiles files, string cluster, string adminConf, TimeProvider clock, CancellationToken stop)
    {
        var name = ContextOf(cluster);
        var admin = AdminPart(cluster, adminConf, "users", "user");
        // Nothing else, because kubectl runs the program of an exec plugin.
        var user = new JsonObject();
        foreach (var key in (string[])["client-certificate-data", "client-key-data"])
            user[key] = admin[key]?.DeepClone() ?? throw new KlException(
                ErrorIds.KubeconfigInvalid, KlErrorKind.InvalidInput, "admin.conf", $"admin.conf of {cluster} has no {key}.");
        if (!files.Existing.Any())
            return false;
        var (path, _) = files.FilesOf(name, ["users"]).Single();
        return await KubeconfigFiles.EditAsync(path, text => text.Find("users", name) is null ? text
            : text.With("users", Item(name, "user", user.DeepClone().AsObject())), clock, stop);
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

    /// <summary>Reads a kubeconfig or a file that it references.</summary>
    /// <exception cref="IOException">It cannot be read, or is too long. The message contains its name.</exception>
    internal static string ReadFile(string path)
    {
        try
        {
            return BoundedText.OfFile(path, BoundedYaml.MaxLength);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the file {path} cannot be read: {IoError.Describe(error)}", error);
        }
    }

    /// <summary>Whether a kubeconfig or a file that it references cannot be used: a file, a certificate, a key or an address.</summary>
    internal static bool IsUnusable(Exception error) => error is FormatException or CryptographicException or IOException or UnauthorizedAccessException;

    /// <summary>The error for <see cref="IsUnusable"/>.</summary>
    internal static KlException Unusable(string? context, Exception error) =>
        new(ErrorIds.KubeconfigInvalid, KlErrorKind.InvalidInput, context ?? "kubeconfig",
            $"The context {context} cannot be used: {(error is FormatException ? "its cluster or user contains invalid Base64 data: " : "")}{error.Message}",
            "Correct the kubeconfig, or merge the cluster's kubeconfig again.", error);

    /// <summary>Loads the settings of a cluster: the name of a KubeLab cluster or of a context, or null for the current context.</summary>
    internal static (KubeSettings Config, string Context) Load(KubeconfigFiles files, string? cluster, Func<string, string>? read = null)
    {
        read ??= ReadFile;
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
        throw cluster is not null ? Unknown(files, cluster, contexts)
            : new KlException(ErrorIds.KubeContextNotFound, KlErrorKind.NotFound, context ?? "current-context",
                !files.Existing.Any() ? $"The kubeconfig {files.Default} was not found."
                : $"The kubeconfig {files.Default} has no current context{(string.IsNullOrEmpty(context) ? "" : $" '{context}'")}.");
    }

    private static KlException Unknown(KubeconfigFiles files, string cluster, IReadOnlyList<string> contexts) =>
        new(ErrorIds.KubeContextNotFound, KlErrorKind.NotFound, cluster,
            $"The kubeconfig {files.Default} has no KubeLab cluster or context named '{cluster}'; "
            + $"{Suggestions.Hint(cluster, [.. contexts.Select(c => c.StartsWith(Prefix, StringComparison.Ordinal) ? c[Prefix.Length..] : c)])}");

    private static JsonObject AdminPart(string cluster, string adminConf, string section, string key) =>
        ((KubeconfigText.Parse(adminConf, "admin.conf").Data()[section] as JsonArray)?.FirstOrDefault() as JsonObject)?[key] is JsonObject part
            ? part.DeepClone().AsObject()
            : throw new KlException(ErrorIds.KubeconfigInvalid, KlErrorKind.InvalidInput, "admin.conf", $"admin.conf of {cluster} has no {key}.");

    private static JsonObject Item(string name, string key, JsonObject value) => new() { [key] = value, ["name"] = name };
}
