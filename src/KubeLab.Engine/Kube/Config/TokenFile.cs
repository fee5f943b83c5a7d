using System.Net.Http.Headers;
using k8s.Authentication;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube.Config;

/// <summary>A bearer token in a file that another process keeps up to date.</summary>
internal sealed class TokenFile(string path) : ITokenProvider, IRenewable
{
    // An HTTP server accepts less in a header.
    private const int MaxLength = 1 << 20;

    /// <exception cref="KlException">KubeTokenUnreadable.</exception>
    public async Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new("Bearer", (await BoundedText.OfFileAsync(path, MaxLength, cancellationToken)).Trim());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KlException(ErrorIds.KubeTokenUnreadable, KlErrorKind.Denied, path,
                $"The kubeconfig's tokenFile {path} cannot be read: {IoError.Describe(error)}",
                "Correct the kubeconfig, or make the file readable.", error);
        }
    }

    public void Renew(AuthenticationHeaderValue? refused)
    {
        // The file is read for each request.
    }
}
