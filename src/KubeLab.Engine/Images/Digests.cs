using System.Security.Cryptography;

namespace KubeLab.Engine.Images;

/// <summary>Digests in the format of registries (OCI image-spec descriptor.md): sha256:HEX.</summary>
internal static class Digests
{
    public const string Prefix = "sha256:";

    public static string Of(ReadOnlySpan<byte> content) => Text(SHA256.HashData(content));

    public static string Text(ReadOnlySpan<byte> hash) => Prefix + Convert.ToHexStringLower(hash);
}
