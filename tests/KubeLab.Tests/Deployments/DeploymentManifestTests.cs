using System.Text.Json.Nodes;
using k8s;
using KubeLab.Engine.Deployments;

namespace KubeLab.Tests.Deployments;

public sealed class DeploymentManifestTests
{
    private static readonly ImageDeclaration Database = new()
    {
        Ports = [3306],
        Volumes = ["/var/lib/mysql"],
        Labels = new Dictionary<string, string>
        {
            ["org.kubelab.service"] = "ClusterIP",
            ["org.kubelab.secret.DB_PASSWORD"] = "mediawiki/database-password",
            ["maintainer"] = "someone",
        },
    };

    [Fact]
    public void A_database_has_a_volume_a_secret_and_a_single_writer()
    {
        var plan = DeploymentPlan.Of(new() { Name = "database", Image = "r:5000/database@sha256:1", Declares = Database }, "wiki");
        Same("""
            {
              "apiVersion": "apps/v1", "kind": "Deployment",
              "metadata": {
                "name": "database", "namespace": "wiki",
                "labels": {"app.kubernetes.io/managed-by": "kubelab", "app.kubernetes.io/name": "database"},
                "annotations": {"org.kubelab/service": "ClusterIP"}
              },
              "spec": {
                "selector": {"matchLabels": {"app.kubernetes.io/name": "database"}},
                "strategy": {"type": "Recreate"},
                "template": {
                  "metadata": {"labels": {"app.kubernetes.io/managed-by": "kubelab", "app.kubernetes.io/name": "database"}},
                  "spec": {
                    "enableServiceLinks": false,
                    "imagePullSecrets": [{"name": "kubelab-registry"}],
                    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
                      "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "database"}}}],
                    "volumes": [{"name": "v-var-lib-mysql", "persistentVolumeClaim": {"claimName": "database-var-lib-mysql"}}],
                    "containers": [{
                      "name": "database", "image": "r:5000/database@sha256:1",
                      "env": [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "mediawiki", "key": "database-password"}}}],
                      "ports": [{"name": "tcp-3306", "containerPort": 3306, "protocol": "TCP"}],
                      "readinessProbe": {"tcpSocket": {"port": 3306}, "periodSeconds": 3, "timeoutSeconds": 10, "failureThreshold": 3},
                      "volumeMounts": [{"name": "v-var-lib-mysql", "mountPath": "/var/lib/mysql"}]
                    }]
                  }
                }
              }
            }
            """, DeploymentManifest.Of(plan, "kubelab-registry"));
    }

    [Fact]
    public void Parameters_override_image_declarations()
    {
        var spec = new DeploymentSpec
        {
            Name = "web",
            Image = "i",
            Declares = new()
            {
                Ports = [80],
                Labels = new Dictionary<string, string>
                {
                    ["org.kubelab.replicas"] = "3", ["org.kubelab.readiness"] = "/up", ["org.kubelab.secret.A"] = "s/a",
                    ["org.kubelab.secret.B"] = "s/b"
                },
            },
        };
        var declared = DeploymentPlan.Of(spec, "default");
        Assert.Equal((3, "/up"), (declared.Replicas, declared.ReadinessPath));
        var plan = DeploymentPlan.Of(spec with
        {
            Replicas = 1,
            Ports = [8080, 8081],
            Environment = new Dictionary<string, string> { ["A"] = "x" },
            Secrets = new Dictionary<string, string> { ["B"] = "t/b" },
            Command = ["run", "--it"]
        }, "default");
        var container = DeploymentManifest.Of(plan, null).Spec.Template.Spec.Containers[0];
        Assert.Equal(1, plan.Replicas);
        Assert.Equal([8080, 8081], container.Ports.Select(p => p.ContainerPort));
        Assert.Equal("8080", container.ReadinessProbe.HttpGet.Port.Value);
        Assert.Equal(["A=x", "B=t"], container.Env.Select(e => $"{e.Name}={e.Value ?? e.ValueFrom.SecretKeyRef.Name}"));
        Assert.Equal(["run", "--it"], container.Command);
    }

