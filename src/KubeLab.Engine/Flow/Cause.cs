using System.Diagnostics;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Authentication;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Flow;

/// <summary>What an exception means that the engine did not expect.</summary>
public static partial class Cause
{
    /// <summary>The error for people; its ErrorId is the name of the exception that says what happened.</summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="target">What was worked on, by name.</param>
    public static KlException Of(Exception error, string target)
    {
        var cause = Told(error);
        var (kind, message, next) = cause switch
        {
            KlException known => (known.Kind, known.Message, known.NextStep),
            OperationCanceledException or TimeoutException => (KlErrorKind.Timeout, "no answer came in time.", "Check that the other side is up, and run it again."),
            HttpRequestException or SocketException => (KlErrorKind.Unreachable, $"the connection failed: {cause.Message}", "Check the address and that the other side is up."),
            AuthenticationException => (KlErrorKind.Denied, $"the secure connection failed: {cause.Message}", "Check the address, the server's certificate and the CA that is given for it."),
            UnauthorizedAccessException => (KlErrorKind.Denied, cause.Message, "Check the permissions of the file."),
            FileNotFoundException or DirectoryNotFoundException => (KlErrorKind.NotFound, cause.Message, "Check the path."),
            IOException => (KlErrorKind.Failed, IoError.Words(cause), "Check the disk or the connection, and run it again."),
            _ => (KlErrorKind.Unexpected, $"KubeLab failed unexpectedly ({cause.GetType().Name}{Place(cause)}){Words(cause)}", "This is a fault in KubeLab. Report it with the command and with what Get-Error shows."),
        };
        return cause as KlException ?? new(cause.GetType().Name, kind, target, target.Length == 0 ? message : $"{target}: {message}", next, error);
    }

    /// <summary>The message of the innermost cause: those around it often say no more than "see inner exception".</summary>
    public static string Said(Exception error)
    {
        // What only adds to the words of its cause, as an address, says more; and of a limit the cause is how it was noticed.
        while (error is not (TimeoutException or OperationCanceledException) && error.InnerException is { } inner && !error.Message.StartsWith(inner.Message, StringComparison.Ordinal))
            error = inner;
        return IoError.Words(error);
    }

    // The outermost exception that says something itself.
    private static Exception Told(Exception error) =>
        error.InnerException is { } inner && (error is AggregateException or TargetInvocationException or TypeInitializationException || Pointer().IsMatch(error.Message)) ? Told(inner) : error;

    [GeneratedRegex("inner exception|^An error occurred while sending the request|^Error while copying content", RegexOptions.IgnoreCase)]
    private static partial Regex Pointer();

    // The runtime's words for a mistake in a program say nothing to its user.
    private static string Words(Exception cause) =>
        cause is NullReferenceException or InvalidCastException or IndexOutOfRangeException or ArgumentException or ObjectDisposedException or AggregateException ? "." : $": {cause.Message}";

    private static string Place(Exception cause) =>
        new StackTrace(cause).GetFrames().Select(frame => frame.GetMethod()?.DeclaringType?.FullName).FirstOrDefault(type => type?.StartsWith("KubeLab", StringComparison.Ordinal) == true) is { } type
            ? $" in {type.Split('+')[0]}" : "";
}
