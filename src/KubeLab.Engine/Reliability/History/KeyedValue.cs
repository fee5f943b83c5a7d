namespace KubeLab.Engine.Reliability.History;

/// <summary>A value of one of many keys, as jepsen.independent writes it.</summary>
internal sealed record KeyedValue(object? Key, object? Value);
