using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace KubeLab.Engine.Docker;

/// <summary>The files of a build context that are embedded in this assembly.</summary>
internal static class EmbeddedFiles
{
    private static readonly Assembly Here = typeof(EmbeddedFiles).Assembly;

    /// <summary>Reads the files below a folder, by name.</summary>
    /// <param name="folder">The folder, with a slash at its end.</param>
    public static (string Name, byte[] Content)[] Read(string folder) =>
    [
        .. Here.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(name => (name[folder.Length..], Content(name))),
    ];

    /// <summary>A hash of the names and contents of files, in hexadecimal.</summary>
    public static string Hash(IEnumerable<(string Name, byte[] Content)> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, content) in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {content.Length}\n"));
            hash.AppendData(content);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[] Content(string resource)
    {
        using var stream = Here.GetManifestResourceStream(resource)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
