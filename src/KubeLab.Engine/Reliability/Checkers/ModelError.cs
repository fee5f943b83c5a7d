using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers;

/// <summary>Errors of histories that a checker cannot read.</summary>
internal static class ModelError
{
    /// <summary>Creates the error for an operation that the checker does not understand.</summary>
    public static KlException Of(KlOperation operation, string problem, string expected) => new(ErrorIds.ModelMismatch, KlErrorKind.InvalidData,
        $"operation {operation.Index}", $"Operation {operation.Index} ({operation.Function}) {problem}.", expected);

    /// <summary>Creates the error for an operation that the model does not have.</summary>
    /// <param name="history">The history.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="model">The model.</param>
    /// <param name="functions">Its functions in words.</param>
    /// <param name="fitting">Models that have all functions of the history, if they are known.</param>
    public static KlException Mismatch(OperationHistory history, KlOperation operation, string model, string functions, params IReadOnlyList<string> fitting) =>
        new(ErrorIds.ModelMismatch, KlErrorKind.InvalidInput, history.Name,
            $"The model {model} has {functions}, but operation {operation.Index} of '{history.Name}' is {OperationText.Of(operation)}.",
            fitting.Count > 0 ? $"Specify the model {string.Join(" or ", fitting)}." : "Specify a model that has all functions of the history.");
}
