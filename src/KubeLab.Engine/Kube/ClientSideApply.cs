using System.Text.Json.Nodes;

namespace KubeLab.Engine.Kube;

/// <summary>Fields that kubectl apply owns as it works without --server-side (client-go's util/csaupgrade).</summary>
internal static class ClientSideApply
{
    private const string Manager = "kubectl-client-side-apply";

    /// <summary>The JSON patch that gives them to a manager that applies server-side, so that one which the next apply leaves out goes; null: there are none.</summary>
    /// <remarks>The patch names the version of the object it was made for; a server refuses it for any other.</remarks>
    public static JsonArray? TakenOver(JsonObject? seen, string manager)
    {
        if (seen?["metadata"] is not JsonObject metadata || metadata["managedFields"]?.DeepClone() is not JsonArray all || all.OfType<JsonObject>().Where(IsClientSide).ToList() is not { Count: > 0 } old)
            return null;
        foreach (var one in old)
        {
            if (all.OfType<JsonObject>().FirstOrDefault(other => Is(other, manager, "Apply") && JsonNode.DeepEquals(other["apiVersion"], one["apiVersion"])) is { } ours)
            {
                Unite(ours["fieldsV1"] as JsonObject, one["fieldsV1"] as JsonObject);
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

    private static bool IsClientSide(JsonObject one) => Is(one, Manager, "Update");

    private static bool Is(JsonObject one, string manager, string operation) =>
        one["manager"]?.ToString() == manager && one["operation"]?.ToString() == operation && one["subresource"] is null;

    private static void Unite(JsonObject? into, JsonObject? more)
    {
        foreach (var (field, below) in more ?? [])
            if (into?.TryAdd(field, below?.DeepClone()) == false)
                Unite(into[field] as JsonObject, below as JsonObject);
    }
}
