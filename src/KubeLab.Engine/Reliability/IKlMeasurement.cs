namespace KubeLab;

/// <summary>A measurement that a report can contain: <see cref="KlAvailability"/>, <see cref="KlDatabaseTest"/> or <see cref="KlConsistency"/>.</summary>
public interface IKlMeasurement
{
    /// <summary>The name of what was measured.</summary>
    string Name { get; }
}
