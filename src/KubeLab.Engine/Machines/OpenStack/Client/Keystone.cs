using System.Text;
using System.Text.Json.Nodes;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>Logs in to a cloud (Identity API v3, "Authentication and token management"), and again when a token is rejected.</summary>
internal sealed class Keystone : IDisposable
{
    private static readonly TimeSpan ExpiryMargin = TimeSpan.FromSeconds(30);
    private readonly CloudConfig _config;
    private readonly CloudHttp _http;
    private readonly TimeProvider _clock;
    private readonly Once<Uri> _base;
    private readonly Once<CloudToken> _token;

    public Keystone(CloudConfig config, CloudHttp http, TimeProvider clock)
    {
        (_config, _http, _clock) = (config, http, clock);
        (_base, _token) = (new(FindAsync), new(LogInAsync));
    }

    /// <summary>The URL that ends with /v3.</summary>
    public Task<Uri> BaseAsync(CancellationToken stop) => _base.GetAsync(stop);

    /// <summary>A token that is valid for some time, other than the rejected one. Concurrent callers share one login and its outcome.</summary>
    /// <exception cref="KlException">CloudDenied, CredentialExpired, CloudPasswordMissing, CloudUnreachable, CertificateUnknown.</exception>
    public Task<CloudToken> TokenAsync(CloudToken? refused, CancellationToken stop) =>
        _token.GetAsync(token => token != refused && token.Expires - _clock.GetUtcNow() > ExpiryMargin, stop);

    public void Dispose()
    {
        _token.Dispose();
        _base.Dispose();
    }

    private async Task<CloudToken> LogInAsync(CancellationToken stop)
    {
        var uri = Append(await BaseAsync(stop), "auth/tokens");
        var answer = await _http.SendAsync(HttpMethod.Post, uri, Encoding.UTF8.GetBytes(Request().ToJsonString()), [], stop);
        // Keystone reports an unreadable token as not found.
        if (answer.Code == 401 || answer.Code == 404 && _config.Login is TokenLogin && (answer.Json() as JsonObject)?["error"] is not null)
            throw Rejected(answer);
        if (answer.Code is 404 or 405)
            throw new KlException(ErrorIds.CloudUnreachable, KlErrorKind.Unreachable, _config.Name,
                $"{_config.Name}: Keystone v3 was not found at {_config.AuthUrl} (status {answer.Code}).",
                $"Correct auth_url in {_config.Source}. The dashboard shows it under API Access.");
        if (!answer.IsSuccess)
            throw CloudErrors.Of(_config.Name, "the login", answer);
        return answer.Header("X-Subject-Token") is { } secret && answer.Json()?["token"] is { } body ? new(secret, body)
            : throw CloudErrors.Unexpected(_config.Name, "the login", answer, "the response contains no token");
    }

    private JsonObject Request()
    {
        var (method, proof) = _config.Login switch
        {
            PasswordLogin { Secret: null } login => throw new KlException(ErrorIds.CloudPasswordMissing, KlErrorKind.InvalidInput, _config.Name,
                $"{_config.Name}: the password of {login.User} is not configured.",
                "Add it to secure.yaml in the folder of clouds.yaml, or specify -Credential."),
            PasswordLogin login => ("password", new JsonObject { ["user"] = With(Identity(login.User), "password", login.Secret.Password) }),
            ApplicationCredentialLogin { Id: { } id } login => ("application_credential", new JsonObject { ["id"] = id, ["secret"] = login.Secret.Password }),
            ApplicationCredentialLogin login => ("application_credential",
                new JsonObject { ["name"] = login.Name, ["user"] = Identity(login.User!), ["secret"] = login.Secret.Password }),
            var login => ("token", new JsonObject { ["id"] = ((TokenLogin)login).Secret.Password }),
        };
        var auth = new JsonObject { ["identity"] = new JsonObject { ["methods"] = new JsonArray(method), [method] = proof } };
        // An application credential determines its project and accepts no other.
        if (_config.Project is { } project && _config.Login is not ApplicationCredentialLogin)
            auth["scope"] = new JsonObject { ["project"] = Identity(project) };
        return new() { ["auth"] = auth };
    }

    private static JsonObject Identity(CloudIdentity one) => one.Id is { } id ? new() { ["id"] = id } : new()
    {
        ["name"] = one.Name,
        ["domain"] = one is { DomainId: null, DomainName: { } name } ? new JsonObject { ["name"] = name }
        : new JsonObject { ["id"] = one.DomainId ?? "default" },
    };

    private static JsonObject With(JsonObject one, string name, string value)
    {
        one[name] = value;
        return one;
    }

    // For security, Keystone does not report the reason of a rejection.
    private KlException Rejected(CloudAnswer answer)
    {
        var status = CloudErrors.Read(answer);
        var request = status.RequestId is { } id ? $" (request {id})" : "";
        return _config.Login switch
        {
            PasswordLogin login => new(ErrorIds.CloudDenied, KlErrorKind.Denied, _config.Name,
                $"{_config.Name}: {_config.AuthUrl} rejected the login of {login.User}{(_config.Project is { } project ? $" for the project {project}" : "")}"
                + $": the password, the user, the project or one of their domains is wrong{request}.",
                $"Correct them in {_config.Source}, or in secure.yaml in the same folder.", status),
            ApplicationCredentialLogin login => new(ErrorIds.CredentialExpired, KlErrorKind.Denied, _config.Name,
                $"{_config.Name}: {_config.AuthUrl} rejected the application credential {login.Name ?? login.Id}: it has expired, was deleted, or its secret "
                + $"is wrong{request}.",
                $"Create a new one (openstack application credential create, or the dashboard under Identity) and add it to {_config.Source}.", status),
            _ => new(ErrorIds.CredentialExpired, KlErrorKind.Denied, _config.Name,
                $"{_config.Name}: {_config.AuthUrl} rejected the token: it has expired or was revoked{request}.",
                "Get a new token (openstack token issue), or configure an application credential, which does not expire by default.", status),
        };
    }

    private async Task<Uri> FindAsync(CancellationToken stop)
    {
        var given = _config.AuthUrl.AbsoluteUri.TrimEnd('/');
        if (given.EndsWith("/v3", StringComparison.Ordinal))
            return new(given);
        if (given.EndsWith("/v2.0", StringComparison.Ordinal))
            given = given[..^"/v2.0".Length];
        var answer = await _http.SendAsync(HttpMethod.Get, new(given + "/"), null, [], stop);
        return Versions.In(answer.Json()).FirstOrDefault(one => one.Major == 3) is { } v3 ? Append(new(given), v3.Segment) : new(given + "/v3");
    }

    internal static Uri Append(Uri at, string path) => new($"{at.AbsoluteUri.TrimEnd('/')}/{path}");
}
