namespace KubeLab.Engine.Resources;

/// <summary>A query for objects of any kind.</summary>
/// <param name="Kind">A kind in any form that kubectl accepts: Deployment, deployments, deploy, deployments.apps.</param>
/// <param name="Scope">The scope.</param>
/// <param name="ShowSecret">Whether the objects contain the values of Secrets.</param>
public sealed record ResourceQuery(string Kind, KubeScope Scope, bool ShowSecret = false);
