using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>The permissions of the context's user, according to the API server.</summary>
/// <param name="kube">Opens connections to clusters.</param>
public sealed class AccessClient(KubeSession kube)
{
    /// <summary>Whether an action is permitted (kubectl auth can-i).</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, null for the context's namespace, or "" for all namespaces.</param>
    /// <param name="verb">The verb, such as get, create or delete.</param>
    /// <param name="resource">The resource, such as pods, deployments, deployments.apps or pods/log.</param>
    /// <param name="name">The name of one object, or null for all.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">The errors of KubeApi.</exception>
    public async Task<bool> TestAsync(string? cluster, string? ns, string verb, string resource, string? name, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var (whole, subresource) = resource.Split('/', 2) is [var one, var two] ? (one, two) : (resource, null);
        var (plural, group) = await ResolveAsync(api, whole, stop);
        var attributes = new JsonObject { ["namespace"] = ns ?? api.DefaultNamespace, ["verb"] = verb, ["group"] = group, ["resource"] = plural };
        if (subresource is not null)
            attributes["subresource"] = subresource;
        if (name is not null)
            attributes["name"] = name;
        var status = await ReviewAsync(api, "SelfSubjectAccessReview", "selfsubjectaccessreviews", new() { ["resourceAttributes"] = attributes }, stop);
        return status.GetProperty("allowed").GetBoolean();
    }

    /// <summary>Lists all permitted actions in a namespace (kubectl auth can-i --list).</summary>
    /// <param name="cluster">The cluster, or null for the current context.</param>
    /// <param name="ns">The namespace, or null for the context's namespace.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">The errors of KubeApi.</exception>
    public async Task<IReadOnlyList<KlAccessRule>> ListAsync(string? cluster, string? ns, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var status = await ReviewAsync(api, "SelfSubjectRulesReview", "selfsubjectrulesreviews", new() { ["namespace"] = ns ?? api.DefaultNamespace }, stop);
        return
        [
            .. Items(status, "resourceRules").Select(rule => new KlAccessRule
            {
                Cluster = api.Cluster,
                Verbs = [.. Texts(rule, "verbs")],
                Resources = [.. Texts(rule, "resources").SelectMany(r =>
                    Texts(rule, "apiGroups").DefaultIfEmpty("").Select(g => g.Length == 0 ? r : $"{r}.{g}"))],
                Names = [.. Texts(rule, "resourceNames")],
                Paths = [],
            }),
            .. Items(status, "nonResourceRules").Select(rule => new KlAccessRule
            {
                Cluster = api.Cluster, Verbs = [.. Texts(rule, "verbs")], Resources = [], Names = [], Paths = [.. Texts(rule, "nonResourceURLs")],
            }),
        ];
    }

    // A full name is accepted for a resource that the API server does not serve. * means all resources.
    private static async Task<(string Plural, string Group)> ResolveAsync(KubeApi api, string resource, CancellationToken stop)
    {
        if (resource == "*")
            return (resource, resource);
        if (resource.Split('.', 2) is [var plural, var group])
            return (plural, group);
        var kind = await api.KindAsync(resource, stop);
        return (kind.Plural, kind.Group);
    }

    private static async Task<JsonElement> ReviewAsync(KubeApi api, string kind, string plural, JsonObject spec, CancellationToken stop) =>
        (await api.PostAsync($"apis/authorization.k8s.io/v1/{plural}", new() { ["apiVersion"] = "authorization.k8s.io/v1", ["kind"] = kind, ["spec"] = spec },
            stop)).GetProperty("status");

    private static List<JsonElement> Items(JsonElement from, string name) =>
        from.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];

    private static string[] Texts(JsonElement from, string name) => [.. Items(from, name).Select(item => item.GetString()!)];
}
