namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>An object as one client would see it: what its functions do and answer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Functions">Its functions, in words.</param>
/// <param name="Compile">Describes the operations of one key for the search.</param>
internal sealed record SequentialModel(string Name, string Functions, Func<SearchBudget, ModelCompiler> Compile)
{
    /// <summary>The models, by name.</summary>
    public static IReadOnlyDictionary<string, SequentialModel> All { get; } = new SequentialModel[]
    {
        new("Register", "read and write", static _ => new RegisterCompiler(hasSwap: false)),
        new("CasRegister", "read, write and cas", static _ => new RegisterCompiler(hasSwap: true)),
        new("KeyValue", "get, put and append", static budget => new KeyValueCompiler(budget)),
        new("Mutex", "acquire and release", static _ => new MutexCompiler()),
    }.ToDictionary(model => model.Name, StringComparer.OrdinalIgnoreCase);
}
