using k8s.Models;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

/// <summary>The API server's own words; the inner exception of the KlException made of it.</summary>
/// <param name="code">The HTTP status code.</param>
/// <param name="status">The Status object, or what could be made of the answer.</param>
public sealed class KubeStatusException(int code, V1Status status) : Exception(Printable.Text(status.Message ?? ""))
{
    /// <summary>The HTTP status code.</summary>
    public int Code { get; } = code;

    /// <summary>The Status object (kubernetes API conventions, "Response Status Kind").</summary>
    public V1Status Status { get; } = status;
}
