namespace KubeLab;

// Errors of reports.
public static partial class ErrorIds
{
    /// <summary>There is no measurement to report.</summary>
    public const string ReportEmpty = "ReportEmpty";

    /// <summary>The file exists and must not be replaced.</summary>
    public const string ReportExists = "ReportExists";

    /// <summary>The extension of the file does not determine a format.</summary>
    public const string ReportFormatUnknown = "ReportFormatUnknown";

    /// <summary>The report could not be written.</summary>
    public const string ReportNotWritable = "ReportNotWritable";

    /// <summary>A report of test results needs a threshold.</summary>
    public const string ReportThresholdMissing = "ReportThresholdMissing";
}
