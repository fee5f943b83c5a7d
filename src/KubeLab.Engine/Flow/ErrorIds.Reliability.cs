namespace KubeLab;

// Errors of faults, measurements and reports.
public static partial class ErrorIds
{
    /// <summary>The members of a database reject the password of its secret.</summary>
    public const string DatabaseLoginRejected = "DatabaseLoginRejected";

    /// <summary>No member of a database accepts writes.</summary>
    public const string DatabaseNotWritable = "DatabaseNotWritable";

    /// <summary>The address is not an absolute URL with the scheme http, https or tcp.</summary>
    public const string EndpointInvalid = "EndpointInvalid";

    /// <summary>The service has no address to which requests can be sent.</summary>
    public const string EndpointNotFound = "EndpointNotFound";

    /// <summary>The expected response is neither a status nor a text.</summary>
    public const string ExpectationInvalid = "ExpectationInvalid";

    /// <summary>A fault could not be started or ended.</summary>
    public const string FaultFailed = "FaultFailed";

    /// <summary>A fault of a node or container was requested, but KubeLab has no access to the machine.</summary>
    public const string FaultNeedsMachine = "FaultNeedsMachine";

    /// <summary>It is not known whether a fault has ended.</summary>
    public const string FaultNotEnded = "FaultNotEnded";

    /// <summary>A parameter of a fault is missing, not valid, or does not apply to its kind.</summary>
    public const string FaultParameterInvalid = "FaultParameterInvalid";

    /// <summary>The target of a fault was not healthy again before the timeout.</summary>
    public const string FaultRecoveryTimeout = "FaultRecoveryTimeout";

    /// <summary>The target of a fault does not exist or does not run.</summary>
    public const string FaultTargetGone = "FaultTargetGone";

    /// <summary>The kind of fault does not apply to the kind of target.</summary>
    public const string FaultTargetInvalid = "FaultTargetInvalid";

    /// <summary>The machine or its kernel does not support a fault.</summary>
    public const string FaultUnsupported = "FaultUnsupported";

    /// <summary>A file is not a history, or an operation in it is not valid.</summary>
    public const string HistoryInvalid = "HistoryInvalid";

    /// <summary>No file with a history was found.</summary>
    public const string HistoryNotFound = "HistoryNotFound";

    /// <summary>A history could not be saved.</summary>
    public const string HistoryNotWritable = "HistoryNotWritable";

    /// <summary>The rate, the duration or another value of a load is not valid.</summary>
    public const string LoadInvalid = "LoadInvalid";

    /// <summary>The history contains operations that the model does not have.</summary>
    public const string ModelMismatch = "ModelMismatch";

    /// <summary>No endpoint responded as expected before the first fault.</summary>
    public const string ProbeFailed = "ProbeFailed";

    /// <summary>The pipeline contained no measurement.</summary>
    public const string ReportEmpty = "ReportEmpty";

    /// <summary>The file exists and must not be replaced.</summary>
    public const string ReportExists = "ReportExists";

    /// <summary>The extension of the file does not determine a format.</summary>
    public const string ReportFormatUnknown = "ReportFormatUnknown";

    /// <summary>The report could not be written.</summary>
    public const string ReportNotWritable = "ReportNotWritable";

    /// <summary>A report of test results needs a threshold.</summary>
    public const string ReportThresholdMissing = "ReportThresholdMissing";

    /// <summary>A database cannot do a workload.</summary>
    public const string WorkloadUnsupported = "WorkloadUnsupported";
}
