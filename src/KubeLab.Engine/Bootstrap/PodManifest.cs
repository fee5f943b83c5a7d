using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeLab.Engine.Flow;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace KubeLab.Engine.Bootstrap;

/// <summary>A pod network's manifest: any number of objects of any kind.</summary>
internal static partial class PodManifest
{
    /// <summary>Sets the pool that Calico's and Flannel's manifests leave for the user to set.</summary>
    public static string WithSubnet(string manifest, string subnet)
    {
        manifest = CalicoPool().Replace(manifest, $"$1- name: CALICO_IPV4POOL_CIDR\n$1  value: \"{subnet}\"\n");
        return FlannelPool().Replace(manifest, $"$1\"{subnet}\"");
    }

    /// <summary>Its objects: namespaces and kinds before what needs them, else in the manifest's order.</summary>
    /// <exception cref="KlException">ManifestInvalid.</exception>
    public static IReadOnlyList<JsonObject> Objects(string source, string manifest)
    {
        var objects = new List<JsonObject>();
        var read = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var write = new SerializerBuilder().JsonCompatible().Build();
        try
        {
            var parser = new Parser(new StringReader(manifest));
            parser.Consume<StreamStart>();
            while (parser.Accept<DocumentStart>(out _))
                if (read.Deserialize(parser) is { } document)
                    objects.Add(JsonNode.Parse(write.Serialize(document))!.AsObject());
        }
        catch (Exception error) when (error is YamlException or InvalidOperationException)
        {
            throw new KlException("ManifestInvalid", KlErrorKind.InvalidInput, source, $"{source} is no Kubernetes manifest: {error.Message}", null, error);
        }
        return [.. objects.OrderBy(one => (string?)one["kind"] switch { "Namespace" => 0, "CustomResourceDefinition" => 1, _ => 2 })];
    }

    [GeneratedRegex("""^( *)# - name: CALICO_IPV4POOL_CIDR *\n *#   value: .*\n""", RegexOptions.Multiline)]
    private static partial Regex CalicoPool();

    [GeneratedRegex("(\"Network\": )\"10\\.244\\.0\\.0/16\"")]
    private static partial Regex FlannelPool();
}
