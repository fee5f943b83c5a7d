using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Images;
using KubeLab.Engine.Remote;

namespace KubeLab.Engine.Databases;

/// <summary>Builds the images of engines from the files of this assembly, and publishes them to the registry of a cluster.</summary>
/// <param name="docker">The Docker engine.</param>
/// <param name="hosts">Opens the machine of the registry.</param>
/// <param name="clock">The clock.</param>
internal sealed class DatabaseImages(IDocker docker, IHostPool hosts, TimeProvider clock)
{
    /// <summary>Publishes the image of an engine, unless the registry has an image of the same files.</summary>
    /// <returns>The reference for pods.</returns>
    /// <exception cref="KlException">The errors of <see cref="ImagePublisher.PublishAsync"/>.</exception>
    public async Task<string> EnsureAsync(KlRegistry registry, string engine, IProgress<LabEvent> events, CancellationToken stop)
    {
        var files = EmbeddedFiles.Read($"database/{engine}/");
        var (name, tag) = ($"kubelab-{engine}", $"files-{EmbeddedFiles.Hash(files)[..16]}");
        using var publisher = new ImagePublisher(registry, docker, hosts, clock);
        if (await publisher.FindAsync(name, tag, stop) is { } existing)
            return existing;
        var folder = Directory.CreateTempSubdirectory("kubelab-").FullName;
        try
        {
            foreach (var (file, content) in files)
                await File.WriteAllBytesAsync(Path.Combine(folder, file), content, stop);
            return (await publisher.PublishAsync(folder, new() { Name = name, Tag = tag, IsFinal = true }, events, stop)).Reference;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
