namespace KubeLab.Engine.Reliability.Report;

/// <summary>The options of a report.</summary>
public sealed record ReportOptions
{
    /// <summary>The format. Null: the format that belongs to the extension of the file.</summary>
    public ReportFormat? Format { get; init; }

    /// <summary>What each measurement must reach.</summary>
    public ReportThresholds Thresholds { get; init; } = new();

    /// <summary>Replaces a file even if it is read-only.</summary>
    public bool Force { get; init; }

    /// <summary>Does not replace a file.</summary>
    public bool NoClobber { get; init; }

    internal ReportFormat FormatOf(string path) => Format ?? Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".html" or ".htm" => ReportFormat.Html,
        ".json" => ReportFormat.Json,
        ".xml" => ReportFormat.JUnit,
        _ => throw new KlException(ErrorIds.ReportFormatUnknown, KlErrorKind.InvalidInput, path,
            $"The name {Path.GetFileName(path)} does not determine the format of the report.",
            "Use .html, .json or .xml, or specify the format with -As."),
    };
}
