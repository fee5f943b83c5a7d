namespace KubeLab.Engine.Reliability.Report;

/// <summary>The format of a report.</summary>
public enum ReportFormat
{
    /// <summary>A page for people, in one file.</summary>
    Html,

    /// <summary>All numbers, for programs.</summary>
    Json,

    /// <summary>The checks as test results, for pipelines.</summary>
    JUnit,
}
