namespace KubeLab.Engine.Reliability.Checkers;

/// <summary>Errors of histories that a checker cannot read.</summary>
internal static class ModelError
{
    /// <summary>Creates the error for an operation that the checker does not understand.</summary>
    public static KlException Of(KlOperation operation, string problem, string expected) => new(ErrorIds.ModelMismatch, KlErrorKind.InvalidData,
        $"operation {operation.Index}", $"Operation {operation.Index} ({operation.Function}) {problem}.", expected);
}
