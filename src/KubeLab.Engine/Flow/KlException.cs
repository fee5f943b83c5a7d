using KubeLab.Engine.Flow;

namespace KubeLab;

/// <summary>What kind of trouble a <see cref="KlException"/> is; the cmdlets map it to an ErrorCategory.</summary>
public enum KlErrorKind
{
    /// <summary>What was asked for is not there.</summary>
    NotFound,

    /// <summary>The name is taken by something that is not ours.</summary>
    Exists,

    /// <summary>What was given cannot be right.</summary>
    InvalidInput,

    /// <summary>The other side understood what was given, and refuses it for what it says.</summary>
    InvalidData,

    /// <summary>No answer from a host, engine, mirror or server.</summary>
    Unreachable,

    /// <summary>The other side knows us not, or forbids it; a host key that changed is this too.</summary>
    Denied,

    /// <summary>It was tried and it failed; the message carries the other side's own words.</summary>
    Failed,

    /// <summary>It did not come to pass in the time allowed; the message says what was still missing.</summary>
    Timeout,

    /// <summary>Something that must be on this computer first is not.</summary>
    NotInstalled,

    /// <summary>A fault of KubeLab itself.</summary>
    Unexpected,
}

/// <summary>An error a user can act on.</summary>
/// <param name="errorId">Stable, in PascalCase; scripts compare by it.</param>
/// <param name="kind">Decides the ErrorCategory.</param>
/// <param name="target">What failed: a machine, image, file or address by name.</param>
/// <param name="message">What happened, with the evidence (host, command, exit code, the output's tail), which is made printable. Never a secret.</param>
/// <param name="nextStep">What to do next, one sentence.</param>
/// <param name="inner">What it came from.</param>
public sealed class KlException(
    string errorId, KlErrorKind kind, string target, string message, string? nextStep = null, Exception? inner = null)
    : Exception(Printable.Text(message), inner)
{
    /// <summary>Stable identifier, in PascalCase.</summary>
    public string ErrorId { get; } = errorId;

    /// <summary>The kind of trouble.</summary>
    public KlErrorKind Kind { get; } = kind;

    /// <summary>What failed, by name.</summary>
    public string Target { get; } = target;

    /// <summary>What to do next, one sentence, or null.</summary>
    public string? NextStep { get; } = nextStep is null ? null : Printable.Text(nextStep);

    /// <summary>With what it came from, printable too.</summary>
    public override string ToString() => Printable.Text(base.ToString());
}
