namespace KubeLab.Engine.Remote;

/// <summary>An error that a node script reports by its ErrorId.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="NextStep">What the user can do next.</param>
internal sealed record NodeError(KlErrorKind Kind, string NextStep);
