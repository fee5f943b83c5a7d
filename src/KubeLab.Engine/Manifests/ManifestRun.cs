using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube;
using KubeLab.Engine.Resources;

namespace KubeLab.Engine.Manifests;

/// <summary>Applies, compares and deletes manifests. A rejected object is reported as its own error and does not stop the others.</summary>
/// <param name="kube">Opens clusters.</param>
public sealed class ManifestRun(KubeSession kube)
{
    // Served kinds cannot be watched.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Applies manifests: namespaces first, then custom kinds until they are served, then all other objects class by class.</summary>
    /// <param name="sources">The manifests.</param>
    /// <param name="options">The options.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <returns>One outcome per object: the object, or its error (ManifestInvalid, KubeConflict, KubeKindNotFound, ...).</returns>
    public async IAsyncEnumerable<Outcome<string, KlResource>> PublishAsync(
        IReadOnlyList<ManifestSource> sources, ManifestOptions options, IProgress<LabEvent> events, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(options.Cluster);
        var set = ManifestSet.Of(sources, options.Namespace);
        await foreach (var outcome in EachAsync(api, set, set.Classes, (to, present, one, token) =>
            ApplyAsync(to, present, one, options, events, token), options, stop))
            yield return outcome;
    }

    /// <summary>The fields that would change if the manifests were applied, according to a server-side dry run.</summary>
    /// <param name="sources">The manifests.</param>
    /// <param name="options">The options.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async IAsyncEnumerable<Outcome<string, IReadOnlyList<KlFieldChange>>> CompareAsync(
        IReadOnlyList<ManifestSource> sources, ManifestOptions options, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(options.Cluster);
        var set = ManifestSet.Of(sources, options.Namespace);
        await foreach (var outcome in EachAsync(api, set, set.Classes, (to, present, one, token) =>
            CompareAsync(to, present, set, one, options, token), options, stop))
            yield return outcome;
    }

    /// <summary>Deletes the objects in manifests, the last class first, and waits until they are removed. Absent objects are ignored.</summary>
    /// <param name="sources">The manifests.</param>
    /// <param name="options">The options.</param>
    /// <param name="events">Receives progress and warnings.</param>
    /// <param name="stop">Cancels the operation.</param>
    public async IAsyncEnumerable<Outcome<string, bool>> RemoveAsync(
        IReadOnlyList<ManifestSource> sources, ManifestOptions options, IProgress<LabEvent> events, [EnumeratorCancellation] CancellationToken stop)
    {
        using var api = kube.Open(options.Cluster);
        var set = ManifestSet.Of(sources, options.Namespace);
        await foreach (var outcome in EachAsync(api, set, set.Classes.Reverse(), (to, _, one, token) =>
            RemoveAsync(to, one, options, events, token), options, stop))
            yield return outcome;
    }

    /// <summary>The objects in manifests, the last class first (for example ConfigMap web/settings), and the errors in them. No server is contacted.</summary>
    /// <param name="sources">The manifests.</param>
    /// <param name="options">The options.</param>
    public static IEnumerable<Outcome<string, bool>> Declared(IReadOnlyList<ManifestSource> sources, ManifestOptions options)
    {
        var set = ManifestSet.Of(sources, options.Namespace);
        return [.. set.Errors.Select(error => new Outcome<string, bool>(error.Target, false, error)),
            .. set.Classes.Reverse().SelectMany(some => some).Select(one => new Outcome<string, bool>(ManifestSet.DisplayName(one.Object), true, null))];
    }

    private static async IAsyncEnumerable<Outcome<string, T>> EachAsync<T>(
        KubeApi api, ManifestSet set, IEnumerable<IEnumerable<ManifestDocument>> classes, Func<KubeApi, ExistingObjects,
        ManifestDocument, CancellationToken, Task<T>> work,
        ManifestOptions options, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var error in set.Errors)
            yield return new(error.Target, default, error);
        foreach (var some in classes)
        {
            var present = await ExistingObjects.OfAsync(api, some.Select(one => one.Object), options.Namespace, stop);
            await foreach (var outcome in Fleet.RunAsync(some, (one, token) => work(api, present, one, token), options.Limit, stop))
                yield return new(ManifestSet.DisplayName(outcome.Item.Object), outcome.Result, outcome.Error);
        }
    }

    private static async Task<KlResource> ApplyAsync(KubeApi api, ExistingObjects present, ManifestDocument one,
        ManifestOptions options, IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            await SetNamespaceAsync(api, one.Object, options, stop);
            var (before, after) = await api.ApplyAsync(one.Object, options.Force, dryRun: false, present.FindAsync, stop);
            var change = before is null ? "Created" : KubeApi.IsChange(before, after) ? "Changed" : "Unchanged";
            if (change != "Unchanged")
                events.Changed(ManifestSet.DisplayName(after), change == "Created" ? "created" : "changed");
            if (ManifestOrder.Of(after) == ManifestOrder.Definitions)
                await WaitUntilServedAsync(api, after, options.Timeout, stop);
            return KlResource.From(new(after), api.Cluster, api.Clock.GetUtcNow(), change);
        }
        catch (KlException error)
        {
            throw WithPlace(one, error);
        }
    }

    private static async Task<IReadOnlyList<KlFieldChange>> CompareAsync(KubeApi api, ExistingObjects present, ManifestSet set,
        ManifestDocument one, ManifestOptions options, CancellationToken stop)
    {
        var text = new KubeObject(one.Object);
        KlFieldChange Change(string change) =>
            new() { Kind = text.Kind, Name = text.Name, Namespace = text.Namespace, Cluster = api.Cluster, Change = change };
        try
        {
            await SetNamespaceAsync(api, one.Object, options, stop);
            var (before, after) = await api.ApplyAsync(one.Object, options.Force, dryRun: true, present.FindAsync, stop);
            if (before is null)
                return [Change("Created")];
            var isSecret = text.Kind == "Secret";
            return [.. FieldDiff.Of(KubeApi.Content(before), KubeApi.Content(after)).Select(field =>
            {
                var hide = isSecret
                    && (field.Path.StartsWith("data", StringComparison.Ordinal) || field.Path.StartsWith("metadata.annotations", StringComparison.Ordinal));
                string? Shown(string? value) => hide && value is not null ? "***" : value;
                return Change("Changed") with { Namespace = text.Namespace, Field = field.Path, Before = Shown(field.Before), After = Shown(field.After) };
            })];
        }
        // A dry run fails if the namespace or kind is part of the manifest itself.
        catch (KlException error) when (
            error.ErrorId == ErrorIds.KubeNotFound && set.Declares("Namespace", other => new KubeObject(other).Name == text.Namespace)
            || error.ErrorId == ErrorIds.KubeKindNotFound
            && set.Declares("CustomResourceDefinition", other => other["spec"]?["names"]?["kind"]?.ToString() == text.Kind))
        {
            return [Change("Created")];
        }
        catch (KlException error)
        {
            throw WithPlace(one, error);
        }
    }

    private static async Task<bool> RemoveAsync(KubeApi api, ManifestDocument one, ManifestOptions options, IProgress<LabEvent> events, CancellationToken stop)
    {
        try
        {
            await SetNamespaceAsync(api, one.Object, options, stop);
            var (kind, ns, name) = await api.LocateAsync(one.Object, stop);
            await ResourceClient.RemoveAsync(api, kind, ns, name, "Background", options.Timeout, api.Clock, events, stop);
            return true;
        }
        catch (KlException unknown) when (unknown.ErrorId == ErrorIds.KubeKindNotFound)
        {
            // If the kind does not exist, neither does the object.
            return false;
        }
        catch (KlException error)
        {
            throw WithPlace(one, error);
        }
    }

    private static async Task SetNamespaceAsync(KubeApi api, JsonObject one, ManifestOptions options, CancellationToken stop)
    {
        if (new KubeObject(one).Namespace is not null)
            return;
        var (kind, ns, _) = await api.LocateAsync(one, stop);
        if (kind.Namespaced == true)
            one["metadata"]!["namespace"] = options.Namespace ?? ns;
    }

    /// <summary>Waits until the server serves a custom kind.</summary>
    private static async Task WaitUntilServedAsync(KubeApi api, JsonObject definition, TimeSpan timeout, CancellationToken stop)
    {
        var (kind, _, name) = await api.LocateAsync(definition, stop);
        var seen = await Wait.ForAsync(
            token => api.FollowAsync(kind, null, name, token),
            one => one?.Json["status"]?["conditions"] is JsonArray conditions
            && conditions.FirstOrDefault(c => c?["type"]?.ToString() == "NamesAccepted" && c["status"]?.ToString() == "False") is { } refused
                ? Verdict.Failed(refused["message"]?.ToString() ?? "its names are in use.") : ResourceJudge.Judge(one, new("Established")),
            new(name, $"the kind {name} to be established", timeout) { FailedId = ErrorIds.KindNotEstablished, TimeoutId = ErrorIds.KindTimeout },
            api.Clock, stop);
        var group = seen!.Json["spec"]!["group"]!.ToString();
        var names = seen.Json["spec"]!["names"]!["kind"]!.ToString();
        var versions = seen.Json["spec"]!["versions"] as JsonArray ?? [];
        foreach (var version in versions.Where(one => one?["served"]?.GetValue<bool>() == true).Select(one => one!["name"]!.ToString()))
            await Wait.UntilAsync(
                async token =>
                {
                    try
                    {
                        return await api.KindAsync($"{group}/{version}", names, token);
                    }
                    catch (KlException unknown) when (unknown.ErrorId == ErrorIds.KubeKindNotFound)
                    {
                        return null;
                    }
                },
                served => served is null ? Verdict.Pending("it is not served yet.") : Verdict.Ready,
                new(name, $"the kind {name} to be served", timeout, Interval) { FailedId = ErrorIds.KindNotEstablished, TimeoutId = ErrorIds.KindTimeout },
                api.Clock, stop);
    }

    private static KlException WithPlace(ManifestDocument one, KlException error) =>
        new(error.ErrorId, error.Kind, ManifestSet.DisplayName(one.Object), $"{one.Place}: {ManifestSet.DisplayName(one.Object)}: {error.Message}",
            error.NextStep, error);
}
