using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A response of a service.</summary>
/// <param name="Code">The HTTP status code.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Body">The body.</param>
internal sealed record CloudAnswer(int Code, HttpResponseHeaders Headers, byte[] Body)
{
    public bool IsSuccess => Code is >= 200 and < 300;

    public string? RequestId => Header("x-openstack-request-id") ?? Header("x-compute-request-id");

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    /// <summary>The body, or null if it is not JSON.</summary>
    public JsonNode? Json()
    {
        try
        {
            return JsonNode.Parse(Body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
