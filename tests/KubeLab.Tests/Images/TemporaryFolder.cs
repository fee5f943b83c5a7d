namespace KubeLab.Tests.Images;

/// <summary>A temporary folder with a given name and a Dockerfile.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("klt-");

    public TemporaryFolder() => Path = _parent.FullName;

    public TemporaryFolder(string name, string dockerfile)
    {
        Path = _parent.CreateSubdirectory(name).FullName;
        File.WriteAllText(System.IO.Path.Combine(Path, "Dockerfile"), dockerfile);
    }

    public string Path { get; }

    public void Dispose() => _parent.Delete(recursive: true);
}
