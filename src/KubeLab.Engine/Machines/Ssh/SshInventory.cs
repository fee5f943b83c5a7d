using KubeLab.Engine.Flow;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace KubeLab.Engine.Machines.Ssh;

/// <summary>The file that lists your own hosts: kubelab/hosts.yaml in $XDG_CONFIG_HOME or ~/.config. It contains no secrets.</summary>
/// <param name="path">The file.</param>
/// <param name="clock">The clock.</param>
internal sealed class SshInventory(string path, TimeProvider clock)
{
    /// <summary>The user's file.</summary>
    public static string DefaultPath => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "kubelab", "hosts.yaml");

    /// <summary>Reads the hosts.</summary>
    /// <exception cref="KlException">InventoryInvalid: the file cannot be read.</exception>
    public async Task<IReadOnlyList<Entry>> ReadAsync(CancellationToken stop)
    {
        if (!File.Exists(path))
            return [];
        try
        {
            var reader = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build();
            return reader.Deserialize<Content?>(new BoundedYaml(await File.ReadAllTextAsync(path, stop)))?.Hosts ?? [];
        }
        catch (Exception error) when (error is YamlException or IOException or UnauthorizedAccessException)
        {
            throw new KlException(ErrorIds.InventoryInvalid, KlErrorKind.InvalidInput, path, $"{path} cannot be read: {Cause.MessageOf(error)}",
                "Correct the file, or remove it and add the hosts again.", error);
        }
    }

    /// <summary>Changes the file under a lock.</summary>
    public async Task ChangeAsync(Func<IReadOnlyList<Entry>, IEnumerable<Entry>> change, CancellationToken stop)
    {
        PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
        using var held = await PrivateFile.LockAsync(path + ".lock", clock, stop);
        var content = new Content { Hosts = [.. change(await ReadAsync(stop))] };
        var writer = new SerializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance)
            .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitDefaults).Build();
        await PrivateFile.WriteAsync(path, writer.Serialize(content), stop);
    }

    /// <summary>The content of the file.</summary>
    internal sealed class Content
    {
        public List<Entry> Hosts { get; init; } = [];
    }

    /// <summary>One host as specified by the user. Other settings are read from the SSH configuration each time.</summary>
    internal sealed record Entry
    {
        public string Name { get; init; } = "";

        public string Lab { get; init; } = "";

        public string Host { get; init; } = "";

        public string? User { get; init; }

        public int? Port { get; init; }

        public string? IdentityFile { get; init; }

        /// <summary>The address on the lab's network.</summary>
        public string Address { get; init; } = "";

        /// <summary>Whether the host shares its kernel with others.</summary>
        public bool Container { get; init; }

        /// <summary>The time when it was added, in round-trip format.</summary>
        public string Added { get; init; } = "";
    }
}
