using System.Text.Json.Nodes;

namespace KubeLab.Engine.Kube;

/// <summary>Fields that are owned by kubectl apply without --server-side (client-go's util/csaupgrade).</summary>
internal static class ClientSideApply
{
    private const string Manager = "kubectl-client-side-apply";

    /// <summary>Creates the JSON patch that transfers these fields to a server-side field manager, so that the next apply removes fields that it omits.
    /// Null if there are no such fields.</summary>
    /// <remarks>The patch contains the object's resourceVersion. The server rejects it if the object has changed.</remarks>
    public static JsonArray? OwnershipPatch(JsonObject? seen, string manager)
    {
        if (seen?["metadata"] is not JsonObject metadata || metadata["managedFields"]?.DeepClone() is not JsonArray all
            || all.OfType<JsonObject>().Where(IsClientSideApply).ToList() is not { Count: > 0 } old)
            return null;
        foreach (var one in old)
        {
            if (all.OfType<JsonObject>().FirstOrDefault(other => Is(other, manager, "Apply")
                && JsonNode.DeepEquals(other["apiVersion"], one["apiVersion"])) is { } own)
            {
                MergeFields(own["fieldsV1"] as JsonObject, one["fieldsV1"] as JsonObject);
                all.Remove(one);
            }
            else
                (one["manager"], one["operation"]) = (manager, "Apply");
        }
        return
        [
            new JsonObject { ["op"] = "replace", ["path"] = "/metadata/managedFields", ["value"] = all },
            new JsonObject { ["op"] = "replace", ["path"] = "/metadata/resourceVersion", ["value"] = metadata["resourceVersion"]?.DeepClone() },
        ];
    }

    private static bool IsClientSideApply(JsonObject one) => Is(one, Manager, "Update");

    private static bool Is(JsonObject one, string manager, string operation) =>
        one["manager"]?.ToString() == manager && one["operation"]?.ToString() == operation && one["subresource"] is null;

    private static void MergeFields(JsonObject? into, JsonObject? more)
    {
        foreach (var (field, below) in more ?? [])
            if (into?.TryAdd(field, below?.DeepClone()) == false)
                MergeFields(into[field] as JsonObject, below as JsonObject);
    }
}
