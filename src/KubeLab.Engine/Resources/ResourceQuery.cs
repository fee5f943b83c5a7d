namespace KubeLab.Engine.Resources;

/// <summary>Which objects of any kind.</summary>
/// <param name="Kind">As kubectl takes it: Deployment, deployments, deploy, deployments.apps.</param>
/// <param name="Scope">Where, and which of them.</param>
public sealed record ResourceQuery(string Kind, KubeScope Scope);
