using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Resources;

/// <summary>Whether an object of any kind is what it is waited for, and whether it never will be.</summary>
internal static class ResourceJudge
{
    public static Verdict Judge(KubeObject? seen, ResourceGoal goal)
    {
        if (goal.Deleted)
            return seen is null ? Verdict.Ready : Verdict.Pending("it is still there.");
        if (seen is null)
            return Verdict.Failed("it was removed.");
        return goal.Condition is { } condition ? Condition(seen, condition) : Path(seen, goal.JsonPath!);
    }

    private static Verdict Condition(KubeObject seen, string wanted)
    {
        var (type, status) = wanted.Split('=', 2) is [var left, var right] ? (left, right) : (wanted, "True");
        var conditions = (seen.Json["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        var now = conditions.Find(one => Same(one["type"], type));
        if (IsCurrent(seen) && Same(now?["status"], status))
            return Verdict.Ready;
        if (Terminal(seen, conditions, type) is { } ended)
            return Verdict.Failed(ended);
        return Verdict.Pending(now is null ? $"it has no condition {type}." : $"{now["type"]} is {now["status"]}{Why(now)}");
    }

    private static Verdict Path(KubeObject seen, string wanted)
    {
        // An = inside of a filter's brackets is not the one before the value.
        var at = wanted.IndexOf('=', Math.Max(wanted.LastIndexOf(']'), wanted.LastIndexOf('}')) + 1);
        var (path, value) = at < 0 ? (wanted, null) : (wanted[..at], wanted[(at + 1)..].Trim('"', '\''));
        var found = KubePath.Find(seen.Json, path);
        if (found.Count > 0 && found.All(one => value is null || one.ToString() == value))
            return Verdict.Ready;
        var conditions = (seen.Json["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        return path.Contains("phase", StringComparison.Ordinal) && Terminal(seen, conditions, value ?? "") is { } ended ? Verdict.Failed(ended)
            : Verdict.Pending(found.Count == 0 ? $"{path} has no value." : $"{path} is {string.Join(", ", found.Select(one => one.ToString()))}.");
    }

    // Where the server counts generations, a status of the one before says nothing of this one.
    private static bool IsCurrent(KubeObject seen) =>
        seen.Json["status"]?["observedGeneration"] is not JsonValue observed || seen.Json["metadata"]?["generation"] is not JsonValue generation
        || !observed.TryGetValue<long>(out var was) || !generation.TryGetValue<long>(out var now) || was >= now;

    /// <summary>Why it will stay as it is, or null.</summary>
    private static string? Terminal(KubeObject seen, List<JsonObject> conditions, string goal)
    {
        if (seen.Kind == "Pod" && seen.Json["status"]?["phase"]?.ToString() is "Failed" or "Succeeded")
        {
            var phase = seen.Json["status"]!["phase"]!.ToString();
            return phase == goal ? null : $"the pod has ended: {phase}{Why(seen.Json["status"]!.AsObject())}";
        }
        var ended = conditions.Find(one => Same(one["status"], "True") && !Same(one["type"], goal) && (seen.Kind, one["type"]?.ToString()) is ("Job", "Failed" or "Complete") or (_, "Stalled"))
            ?? conditions.Find(one => one["reason"]?.ToString() == "ProgressDeadlineExceeded");
        return ended is null ? null : $"{ended["type"]} is {ended["status"]}{Why(ended)}";
    }

    private static string Why(JsonObject condition) =>
        string.Join(": ", new[] { condition["reason"], condition["message"] }.Select(one => one?.ToString()).Where(text => !string.IsNullOrEmpty(text))) is { Length: > 0 } why ? $" ({why})." : ".";

    private static bool Same(JsonNode? one, string other) => string.Equals(one?.ToString(), other, StringComparison.OrdinalIgnoreCase);
}
