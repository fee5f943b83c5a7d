using k8s.Models;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

/// <summary>The API server's own message; the inner exception of the KlException.</summary>
/// <param name="code">The HTTP status code.</param>
/// <param name="status">The Status object, or one made from the response text.</param>
public sealed class KubeStatusException(int code, V1Status status) : Exception(Printable.Text(status.Message ?? ""))
{
    /// <summary>The HTTP status code.</summary>
    public int Code { get; } = code;

    /// <summary>The Status object (kubernetes API conventions, "Response Status Kind").</summary>
    public V1Status Status { get; } = status;
}
