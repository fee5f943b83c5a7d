using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>Secrets that are generated once and shared by name, also by concurrent callers.</summary>
internal static class GeneratedSecrets
{
    private const int Length = 32;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Generates missing keys. Existing keys are not changed.</summary>
    public static Task EnsureAsync(KubeApi api, string ns, IEnumerable<SecretVariable> requested, IProgress<LabEvent> events, CancellationToken stop) =>
        EnsureAsync(api, ns, requested, ManagedLabels.Labels(), events, stop);

    /// <summary>Generates missing keys. Existing keys are not changed. New Secrets have the given labels.</summary>
    public static async Task EnsureAsync(
        KubeApi api, string ns, IEnumerable<SecretVariable> requested, IDictionary<string, string> labels, IProgress<LabEvent> events, CancellationToken stop)
    {
        foreach (var secret in requested.GroupBy(w => w.Secret, w => w.Key))
            while (!await TryAsync(api, ns, secret.Key, [.. secret.Distinct()], labels, events, stop))
                events.Detail($"secret/{secret.Key}", "changed concurrently; retrying");
    }

    private static async Task<bool> TryAsync(KubeApi api, string ns, string name, IReadOnlyList<string> keys, IDictionary<string, string> labels,
        IProgress<LabEvent> events, CancellationToken stop)
    {
        var existing = await api.FindAsync<V1Secret>(name, ns, stop);
        var missing = keys.Where(key => existing?.Data?.ContainsKey(key) != true).ToList();
        if (missing.Count == 0)
            return true;
        var generated = missing.ToDictionary(key => key, _ => Encoding.ASCII.GetBytes(RandomNumberGenerator.GetString(Alphabet, Length)));
        try
        {
            if (existing is null)
                await api.CreateAsync(new V1Secret
                {
                    Metadata = new() { Name = name, NamespaceProperty = ns, Labels = labels },
                    Data = generated
                },
                    stop);
            else
                await api.PatchAsync<V1Secret>(name, ns, new JsonObject
                {
                    ["metadata"] = new JsonObject { ["resourceVersion"] = existing.Metadata.ResourceVersion },
                    ["data"] = new JsonObject(generated.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Key, Convert.ToBase64String(m.Value)))),
                }, stop);
        }
        catch (KlException conflict) when (conflict.ErrorId is ErrorIds.KubeExists or ErrorIds.KubeConflict)
        {
            return false;
        }
        events.Changed($"secret/{name}", $"generated {string.Join(", ", missing)}");
        return true;
    }
}
