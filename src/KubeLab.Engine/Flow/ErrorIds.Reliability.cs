namespace KubeLab;

// Errors of faults, load and reports.
public static partial class ErrorIds
{
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
}
