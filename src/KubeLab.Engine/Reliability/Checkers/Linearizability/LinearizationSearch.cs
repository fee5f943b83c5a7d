using System.Numerics;

namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>Searches an order of calls that explains all answers, and that no call leaves its time.</summary>
/// <remarks>
/// <para>The search is that of Wing and Gong (Testing and verifying concurrent objects, 1993), with the memory of configurations and the just-in-time
/// linearization of Lowe (Testing for linearizability, 2017), as in Porcupine. A configuration is the position of the first answer that is not
/// linearized, the pending calls that are, and the state.</para>
/// <para>These rules leave configurations out without changing the verdict. A call that changes nothing is linearized as soon as its answer is right. Of
/// equal pending calls the one with the first answer is linearized first. A call that may have had no effect is followed by one that needs its effect.</para>
/// </remarks>
internal sealed partial class LinearizationSearch
{
    private const int CheckEvery = 1024;
    private readonly Call[] _calls;
    private readonly int _initial;
    private readonly TextStates? _texts;
    private readonly SearchBudget _budget;
    private readonly PendingCalls _pending;
    private readonly int _words;
    private readonly int[] _classes;
    private readonly int[] _bestOfClass;
    private readonly int[] _nextRead;
    private readonly ulong[] _mask;
    private Frame[] _frames = new Frame[64];
    private ulong[] _masks;
    private int[] _candidates = new int[256];
    private int _candidateCount;
    private int _depth;
    private int _state;

    /// <summary>Creates a search.</summary>
    /// <param name="calls">The calls.</param>
    /// <param name="initial">The state at the beginning.</param>
    /// <param name="texts">The texts, if calls append.</param>
    /// <param name="budget">The limits.</param>
    public LinearizationSearch(Call[] calls, int initial, TextStates? texts, SearchBudget budget)
    {
        (_calls, _initial, _texts, _budget) = (calls, initial, texts, budget);
        _pending = new(calls);
        _words = _pending.Words;
        _mask = new ulong[_words];
        _masks = new ulong[_frames.Length * _words];
        var numbers = new Dictionary<(CallKind, int, int), int>();
        _classes = Array.ConvertAll(calls, call =>
        {
            var key = (call.Kind, call.A, call.B);
            return numbers.TryGetValue(key, out var number) ? number : numbers[key] = numbers.Count;
        });
        _bestOfClass = new int[numbers.Count];
        Array.Fill(_bestOfClass, -1);
        _nextRead = new int[_pending.Answers.Length + 1];
        _nextRead[^1] = _pending.Answers.Length;
        for (var position = _pending.Answers.Length - 1; position >= 0; position--)
            _nextRead[position] = calls[_pending.Answers[position]].Kind == CallKind.Read ? position : _nextRead[position + 1];
    }

    /// <summary>The number of answers that have been explained together.</summary>
    public int Reached { get; private set; }

    /// <summary>The number of answers.</summary>
    public int Answers => _pending.Answers.Length;

    /// <summary>The calls whose answers have not been explained, in the order of the answers.</summary>
    public Call[] Unexplained => Array.ConvertAll(_pending.Answers[Reached..], call => _calls[call]);

    /// <summary>Searches.</summary>
    /// <param name="maxSteps">The verdict is Unknown after so many steps.</param>
    public KlVerdict Run(long maxSteps = long.MaxValue)
    {
        if (Answers == 0)
            return KlVerdict.True;
        using var visited = new VisitedSet(_words, _budget);
        _state = _initial;
        Settle();
        if (_pending.Position == Answers)
            return KlVerdict.True;
        Push(isWasted: false);
        for (var steps = 1L; ; steps++)
        {
            if (steps > maxSteps || (steps % CheckEvery == 0 && !_budget.MayContinue()))
                return KlVerdict.Unknown;
            ref var frame = ref _frames[_depth - 1];
            if (frame.Next == _candidateCount)
            {
                if (--_depth == 0)
                    return KlVerdict.False;
                _candidateCount = frame.From;
                Restore();
                continue;
            }
            var call = _candidates[frame.Next++];
            var state = StateAfter(call, _state);
            if (state < 0)
                continue;
            _state = state;
            Set(_pending.SlotOf(call));
            var isUsed = Settle();
            if (_pending.Position == Answers)
                return KlVerdict.True;
            if (visited.Add((ulong)_pending.Position << 32 | (uint)(_state + 1), _mask))
                Push(isWasted: _calls[call].IsOptional && !isUsed);
            else
                Restore();
        }
    }

