using System.Text.Json.Nodes;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow.Web;
using KubeLab.Engine.Manifests;

namespace KubeLab.Tests.Bootstrap;

public sealed class PodManifestTests
{
    [Fact]
    public void The_pod_subnet_is_set_in_the_manifest_of_Calico() => Assert.Contains(
        "            - name: CALICO_IPV4POOL_CIDR\n              value: \"10.50.0.0/16\"\n            - name: NEXT",
        PodManifest.WithSubnet(
            "            # - name: CALICO_IPV4POOL_CIDR\n            #   value: \"192.168.0.0/16\"\n            - name: NEXT", "10.50.0.0/16"),
        StringComparison.Ordinal);

    [Fact]
    public void The_pod_subnet_is_set_in_the_manifest_of_Flannel() =>
        Assert.Equal("\"Network\": \"10.50.0.0/16\",", PodManifest.WithSubnet("\"Network\": \"10.244.0.0/16\",", "10.50.0.0/16"));

    [Fact]
    public void Objects_are_ordered_by_dependency_and_keep_their_types()
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
    public void An_invalid_manifest_is_an_error() =>
        Assert.Equal("ManifestInvalid", Assert.Throws<KlException>(() => ManifestText.Objects("m", "kind: [").Count()).ErrorId);

    [Fact]
    public void The_error_for_an_unknown_pod_network_lists_the_known_ones() =>
        Assert.Contains("HostRoutes, Calico, Flannel", Assert.Throws<KlException>(() => PodNetworks.Parse("Weave")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task An_endless_manifest_is_an_error()
    {
        using var cluster = new FakeCluster();
        using var web = new WebText(new HttpClient(), TimeProvider.System);
        var networks = new PodNetworks(cluster.Hosts, TimeProvider.System, web, ManifestText.Objects);
        var error = await Assert.ThrowsAsync<KlException>(() =>
            networks.ApplyAsync(cluster, FakeCluster.Machine("k-1", 1), "/dev/zero", "10.244.0.0/16", cluster.Heard, default));
        Assert.Equal("PodNetworkUnreachable", error.ErrorId);
        Assert.Contains("it is longer than 32 MiB", error.Message, StringComparison.Ordinal);
    }
}
