using System.Text.Json.Nodes;

namespace KubeLab.Engine.Resources;

/// <summary>A Secret without its values: with the keys and the sizes, as kubectl describe shows it.</summary>
internal static class HiddenSecret
{
    // kubectl stores a copy of the object here, including the values.
    public const string Copy = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>Returns a copy of the Secret.</summary>
    /// <remarks>The replaced values are not valid base64, so that the API server rejects the copy instead of storing them.</remarks>
    public static JsonObject Of(JsonObject secret)
    {
        var hidden = (JsonObject)secret.DeepClone();
        foreach (var field in (string[])["data", "stringData"])
            if (hidden[field] is JsonObject values)
                foreach (var (key, value) in values.ToList())
                    values[key] = $"({Size(value?.ToString() ?? "")} bytes)";
        if (hidden["metadata"] is JsonObject { } metadata && metadata["annotations"] is JsonObject annotations)
            annotations.Remove(Copy);
        return hidden;
    }

    /// <summary>The number of bytes in base64 text.</summary>
    public static int Size(string base64) => base64.TrimEnd('=').Length * 3 / 4;
}
