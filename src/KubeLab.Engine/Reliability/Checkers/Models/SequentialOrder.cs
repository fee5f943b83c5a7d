using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Models;

/// <summary>Searches one order of reads and writes that explains all reads and has the operations of each client in the client's order.</summary>
/// <remarks>
/// <para>L. Lamport, "How to Make a Multiprocessor Computer That Correctly Executes Multiprocess Programs", 1979. All keys are searched together, because an
/// order for each key is not enough.</para>
/// <para>The problem is NP-complete (P. Gibbons and E. Korach, "Testing Shared Memories", 1997), but most answers follow from two rules. If a write precedes a
/// read of another write's value, it precedes that write. If it follows that write, it follows the read. A cycle disproves the order. Otherwise an order is
/// searched among those that the rules allow.</para>
/// </remarks>
internal sealed class SequentialOrder
{
    private const int None = -1;
    // Numbers of the clocks at a time, numbers that are compared, and configurations.
    private const long MaxClocks = 1 << 26;
    private const long MaxWork = 4_000_000_000;
    private const int MaxConfigurations = 50_000;
    private readonly Step[] _steps;
    private readonly List<List<int>> _lanes = [];
    private readonly List<List<List<int>>> _writes = [];
    private readonly Dictionary<int, int>[] _lastReads;
    private readonly List<int>[] _after;
    private readonly HashSet<(int, int)> _edges = [];
    private readonly CancellationToken _stop;
    private int[] _clocks = [];
    private long _work;

    /// <param name="operations">The operations that took effect, in the order of their calls. No two writes to a key have the same value.</param>
    /// <param name="stop">Cancels the search.</param>
    public SequentialOrder(IReadOnlyList<KlOperation> operations, CancellationToken stop)
    {
        _stop = stop;
        _steps = new Step[operations.Count];
        _after = [.. operations.Select(_ => new List<int>())];
        _lastReads = [.. operations.Select(_ => new Dictionary<int, int>())];
        Dictionary<object, int> keys = new(ValueComparer.Instance), writes = new(ValueComparer.Instance);
        Dictionary<int, int> lanes = [];
        for (var i = 0; i < _steps.Length; i++)
        {
            var one = operations[i];
            var key = keys.TryGetValue(one.Key ?? "", out var known) ? known : keys[one.Key ?? ""] = keys.Count;
            if (one.Function == "write")
                writes[new[] { key, one.Value }] = i;
            // A write with an unknown outcome may take effect after later operations of its client.
            var isLate = one.Outcome == KlOutcome.Unknown;
            var lane = isLate ? None : lanes.GetValueOrDefault(one.Process, None);
            if (lane == None)
            {
                if (isLate && lanes.TryGetValue(one.Process, out var own))
                    Add(_lanes[own][^1], i);
                lane = _lanes.Count;
                _lanes.Add([]);
                if (!isLate)
                    lanes.Add(one.Process, lane);
            }
            _steps[i] = new(lane, _lanes[lane].Count, key, one.Function == "write");
            _lanes[lane].Add(i);
        }
        foreach (var key in Enumerable.Range(0, keys.Count))
            _writes.Add([]);
        foreach (var group in Enumerable.Range(0, _steps.Length).Where(i => _steps[i].IsWrite).GroupBy(i => (_steps[i].Key, _steps[i].Lane)))
            _writes[group.Key.Key].Add([.. group]);
        for (var i = 0; i < _steps.Length; i++)
        {
            ref var step = ref _steps[i];
            step.Source = step.IsWrite ? i : writes.GetValueOrDefault(new[] { step.Key, operations[i].Result }, None);
            if (step.IsWrite)
                continue;
            if (step.Source != None)
            {
                Add(step.Source, i);
                _lastReads[step.Source][step.Lane] = i;
            }
            else
                foreach (var list in _writes[step.Key])
                    Add(i, list[0]);
        }
    }

    /// <summary>Whether there is such an order, as far as the limits of the search allow.</summary>
    public KlVerdict Exists()
    {
        if ((long)_steps.Length * _lanes.Count > MaxClocks)
            return KlVerdict.Unknown;
        do
            if (!SetClocks())
                return KlVerdict.False;
            else if (_work > MaxWork)
                return KlVerdict.Unknown;
        while (Derive());
        return Search();
    }

    private void Add(int before, int after)
    {
        if (_edges.Add((before, after)))
            _after[before].Add(after);
    }

