using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using k8s.Models;
using Org.BouncyCastle.Crypto.Generators;

namespace KubeLab.Engine.Images;

/// <summary>The state of a registry, stored in the Secret kube-system/kubelab-registry. If the machine is lost, the registry can be
/// recreated from it.</summary>
internal sealed record RegistryState
{
    /// <summary>The name of the Secret.</summary>
    public const string SecretName = "kubelab-registry";

    /// <summary>The annotation of the Secret with the address of the registry.</summary>
    public const string AddressAnnotation = "org.kubelab/registry";

    /// <summary>The key of the Secret with the login for container runtimes.</summary>
    public const string DockerConfig = ".dockerconfigjson";

    private const string Letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

    // The limits of bcrypt for passwords and of htpasswd for user names.
    private const int PasswordBytes = 72;
    private const int NameBytes = 255;

    // The minimum, because the default password has 180 random bits and each pull pays for the rounds.
    private const int BcryptCost = 5;

    /// <summary>The address: host:port.</summary>
    public required string Address { get; init; }

    /// <summary>The user name and password.</summary>
    public required NetworkCredential Credential { get; init; }

    /// <summary>The line of the htpasswd file.</summary>
    public required string Htpasswd { get; init; }

    /// <summary>The CA that nodes trust.</summary>
    public required KeyedCertificate Authority { get; init; }

    /// <summary>The certificate of the registry.</summary>
    public required KeyedCertificate Server { get; init; }

    /// <summary>The desired state. Keeps as much of the previous state as possible.</summary>
    /// <exception cref="KlException">RegistryCredentialInvalid.</exception>
    public static RegistryState Of(KlCluster cluster, RegistryOptions options, RegistryState? before, DateTimeOffset now)
    {
        var machine = cluster.ControlPlane;
        var port = options.Port ?? (before is null ? 5000 : new Uri("https://" + before.Address).Port);
        var credential = options.Credential ?? before?.Credential ?? new NetworkCredential("kubelab", RandomNumberGenerator.GetString(Letters, 32));
        if (Validate(credential.UserName, credential.Password) is { } problem)
            throw new KlException(ErrorIds.RegistryCredentialInvalid, KlErrorKind.InvalidInput, cluster.Name,
                $"The credential for the registry of {cluster} is not valid: {problem}. Nothing was changed.", "Choose another user name or password.");
        var kept = before is not null && before.Credential.UserName == credential.UserName && before.Credential.Password == credential.Password;
        var authority = before is not null && RegistryCertificates.IsValidAuthority(before.Authority, now)
            ? before.Authority : RegistryCertificates.CreateAuthority(cluster.Name, now);
        return new()
        {
            Address = new IPEndPoint(machine.IP, port).ToString(),
            Credential = credential,
            Htpasswd = kept ? before!.Htpasswd
                : $"{credential.UserName}:{OpenBsdBCrypt.Generate(credential.Password.ToCharArray(), RandomNumberGenerator.GetBytes(16), BcryptCost)}",
            Authority = authority,
            Server = before is not null && RegistryCertificates.IsValid(before.Server, authority, machine.IP, machine.Name, now)
                ? before.Server : RegistryCertificates.Sign(authority, machine.IP, machine.Name, now),
        };
    }

    // The restrictions of htpasswd, HTTP Basic authentication (RFC 7617) and bcrypt.
    private static string? Validate(string user, string password) =>
        user.Length == 0 ? "the user name is empty"
        : user.Contains(':', StringComparison.Ordinal) ? "a user name cannot contain ':'"
        : HasInvalidCharacters(user) ? "a user name cannot contain control characters"
        : user.StartsWith('#') || user.Trim() != user ? "a user name cannot start with '#', and cannot start or end with a space"
        : Encoding.UTF8.GetByteCount(user) > NameBytes ? $"a user name cannot be longer than {NameBytes} bytes"
        : password.Length == 0 ? "the password is empty"
        : HasInvalidCharacters(password) ? "a password cannot contain control characters"
        : Encoding.UTF8.GetByteCount(password) > PasswordBytes ? $"a password cannot be longer than {PasswordBytes} bytes"
        : null;

    // An unpaired surrogate is read as U+FFFD.
    private static bool HasInvalidCharacters(string text) => text.Any(char.IsControl) || text.EnumerateRunes().Contains(Rune.ReplacementChar);

    /// <summary>Reads the Secret; null if it was not created by <see cref="ToSecret"/>.</summary>
    public static RegistryState? From(V1Secret? secret)
    {
        if (secret?.Metadata.Annotations?.TryGetValue(AddressAnnotation, out var address) != true || secret.Data is null)
            return null;
        string? Text(string key) => secret.Data.TryGetValue(key, out var bytes) ? Encoding.UTF8.GetString(bytes) : null;
        KeyedCertificate? Pair(string name) => Text(name + ".crt") is { } certificate && Text(name + ".key") is { } key ? new(certificate, key) : null;
        return Text(DockerConfig) is { } config && JsonNode.Parse(config)?["auths"]?[address!] is { } user && Text("htpasswd") is { } htpasswd
            && Pair("ca") is { } authority && Pair("tls") is { } server
            ? new()
            {
                Address = address!,
                Credential = new((string?)user["username"], (string?)user["password"]),
                Htpasswd = htpasswd,
                Authority = authority,
                Server = server,
            }
            : null;
    }

    /// <summary>The Secret with the state. It is also a pull secret.</summary>
    public V1Secret ToSecret()
    {
        var (user, password) = (Credential.UserName, Credential.Password);
        var config = new JsonObject
        {
            ["auths"] = new JsonObject
            {
                [Address] = new JsonObject
                {
                    ["username"] = user,
                    ["password"] = password,
                    ["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")),
                },
            },
        };
        return new()
        {
            Metadata = new()
            {
                Name = SecretName, NamespaceProperty = "kube-system", Annotations = new Dictionary<string, string> { [AddressAnnotation] = Address },
            },
            Type = "kubernetes.io/dockerconfigjson",
            Data = new Dictionary<string, string>
            {
                [DockerConfig] = config.ToJsonString(),
                ["htpasswd"] = Htpasswd,
                ["ca.crt"] = Authority.Certificate,
                ["ca.key"] = Authority.Key,
                ["tls.crt"] = Server.Certificate,
                ["tls.key"] = Server.Key,
            }.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetBytes(entry.Value)),
        };
    }

    /// <summary>The registry for the user.</summary>
    public KlRegistry ToRegistry(KlCluster cluster) =>
        new() { Cluster = cluster, Address = Address, CaCertificate = Authority.Certificate, Credential = Credential };
}
