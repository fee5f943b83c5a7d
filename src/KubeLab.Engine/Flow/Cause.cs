namespace KubeLab.Engine.Flow;

/// <summary>What an exception comes from.</summary>
public static class Cause
{
    /// <summary>The message of the innermost cause: those around it often say no more than "see inner exception".</summary>
    public static string Said(Exception error)
    {
        // What only adds to the words of its cause, as an address, says more; and of a limit the cause is how it was noticed.
        while (error is not (TimeoutException or OperationCanceledException) && error.InnerException is { } inner && !error.Message.StartsWith(inner.Message, StringComparison.Ordinal))
            error = inner;
        return error.Message;
    }
}
