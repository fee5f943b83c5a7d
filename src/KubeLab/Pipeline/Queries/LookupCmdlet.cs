using System.Management.Automation;
using KubeLab.Pipeline.Completion;

namespace KubeLab.Pipeline.Queries;

/// <summary>The base of cmdlets that get objects by name. Names that come down the pipeline one at a time are asked for together: two thousand requests cost more than one list.</summary>
public abstract class LookupCmdlet : KlCmdlet
{
    // So many names are asked for one by one; a list reads what nobody asked for, too.
    private const int Few = 4;
    private const int AtOnce = 8;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim _turns = new(AtOnce);
    private readonly TaskCompletionSource _isAll = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<object, List<string>> _waiting = [];
    // How long names wait for others; each time twice as long, so that a slow pipeline makes few requests, too.
    private TimeSpan _gathering = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _isAll.TrySetResult();
        base.EndProcessing();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _turns.Dispose();
    }

    /// <summary>Writes the objects of some names as they come; a name without wildcards that is not there is an error.</summary>
    private protected void Look<T>(Lookup<T> what, string[] names) where T : notnull
    {
        if (what.Scope.Watch || names.Any(WildcardPattern.ContainsWildcardCharacters))
        {
            Start(what.Target, (_, stop) => what.Scope.Watch ? ListAsync(what, names, stop) : InTurnAsync(() => ListAsync(what, names, stop), stop));
            return;
        }
        lock (_waiting)
        {
            var distinct = names.Distinct(StringComparer.OrdinalIgnoreCase);
            if (_waiting.TryGetValue(what.Place, out var waiting))
            {
                waiting.AddRange(distinct);
                return;
            }
            _waiting[what.Place] = [.. distinct];
        }
        var gathering = _gathering = _gathering * 2 < Longest ? _gathering * 2 : Longest;
        Start(what.Target, async (_, stop) =>
        {
            await Task.WhenAny(_isAll.Task, Task.Delay(gathering, stop));
            await InTurnAsync(() => AskAsync(what, Taken(what.Place), stop), stop);
        });
    }

    private List<string> Taken(object place)
    {
        lock (_waiting)
        {
            _waiting.Remove(place, out var names);
            return names!;
        }
    }

    private async Task InTurnAsync(Func<Task> work, CancellationToken stop)
    {
        await _turns.WaitAsync(stop);
        try
        {
            await work();
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task AskAsync<T>(Lookup<T> what, List<string> names, CancellationToken stop) where T : notnull
    {
        try
        {
            if (names.Count > Few)
            {
                await ListAsync(what, names, stop);
                return;
            }
        }
        catch (KlException error) when (error.ErrorId == ErrorIds.KubeForbidden)
        {
            // A user without the right to list them may have the right to get some by name.
        }
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = Few, CancellationToken = stop }, async (name, token) =>
        {
            try
            {
                await ListAsync(what, [name], token);
            }
            catch (KlException error)
            {
                Fail(name, error);
            }
        });
    }

    private async Task ListAsync<T>(Lookup<T> what, IReadOnlyList<string> names, CancellationToken stop) where T : notnull
    {
        if (names.FirstOrDefault(string.IsNullOrWhiteSpace) is { } blank)
            throw new KlException(ErrorIds.NameInvalid, KlErrorKind.InvalidInput, blank, "A name is blank.", "Give a name, or * for all.");
        // As often as it was asked for.
        var times = names.CountBy(name => name, StringComparer.OrdinalIgnoreCase).ToDictionary(StringComparer.OrdinalIgnoreCase);
        var patterns = names.Where(WildcardPattern.ContainsWildcardCharacters).Select(NameCompletion.Matching).ToList();
        var missing = times.Keys.Where(name => !what.Scope.Watch && !WildcardPattern.ContainsWildcardCharacters(name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var scope = what.Scope with
        {
            Matches = name => times.ContainsKey(name) || patterns.Exists(matches => matches(name)),
            Fields = NameCompletion.Selector(names, what.Scope.Fields, what.IsLowerCase),
        };
        await foreach (var found in what.List(scope, stop))
        {
            var name = found.ToString()!;
            missing.Remove(name);
            for (var left = times.GetValueOrDefault(name, 1); left > 0; left--)
                Write(WatchedObject.Shown(found, scope.Watch));
            if (missing.Count == 0 && what.IsUnique && patterns.Count == 0 && !scope.Watch)
                return;
        }
        foreach (var name in missing)
            Fail(name, what.Missing(name));
    }
}
