using System.Net.Http.Headers;

namespace KubeLab.Engine.Kube.Config;

/// <summary>Credentials that can be renewed when the server rejects them.</summary>
internal interface IRenewable
{
    /// <summary>Discards rejected credentials.</summary>
    void Renew(AuthenticationHeaderValue? refused);
}
