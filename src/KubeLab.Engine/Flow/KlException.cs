using KubeLab.Engine.Flow;

namespace KubeLab;

/// <summary>The kind of a <see cref="KlException"/>. The cmdlets map it to an ErrorCategory.</summary>
public enum KlErrorKind
{
    /// <summary>The requested object was not found.</summary>
    NotFound,

    /// <summary>The name is used by an object that KubeLab did not create.</summary>
    Exists,

    /// <summary>The input is not valid.</summary>
    InvalidInput,

    /// <summary>The server rejected the content of the request.</summary>
    InvalidData,

    /// <summary>A host, engine, mirror or server does not respond.</summary>
    Unreachable,

    /// <summary>Authentication or authorization failed, or a host key changed.</summary>
    Denied,

    /// <summary>The operation failed. The message contains the output of the command or server.</summary>
    Failed,

    /// <summary>The operation did not complete before the timeout. The message says what was still missing.</summary>
    Timeout,

    /// <summary>A required program is not installed on this computer.</summary>
    NotInstalled,

    /// <summary>A bug in KubeLab.</summary>
    Unexpected,
}

/// <summary>An error with a stable identifier and a next step.</summary>
/// <param name="errorId">The stable identifier, see <see cref="ErrorIds"/>.</param>
/// <param name="kind">The kind, which determines the ErrorCategory.</param>
/// <param name="target">The name of the machine, image, file or address that failed.</param>
/// <param name="message">What happened, with host, command, exit code and the end of the output. It is escaped, and must not contain secrets.</param>
/// <param name="nextStep">What the user can do next.</param>
/// <param name="inner">The cause.</param>
public sealed class KlException(
    string errorId, KlErrorKind kind, string target, string message, string? nextStep = null, Exception? inner = null)
    : Exception(Printable.Text(message), inner)
{
    /// <summary>The stable identifier, see <see cref="ErrorIds"/>.</summary>
    public string ErrorId { get; } = errorId;

    /// <summary>The kind.</summary>
    public KlErrorKind Kind { get; } = kind;

    /// <summary>The name of the object that failed.</summary>
    public string Target { get; } = target;

    /// <summary>The exit code of the command that failed, or null if no command failed.</summary>
    public int? ExitCode { get; init; }

    /// <summary>What the user can do next, or null.</summary>
    public string? NextStep { get; } = nextStep is null ? null : Printable.Text(nextStep);

    /// <summary>The message and the inner exceptions, with control characters escaped.</summary>
    public override string ToString() => Printable.Text(base.ToString());
}
