using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;

namespace KubeLab.Engine.Kube;

/// <summary>Deserializes the package's models. Omitted and null properties become empty, and null items of lists are removed,
/// so that code which reads a model meets no unexpected null.</summary>
internal static class KubeModels
{
    private const string Models = "k8s.Models";
    private static readonly string[] Parts = ["Metadata", "Spec", "Status", "Template", "Containers", "InvolvedObject"];
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Known = new();

    /// <summary>The options for JsonSerializer.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var given = new KubernetesClientConfiguration().JsonSerializerOptions;
        return new(given) { TypeInfoResolver = (given.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(Tolerate) };
    }

    private static void Tolerate(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || type.Type.Namespace != Models)
            return;
        foreach (var property in type.Properties)
            if (property.Set is { } set && property.PropertyType is { IsGenericType: true } list
                && list.GetGenericTypeDefinition() == typeof(IList<>) && !list.GenericTypeArguments[0].IsValueType)
                property.Set = (of, value) =>
                {
                    for (var (items, at) = (value as IList, (value as IList)?.Count - 1 ?? -1); at >= 0; at--)
                        if (items![at] is null)
                            items.RemoveAt(at);
                    set(of, value);
                };
        if (type.Type == typeof(V1ObjectMeta))
            type.OnDeserialized = metadata => ((V1ObjectMeta)metadata).Name ??= "";
        else if (PartsOf(type.Type).Length > 0)
            type.OnDeserialized = Fill;
    }

    private static void Fill(object one)
    {
        foreach (var part in PartsOf(one.GetType()))
            if (part.GetValue(one) is null)
            {
                var empty = part.PropertyType.IsInterface ? Activator.CreateInstance(typeof(List<>).MakeGenericType(part.PropertyType.GenericTypeArguments))!
                    : Activator.CreateInstance(part.PropertyType)!;
                Fill(empty);
                if (empty is V1ObjectMeta metadata)
                    metadata.Name = "";
                part.SetValue(one, empty);
            }
    }

    private static PropertyInfo[] PartsOf(Type type) => Known.GetOrAdd(type, static of =>
        [.. Parts.Concat(of.GetProperty("Template") is null ? [] : ["Selector"]).Select(name => of.GetProperty(name)).OfType<PropertyInfo>()
            .Where(part => part.PropertyType is { IsClass: true, Namespace: Models } && part.PropertyType.GetConstructor([]) is not null
                || part.PropertyType == typeof(IList<V1Container>))]);
}
