namespace KubeLab;

/// <summary>An output object that has the complete object from the API server.</summary>
/// <remarks>It is internal, as the properties of records are that implement it: ConvertTo-Json and Export-Csv write all properties that a shell sees. The
/// module's type data adds them to the objects of a shell, hidden.</remarks>
internal interface IKubeRecord
{
    /// <summary>The complete object from the API server.</summary>
    object Object { get; }

    /// <summary>The complete object as JSON, or null if the record does not have it.</summary>
    string? Json => null;
}