    // A clock says how many operations of each lane precede an operation, or are that operation. There are none if the order has a cycle.
    private bool SetClocks()
    {
        _stop.ThrowIfCancellationRequested();
        var missing = new int[_steps.Length];
        foreach (var next in _after.SelectMany(list => list))
            missing[next]++;
        var ready = new Stack<int>();
        for (var i = 0; i < _steps.Length; i++)
            if ((missing[i] += _steps[i].Position > 0 ? 1 : 0) == 0)
                ready.Push(i);
        _clocks = new int[_steps.Length * _lanes.Count];
        var done = 0;
        for (; ready.TryPop(out var i); done++)
        {
            var (lane, position) = (_lanes[_steps[i].Lane], _steps[i].Position);
            Clock(i)[_steps[i].Lane] = position + 1;
            foreach (var next in _after[i])
                Follow(i, next);
            if (position + 1 < lane.Count)
                Follow(i, lane[position + 1]);
        }
        return done == _steps.Length;

        void Follow(int i, int next)
        {
            var from = Clock(i);
            var to = Clock(next);
            for (var lane = 0; lane < to.Length; lane++)
                to[lane] = Math.Max(to[lane], from[lane]);
            _work += to.Length;
            if (--missing[next] == 0)
                ready.Push(next);
        }
    }

    // Adds what follows from the order so far. Returns whether anything is new.
    private bool Derive()
    {
        var before = _edges.Count;
        for (var i = 0; i < _steps.Length; i++)
        {
            var step = _steps[i];
            foreach (var writes in _writes[step.Key])
            {
                // The writes before it are in order. So the last one is enough.
                var lane = _steps[writes[0]].Lane;
                var limit = lane == step.Lane ? step.Position : Clock(i)[lane];
                var count = Ordered.Count(writes, write => _steps[write].Position < limit);
                if (count == 0)
                    continue;
                var last = writes[count - 1];
                if (step.IsWrite)
                    foreach (var read in _lastReads[last].Values)
                        Require(read, i);
                else if (step.Source != None && step.Source != last)
                    Require(last, step.Source);
            }
        }
        return _edges.Count > before;

        void Require(int first, int second)
        {
            if (Clock(second)[_steps[first].Lane] <= _steps[first].Position)
                Add(first, second);
        }
    }

    // A configuration is the number of operations of each lane that the order has so far, and the last write to each key.
    private KlVerdict Search()
    {
        var first = new int[_lanes.Count + _writes.Count];
        first.AsSpan(_lanes.Count).Fill(None);
        HashSet<int[]> visited = new(Configurations.Instance);
        Stack<(int[] State, Queue<int> Writes)> path = [];
        Visit(first);
        while (path.TryPeek(out var place))
        {
            if (place.State.Take(_lanes.Count).Sum() == _steps.Length)
                return KlVerdict.True;
            if (visited.Count > MaxConfigurations)
                return KlVerdict.Unknown;
            if (!place.Writes.TryDequeue(out var write))
            {
                path.Pop();
                continue;
            }
            _stop.ThrowIfCancellationRequested();
            var state = (int[])place.State.Clone();
            state[_steps[write].Lane]++;
            state[_lanes.Count + _steps[write].Key] = write;
            Visit(state);
        }
        return KlVerdict.False;

        void Visit(int[] state)
        {
            // A read that can be next may always be next: it changes nothing.
            while (Next(state).FirstOrDefault(i => !_steps[i].IsWrite && state[_lanes.Count + _steps[i].Key] == _steps[i].Source, None) is >= 0 and var read)
                state[_steps[read].Lane]++;
            if (visited.Add(state))
                path.Push((state, new(Next(state).Where(i => _steps[i].IsWrite && IsReadByAll(state, state[_lanes.Count + _steps[i].Key])).Order())));
        }
    }

    private bool IsReadByAll(int[] state, int write) =>
        write == None || _lastReads[write].Values.All(read => state[_steps[read].Lane] > _steps[read].Position);

    // The first operation of each lane that the order does not have, if it has all that precede it.
    private IEnumerable<int> Next(int[] state)
    {
        for (var lane = 0; lane < _lanes.Count; lane++)
            if (state[lane] < _lanes[lane].Count && _lanes[lane][state[lane]] is var i && IsNext(state, i))
                yield return i;
    }

    private bool IsNext(int[] state, int i)
    {
        var clock = Clock(i);
        for (var lane = 0; lane < clock.Length; lane++)
            if (state[lane] < clock[lane] - (lane == _steps[i].Lane ? 1 : 0))
                return false;
        return true;
    }

    private Span<int> Clock(int i) => _clocks.AsSpan(i * _lanes.Count, _lanes.Count);

    // The operations of a client are a lane. The source of a read is the write of its value, or none.
    private record struct Step(int Lane, int Position, int Key, bool IsWrite, int Source = None);

    private sealed class Configurations : IEqualityComparer<int[]>
    {
        public static Configurations Instance { get; } = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] state)
        {
            HashCode hash = new();
            foreach (var number in state)
                hash.Add(number);
            return hash.ToHashCode();
        }
    }
}