    [Theory]
    [InlineData("org.kubelab.replicas", "three", "ImageDeclarationInvalid")]
    [InlineData("org.kubelab.service", "Public", "ImageDeclarationInvalid")]
    [InlineData("org.kubelab.readiness", "up", "ImageDeclarationInvalid")]
    [InlineData("org.kubelab.secret.A", "no-key", "SecretReferenceInvalid")]
    public void An_invalid_label_is_an_error_that_names_it(string label, string value, string id)
    {
        var spec = new DeploymentSpec { Name = "web", Image = "i", Declares = new() { Labels = new Dictionary<string, string> { [label] = value } } };
        var error = Assert.Throws<KlException>(() => DeploymentPlan.Of(spec, "default"));
        Assert.Equal((id, KlErrorKind.InvalidInput), (error.ErrorId, error.Kind));
        Assert.Contains(value, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_has_the_declared_type_and_all_ports()
    {
        var deployment = DeploymentManifest.Of(DeploymentPlan.Of(new() { Name = "database", Image = "i", Declares = Database }, "wiki"), null);
        Same("""
            {
              "apiVersion": "v1", "kind": "Service",
              "metadata": {"name": "database", "namespace": "wiki",
                "labels": {"app.kubernetes.io/managed-by": "kubelab", "app.kubernetes.io/name": "database"}},
              "spec": {"type": "ClusterIP", "selector": {"app.kubernetes.io/name": "database"},
                "ports": [{"name": "tcp-3306", "port": 3306, "protocol": "TCP", "targetPort": 3306}]}
            }
            """, ServiceClient.Manifest(new("database"), deployment));
        var port = ServiceClient.Manifest(new("database") { Type = "NodePort", Port = 80, TargetPort = 3306, NodePort = 30080 },
            deployment).Spec.Ports.Single();
        Assert.Equal((80, "3306", 30080), (port.Port, port.TargetPort.Value, port.NodePort));
        var portless = DeploymentManifest.Of(DeploymentPlan.Of(new() { Name = "batch", Image = "i" }, "wiki"), null);
        Assert.Equal("ServicePortMissing", Assert.Throws<KlException>(() => ServiceClient.Manifest(new("batch"), portless)).ErrorId);
    }

    [Theory]
    [InlineData("/x,/x/", "/x", "web-x")]
    [InlineData("//x/.//y/../,/x", "/x", "web-x")]
    [InlineData("/a-b,/a/b", "/a-b /a/b", "web-a-b-590bb8f6 web-a-b")]
    [InlineData("/a/b,/a-b", "/a/b /a-b", "web-a-b web-a-b-590bb8f6")]
    [InlineData("/Data,/data", "/Data /data", "web-data-d33637c1 web-data")]
    [InlineData("/___", "/___", "web-d2453931")]
    [InlineData("/var/lib/my_data", "/var/lib/my_data", "web-var-lib-my-data")]
    public void Each_path_is_one_volume_with_its_own_claim(string declared, string paths, string claims)
    {
        var plans = VolumePlan.Of(new() { Name = "web", Image = "i", Declares = new() { Volumes = declared.Split(',') } });

        Assert.Equal(paths, string.Join(' ', plans.Select(plan => plan.Path)));
        Assert.Equal(claims, string.Join(' ', plans.Select(plan => plan.Claim)));
    }

    [Fact]
    public void Volume_names_are_valid_and_unique()
    {
        string[] paths = [.. "ab".Select(end => $"/{new string('x', 300)}/{end}"), .. "ab".Select(start => $"/{start}/{new string('y', 80)}")];
        var plans = VolumePlan.Of(new() { Name = new string('n', 63), Image = "i", Declares = new() { Volumes = paths } });

        Assert.All(plans, plan => Assert.Matches("^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$", plan.Volume));
        Assert.All(plans, plan => Assert.InRange(plan.Claim.Length, 1, 189));
        Assert.Equal(4, plans.Select(plan => plan.Volume).Distinct().Count());
        Assert.Equal(4, plans.Select(plan => plan.Claim).Distinct().Count());
    }

    [Theory]
    [InlineData("/")]
    [InlineData("//.")]
    [InlineData("data")]
    [InlineData("/a:b")]
    [InlineData("")]
    public void An_invalid_volume_path_is_an_error(string path)
    {
        var error = Assert.Throws<KlException>(() => VolumePlan.Of(new() { Name = "web", Image = "i", Declares = new() { Volumes = [path] } }));
        Assert.Equal("ImageDeclarationInvalid", error.ErrorId);
        Assert.Contains($"'{path}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_without_ports_becomes_available_after_a_delay()
    {
        var deployment = DeploymentManifest.Of(DeploymentPlan.Of(new() { Name = "batch", Image = "i" }, "wiki"), null);
        Assert.Equal(5, deployment.Spec.MinReadySeconds);
        Assert.Null(deployment.Spec.Template.Spec.Containers[0].ReadinessProbe);
    }

    private static void Same(string expected, object created)
    {
        var actual = JsonNode.Parse(KubernetesJson.Serialize(created))!.AsObject();
        var attribute = (k8s.Models.KubernetesEntityAttribute)Attribute.GetCustomAttribute(created.GetType(), typeof(k8s.Models.KubernetesEntityAttribute))!;
        actual["apiVersion"] = attribute.Group.Length == 0 ? attribute.ApiVersion : $"{attribute.Group}/{attribute.ApiVersion}";
        actual["kind"] = attribute.Kind;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToJsonString());
    }
}
