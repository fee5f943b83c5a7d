using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeLab.Engine.Deployments;

namespace KubeLab.Engine.Databases;

/// <summary>Converts a plan to the objects of a database.</summary>
/// <param name="plan">The plan.</param>
internal sealed class DatabaseManifest(DatabasePlan plan)
{
    /// <summary>The key of the password in the Secret.</summary>
    public const string PasswordKey = "password";

    /// <summary>The name of the container.</summary>
    public const string Container = "database";

    /// <summary>The key of the ConfigMap with the name of the primary.</summary>
    public const string PrimaryKey = "primary";

    /// <summary>The command of the image that controls a member.</summary>
    public const string Command = "/usr/local/bin/db";

    private const string Data = "data", Settings = "settings";

    /// <summary>The label that the StatefulSet controller gives to the pod of an ordinal.</summary>
    public const string PodName = "statefulset.kubernetes.io/pod-name";

    /// <summary>The claim of a member. The StatefulSet uses it if it exists.</summary>
    public string Claim(int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{Data}-{plan.Name}-{ordinal}");

    /// <summary>The StatefulSet.</summary>
    /// <param name="image">The image.</param>
    /// <param name="pullSecret">The pull secret of the image's registry, or null.</param>
    /// <param name="hasClass">Whether volumes come from a StorageClass.</param>
    public V1StatefulSet StatefulSet(string image, string? pullSecret, bool hasClass) => new()
    {
        Metadata = Metadata(plan.Name, plan.Shards is { } shards ? new() { [DatabaseLabels.Shards] = $"{shards}" } : null),
        Spec = new()
        {
            ServiceName = plan.MembersService,
            Replicas = plan.Members,
            // Members wait for each other at their start.
            PodManagementPolicy = "Parallel",
            Selector = Selector(),
            Template = new() { Metadata = new() { Labels = DatabaseLabels.Of(plan) }, Spec = Pod(image, pullSecret) },
            VolumeClaimTemplates =
            [
                new()
                {
                    Metadata = new() { Name = Data },
                    Spec = new()
                    {
                        AccessModes = ["ReadWriteOnce"],
                        Resources = new() { Requests = Volumes.Size },
                        StorageClassName = hasClass ? null : "",
                    },
                },
            ],
        },
    };

    /// <summary>The service that gives the members their names, also before they are ready.</summary>
    public V1Service MembersService() => new()
    {
        Metadata = Metadata(plan.MembersService),
        Spec = new() { ClusterIP = "None", PublishNotReadyAddresses = true, Selector = Selector().MatchLabels, Ports = [Port()] },
    };

    /// <summary>The service for clients: the primary if the user chooses it, otherwise all ready members.</summary>
    public V1Service ClientService(string? primary)
    {
        var selector = new Dictionary<string, string>(Selector().MatchLabels);
        if (primary is not null)
            selector[PodName] = primary;
        return new() { Metadata = Metadata(plan.Name), Spec = new() { Selector = selector, Ports = [Port()] } };
    }

    /// <summary>The settings that a member reads at its start.</summary>
    public V1ConfigMap ConfigMap(string primary) => new()
    {
        Metadata = Metadata(plan.Name),
        Data = new Dictionary<string, string> { [PrimaryKey] = primary },
    };

    /// <summary>Lets a drain remove one member at a time.</summary>
    /// <param name="apiVersion">The version of the API group policy: v1beta1 before Kubernetes 1.21.</param>
    public JsonObject DisruptionBudget(string apiVersion) => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = "PodDisruptionBudget",
        ["metadata"] = new JsonObject { ["name"] = plan.Name, ["namespace"] = plan.Namespace, ["labels"] = Json(DatabaseLabels.Of(plan)) },
        ["spec"] = new JsonObject { ["maxUnavailable"] = 1, ["selector"] = new JsonObject { ["matchLabels"] = Json(Selector().MatchLabels) } },
    };

    private V1PodSpec Pod(string image, string? pullSecret) => new()
    {
        Affinity = new() { PodAntiAffinity = AntiAffinity() },
        Containers =
        [
            new()
            {
                Name = Container,
                Image = image,
                Env = [.. Environment()],
                Ports = [new() { Name = "client", ContainerPort = plan.Profile.Port, Protocol = "TCP" }],
                StartupProbe = Probe("alive", 2, 150),
                // Each probe starts a process in the container.
                ReadinessProbe = Probe("ready", 5, 2),
                // A member without a majority is alive: a restart would not help.
                LivenessProbe = Probe("alive", 20, 3),
                VolumeMounts = [new() { Name = Data, MountPath = "/data" }, .. plan.HasChosenPrimary ? [SettingsMount()] : Array.Empty<V1VolumeMount>()],
            },
        ],
        EnableServiceLinks = false,
        ImagePullSecrets = pullSecret is null ? null : [new() { Name = pullSecret }],
        Volumes = plan.HasChosenPrimary ? [new() { Name = Settings, ConfigMap = new() { Name = plan.Name } }] : null,
    };

    private static V1VolumeMount SettingsMount() => new() { Name = Settings, MountPath = "/etc/kubelab/database", ReadOnlyProperty = true };

    // Two members of a database without shards never share a node. With shards, several do.
    private V1PodAntiAffinity AntiAffinity()
    {
        V1PodAffinityTerm term = new() { LabelSelector = Selector(), TopologyKey = "kubernetes.io/hostname" };
        return plan.Shards is null ? new() { RequiredDuringSchedulingIgnoredDuringExecution = [term] }
            : new() { PreferredDuringSchedulingIgnoredDuringExecution = [new() { PodAffinityTerm = term, Weight = 100 }] };
    }

    private IEnumerable<V1EnvVar> Environment() =>
    [
        new() { Name = "DB_DOMAIN", Value = $"{plan.MembersService}.{plan.Namespace}.svc" },
        new() { Name = "DB_ENGINE", Value = $"{plan.Engine}" },
        // The number of members of a database with shards can change, and its members find each other.
        .. plan.Shards is null ? [new V1EnvVar { Name = "DB_MEMBERS", Value = $"{plan.Members}" }] : Array.Empty<V1EnvVar>(),
        new() { Name = "DB_MODE", Value = $"{plan.Mode}" },
        new() { Name = "DB_NAME", Value = plan.Name },
        new() { Name = "DB_PASSWORD", ValueFrom = new() { SecretKeyRef = new() { Name = plan.SecretName, Key = PasswordKey } } },
        new() { Name = "POD_IP", ValueFrom = new() { FieldRef = new() { FieldPath = "status.podIP" } } },
    ];

    private static V1Probe Probe(string command, int period, int failures) => new()
    {
        Exec = new() { Command = ["bash", Command, command] },
        PeriodSeconds = period,
        TimeoutSeconds = 10,
        FailureThreshold = failures,
    };

    private V1LabelSelector Selector() => new() { MatchLabels = new Dictionary<string, string> { [ManagedLabels.NameLabel] = plan.Name } };

    private V1ServicePort Port() => new() { Name = "client", Port = plan.Profile.Port, Protocol = "TCP" };

    private V1ObjectMeta Metadata(string name, Dictionary<string, string>? annotations = null) =>
        new() { Name = name, NamespaceProperty = plan.Namespace, Labels = DatabaseLabels.Of(plan), Annotations = annotations };

    private static JsonObject Json(IDictionary<string, string> labels) =>
        new(labels.Select(label => KeyValuePair.Create<string, JsonNode?>(label.Key, label.Value)));
}
