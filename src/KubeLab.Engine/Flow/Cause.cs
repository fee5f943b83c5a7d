using System.Diagnostics;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Authentication;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Flow;

/// <summary>Turns an exception into an error for the user.</summary>
public static partial class Cause
{
    /// <summary>The error for an exception. Its ErrorId is the type name of the exception that describes the cause.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="target">The name of the object that was processed.</param>
    public static KlException Of(Exception error, string target)
    {
        var cause = Unwrap(error);
        var (kind, message, next) = cause switch
        {
            KlException known => (known.Kind, known.Message, known.NextStep),
            OperationCanceledException or TimeoutException => (
                KlErrorKind.Timeout, "no response before the timeout.", "Check that the server is running, and run the command again."),
            HttpRequestException or SocketException => (
                KlErrorKind.Unreachable, $"the connection failed: {cause.Message}", "Check the address and that the server is running."),
            AuthenticationException => (
                KlErrorKind.Denied, $"the TLS connection failed: {cause.Message}", "Check the address, the server's certificate and the CA certificate."),
            UnauthorizedAccessException => (KlErrorKind.Denied, cause.Message, "Check the permissions of the file."),
            FileNotFoundException or DirectoryNotFoundException => (KlErrorKind.NotFound, cause.Message, "Check the path."),
            IOException => (KlErrorKind.Failed, IoError.Describe(cause), "Check the disk or the connection, and run the command again."),
            _ => (
                KlErrorKind.Unexpected, $"KubeLab failed unexpectedly ({cause.GetType().Name}{Place(cause)}){Detail(cause)}",
                "This is a bug in KubeLab. Report it with the command and the output of Get-Error."),
        };
        return cause as KlException ?? new(cause.GetType().Name, kind, target, target.Length == 0 ? message : $"{target}: {message}", next, error);
    }

    /// <summary>The message of the innermost exception. Outer messages are often only "see inner exception".</summary>
    public static string MessageOf(Exception error)
    {
        // Keep an outer message that only adds to the inner one, such as an address. The inner exception of a timeout says only how it was detected.
        while (error is not (TimeoutException or OperationCanceledException) && error.InnerException is { } inner
            && !error.Message.StartsWith(inner.Message, StringComparison.Ordinal))
            error = inner;
        return IoError.Describe(error);
    }

    // The outermost exception with a message of its own.
    private static Exception Unwrap(Exception error) =>
        error.InnerException is { } inner
        && (error is AggregateException or TargetInvocationException or TypeInitializationException || Pointer().IsMatch(error.Message))
            ? Unwrap(inner) : error;

    [GeneratedRegex("inner exception|^An error occurred while sending the request|^Error while copying content", RegexOptions.IgnoreCase)]
    private static partial Regex Pointer();

    // The runtime's message for a programming error does not help the user.
    private static string Detail(Exception cause) =>
        cause is NullReferenceException or InvalidCastException or IndexOutOfRangeException
            or ArgumentException or ObjectDisposedException or AggregateException ? "." : $": {cause.Message}";

    private static string Place(Exception cause) =>
        new StackTrace(cause).GetFrames().Select(frame => frame.GetMethod()?.DeclaringType?.FullName)
            .FirstOrDefault(type => type?.StartsWith("KubeLab", StringComparison.Ordinal) == true) is { } type
            ? $" in {type.Split('+')[0]}" : "";
}
