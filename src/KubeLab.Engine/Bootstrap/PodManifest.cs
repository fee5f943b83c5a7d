using System.Text.RegularExpressions;

namespace KubeLab.Engine.Bootstrap;

/// <summary>The manifest of a pod network.</summary>
internal static partial class PodManifest
{
    /// <summary>Sets the pod subnet in the manifests of Calico and Flannel.</summary>
    public static string WithSubnet(string manifest, string subnet)
    {
        manifest = CalicoPool().Replace(manifest, $"$1- name: CALICO_IPV4POOL_CIDR\n$1  value: \"{subnet}\"\n");
        return FlannelPool().Replace(manifest, $"$1\"{subnet}\"");
    }

    [GeneratedRegex("""^( *)# - name: CALICO_IPV4POOL_CIDR *\n *#   value: .*\n""", RegexOptions.Multiline)]
    private static partial Regex CalicoPool();

    [GeneratedRegex("(\"Network\": )\"10\\.244\\.0\\.0/16\"")]
    private static partial Regex FlannelPool();
}
