namespace KubeLab.Engine.Health;

/// <summary>Creates results of a check.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="check">The name of the check.</param>
internal sealed class Checks(KlCluster cluster, string check)
{
    public KlCheck Passed(string target, string message) => new(cluster.Name, check, target, KlCheckStatus.Passed, message);

    public KlCheck Warning(string target, string message, string? nextStep = null) =>
        new(cluster.Name, check, target, KlCheckStatus.Warning, message, nextStep);

    public KlCheck Failed(string target, string message, string? nextStep = null) =>
        new(cluster.Name, check, target, KlCheckStatus.Failed, message, nextStep);

    public KlCheck Unknown(string target, string message) => new(cluster.Name, check, target, KlCheckStatus.Unknown, message);
}
