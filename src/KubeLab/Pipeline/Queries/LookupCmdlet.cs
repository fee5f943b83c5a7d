using System.Management.Automation;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Pipeline.Queries;

/// <summary>Base class of cmdlets that get objects by name. It combines piped names into one request: two thousand requests cost more than one list.</summary>
public abstract class LookupCmdlet : KlCmdlet
{
    // Up to this number, names are requested individually; a list would also read other objects.
    private const int MaxSingleRequests = 4;
    private const int MaxParallelRequests = 8;
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim _requests = new(MaxParallelRequests);
    private readonly TaskCompletionSource _inputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<object, List<string>> _pendingNames = [];
    // How long names are collected. The time doubles after each request, so that a slow pipeline makes few requests.
    private TimeSpan _delay = TimeSpan.FromMilliseconds(50);

    /// <summary>A KubeLab cluster or a kubeconfig context. Default: the object's cluster, otherwise the current context.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public string? Cluster { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _inputEnded.TrySetResult();
        base.EndProcessing();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _requests.Dispose();
    }

    /// <summary>Writes the objects with the given names as they arrive. A name without wildcards that is not found is an error.</summary>
    private protected void Find<T>(Lookup<T> lookup, string[] names) where T : notnull
    {
        if (lookup.Scope.Watch || names.Any(WildcardPattern.ContainsWildcardCharacters))
        {
            Start(lookup.Target, (_, stop) => lookup.Scope.Watch ? ListAsync(lookup, names, stop) : ThrottleAsync(() => ListAsync(lookup, names, stop), stop));
            return;
        }
        lock (_pendingNames)
        {
            var distinct = names.Distinct(StringComparer.OrdinalIgnoreCase);
            if (_pendingNames.TryGetValue(lookup.Key, out var waiting))
            {
                waiting.AddRange(distinct);
                return;
            }
            _pendingNames[lookup.Key] = [.. distinct];
        }
        var delay = _delay = _delay * 2 < MaxDelay ? _delay * 2 : MaxDelay;
        Start(lookup.Target, async (_, stop) =>
        {
            await Task.WhenAny(_inputEnded.Task, Task.Delay(delay, Engine.Clock, stop));
            await ThrottleAsync(() => FindAsync(lookup, TakeNames(lookup.Key), stop), stop);
        });
    }

    private List<string> TakeNames(object place)
    {
        lock (_pendingNames)
        {
            _pendingNames.Remove(place, out var names);
            return names!;
        }
    }

    private async Task ThrottleAsync(Func<Task> work, CancellationToken stop)
    {
        await _requests.WaitAsync(stop);
        try
        {
            await work();
        }
        finally
        {
            _requests.Release();
        }
    }

    private async Task FindAsync<T>(Lookup<T> lookup, List<string> names, CancellationToken stop) where T : notnull
    {
        try
        {
            if (names.Count > MaxSingleRequests)
            {
                await ListAsync(lookup, names, stop);
                return;
            }
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeForbidden)
        {
            // A user without permission to list objects can have permission to get some of them by name.
        }
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = MaxSingleRequests, CancellationToken = stop }, async (name, token) =>
        {
            try
            {
                await ListAsync(lookup, [name], token);
            }
            catch (KlException error)
            {
                Fail(name, error);
            }
        });
    }

    private async Task ListAsync<T>(Lookup<T> lookup, IReadOnlyList<string> names, CancellationToken stop) where T : notnull
    {
        if (names.FirstOrDefault(string.IsNullOrWhiteSpace) is { } blank)
            throw new KlException(ErrorIds.NameInvalid, KlErrorKind.InvalidInput, blank, "A name is empty.", "Specify a name, or * for all objects.");
        // Each object is written as often as its name was given.
        var times = names.CountBy(name => name, StringComparer.OrdinalIgnoreCase).ToDictionary(StringComparer.OrdinalIgnoreCase);
        var patterns = names.Where(WildcardPattern.ContainsWildcardCharacters).Select(NameCompletion.Matching).ToList();
        var missing = times.Keys.Where(name => !lookup.Scope.Watch && !WildcardPattern.ContainsWildcardCharacters(name))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var scope = lookup.Scope with
        {
            Matches = name => times.ContainsKey(name) || patterns.Exists(matches => matches(name)),
            Fields = NameCompletion.Selector(names, lookup.Scope.Fields, lookup.IsLowerCase),
        };
        await foreach (var found in lookup.List(scope, stop))
        {
            var name = found.ToString()!;
            missing.Remove(name);
            for (var left = times.GetValueOrDefault(name, 1); left > 0; left--)
                Write(WatchedObject.Shown(found, scope.Watch));
            if (missing.Count == 0 && lookup.IsUnique && patterns.Count == 0 && !scope.Watch)
                return;
        }
        foreach (var name in missing)
            Fail(name, lookup.Missing(name));
    }
}
