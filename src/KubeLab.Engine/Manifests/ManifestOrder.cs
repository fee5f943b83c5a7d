using System.Text.Json.Nodes;

namespace KubeLab.Engine.Manifests;

/// <summary>What has to be there before what: classes of kinds, applied one after the other and removed the other way round.</summary>
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
        // What refuses or answers for others comes when those who answer are there.
        "MutatingWebhookConfiguration" or "ValidatingWebhookConfiguration" or "ValidatingAdmissionPolicyBinding" or "APIService" => 5,
        _ => 4,
    };
}
