using CsCheck;

namespace KubeLab.Tests.Reliability.Checkers;

/// <summary>Random decisions from a list of numbers, which CsCheck can shorten.</summary>
internal sealed class Choices(int[] numbers)
{
    private int _at;

    /// <summary>A generator of decisions.</summary>
    public static Gen<Choices> Gen { get; } = CsCheck.Gen.Int[0, 9_999].Array[120].Select(numbers => new Choices(numbers));

    /// <summary>Returns a number from 0 to <paramref name="count"/> - 1.</summary>
    public int Next(int count) => numbers[_at++ % numbers.Length] % count;

    /// <summary>Returns an item of a list.</summary>
    public T Next<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>Returns true one time in <paramref name="count"/>.</summary>
    public bool OneIn(int count) => Next(count) == 0;
}
