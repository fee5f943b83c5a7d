using System.Numerics;

namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

// What calls do to states.
internal sealed partial class LinearizationSearch
{
    private int StateAfter(int index, int state)
    {
        ref readonly var call = ref _calls[index];
        switch (call.Kind)
        {
            case CallKind.Write:
                return call.B;
            case CallKind.Swap:
                return state == call.A ? call.B : -1;
            case CallKind.Append:
                var next = _texts!.Append(state, call.B);
                return IsSeen(index, next) ? next : -1;
            default:
                return -1;
        }
    }

    // A text that was appended to must be a beginning of what the next read returns, unless a put before that read writes such a beginning.
    private bool IsSeen(int index, int state)
    {
        var position = _nextRead[_pending.Position];
        while (position < Answers && _calls[_pending.Answers[position]].Start <= _calls[_pending.Answers[_pending.Position]].End
            && IsSet(_pending.SlotOf(_pending.Answers[position])))
            position = _nextRead[position + 1];
        if (position == Answers)
            return true;
        var text = _calls[_pending.Answers[position]].A;
        if (_texts!.IsPrefix(state, text))
            return true;
        foreach (var started in _pending.StartedBetween(_pending.Position, position))
            if (WritesPrefix(started, text))
                return true;
        for (var word = 0; word < _words; word++)
            for (var bits = _pending.Pending[word] & ~_mask[word]; bits != 0; bits &= bits - 1)
                if (_pending.InSlot(word << 6 | BitOperations.TrailingZeroCount(bits)) is var other && other != index && WritesPrefix(other, text))
                    return true;
        return false;
    }

    private bool WritesPrefix(int call, int text) => _calls[call].Kind == CallKind.Write && _texts!.IsPrefix(_calls[call].B, text);
}
