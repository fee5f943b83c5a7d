using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using KubeLab.Engine.Flow.Records;

namespace KubeLab;

/// <summary>The elements of an output object's property. As text, for example in a CSV file, it is the elements instead of the name of its type.</summary>
/// <typeparam name="T">The type of the elements.</typeparam>
/// <param name="items">The elements. They are stored, not copied.</param>
[JsonConverter(typeof(KlCollectionConverter))]
[CollectionBuilder(typeof(KlCollection), nameof(KlCollection.Create))]
public sealed class KlCollection<T>(IList<T> items) : ReadOnlyCollection<T>(items)
{
    /// <summary>The number of elements, as an array has it.</summary>
    public int Length => Count;

    /// <summary>The elements, separated by commas.</summary>
    public override string ToString() => string.Join(", ", this);
}

/// <summary>Creates collections of output objects.</summary>
public static class KlCollection
{
    /// <summary>Creates a collection, for collection expressions.</summary>
    public static KlCollection<T> Create<T>(ReadOnlySpan<T> items) => new(items.ToArray());
}
