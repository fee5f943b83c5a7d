using System.Text.Json.Nodes;

namespace KubeLab.Engine.Manifests;

/// <summary>The order of kinds: classes that are applied one after the other, and deleted in reverse.</summary>
internal static class ManifestOrder
{
    public const int Namespaces = 0;
    public const int Definitions = 1;

    /// <summary>The class of an object.</summary>
    public static int Of(JsonObject one) => ((string?)one["kind"]) switch
    {
        "Namespace" => Namespaces,
        "CustomResourceDefinition" => Definitions,
        "ServiceAccount" or "Secret" or "ConfigMap" or "StorageClass" or "PersistentVolume" or "PersistentVolumeClaim" or "PriorityClass" or "RuntimeClass"
            or "LimitRange" or "ResourceQuota" or "PodSecurityPolicy" or "Role" or "ClusterRole" or "Service" => 2,
        "RoleBinding" or "ClusterRoleBinding" => 3,
        // Webhooks and API services come after the workloads that serve them.
        "MutatingWebhookConfiguration" or "ValidatingWebhookConfiguration" or "ValidatingAdmissionPolicyBinding" or "APIService" => 5,
        _ => 4,
    };
}