    // Linearizes what changes nothing and is right, and moves past the answers of linearized calls.
    private bool Settle()
    {
        var isUsed = false;
        while (true)
        {
            for (var word = 0; word < _words; word++)
                for (var bits = _pending.Pure[word] & ~_mask[word]; bits != 0; bits &= bits - 1)
                {
                    var slot = word << 6 | BitOperations.TrailingZeroCount(bits);
                    ref readonly var call = ref _calls[_pending.InSlot(slot)];
                    if (call.A == _state != (call.Kind == CallKind.Read))
                        continue;
                    Set(slot);
                    isUsed = true;
                }
            if (!IsSet(_pending.SlotOf(_pending.Answers[_pending.Position])))
                return isUsed;
            do
            {
                var slot = _pending.SlotOf(_pending.Answers[_pending.Position]);
                if (!IsSet(slot))
                    break;
                _mask[slot >> 6] &= ~(1UL << slot);
                _pending.MoveForward();
                Reached = Math.Max(Reached, _pending.Position);
                if (_pending.Position == Answers)
                    return true;
            }
            while (true);
            isUsed = true;
        }
    }

    private void Push(bool isWasted)
    {
        if (_depth == _frames.Length)
        {
            _budget.Take((long)_frames.Length * (_words * sizeof(ulong) + 16));
            Array.Resize(ref _frames, _depth * 2);
            Array.Resize(ref _masks, _depth * 2 * _words);
        }
        _mask.CopyTo(_masks, _depth * _words);
        _frames[_depth++] = new() { Position = _pending.Position, State = _state, From = _candidateCount, Next = _candidateCount };
        Expand(isWasted);
    }

    private void Restore()
    {
        ref readonly var frame = ref _frames[_depth - 1];
        _pending.MoveBack(frame.Position);
        _state = frame.State;
        Array.Copy(_masks, (_depth - 1) * _words, _mask, 0, _words);
    }

    // Adds the calls that can be linearized next. The one whose answer comes first is tried first.
    private void Expand(bool isWasted)
    {
        var first = _pending.Answers[_pending.Position];
        var canBeServed = !_calls[first].Observes || (_calls[first].Kind == CallKind.Swap && _calls[first].A == _state);
        var from = _candidateCount;
        Room(_words * 64);
        for (var word = 0; word < _words; word++)
            for (var bits = _pending.Pending[word] & ~_mask[word] & ~_pending.Pure[word]; bits != 0; bits &= bits - 1)
            {
                var index = _pending.InSlot(word << 6 | BitOperations.TrailingZeroCount(bits));
                ref readonly var call = ref _calls[index];
                canBeServed |= index != first && (call.Kind == CallKind.Append || call.B == _calls[first].A != (_calls[first].Kind == CallKind.Differs));
                if ((call.Kind == CallKind.Write && (isWasted || (call.IsOptional && call.B == _state))) || (call.Kind == CallKind.Swap && call.A != _state))
                    continue;
                ref var best = ref _bestOfClass[_classes[index]];
                if (best < 0)
                    _candidates[_candidateCount++] = _classes[index];
                if (best < 0 || IsBefore(index, best))
                    best = index;
            }
        for (var i = from; i < _candidateCount; i++)
        {
            var kind = _candidates[i];
            _candidates[i] = _bestOfClass[kind];
            _bestOfClass[kind] = -1;
            if (_candidates[i] == first)
                (_candidates[from], _candidates[i]) = (_candidates[i], _candidates[from]);
        }
        if (!canBeServed)
            _candidateCount = from;
    }

    private bool IsBefore(int call, int other) => _pending.Ranks[call] != _pending.Ranks[other] ? _pending.Ranks[call] < _pending.Ranks[other] : call < other;

    private void Room(int count)
    {
        if (_candidateCount + count <= _candidates.Length)
            return;
        _budget.Take(_candidates.Length * sizeof(int));
        Array.Resize(ref _candidates, Math.Max(_candidates.Length * 2, _candidateCount + count));
    }

    private void Set(int slot) => _mask[slot >> 6] |= 1UL << slot;

    private bool IsSet(int slot) => (_mask[slot >> 6] & 1UL << slot) != 0;

    private struct Frame
    {
        public int Position;
        public int State;
        public int From;
        public int Next;
    }
}
