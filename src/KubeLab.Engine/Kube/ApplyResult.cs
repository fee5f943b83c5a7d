namespace KubeLab.Engine.Kube;

/// <summary>The result of a server-side apply.</summary>
/// <param name="Object">The object as the server stores it.</param>
/// <param name="Changed">False if the apply changed nothing.</param>
public sealed record ApplyResult<T>(T Object, bool Changed);
