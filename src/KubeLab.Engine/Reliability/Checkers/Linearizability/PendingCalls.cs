namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>The calls that are pending at a position of the history. Position p is the time just before the answer p, in the order of the answers.</summary>
/// <remarks>A pending call has a slot, a bit of a mask. A slot is used again after the answer, so that masks stay short. Calls without an answer keep
/// their slots, after those of the others.</remarks>
internal sealed class PendingCalls
{
    private readonly Call[] _calls;
    private readonly int[] _byStart;
    private readonly int[] _started;
    private readonly int[] _slots;
    private readonly int[] _inSlot;
    private readonly ulong[] _pending;
    private readonly ulong[] _pure;

    /// <summary>Creates the calls at the position 0.</summary>
    public PendingCalls(Call[] calls)
    {
        _calls = calls;
        _byStart = Order(calls, static call => true, static call => call.Start);
        Answers = Order(calls, static call => !call.IsOptional, static call => call.End);
        Ranks = new int[calls.Length];
        Array.Fill(Ranks, int.MaxValue);
        for (var rank = 0; rank < Answers.Length; rank++)
            Ranks[Answers[rank]] = rank;
        _started = new int[Answers.Length];
        _slots = new int[calls.Length];
        Words = Math.Max(1, (AssignSlots() + 63) / 64);
        _inSlot = new int[Words * 64];
        _pending = new ulong[Words];
        _pure = new ulong[Words];
        if (Answers.Length > 0)
            Start(0, _started[0]);
    }

    /// <summary>The calls with answers, in the order of the answers.</summary>
    public int[] Answers { get; }

    /// <summary>The position of the answer of each call, or int.MaxValue.</summary>
    public int[] Ranks { get; }

    /// <summary>The number of words of a mask.</summary>
    public int Words { get; }

    /// <summary>The current position.</summary>
    public int Position { get; private set; }

    /// <summary>The pending calls.</summary>
    public ReadOnlySpan<ulong> Pending => _pending;

    /// <summary>The pending calls that change nothing.</summary>
    public ReadOnlySpan<ulong> Pure => _pure;

    /// <summary>The call in a slot.</summary>
    public int InSlot(int slot) => _inSlot[slot];

    /// <summary>The slot of a call.</summary>
    public int SlotOf(int call) => _slots[call];

    /// <summary>The calls that start after the answer at <paramref name="position"/>, and not after that at <paramref name="later"/>.</summary>
    public ReadOnlySpan<int> StartedBetween(int position, int later) => _byStart.AsSpan(_started[position].._started[later]);

    /// <summary>Moves past the current answer.</summary>
    public void MoveForward()
    {
        Remove(Answers[Position++]);
        if (Position < Answers.Length)
            Start(_started[Position - 1], _started[Position]);
    }

    /// <summary>Moves to an earlier position.</summary>
    public void MoveBack(int position)
    {
        while (Position > position)
        {
            if (Position < Answers.Length)
                for (var i = _started[Position - 1]; i < _started[Position]; i++)
                    Remove(_byStart[i]);
            Put(Answers[--Position]);
        }
    }

    private static int[] Order(Call[] calls, Func<Call, bool> isIncluded, Func<Call, long> time) =>
        Enumerable.Range(0, calls.Length).Where(call => isIncluded(calls[call])).OrderBy(call => time(calls[call])).ToArray();

    private int AssignSlots()
    {
        var (free, used, optional, next) = (new Stack<int>(), 0, 0, 0);
        for (var position = 0; position < Answers.Length; position++)
        {
            // A call at the time of an answer is concurrent with it.
            for (; next < _byStart.Length && _calls[_byStart[next]].Start <= _calls[Answers[position]].End; next++)
                _slots[_byStart[next]] = _calls[_byStart[next]].IsOptional ? optional++ : free.TryPop(out var slot) ? slot : used++;
            _started[position] = next;
            free.Push(_slots[Answers[position]]);
        }
        for (var call = 0; call < _calls.Length; call++)
            if (_calls[call].IsOptional)
                _slots[call] += used;
        return used + optional;
    }

    private void Start(int from, int to)
    {
        for (var i = from; i < to; i++)
            Put(_byStart[i]);
    }

    private void Put(int call)
    {
        var slot = _slots[call];
        _inSlot[slot] = call;
        _pending[slot >> 6] |= 1UL << slot;
        if (_calls[call].IsPure)
            _pure[slot >> 6] |= 1UL << slot;
    }

    private void Remove(int call)
    {
        var slot = _slots[call];
        _pending[slot >> 6] &= ~(1UL << slot);
        _pure[slot >> 6] &= ~(1UL << slot);
    }
}
