using System.Net.Http.Headers;
using k8s.Authentication;

namespace KubeLab.Engine.Kube.Config;

/// <summary>A bearer token in a file that another process keeps up to date.</summary>
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
            throw new KlException(ErrorIds.KubeTokenUnreadable, KlErrorKind.Denied, path,
                $"The kubeconfig's tokenFile cannot be read: {error.Message}", "Correct the kubeconfig, or make the file readable.", error);
        }
    }

    public void Renew(AuthenticationHeaderValue? refused)
    {
        // The file is read for each request.
    }
}
