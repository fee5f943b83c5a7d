using System.Net.Http.Headers;

namespace KubeLab.Engine.Kube.Config;

/// <summary>Credentials that may be had anew when the server refuses them.</summary>
internal interface IRenewable
{
    /// <summary>Forgets what was refused.</summary>
    void Renew(AuthenticationHeaderValue? refused);
}
