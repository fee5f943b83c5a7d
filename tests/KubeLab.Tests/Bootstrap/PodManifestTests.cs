using System.Text.Json.Nodes;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Manifests;

namespace KubeLab.Tests.Bootstrap;

public sealed class PodManifestTests
{
    [Fact]
    public void Calicos_pool_becomes_the_clusters() => Assert.Contains(
        "            - name: CALICO_IPV4POOL_CIDR\n              value: \"10.50.0.0/16\"\n            - name: NEXT",
        PodManifest.WithSubnet("            # - name: CALICO_IPV4POOL_CIDR\n            #   value: \"192.168.0.0/16\"\n            - name: NEXT", "10.50.0.0/16"), StringComparison.Ordinal);

    [Fact]
    public void Flannels_pool_becomes_the_clusters() =>
        Assert.Equal("\"Network\": \"10.50.0.0/16\",", PodManifest.WithSubnet("\"Network\": \"10.244.0.0/16\",", "10.50.0.0/16"));

    [Fact]
    public void Objects_come_with_what_they_need_first_and_with_their_types()
    {
        JsonObject[] objects = [.. ManifestText.Objects("m", """
            # a comment
            ---
            kind: DaemonSet
            spec: {port: 80, ok: true, text: "80", mode: 420, none: null, list: [1, a]}
            ---
            kind: CustomResourceDefinition
            ---
            kind: Namespace
            """)];
        Assert.Equal(["Namespace", "CustomResourceDefinition", "DaemonSet"], objects.Select(one => (string?)one["kind"]));
        Assert.Equal("""{"port":80,"ok":true,"text":"80","mode":420,"none":null,"list":[1,"a"]}""", objects[2]["spec"]!.ToJsonString());
    }

    [Fact]
    public void What_is_no_manifest_says_so() =>
        Assert.Equal("ManifestInvalid", Assert.Throws<KlException>(() => ManifestText.Objects("m", "kind: [").Count()).ErrorId);

    [Fact]
    public void An_unknown_pod_network_names_the_known_ones() =>
        Assert.Contains("HostRoutes, Calico, Flannel", Assert.Throws<KlException>(() => PodNetworks.Parse("Weave")).Message, StringComparison.Ordinal);
}
