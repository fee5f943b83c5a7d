using System.Net.Http.Headers;
using k8s.Authentication;

namespace KubeLab.Engine.Kube.Config;

/// <summary>A token that something else keeps fresh in a file.</summary>
internal sealed class TokenFile(string path) : ITokenProvider, IRenewable
{
    /// <exception cref="KlException">KubeTokenUnreadable.</exception>
    public async Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new("Bearer", (await File.ReadAllTextAsync(path, cancellationToken)).Trim());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KlException(ErrorIds.KubeTokenUnreadable, KlErrorKind.Denied, path, $"The kubeconfig's tokenFile cannot be read: {error.Message}", "Correct the kubeconfig, or make the file readable.", error);
        }
    }

    public void Renew(AuthenticationHeaderValue? refused)
    {
        // It is read anew each time.
    }
}
