using System.Globalization;
using k8s;
using k8s.Models;
using KubeLab.Engine.Deployments;

namespace KubeLab.Engine.Databases;

/// <summary>The labels and annotations by which a database is found again.</summary>
internal static class DatabaseLabels
{
    /// <summary>The label of all objects of a database: its engine.</summary>
    public const string Engine = "org.kubelab/database-engine";

    /// <summary>The label of all objects of a database: its mode.</summary>
    public const string Mode = "org.kubelab/database-mode";

    /// <summary>The annotation of the StatefulSet: the number of shards.</summary>
    public const string Shards = "org.kubelab/database-shards";

    /// <summary>The label of the members of any database.</summary>
    public const string Selector = ManagedLabels.ManagedBy + "=kubelab," + Engine;

    public static Dictionary<string, string> Of(DatabasePlan plan)
    {
        var labels = ManagedLabels.Labels(plan.Name);
        labels[Engine] = $"{plan.Engine}";
        labels[Mode] = $"{plan.Mode}";
        return labels;
    }

    /// <summary>Whether an object belongs to a database.</summary>
    public static bool IsDatabase(IKubernetesObject<V1ObjectMeta> seen) => ManagedLabels.IsManaged(seen) && TryRead(seen, out _, out _);

    /// <summary>Reads the engine and the mode.</summary>
    public static bool TryRead(IKubernetesObject<V1ObjectMeta> seen, out DatabaseEngine engine, out DatabaseMode mode)
    {
        (engine, mode) = (default, default);
        return seen.Metadata.Labels is { } labels && labels.TryGetValue(Engine, out var first) && labels.TryGetValue(Mode, out var second)
            && Enum.TryParse(first, out engine) && Enum.IsDefined(engine) && Enum.TryParse(second, out mode) && Enum.IsDefined(mode);
    }

    /// <summary>The number of shards, or null.</summary>
    public static int? ShardsOf(V1StatefulSet set) => set.Metadata.Annotations?.TryGetValue(Shards, out var text) == true
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? count : null;
}
