namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>Numbers texts, so that states that are texts can be compared and kept as numbers.</summary>
/// <remarks>Texts that no read returns, and that no read returns as a beginning, are one state: nothing but a put leads out of it.</remarks>
internal sealed class TextStates(SearchBudget budget)
{
    private const int Unread = 0;
    private const int Overhead = 120;
    private readonly List<string> _texts = [""];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> _appended = [];
    private readonly List<string> _read = [];

    /// <summary>Returns the number of a text.</summary>
    public int NumberOf(string text)
    {
        if (_numbers.TryGetValue(text, out var number))
            return number;
        budget.Take(Overhead + text.Length * sizeof(char));
        _texts.Add(text);
        return _numbers[text] = _texts.Count - 1;
    }

    /// <summary>Returns the number of a text that is read.</summary>
    public int NumberOfRead(string text)
    {
        var number = NumberOf(text);
        if (_read.BinarySearch(text, StringComparer.Ordinal) is < 0 and var place)
            _read.Insert(~place, text);
        return number;
    }

    /// <summary>Returns the number of the text of <paramref name="state"/> followed by <paramref name="suffix"/>.</summary>
    public int Append(int state, int suffix)
    {
        if (state == Unread)
            return Unread;
        var pair = (long)state << 32 | (uint)suffix;
        if (_appended.TryGetValue(pair, out var known))
            return known;
        var text = _texts[state] + _texts[suffix];
        budget.Take(Overhead);
        return _appended[pair] = IsBeginningOfRead(text) ? NumberOf(text) : Unread;
    }

    /// <summary>Whether the text of <paramref name="state"/> is a beginning of that of <paramref name="whole"/>.</summary>
    public bool IsPrefix(int state, int whole) => state != Unread && _texts[whole].StartsWith(_texts[state], StringComparison.Ordinal);

    /// <summary>Whether the text of <paramref name="whole"/> contains that of <paramref name="part"/>.</summary>
    public bool Contains(int whole, int part) => _texts[whole].Contains(_texts[part], StringComparison.Ordinal);

    private bool IsBeginningOfRead(string text)
    {
        var place = _read.BinarySearch(text, StringComparer.Ordinal);
        return place >= 0 || (~place < _read.Count && _read[~place].StartsWith(text, StringComparison.Ordinal));
    }
}
