using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using k8s.Models;
using Org.BouncyCastle.Crypto.Generators;

namespace KubeLab.Engine.Images;

/// <summary>All there is to know of a cluster's registry, as the Secret kube-system/kubelab-registry holds it; a registry lost with
/// its machine is made again from it.</summary>
internal sealed record RegistryState
{
    /// <summary>The Secret's name.</summary>
    public const string SecretName = "kubelab-registry";

    /// <summary>The Secret's annotation that names the registry's address.</summary>
    public const string AddressAnnotation = "org.kubelab/registry";

    private const string DockerConfig = ".dockerconfigjson";
    private const string Letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

    // What bcrypt takes of a password, and a line of htpasswd for a name.
    private const int PasswordBytes = 72;
    private const int NameBytes = 255;

    // Of a password with 180 random bits no number of rounds makes guessing harder; each pull pays for them.
    private const int BcryptCost = 5;

    /// <summary>host:port.</summary>
    public required string Address { get; init; }

    /// <summary>User and password.</summary>
    public required NetworkCredential Credential { get; init; }

    /// <summary>A line of a htpasswd file.</summary>
    public required string Htpasswd { get; init; }

    /// <summary>The CA that nodes trust.</summary>
    public required KeyedCertificate Authority { get; init; }

    /// <summary>What the registry shows.</summary>
    public required KeyedCertificate Server { get; init; }

    /// <summary>What should be, keeping what can be kept of what is.</summary>
    /// <exception cref="KlException">RegistryCredentialInvalid.</exception>
    public static RegistryState Of(KlCluster cluster, RegistryOptions options, RegistryState? before, DateTimeOffset now)
    {
        var machine = cluster.ControlPlane;
        var port = options.Port ?? (before is null ? 5000 : new Uri("https://" + before.Address).Port);
        var credential = options.Credential ?? before?.Credential ?? new NetworkCredential("kubelab", RandomNumberGenerator.GetString(Letters, 32));
        if (Flaw(credential.UserName, credential.Password) is { } flaw)
            throw new KlException(ErrorIds.RegistryCredentialInvalid, KlErrorKind.InvalidInput, cluster.Name,
                $"The registry of {cluster} cannot have this credential: {flaw}. Nothing was changed.", "Choose another user name or password.");
        var kept = before is not null && before.Credential.UserName == credential.UserName && before.Credential.Password == credential.Password;
        var authority = before is not null && RegistryCertificates.IsGoodAuthority(before.Authority, now)
            ? before.Authority : RegistryCertificates.MakeAuthority(cluster.Name, now);
        return new()
        {
            Address = new IPEndPoint(machine.Address, port).ToString(),
            Credential = credential,
            Htpasswd = kept ? before!.Htpasswd
                : $"{credential.UserName}:{OpenBsdBCrypt.Generate(credential.Password.ToCharArray(), RandomNumberGenerator.GetBytes(16), BcryptCost)}",
            Authority = authority,
            Server = before is not null && RegistryCertificates.IsGood(before.Server, authority, machine.Address, machine.Name, now)
                ? before.Server : RegistryCertificates.Sign(authority, machine.Address, machine.Name, now),
        };
    }

    // What a line of htpasswd, HTTP's Basic scheme (RFC 7617) and bcrypt can carry.
    private static string? Flaw(string user, string password) =>
        user.Length == 0 ? "the user name is empty"
        : user.Contains(':', StringComparison.Ordinal) ? "a user name cannot contain ':'"
        : IsUnsendable(user) ? "a user name cannot contain control characters"
        : user.StartsWith('#') || user.Trim() != user ? "a user name cannot begin with '#', nor begin or end with a space"
        : Encoding.UTF8.GetByteCount(user) > NameBytes ? $"a user name cannot be longer than {NameBytes} bytes"
        : password.Length == 0 ? "the password is empty"
        : IsUnsendable(password) ? "a password cannot contain control characters"
        : Encoding.UTF8.GetByteCount(password) > PasswordBytes ? $"of a password longer than {PasswordBytes} bytes the rest would not count"
        : null;

    // A half of a surrogate pair is read as U+FFFD.
    private static bool IsUnsendable(string text) => text.Any(char.IsControl) || text.EnumerateRunes().Contains(Rune.ReplacementChar);

    /// <summary>Reads the Secret; null where it is not one that <see cref="ToSecret"/> made.</summary>
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

    /// <summary>A pull secret that also holds what the registry is made from.</summary>
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
            Metadata = new() { Name = SecretName, NamespaceProperty = "kube-system", Annotations = new Dictionary<string, string> { [AddressAnnotation] = Address } },
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

    /// <summary>The registry as users have it.</summary>
    public KlRegistry ToRegistry(KlCluster cluster) =>
        new() { Cluster = cluster, Address = Address, CaCertificate = Authority.Certificate, Credential = Credential };
}
