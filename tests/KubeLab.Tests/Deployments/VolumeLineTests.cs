using k8s;
using k8s.Models;
using KubeLab.Engine.Pods;

namespace KubeLab.Tests.Deployments;

public sealed class VolumeLineTests
{
    [Theory]
    [InlineData("""{"image":{"reference":"quay.io/a/b:1","pullPolicy":"Always"}}""", "image quay.io/a/b:1")]
    [InlineData("""{"image":{}}""", "image ")]
    [InlineData("""{"ephemeral":{"volumeClaimTemplate":{"spec":{"storageClassName":"fast"}}}}""", "ephemeral claim, class fast")]
    [InlineData("""{"ephemeral":{}}""", "ephemeral claim")]
    [InlineData("""{"iscsi":{"targetPortal":"10.0.0.1:3260","iqn":"iqn.2001-04.com.x","lun":0}}""", "iSCSI 10.0.0.1:3260 iqn.2001-04.com.x")]
    [InlineData("""{"fc":{}}""", "Fibre Channel")]
    [InlineData("""{"flexVolume":{"driver":"x/y"}}""", "FlexVolume x/y")]
    [InlineData("""{"awsElasticBlockStore":{"volumeID":"vol-1"}}""", "AWS EBS volume vol-1")]
    [InlineData("""{"azureDisk":{"diskName":"d","diskURI":"u"}}""", "Azure disk d")]
    [InlineData("""{"azureFile":{"secretName":"s","shareName":"f"}}""", "Azure file share f")]
    [InlineData("""{"gcePersistentDisk":{"pdName":"d"}}""", "GCE disk d")]
    [InlineData("""{"vsphereVolume":{"volumePath":"[a] b"}}""", "vSphere disk [a] b")]
    [InlineData("""{"cinder":{"volumeID":"v"}}""", "Cinder volume v")]
    [InlineData("""{"rbd":{"image":"i","monitors":["m"]}}""", "Ceph RBD image rbd/i")]
    [InlineData("""{"cephfs":{"monitors":["a:6789","b:6789"],"path":"/p"}}""", "CephFS a:6789,b:6789:/p")]
    [InlineData("""{"glusterfs":{"endpoints":"e","path":"p"}}""", "GlusterFS e/p")]
    [InlineData("""{"gitRepo":{"repository":"https://x/y.git"}}""", "Git repository https://x/y.git")]
    [InlineData("""{"portworxVolume":{"volumeID":"v"}}""", "Portworx volume v")]
    [InlineData("""{"scaleIO":{"gateway":"g","system":"s","volumeName":"v"}}""", "ScaleIO volume v")]
    [InlineData("""{"storageos":{"volumeName":"v"}}""", "StorageOS volume v")]
    [InlineData("""{"quobyte":{"registry":"r","volume":"v"}}""", "Quobyte volume v")]
    [InlineData("""{"flocker":{"datasetName":"d"}}""", "Flocker dataset d")]
    [InlineData("""{"photonPersistentDisk":{"pdID":"p"}}""", "Photon disk p")]
    [InlineData("""{"emptyDir":{"medium":"Memory"}}""", "emptyDir in Memory")]
    [InlineData("""{"nfs":{"server":"s","path":"/p"}}""", "NFS s:/p")]
    [InlineData("{}", "unknown volume type")]
    public void Each_volume_type_has_a_description(string source, string line)
    {
        var volume = KubernetesJson.Deserialize<V1Volume>(source);
        volume.Name = "v";
        Assert.Equal("v: " + line, VolumeLine.Of(volume));
    }

    [Fact]
    public void All_volume_types_of_the_API_are_known()
    {
        foreach (var kind in typeof(V1Volume).GetProperties().Where(property => property.Name != nameof(V1Volume.Name)))
        {
            var volume = new V1Volume { Name = "v" };
            kind.SetValue(volume, Activator.CreateInstance(kind.PropertyType));
            Assert.DoesNotContain("unknown volume type", VolumeLine.Of(volume), StringComparison.Ordinal);
        }
    }
}
