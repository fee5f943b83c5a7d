using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>What the user of a context may do; the API server is asked, nothing is tried.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed class AccessClient(KubeSession kube)
{
    /// <summary>Whether it is allowed (kubectl auth can-i).</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, null: the context's, or "": all.</param>
    /// <param name="verb">As in get, create, delete.</param>
    /// <param name="resource">As in pods, deployments, deployments.apps, pods/log.</param>
    /// <param name="name">One object, or null: any.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">KubeApi's.</exception>
    public async Task<bool> TestAsync(string? cluster, string? ns, string verb, string resource, string? name, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var (whole, subresource) = resource.Split('/', 2) is [var one, var two] ? (one, two) : (resource, null);
        var (plural, group) = await NamedAsync(api, whole, stop);
        var asked = new JsonObject { ["namespace"] = ns ?? api.DefaultNamespace, ["verb"] = verb, ["group"] = group, ["resource"] = plural };
        if (subresource is not null)
            asked["subresource"] = subresource;
        if (name is not null)
            asked["name"] = name;
        var status = await AskAsync(api, "SelfSubjectAccessReview", "selfsubjectaccessreviews", new() { ["resourceAttributes"] = asked }, stop);
        return status.GetProperty("allowed").GetBoolean();
    }

    /// <summary>All that is allowed in a namespace (kubectl auth can-i --list).</summary>
    /// <param name="cluster">The cluster, or null: the current context.</param>
    /// <param name="ns">The namespace, or null: the context's.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">KubeApi's.</exception>
    public async Task<IReadOnlyList<KlAccessRule>> ListAsync(string? cluster, string? ns, CancellationToken stop)
    {
        using var api = kube.Open(cluster);
        var status = await AskAsync(api, "SelfSubjectRulesReview", "selfsubjectrulesreviews", new() { ["namespace"] = ns ?? api.DefaultNamespace }, stop);
        return
        [
            .. Items(status, "resourceRules").Select(rule => new KlAccessRule
            {
                Cluster = api.Cluster,
                Verbs = Texts(rule, "verbs"),
                Resources = [.. Texts(rule, "resources").SelectMany(r => Texts(rule, "apiGroups").DefaultIfEmpty("").Select(g => g.Length == 0 ? r : $"{r}.{g}"))],
                Names = Texts(rule, "resourceNames"),
                Paths = [],
            }),
            .. Items(status, "nonResourceRules").Select(rule => new KlAccessRule
            {
                Cluster = api.Cluster, Verbs = Texts(rule, "verbs"), Resources = [], Names = [], Paths = Texts(rule, "nonResourceURLs"),
            }),
        ];
    }

    // What is not served yet can be asked for too, by its full name; * is every kind there is.
    private static async Task<(string Plural, string Group)> NamedAsync(KubeApi api, string resource, CancellationToken stop)
    {
        if (resource == "*")
            return (resource, resource);
        if (resource.Split('.', 2) is [var plural, var group])
            return (plural, group);
        var kind = await api.KindAsync(resource, stop);
        return (kind.Plural, kind.Group);
    }

    private static async Task<JsonElement> AskAsync(KubeApi api, string kind, string plural, JsonObject spec, CancellationToken stop) =>
        (await api.PostAsync($"apis/authorization.k8s.io/v1/{plural}", new() { ["apiVersion"] = "authorization.k8s.io/v1", ["kind"] = kind, ["spec"] = spec }, stop)).GetProperty("status");

    private static List<JsonElement> Items(JsonElement from, string name) => from.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];

    private static string[] Texts(JsonElement from, string name) => [.. Items(from, name).Select(item => item.GetString()!)];
}
