using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Deployments;

/// <summary>Secrets that are made once and shared by name: whoever asks first makes the key, however many ask at once.</summary>
internal static class GeneratedSecrets
{
    private const int Length = 32;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Makes the keys that are absent. Those that are there stay, whoever made them.</summary>
    public static async Task EnsureAsync(KubeApi api, string ns, IEnumerable<SecretVariable> wanted, IProgress<LabEvent> events, CancellationToken stop)
    {
        foreach (var secret in wanted.GroupBy(w => w.Secret, w => w.Key))
            while (!await TryAsync(api, ns, secret.Key, [.. secret.Distinct()], events, stop))
                events.Detail($"secret/{secret.Key}", "changed by another in between; looking again");
    }

    private static async Task<bool> TryAsync(KubeApi api, string ns, string name, IReadOnlyList<string> keys, IProgress<LabEvent> events, CancellationToken stop)
    {
        var there = await api.FindAsync<V1Secret>(name, ns, stop);
        var absent = keys.Where(key => there?.Data?.ContainsKey(key) != true).ToList();
        if (absent.Count == 0)
            return true;
        var made = absent.ToDictionary(key => key, _ => Encoding.ASCII.GetBytes(RandomNumberGenerator.GetString(Alphabet, Length)));
        try
        {
            if (there is null)
                await api.CreateAsync(new V1Secret { Metadata = new() { Name = name, NamespaceProperty = ns, Labels = ManagedLabels.Labels() }, Data = made }, stop);
            else
                await api.PatchAsync<V1Secret>(name, ns, new JsonObject
                {
                    ["metadata"] = new JsonObject { ["resourceVersion"] = there.Metadata.ResourceVersion },
                    ["data"] = new JsonObject(made.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Key, Convert.ToBase64String(m.Value)))),
                }, stop);
        }
        catch (KlException raced) when (raced.ErrorId is ErrorIds.KubeExists or ErrorIds.KubeConflict)
        {
            return false;
        }
        events.Changed($"secret/{name}", $"generated {string.Join(", ", absent)}");
        return true;
    }
}
