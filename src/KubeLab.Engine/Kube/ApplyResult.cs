namespace KubeLab.Engine.Kube;

/// <summary>What an apply came to.</summary>
/// <param name="Object">As the server has it now.</param>
/// <param name="Changed">False where the server already had it so.</param>
public sealed record ApplyResult<T>(T Object, bool Changed);
