using System.Management.Automation;
using KubeLab.Engine.Flow;

namespace KubeLab.Pipeline;

/// <summary>Converts exceptions to error records.</summary>
internal static class ErrorRecords
{
    /// <summary>Returns one record for each exception.</summary>
    public static IEnumerable<ErrorRecord> Records(Exception error, object target) =>
        (error is AggregateException many ? many.Flatten().InnerExceptions : [error]).Select(one => Record(one, target));

    /// <summary>Converts an exception to a record with ErrorId, category and recommended action. The record refers to the target object if the exception
    /// names it.</summary>
    public static ErrorRecord Record(Exception error, object target)
    {
        var known = error as KlException ?? Cause.Of(error, target.ToString() ?? "");
        var record = new ErrorRecord(known, known.ErrorId, Category(known.Kind), target.ToString() == known.Target ? target : known.Target)
        {
            // PowerShell shows the recommendation below the message.
            ErrorDetails = new ErrorDetails(known.Message) { RecommendedAction = Advice.For(known) },
        };
        record.CategoryInfo.TargetName = Printable.Text(record.CategoryInfo.TargetName);
        return record;
    }

    private static ErrorCategory Category(KlErrorKind kind) => kind switch
    {
        KlErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        KlErrorKind.Exists => ErrorCategory.ResourceExists,
        KlErrorKind.InvalidInput => ErrorCategory.InvalidArgument,
        KlErrorKind.InvalidData => ErrorCategory.InvalidData,
        KlErrorKind.Unreachable => ErrorCategory.ConnectionError,
        KlErrorKind.Denied => ErrorCategory.PermissionDenied,
        KlErrorKind.Timeout => ErrorCategory.OperationTimeout,
        KlErrorKind.NotInstalled => ErrorCategory.NotInstalled,
        KlErrorKind.Unexpected => ErrorCategory.NotSpecified,
        _ => ErrorCategory.InvalidResult,
    };
}
